"""Whether the house says how it is: alive, ready, its figures, and its schema."""

from unittest import mock

from django.db import connection
from django.test import TestCase, override_settings

from betting import bank
from locations import reports
from locations.fixes.fix import Measured, Source
from operations import gate, views
from rooms.models import Club
from web.live import live_redis


class HealthTests(TestCase):
    def test_it_is_alive_without_asking_anybody(self) -> None:
        with self.assertNumQueries(0):
            assert self.client.get("/healthz/").status_code == 200

    def test_it_is_ready_when_all_engines_are(self) -> None:
        answer = self.client.get("/readyz/")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})

    def test_it_is_not_ready_while_the_gate_is_shut(self) -> None:
        bank.each_primary("FUNCTION", "FLUSH")
        bank.load_library()
        answer = self.client.get("/readyz/")
        assert answer.status_code == 503
        assert "gate is shut" in answer.json()["problems"]["bank"]

    def test_it_tells_strangers_no_totals_and_costs_them_no_comparison(self) -> None:
        gate._public.clear()
        self.addCleanup(gate._public.clear)
        [club_id] = Club.objects.values_list("pk", flat=True)
        bank.put(bank.Keys(club_id).head, {"issued": "987654321"})
        bank.each_primary("FUNCTION", "FLUSH")
        bank.load_library()
        assert any("987" in problem for problem in gate.inspect(*bank.primaries()))
        first = self.client.get("/readyz/").json()["problems"]["bank"]
        assert "bank and ledger differ" in first
        assert "987" not in first
        # The database is asked whether it takes writes, nothing else.
        for _ in range(20):
            with self.assertNumQueries(1):
                assert self.client.get("/readyz/").json()["problems"]["bank"] == first

    def test_it_says_that_the_database_takes_no_writes(self) -> None:
        # What a replica answers; no test makes the server that others share read-only.
        with mock.patch.dict(views._PROBES, {connection.vendor: "SELECT 1"}):
            answer = self.client.get("/readyz/")
        assert answer.status_code == 503
        assert "takes no writes" in answer.json()["problems"]["database"]

    def test_it_names_the_engine_that_is_away(self) -> None:
        with override_settings(REDIS_BANK_URL="unix:///nowhere.sock"):
            answer = self.client.get("/readyz/")
        assert answer.json()["problems"] == {"bank": "The bank does not answer."}
        with mock.patch.object(live_redis, "ask", side_effect=live_redis.LiveAway):
            answer = self.client.get("/readyz/")
        assert list(answer.json()["problems"]) == ["live"]

    def test_it_shows_metrics_to_the_holder_of_the_token_only(self) -> None:
        assert self.client.get("/metrics/").status_code == 404
        with override_settings(METRICS_TOKEN="secret"):
            assert self.client.get("/metrics/").status_code == 403
            wrong = self.client.get("/metrics/", HTTP_AUTHORIZATION="Bearer sécret")
            assert wrong.status_code == 403
            answer = self.client.get("/metrics/", HTTP_AUTHORIZATION="Bearer secret")
        text = answer.content.decode()
        assert 'ringside_coins{club="main",place="issued"} 0.0' in text
        assert "ringside_bank_up 1.0" in text

    def test_it_counts_positions_by_what_became_of_them(self) -> None:
        reports.record(1, [Measured(source=Source.API, fix_ms=None, lat=91.0, lon=0.0)])
        with override_settings(METRICS_TOKEN="secret"):
            answer = self.client.get("/metrics/", HTTP_AUTHORIZATION="Bearer secret")
        text = answer.content.decode()
        assert 'ringside_fixes_total{reason="range",status="refused"} 1.0' in text
        assert "ringside_fixes_waiting 0.0" in text

    def test_it_answers_in_json_whatever_a_client_would_rather_have(self) -> None:
        for path in ("/api/rooms/", "/api/auth/me/", "/api/nothing/"):
            answer = self.client.get(path, HTTP_ACCEPT="application/xml")
            assert answer["Content-Type"] == "application/json", path
            assert answer.status_code in (200, 401, 404)
            assert answer["Cache-Control"] == "no-store"
        schema = self.client.get("/api/schema/", HTTP_ACCEPT="text/html")
        assert schema.status_code == 200

    def test_it_describes_its_calls(self) -> None:
        answer = self.client.get("/api/schema/?format=json")
        paths = answer.json()["paths"]
        body = paths["/api/v1/markets/{market_id}/bets/"]["post"]["requestBody"]
        assert body["required"]
        assert body["content"]["application/json"]["schema"]["$ref"].endswith("/Order")
