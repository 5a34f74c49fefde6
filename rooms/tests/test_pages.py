"""The pages about rooms: the same for everybody, and no way to guess codes."""

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/", "/rooms/new/", "/sign-in/"])
def test_it_shows_a_page_without_asking_the_database(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_it_leads_from_a_typed_code_to_the_room(client: Client) -> None:
    assert client.get("/", {"code": " k7mq2x"})["Location"] == "/r/K7MQ2X/"
    assert client.get("/", {"code": "//evil.example"}).status_code == 200


def test_it_draws_the_qr_code_of_a_room(client: Client) -> None:
    answer = client.get("/r/K7MQ2X/qr.svg")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content


@pytest.mark.parametrize("code", ["K7MQ2", "K7MQ2XX", "K7MQ0X", "%3Cb%3E%3C/b%3E"])
def test_it_answers_404_where_no_room_can_be(client: Client, code: str) -> None:
    assert client.get(f"/r/{code}/qr.svg").status_code == 404
