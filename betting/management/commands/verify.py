"""`manage.py verify FILE`: what the ledger says of receipts and anchors that somebody kept."""

from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting.receipts.shapes import Judged, ReceiptFile, ReceiptLines
from betting.receipts.verification import GOOD, verify
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Say of each receipt and anchor in a file whether the ledger still holds it.")
    # A ledger can be read whatever the bank's settings are.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=_("as /me/ and /verify/ save it"))

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=ReceiptLines)
        except (OSError, msgspec.MsgspecError) as error:
            told = _("%(file)s cannot be read: %(why)s")
            raise CommandError(told % {"file": file, "why": error}) from error
        answer = verify(ReceiptFile(receipts=kept.receipts, anchors=kept.anchors))
        for what, lines in ((_("receipt"), answer.receipts), (_("anchor"), answer.anchors)):
            for line in lines:
                self._print(what, line)
        lines = [*answer.receipts, *answer.anchors]
        if bad := [line for line in lines if self._is_bad(line)]:
            told = _("%(bad)d of %(all)d do not stand")
            raise CommandError(told % {"bad": len(bad), "all": len(lines)}, returncode=1)

    def _is_bad(self, line: Judged) -> bool:
        return line.code not in GOOD or line.signed is False

    def _print(self, what: str, line: Judged) -> None:
        style = self.style.ERROR if self._is_bad(line) else self.style.SUCCESS
        self.stdout.write(style(f"{what} {line.club} {line.seq}: {line.code}. {line.message}"))
