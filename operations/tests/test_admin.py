"""The operator's pages: everything can be seen, coins move through acts only."""

from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client, override_settings
from django.utils import translation

from accounts.models import User
from betting import bank, ledger
from betting.actions import wallets
from betting.models import Correction, Epoch, LedgerEntry, Market, Position, Wallet, Watermark
from betting.tests.evenings import Evening
from locations.models import Sharing
from rooms.models import Club, Membership, Room
from rooms.people.moderation import FOR_GOOD_MS

PASSWORD = "correct horse battery"
NOWHERE = "unix:///nobody/listens.sock"


# Nothing has collected the static files of a test.
PLAIN_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def models_of(app: str) -> list[type[Model]]:
    return list(apps.get_app_config(app).get_models())


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class AdminTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        self.operator = User.objects.create_superuser("Olga", "olga@example.org", PASSWORD)
        self.browser = Client()
        self.browser.force_login(self.operator)

    def act(self, act: str, market: dict[str, Any], reason: str = "A test.") -> str:
        """Run an action on a market; the page that follows."""
        body = {"action": act, "_selected_action": [market["id"]], "reason": reason}
        return self.browser.post("/admin/betting/market/", body, follow=True).content.decode()

    def test_it_registers_every_model(self) -> None:
        own = [m for app in ("accounts", "rooms", "betting", "locations") for m in models_of(app)]
        # Shown on their parents' pages; and the admin knows no keys of two columns.
        inline = {"betting.Outcome", "accounts.RefreshToken", "locations.LocationFix"}
        missing = {m._meta.label for m in own if not admin.site.is_registered(m)} - inline
        assert not missing

    def test_it_opens_every_page_of_betting(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.row(market)
        for model in (Market, LedgerEntry, Wallet, Position, Watermark, Epoch, Correction):
            path = f"/admin/betting/{model._meta.model_name}/"
            assert self.browser.get(path).status_code == 200, path
            row = model.objects.first()
            if row is not None:
                assert self.browser.get(f"{path}{row.pk}/change/").status_code == 200, path

    def test_it_names_every_column_in_korean(self) -> None:
        own = [m for app in ("rooms", "betting", "locations") for m in models_of(app)]
        with translation.override("ko"):
            named = [(f.name, str(f.verbose_name)) for m in own for f in m._meta.concrete_fields]
        # Nobody is shown these.
        assert {name for name, told in named if told.isascii()} == {"id", "once", "skeleton"}

    def test_it_shows_every_field_once(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.row(market)
        for model in (Room, Membership, Club, Market, LedgerEntry, Wallet, Position):
            path = f"/admin/{model._meta.app_label}/{model._meta.model_name}"
            row = model._default_manager.all()[0]
            form = self.browser.get(f"{path}/{row.pk}/change/").context["adminform"]
            lines = [line for fieldset in form for line in fieldset]
            names = [getattr(name, "__name__", name) for line in lines for name in line.fields]
            assert sorted(names) == sorted(set(names)), model

    def test_it_lets_nobody_edit_what_the_ledger_tells(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.row(market)
        for model in (LedgerEntry, Wallet, Position, Watermark, Market):
            path = f"/admin/betting/{model._meta.model_name}/"
            row = model.objects.first()
            assert row is not None
            assert self.browser.get(f"{path}add/").status_code == 403
            assert self.browser.post(f"{path}{row.pk}/change/", {"coins": 5}).status_code == 403
            assert self.browser.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_it_grants_and_burns_with_a_reason(self) -> None:
        body = {
            "club": self.room.club_id,
            "user": self.users[0].pk,
            "kind": "grant",
            "coins": 50,
            "reason": "A prize.",
        }
        path = "/admin/betting/correction/add/"
        with self.captureOnCommitCallbacks(execute=True):
            self.browser.post(path, body)
            assert self.coins(self.ana) == 1000
        assert self.coins(self.ana) == 1050
        with self.captureOnCommitCallbacks(execute=True):
            self.browser.post(path, body | {"kind": "burn", "coins": 5000, "reason": "A mistake."})
        assert self.coins(self.ana) == 0
        made = list(Correction.objects.order_by("pk").values_list("kind", "coins", "by"))
        assert made == [("grant", 50, self.operator.pk), ("burn", 1050, self.operator.pk)]
        for coins in (0, -1, 10**12 + 1):
            self.browser.post(path, body | {"coins": coins})
        assert Correction.objects.count() == 2
        correction = Correction.objects.first()
        assert correction is not None
        answer = self.browser.post(f"/admin/betting/correction/{correction.pk}/change/", body)
        assert answer.status_code == 403

    def test_it_grants_once_however_often_the_same_form_is_sent(self) -> None:
        path = f"/admin/accounts/user/{self.users[0].pk}/act/grant/"
        key = self.browser.get(path).context["form"]["key"].value()
        body = {"club": self.room.club_id, "coins": 50, "reason": "A prize.", "key": str(key)}
        for _again in range(2):
            assert self.browser.post(path, body).status_code == 302
        assert self.coins(self.ana) == 1050
        self.browser.post(path, body | {"key": str(uuid4())})
        assert self.coins(self.ana) == 1100

    def test_it_corrects_once_however_often_the_stock_page_is_sent(self) -> None:
        path = "/admin/betting/correction/add/"
        key = self.browser.get(path).context["adminform"].form["key"].value()
        person = {"club": self.room.club_id, "user": self.users[0].pk, "reason": "A prize."}
        body = person | {"kind": "grant", "coins": 50, "key": str(key)}
        for _again in range(2):
            with self.captureOnCommitCallbacks(execute=True):
                assert self.browser.post(path, body).status_code == 302
        assert (self.coins(self.ana), Correction.objects.count()) == (1050, 1)

    def test_it_leaves_a_grant_to_the_clock_while_the_bank_is_away(self) -> None:
        path = f"/admin/accounts/user/{self.users[0].pk}/act/grant/"
        body = {"club": self.room.club_id, "coins": 50, "reason": "A prize."}
        with override_settings(REDIS_BANK_URL=NOWHERE):
            told = self.browser.post(path, body, follow=True).content.decode()
        assert "50 coins are written down" in told
        Correction.objects.update(at_ms=0)
        assert (wallets.carry_out_left_over(), self.coins(self.ana)) == (1, 1050)

    def test_it_shows_and_keeps_a_mute_for_good(self) -> None:
        muted = self.room.memberships.get(user=self.users[0])
        self.room.memberships.filter(pk=muted.pk).update(muted_until_ms=FOR_GOOD_MS)
        path = f"/admin/rooms/membership/{muted.pk}/change/"
        form = self.browser.get(path).context["adminform"].form
        day, time = form["muted_until"].field.widget.decompress(form["muted_until"].value())
        said = {"role": "player", "state": "in", "muted_until_0": day, "muted_until_1": time}
        assert self.browser.post(path, {**said, "reason": "x"}).status_code == 302
        muted.refresh_from_db()
        assert (muted.muted_until_ms, muted.reason) == (FOR_GOOD_MS, "x")

    def test_it_ends_what_somebody_shows_to_a_room_when_it_sends_them_away(self) -> None:
        sent = self.room.memberships.get(user=self.users[0])
        for user in self.users[:2]:
            Sharing.objects.create(user=user, room=self.room, level="exact", until_ms=FOR_GOOD_MS)
        said = {"role": "player", "state": "removed", "reason": "x"}
        path = f"/admin/rooms/membership/{sent.pk}/change/"
        assert self.browser.post(path, said).status_code == 302
        assert [shared.user for shared in Sharing.objects.all()] == [self.users[1]]

    def test_it_takes_the_role_of_whom_it_sends_away_and_keeps_the_host(self) -> None:
        sent = self.room.memberships.get(user=self.users[0])
        self.room.memberships.filter(pk=sent.pk).update(role="moderator")
        host = self.room.memberships.get(role="host")
        for row, role in ((sent, "moderator"), (host, "host")):
            said = {"role": role, "state": "banned", "reason": "x"}
            path = f"/admin/rooms/membership/{row.pk}/change/"
            assert self.browser.post(path, said).status_code == 302
            row.refresh_from_db()
        assert (sent.role, sent.role_given_here, sent.state) == ("player", True, "banned")
        assert (host.role, host.state) == ("host", "in")

    def test_it_locks_voids_and_holds_with_a_reason(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 30)
        assert "Please give a reason" in self.act("lock", market, "")
        assert self.row(market).status == "open"
        self.act("freeze", market)
        assert self.row(market).frozen
        self.act("unfreeze", market)
        self.act("lock", market)
        assert self.row(market).status == "locked"
        self.act("void", market, "Wrong question.")
        row = self.row(market)
        assert (row.status, row.reason, row.reason_text) == ("void", "void", "Wrong question.")
        assert self.coins(self.ana) == 1000

    def test_it_keeps_what_was_done_before_the_bank_went(self) -> None:
        both = [self.market()["id"], self.market()["id"]]
        ledger.record_all(self.room.club_id)
        page = f"/admin/rooms/club/{self.room.club_id}/"

        def go_after_the_first(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith("UPDATE") and "betting_market" in sql:
                settings.REDIS_BANK_URL = NOWHERE
            return execute(sql, *rest)

        for act, is_frozen, told in (
            ("hold", True, "1 question on hold, not the rest (The bank does not answer.)"),
            ("let_go_on", False, "1 question goes on, not the rest (The bank does not answer.)"),
        ):
            with override_settings(), connection.execute_wrapper(go_after_the_first):
                self.browser.post(f"{page}act/{act}/", {"reason": "Looks odd."})
            assert f"{told}: Looks odd." in self.browser.get(f"{page}history/").content.decode()
            assert Market.objects.filter(pk__in=both, frozen=is_frozen).count() == 1
            self.browser.post(f"{page}act/{act}/", {"reason": "The rest."})
            assert Market.objects.filter(pk__in=both, frozen=is_frozen).count() == 2

    def test_it_tells_operators_in_their_words_that_an_engine_is_away(self) -> None:
        page = f"/admin/rooms/club/{self.room.club_id}/"
        self.row(self.market())
        with override_settings(REDIS_BANK_URL=NOWHERE):
            body = {"reason": "Looks odd."}
            told = self.browser.post(f"{page}act/hold/", body, follow=True).content.decode()
        assert "it is not known whether this was done. Look again in a moment" in told
        assert "The bank does not answer." in told
        assert "same id" not in told
        assert "Looks odd." not in self.browser.get(f"{page}history/").content.decode()

    def test_it_lets_an_operator_without_the_permission_do_nothing(self) -> None:
        market = self.market()
        User.objects.filter(pk=self.operator.pk).update(is_superuser=False)
        answer = self.browser.post(
            "/admin/betting/market/",
            {"action": "void", "_selected_action": [market["id"]], "reason": "No."},
        )
        assert answer.status_code == 403
        state = bank.run(bank.read(self.room.club_id, [market["id"]], [])).states[market["id"]]
        assert state.status == "open"

    def test_it_explains_fields_whose_name_does_not_say_all(self) -> None:
        room = self.browser.get(f"/admin/rooms/room/{self.room.pk}/change/").content.decode()
        club = self.browser.get("/admin/rooms/club/add/").content.decode()
        assert "Until then a result can be withdrawn." in room
        assert "Stands in addresses and receipts, and stays as it is given." in club
