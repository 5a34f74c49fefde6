"""Which clubs the commands of the ledger are for."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from rooms.models import Club

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("command", ["reconcile", "rebuild_bank"])
def test_it_refuses_a_club_that_nobody_has(command: str) -> None:
    with pytest.raises(CommandError, match="There is no club nowhere"):
        call_command(command, "nowhere")


@pytest.mark.parametrize("command", ["reconcile", "rebuild_bank"])
def test_it_takes_every_club_when_none_is_named(command: str) -> None:
    Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    Club.objects.get_or_create(slug="second", defaults={"title": "Second"})
    out = StringIO()
    call_command(command, stdout=out)
    assert "main: " in out.getvalue()
    assert "second: " in out.getvalue()
