"""`-v` means the same to every command: 0 is errors only, 2 tells what it took."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from betting.models import Watermark
from rooms.models import Club
from web.commands import OperatorCommand

pytestmark = pytest.mark.django_db(transaction=True)

OWN = {"accounts", "betting", "lab", "locations", "operations", "rooms", "simulation", "web"}
# A password is told once and never again; and one is spoken to by storms, line by line.
ASIDE = {"demo", "run_commands"}
CHEAP = ("reconcile", "reproject", "storage")


@pytest.fixture(autouse=True)
def main_club() -> None:
    """A club of which nothing has happened."""
    club, _made = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    Watermark.objects.get_or_create(club=club)


def said_by(command: str, verbosity: int) -> tuple[str, str]:
    """What a command writes to its output and to its errors."""
    out, err = StringIO(), StringIO()
    call_command(command, verbosity=verbosity, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_every_command_of_ours_knows_how_much_to_say() -> None:
    own = {name: app for name, app in get_commands().items() if app in OWN}
    assert len(own) > len(ASIDE)
    for name, app in own.items():
        assert name in ASIDE or isinstance(load_command_class(app, name), OperatorCommand), name


@pytest.mark.parametrize("command", CHEAP)
def test_it_says_as_much_as_is_asked(command: str) -> None:
    assert said_by(command, 0) == ("", "")
    out, err = said_by(command, 1)
    assert out and not err
    out, err = said_by(command, 2)
    assert out and err.startswith("Took ") and " SQL statement" in err


def test_it_says_what_went_wrong_whatever_is_asked() -> None:
    with pytest.raises(CommandError, match="There is no club nowhere"):
        call_command("reconcile", "nowhere", verbosity=0)
    err = StringIO()
    with pytest.raises(CommandError, match="There is no club nowhere"):
        call_command("reconcile", "nowhere", verbosity=2, stderr=err)
    assert err.getvalue().startswith("Took ")
