"""Nobody writes to the ledger through the admin, whatever they may do and whatever they send."""

from django.contrib.auth.models import Permission
from django.test import Client, override_settings

from accounts.models import User
from betting.audit.comparisons.differences import audit_chain
from betting.audit.reconcile import silent
from betting.models import LedgerEntry
from betting.tests.evenings import Evening
from operations.tests.test_admin import PASSWORD, PLAIN_FILES

LEDGER = "/admin/betting/ledgerentry/"


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class LedgerTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 20)
        self.row(market)
        self.market_id = market["id"]
        entry = LedgerEntry.objects.order_by("-seq").first()
        assert entry is not None
        self.entry = entry
        self.before = list(LedgerEntry.objects.order_by("pk").values())
        self.browsers = [
            self.browser("Olga", is_superuser=True),
            self.browser("Otto", is_superuser=False),
        ]

    def browser(self, name: str, *, is_superuser: bool) -> Client:
        """A superuser, or an operator with every permission there is."""
        user = User.objects.create_superuser(name, f"{name}@example.org".lower(), PASSWORD)
        if not is_superuser:
            User.objects.filter(pk=user.pk).update(is_superuser=False)
            user.user_permissions.set(Permission.objects.all())
        browser = Client()
        browser.force_login(User.objects.get(pk=user.pk))
        return browser

    def assert_untouched(self) -> None:
        assert list(LedgerEntry.objects.order_by("pk").values()) == self.before
        assert audit_chain(self.room.club_id, silent) == []

    def test_it_refuses_whatever_is_posted(self) -> None:
        pk = self.entry.pk
        edited = {"coins": 999, "user_id": self.users[2].pk, "kind": "grant", "_save": "Save"}
        chosen = {"_selected_action": [pk], "post": "yes", "index": 0}
        attacks: list[tuple[str, dict[str, object]]] = [
            (f"{LEDGER}add/", edited),
            (f"{LEDGER}add/?_popup=1", edited),
            (f"{LEDGER}{pk}/change/", edited),
            (f"{LEDGER}{pk}/change/?_to_field=id", edited | {"_saveasnew": "1"}),
            (f"{LEDGER}{pk}/delete/", {"post": "yes"}),
            (LEDGER, chosen | {"action": "delete_selected"}),
            (LEDGER, chosen | {"action": "void", "reason": "x"}),
            (LEDGER, {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": pk,
                      "form-0-coins": 9, "_save": "Save"}),
            (f"{LEDGER}{pk}/act/delete/", {"reason": "x"}),
        ]  # fmt: skip
        for browser in self.browsers:
            for path, body in attacks:
                answer = browser.post(path, body)
                assert answer.status_code in (403, 404, 405), (path, answer.status_code)
                self.assert_untouched()

    def test_it_refuses_other_methods_than_looking(self) -> None:
        for browser in self.browsers:
            for act in (browser.put, browser.patch, browser.delete):
                assert act(LEDGER).status_code == 405
                assert act(f"{LEDGER}{self.entry.pk}/change/").status_code in (200, 403)
                self.assert_untouched()

    def test_it_keeps_entries_when_what_they_name_is_deleted(self) -> None:
        for browser in self.browsers:
            for path in (
                f"/admin/rooms/club/{self.room.club_id}/delete/",
                f"/admin/accounts/user/{self.users[0].pk}/delete/",
                f"/admin/betting/market/{self.market_id}/delete/",
            ):
                browser.post(path, {"post": "yes"})
                self.assert_untouched()

    def test_it_offers_no_way_to_write(self) -> None:
        for browser in self.browsers:
            page = browser.get(f"{LEDGER}{self.entry.pk}/change/").content.decode()
            assert "_save" not in page and "deletelink" not in page
            page = browser.get(LEDGER).content.decode()
            assert f"{LEDGER}add/" not in page and 'name="action"' not in page

    def test_it_tells_entries_as_sentences_with_running_sums(self) -> None:
        browser, ana = self.browsers[0], self.users[0]
        page = browser.get(LEDGER, {"user": ana.pk}).content.decode()
        assert "staked 30 on answer 1 in “What happens next?”" in page
        assert "got 1,000 welcome coins" in page
        assert "−30" in page and "970" in page
        rows = browser.get(LEDGER, {"market": self.market_id}).context["ledger_page"].rows
        assert [(row.change, row.total) for row in rows] == [(20, 50), (30, 30), (0, 0)]
        rows = browser.get(LEDGER).context["ledger_page"].rows
        given = sum(row.change for row in rows)
        assert rows[0].total == given > 0

    def test_it_marks_an_entry_whose_wallet_does_not_follow(self) -> None:
        ana = self.users[0]
        found = LedgerEntry.objects.filter(pk=self.before[-1]["id"] - 1)
        assert found.get().user_id == ana.pk
        found.update(wallet_after=5)
        page = self.browsers[0].get(LEDGER, {"user": ana.pk}).content.decode()
        assert "the entry says 5" in page
        found.update(wallet_after=970)
