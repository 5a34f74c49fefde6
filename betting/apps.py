"""Registers betting's hooks with the apps below, which do not know betting."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BettingConfig(AppConfig):
    """Registers the welcome coins, the sources of frames and stakes, and the check of memory."""

    name = "betting"
    verbose_name = _("Betting")

    def ready(self) -> None:
        """Runs once, when all apps are loaded."""
        # Models cannot be imported before this moment.
        from accounts import arrivals  # noqa: PLC0415
        from betting import bank  # noqa: PLC0415
        from betting.actions import markets, wallets  # noqa: PLC0415
        from betting.audit import installation, row_numbers  # noqa: PLC0415
        from betting.bank.capacity import require_space  # noqa: PLC0415
        from betting.ledger import events  # noqa: PLC0415
        from betting.wire import broadcast  # noqa: PLC0415
        from betting.wire.past import history  # noqa: PLC0415
        from rooms import access, capacity_hooks, opening  # noqa: PLC0415
        from rooms.fanout import hub  # noqa: PLC0415
        from rooms.keys import key_authentication  # noqa: PLC0415
        from rooms.people import purses, staked  # noqa: PLC0415
        from web.rows import clocks, replica  # noqa: PLC0415

        arrivals.on_arrival.append(wallets.on_arrival)
        access.on_enter.append(wallets.on_enter)
        opening.on_end.append(events.note_room_ended)
        hub.source = broadcast.Source()
        staked.source = history.staked
        purses.source = wallets.recorded
        capacity_hooks.checks.append(require_space)
        key_authentication.rooms_named["market_id"] = markets.place_of
        clocks.others.append(bank.clocks_ms)
        replica.marks.append(installation.name_in)
        row_numbers.watch()
        bank.batchers.on_batch.append(broadcast.batch_taken)
