"""Clients of the API for programs of others, and the generator that makes their typed halves."""
