"""Rows that could not be taken are kept with a word, and nothing of them is told."""

import pytest
from django.core.management import call_command
from django.db import DataError

from web.live.live_redis import ask
from web.rows import set_aside


@pytest.fixture(autouse=True)
def _nothing_yet():
    ask([("DEL", set_aside.KEY, "a queue")])


def test_it_keeps_a_row_and_says_why_without_what_is_in_it(caplog, capsys):
    error = DataError(1366, "Incorrect string value: 'secret' for column")
    set_aside.put("chat", error, user_id=7, queue="a queue", fields={"text": b"secret \xff"})
    (row,) = set_aside.rows()
    assert (row.what, row.why, row.user_id) == ("chat", "DataError 1366", 7)
    call_command("set_aside")
    told = caplog.text + capsys.readouterr().out
    assert "chat of user 7" in told and "1366" in told and "secret" not in told


def test_it_puts_rows_back_where_they_came_from(capsys):
    set_aside.put("chat", ValueError(), queue="a queue", fields={"text": b"\xff", "room": 3})
    set_aside.put("shown coins", ValueError(), fields={"row": "(1, 2)"})
    call_command("set_aside", "--back")
    assert "1 rows were put back" in capsys.readouterr().out
    [[(_entry, fields)]] = ask([("XRANGE", "a queue", "-", "+")], raw=True)
    assert dict(fields) == {b"text": b"\xff", b"room": b"3"}
    assert [row.what for row in set_aside.rows()] == ["shown coins"]


def test_it_forgets_the_rows_of_a_user():
    for user_id, what in ((7, "chat"), (7, "position"), (8, "chat")):
        set_aside.put(what, ValueError(), user_id=user_id)
    set_aside.forget(7, "position")
    assert [(row.user_id, row.what) for row in set_aside.rows()] == [(7, "chat"), (8, "chat")]
    set_aside.forget(7)
    assert [row.user_id for row in set_aside.rows()] == [8]
