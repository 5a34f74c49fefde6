"""The option of a command that names clubs."""

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from rooms.models import Club


def add_clubs(parser: CommandParser) -> None:
    """Let a command name clubs; none named means every club."""
    parser.add_argument("clubs", nargs="*", metavar="CLUB", help=_("slugs; every club if none"))


def chosen(slugs: list[str]) -> list[Club]:
    """The clubs that were named, or all of them. Raises CommandError for a slug nobody has."""
    clubs = Club.objects.order_by("pk")
    if not slugs:
        return list(clubs)
    named = list(clubs.filter(slug__in=slugs))
    unknown = set(slugs) - {club.slug for club in named}
    if unknown:
        raise CommandError(_("There is no club %(slug)s.") % {"slug": ", ".join(sorted(unknown))})
    return named
