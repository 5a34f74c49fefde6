"""A database that takes no writes: how its errors are known, and what an operator does."""

from django.utils.translation import gettext_lazy as _

# MariaDB and MySQL: an option prevents the statement, the server or the transaction is read-only.
_OPTION, _OTHERS = 1290, (1792, 1836)
_SQLITE = "readonly database"

READ_ONLY = _(
    "The database takes no writes: its address leads to a replica that nobody promoted, or the "
    "primary was made read-only. Lead DATABASE_URL to the primary; on the server that shall be "
    "the primary: STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF."
)


def is_read_only(error: Exception) -> bool:
    """Whether a database refused a write because it takes none at all."""
    number = error.args[0] if error.args else None
    # Other options prevent statements, too.
    is_option = number == _OPTION and "read" in str(error) and "only" in str(error)
    return is_option or number in _OTHERS or _SQLITE in str(error)
