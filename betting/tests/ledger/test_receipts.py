"""Receipts: people who keep them can tell whether the ledger still holds what was answered."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.test import Client

from betting import bank, ledger
from betting.audit.epochs import raise_epoch
from betting.models import Anchor, LedgerEntry, Watermark
from betting.receipts import anchors, signing
from betting.tests.scenario import Scenario
from rooms.tests.people import Caller
from web import limits

pytestmark = pytest.mark.django_db
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    signing.make_key()


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


Receipts = list[dict[str, Any]]


def bets(scenario: Scenario, count: int = 4) -> Receipts:
    """Ana's bets over HTTP, as she was answered; recorded."""
    market, (red, _) = scenario.market()
    ana = scenario.people[0]
    scenario.room.memberships.create(user=ana)
    told = []
    for number in range(count):
        body = {"bet_id": f"0e9b8c6e-0000-4000-8000-{number:012}", "outcome": red, "stake": 10}
        answer = Caller(ana).ask("POST", f"markets/{market.pk}/bets/", body)
        assert answer.status_code == 201, answer.content
        told.append({"club": "main", **answer.json()})
    ledger.record_all(scenario.club.pk)
    return told


def verify(receipts: Sequence[Any] = (), kept: Sequence[Any] = (), **headers: str) -> Any:
    body = {"receipts": receipts, "anchors": kept}
    answer = Client().post("/api/verify/", body, "application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(receipts: Sequence[Any]) -> list[str]:
    return [line["code"] for line in verify(receipts)["receipts"]]


def publish(scenario: Scenario) -> dict[str, Any]:
    """An anchor at the ledger's end, as somebody keeps it."""
    Anchor.objects.update(at_ms=bank.ask_time_ms() - HOUR_MS)
    anchors.publish_due()
    return dict(Client().get("/.well-known/ringside-receipts.json").json()["anchors"][0])


def remove(scenario: Scenario, seq: int) -> None:
    """Take an entry out of the ledger by hand, and make the chain look whole again."""
    rows = LedgerEntry.objects.filter(club=scenario.club)
    rows.filter(seq=seq)._raw_delete(rows.db)
    rehash(scenario, seq)
    last = rows.order_by("-seq").first()
    assert last is not None
    Watermark.objects.filter(club=scenario.club).update(seq=last.seq, chain=last.chain)
    for anchor in Anchor.objects.filter(seq__gte=seq):
        forged = rows.get(seq=anchor.seq - 1)
        Anchor.objects.filter(pk=anchor.pk).update(seq=forged.seq, chain=forged.chain)


def rehash(scenario: Scenario, seq: int) -> None:
    rows = LedgerEntry.objects.filter(club=scenario.club)
    chain = rows.get(seq=seq - 1).chain
    for at, row in enumerate(list(rows.filter(seq__gt=seq).order_by("seq"))):
        rows.filter(pk=row.pk).update(seq=seq + at)
        (entry,) = ledger.entries(scenario.club.pk, pk=row.pk)
        chain = entry.link(chain)
        rows.filter(pk=row.pk).update(chain=chain)


def test_it_says_that_receipts_stand_and_that_the_chain_leads_to_them(scenario: Scenario) -> None:
    first = bets(scenario, 2)
    line = verify(first)["receipts"][1]
    assert (line["code"], line["seq"], line["signed"]) == ("stands", first[1]["seq"], None)
    assert "from the first entry" in line["message"]
    publish(scenario)
    body = {"bet_id": f"{first[0]['bet_id'][:-1]}a", "outcome": first[0]["outcome"], "stake": 1}
    path = f"markets/{first[0]['market']}/bets/"
    later = Caller(scenario.people[0]).ask("POST", path, body)
    ledger.record_all(scenario.club.pk)
    (line,) = verify([{"club": "main", **later.json()}])["receipts"]
    assert line["code"] == "stands" and "from the anchor of" in line["message"]


def test_receipts_alone_tell_of_a_bet_that_was_taken_out_by_hand(scenario: Scenario) -> None:
    kept = bets(scenario)
    anchor = publish(scenario)
    remove(scenario, kept[1]["seq"])
    told = verify(kept, [anchor])
    assert [line["code"] for line in told["receipts"]] == [
        "stands", "not_known", "differs", "differs",
    ]  # fmt: skip
    gone, later = told["receipts"][1:3]
    assert gone["since_ms"] == later["since_ms"] == kept[0]["at_ms"]
    assert gone["message"].startswith("The ledger does not know this bet. Up to ")
    assert f"as entry {later['seq'] - 1} with another chain" in later["message"]
    assert told["anchors"][0]["code"] == "differs"


def test_a_later_receipt_alone_tells_that_something_before_it_was_taken_out(
    scenario: Scenario,
) -> None:
    kept = bets(scenario)
    remove(scenario, kept[0]["seq"])
    assert codes(kept[-1:]) == ["differs"]


def test_it_names_a_ledger_that_was_changed_without_the_chain(scenario: Scenario) -> None:
    kept = bets(scenario)
    LedgerEntry.objects.filter(seq=kept[1]["seq"]).update(coins=11)
    assert codes(kept) == ["stands", "altered", "broken", "broken"]


def test_it_names_a_receipt_that_was_changed(scenario: Scenario) -> None:
    (receipt,) = bets(scenario, 1)
    (line,) = verify([{**receipt, "stake": 500}])["receipts"]
    assert (line["code"], "another stake: 10" in line["message"]) == ("altered", True)


def test_it_says_since_when_an_epoch_does_not_know_a_bet(scenario: Scenario) -> None:
    kept = bets(scenario, 1)
    begun = raise_epoch(scenario.club.pk, "cut 1")
    lost = {**kept[0], "seq": kept[0]["seq"] + 1, "chain": "f" * 40}
    first, second = verify([kept[0], lost])["receipts"]
    assert (first["code"], second["code"]) == ("stands", "not_known")
    assert second["since_ms"] == begun.at_ms
    assert f"epoch 2 began after entry {kept[0]['seq']}" in second["message"]


def test_it_waits_a_minute_for_what_is_not_recorded_yet(scenario: Scenario) -> None:
    (receipt,) = bets(scenario, 1)
    ahead = {**receipt, "bet_id": "new", "seq": receipt["seq"] + 5, "chain": "f" * 40}
    assert codes([ahead]) == ["not_yet"]
    assert codes([{**ahead, "at_ms": receipt["at_ms"] - 70_000}]) == ["not_known"]
    assert codes([{**ahead, "club": "elsewhere"}]) == ["not_known"]


def test_a_signed_receipt_is_proved_by_the_published_key_alone(scenario: Scenario) -> None:
    (receipt,) = bets(scenario, 1)
    ana, bo = (Caller(user) for user in scenario.people[:2])
    signed = ana.ask("GET", f"me/receipts/{receipt['seq']}/").json()
    assert {**receipt, "key": signed["key"], "signature": signed["signature"]} == signed
    assert bo.ask("GET", f"me/receipts/{receipt['seq']}/").status_code == 404
    keys = Client().get("/.well-known/ringside-receipts.json").json()["keys"]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[signed["key"]]))
    fields = {name: signed[name] for name in receipt}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    public.verify(base64.b64decode(signed["signature"]), text)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signed["signature"]), text + b" ")
    (line,) = verify([signed])["receipts"]
    assert (line["code"], line["signed"]) == ("stands", True)
    (line,) = verify([{**signed, "stake": 11}])["receipts"]
    assert (line["code"], line["signed"]) == ("altered", False)
    assert verify([{**signed, "key": "0" * 16}])["receipts"][0]["signed"] is False


@pytest.mark.parametrize("given", ["key", "signature"])
def test_it_calls_no_receipt_signed_of_which_half_the_signature_is_lost(
    scenario: Scenario, given: str
) -> None:
    (receipt,) = bets(scenario, 1)
    signed = Caller(scenario.people[0]).ask("GET", f"me/receipts/{receipt['seq']}/").json()
    (line,) = verify([{**receipt, given: signed[given]}])["receipts"]
    assert (line["code"], line["signed"]) == ("stands", False)


def test_an_older_key_still_proves_what_it_signed(scenario: Scenario, tmp_path: Path) -> None:
    (receipt,) = bets(scenario, 1)
    ana = Caller(scenario.people[0])
    first = ana.ask("GET", f"me/receipts/{receipt['seq']}/").json()
    assert not signing.make_key() and signing.make_key(again=True)
    assert (tmp_path / "receipt-keys").stat().st_mode & 0o777 == 0o600
    second = ana.ask("GET", f"me/receipts/{receipt['seq']}/").json()
    assert list(signing.public_keys()) == [second["key"], first["key"]]
    assert [line["signed"] for line in verify([first, second])["receipts"]] == [True, True]


def test_an_anchor_is_published_once_an_hour_and_only_when_something_happened(
    scenario: Scenario,
) -> None:
    bets(scenario, 1)
    for _ in range(2):
        anchors.publish_due()
    mark = Watermark.objects.get(club=scenario.club)
    assert [(one.seq, one.chain) for one in Anchor.objects.all()] == [(mark.seq, mark.chain)]
    Anchor.objects.update(at_ms=bank.ask_time_ms() - HOUR_MS)
    anchors.publish_due()
    assert Anchor.objects.count() == 1
    scenario.run(bank.grant(scenario.club.pk, scenario.people[0].pk, 1, "more"))
    ledger.record_all(scenario.club.pk)
    anchors.publish_due()
    assert Anchor.objects.count() == 2


def test_a_chain_that_is_too_long_is_left_to_the_command(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = bets(scenario, 2)
    monkeypatch.setattr("betting.api.receipt_calls.ENTRIES_WALKED_MAX", 2)
    assert "too long" in verify(kept)["receipts"][0]["message"]
    file = tmp_path / "kept.json"
    file.write_text(json.dumps({"receipts": kept, "anchors": [publish(scenario)], "house": "x"}))
    call_command("verify", file)
    remove(scenario, kept[0]["seq"])
    with pytest.raises(CommandError, match="3 of 3 do not stand"):
        call_command("verify", file)


def test_it_answers_in_the_language_of_the_reader(scenario: Scenario) -> None:
    told = verify(bets(scenario, 1), **{"Accept-Language": "ko"})
    assert "원장" in told["receipts"][0]["message"]


@mock.patch.dict(limits.LIMITS, {"bets": (limits.Rate(1, 1_000),)})
def test_it_reads_the_ledger_in_chunks_however_many_receipts_are_asked_about(
    scenario: Scenario, django_assert_max_num_queries: Any
) -> None:
    kept = bets(scenario, 33)
    publish(scenario)
    early = kept[2]
    Anchor.objects.create(
        club=scenario.club, seq=early["seq"], chain=early["chain"], at_ms=early["at_ms"]
    )
    for some in (kept[:4], kept):
        with django_assert_max_num_queries(12):
            assert set(codes(some)) == {"stands"}
    # In any order, and after a break.
    LedgerEntry.objects.filter(seq=kept[10]["seq"]).update(coins=11)
    told = dict(zip((each["seq"] for each in kept[::-1]), codes(kept[::-1]), strict=True))
    assert [told[each["seq"]] for each in kept] == [
        *10 * ["stands"], "altered", *21 * ["broken"], "stands",
    ]  # fmt: skip
