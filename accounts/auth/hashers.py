"""The hash that passwords are kept by."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at 19 MiB and two passes: the floor OWASP names.

    Django's own 100 MiB would let a few dozen log-ins at once take all memory of a small server.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
