"""Benchmarks of Ringside alone: what no peer does, or what only its own past compares with."""
