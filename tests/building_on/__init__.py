"""What others build on Ringside: the clients, and programs with keys."""
