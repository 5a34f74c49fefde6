"""Makes the typed halves of the clients from the two schemas: `python -m clients.generator`."""
