"""The law of state: an older snapshot and what is told since make the newer snapshot.

For every event of the protocol, as host, player, onlooker and big screen are told it; the pages'
own code makes the picture.
"""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any, get_args

import pytest
from playwright.sync_api import Browser, Page
from websockets.sync.client import ClientConnection, connect

from betting.wire.messages import BettingEvent
from simulation.player import Player
from tests.browser.browsers import DESKTOP, visit
from tests.browser.evening.scripted import Guest, People
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

PATIENCE_S = 30.0
# Answers to one's own message, and the notice on which a page says hello again.
NO_NEWS = {"welcome", "error", "pong", "notice", "bet.refused"}
COMPARE = """async ([old, heard, fresh]) => {
    const { Picture, isFinal } = await import("/static/betting/picture.js");
    const fold = (messages) => {
        const picture = new Picture();
        let chat = [];
        for (const message of messages) {
            picture.hear(message);
            if (message.type === "welcome") chat = message.chat;
            if (message.type === "chat") chat = [...chat, message];
            if (message.type === "chat.gone") chat = chat.filter(({ id }) => id !== message.id);
        }
        return { picture, chat: chat.map(({ id, from, text }) => [id, from, text]) };
    };
    // A page keeps the rounds that a welcome tells no more.
    const listed = new Set(fresh.markets.map(({ id }) => id));
    const told = ({ picture, chat }) => JSON.stringify({
        you: picture.you, room: picture.room, here: picture.here, coming: picture.coming,
        coins: picture.coins, chat,
        markets: [...picture.markets.values()].filter((one) => listed.has(one.id) || !isFinal(one))
            .sort((a, b) => a.id - b.id)
            // What a market paid is told once, or asked for.
            .map((one) => [{ ...one, mine: null }, [...picture.mine(one)].sort()]),
    }, (_name, value) => (value?.constructor === Object
        ? Object.fromEntries(Object.entries(value).sort()) : value), 1);
    return [told(fold([old, ...heard])), told(fold([fresh]))];
}"""


class Viewer:
    """A socket that was welcomed once and hears on, and fresh ones beside it."""

    def __init__(self, url: str, path: str, player: Player | None = None) -> None:
        self._url, self._path, self._player = url, path, player
        self.fresh()
        self.socket = self._open()
        self.heard: list[dict[str, Any]] = []
        self.old = self._welcome(self.socket)

    def _open(self) -> ClientConnection:
        jar = self._player.http.cookies.jar if self._player else []
        cookie = "; ".join(f"{each.name}={each.value}" for each in jar)
        return connect(
            self._url.replace("http", "ws", 1) + self._path,
            origin=self._url,  # type: ignore[arg-type]
            subprotocols=["ringside.v1"] if self._player else ["ringside.v1", "screen"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie} if cookie else {},
            proxy=None,
        )

    def _welcome(self, socket: ClientConnection) -> dict[str, Any]:
        socket.send('{"type": "hello"}')
        while (message := json.loads(socket.recv(timeout=PATIENCE_S)))["type"] != "welcome":
            pass
        return dict(message)

    def fresh(self) -> dict[str, Any]:
        """The welcome of a new socket."""
        with self._open() as socket:
            return self._welcome(socket)

    def listen(self) -> None:
        """Take in what was told meanwhile."""
        try:
            while True:
                self.heard.append(json.loads(self.socket.recv(timeout=0.05)))
        except TimeoutError:
            return


class Law:
    """The viewers of one room, and the page in which pictures are made."""

    def __init__(self, page: Page, viewers: dict[str, Viewer]) -> None:
        self.page, self.viewers = page, viewers
        self.types: set[str] = set()

    def holds(self, name: str, expected: set[str]) -> None:
        """Wait until every viewer heard all, and compare."""
        until_s, heard = time.monotonic() + PATIENCE_S, set[str]()
        for who, viewer in self.viewers.items():
            while True:
                viewer.listen()
                fresh = viewer.fresh()
                made, wanted = self.page.evaluate(COMPARE, [viewer.old, viewer.heard, fresh])
                if made == wanted:
                    break
                assert time.monotonic() < until_s, f"{name}, {who}:\n{made}\n---\n{wanted}"
            heard |= {message["type"] for message in viewer.heard}
            viewer.old, viewer.heard = fresh, []
        assert expected <= heard, (name, heard)
        self.types |= heard


def test_an_older_picture_and_what_is_told_make_the_newer(browser: Browser, house: House) -> None:
    url = house.url
    with People(url) as people:
        host, code = people.host("The law", official_after_s=0)
        ana, bo, cy = (people.join(code, name) for name in ("ana", "bo", "cy"))
        path = f"/ws/rooms/{code}/"
        viewers = {guest.name: Viewer(url, path, guest.player) for guest in (host, ana, cy)}
        viewers["screen"] = Viewer(url, f"/ws/screens/{code}/")
        law = Law(visit(browser, url, DESKTOP), viewers)
        for name, expected, act in acts(people, code, (host, ana, bo), viewers[ana.name]):
            act()
            law.holds(name, expected)
        for viewer in viewers.values():
            viewer.socket.close()
    known = {shape.__struct_config__.tag for shape in get_args(BettingEvent)}
    assert law.types | NO_NEWS >= known, known - law.types


Act = tuple[str, set[str], Callable[[], Any]]


def acts(people: People, code: str, guests: tuple[Guest, Guest, Guest], own: Viewer) -> list[Act]:
    """What happens in an evening, one after the other, and the events that tell it."""
    host, ana, bo = guests
    room = f"rooms/{code}/"
    ids: dict[str, Any] = {}

    def ask(name: str, **fields: Any) -> None:
        body = {"question": name, "outcomes": ["Red", "Blue"], **fields}
        ids[name] = host.call("POST", f"{room}markets/", body)

    def step(name: str, act: str, place: int | None = None, **fields: Any) -> None:
        if place is not None:
            fields["winners"] = [ids[name]["outcomes"][place]["id"]]
        method, path = ("DELETE", "") if act == "remove" else ("POST", f"{act}/")
        host.call(method, f"markets/{ids[name]['id']}/{path}", fields)

    def bet(name: str, guest: Guest, place: int, stake: int) -> None:
        market = guest.market(name)
        guest.bet(market, place, stake)

    def bet_here(name: str, place: int, stake: int) -> None:
        market = ids[name]
        order = {"market": market["id"], "outcome": market["outcomes"][place]["id"]}
        bet = {"type": "bet.place", "bet_id": str(uuid.uuid4()), "stake": stake, **order}
        own.socket.send(json.dumps(bet))

    def rename(guest: Guest, name: str) -> None:
        guest.call("PATCH", "auth/me/", {"nickname": name})

    def delete_line() -> None:
        [line] = host.call("GET", f"{room}chat/")["results"]
        host.call("DELETE", f"{room}chat/{line['id']}/")

    return [
        ("prepare", {"drafts", "coming"}, lambda: ask("Rain?", open=False)),
        ("prepare another", {"drafts"}, lambda: ask("Snow?", open=False)),
        ("remove", {"drafts"}, lambda: step("Snow?", "remove")),
        ("open", {"market", "coming", "drafts"}, lambda: step("Rain?", "open")),
        ("bet", {"pools", "bet.accepted"}, lambda: bet_here("Rain?", 0, 100)),
        ("bet elsewhere", {"pools", "wallet"}, lambda: bet("Rain?", ana, 0, 30)),
        ("bet against it", {"pools"}, lambda: bet("Rain?", bo, 1, 50)),
        ("ask blind", {"market"}, lambda: ask("Blind?", blind=True)),
        ("bet blind", {"pools"}, lambda: bet("Blind?", bo, 1, 77)),
        ("bet blind, too", {"pools", "wallet"}, lambda: bet("Blind?", ana, 0, 66)),
        ("lock blind", {"market"}, lambda: step("Blind?", "lock")),
        ("void", {"market", "wallet"}, lambda: step("Blind?", "void", reason="A mistake")),
        ("lock", {"market"}, lambda: step("Rain?", "lock")),
        ("wait", {"room"}, lambda: host.call("PATCH", room, {"official_after_s": 120})),
        ("name a result", {"market"}, lambda: step("Rain?", "settle", 1)),
        ("name another", {"market"}, lambda: step("Rain?", "settle", 0)),
        ("withdraw", {"market"}, lambda: step("Rain?", "withdraw")),
        ("wait no more", {"room"}, lambda: host.call("PATCH", room, {"official_after_s": 0})),
        ("pay", {"market", "wallet"}, lambda: step("Rain?", "settle", 0)),
        ("say", {"chat"}, lambda: bo.say("Go!")),
        ("rename", {"renamed"}, lambda: rename(ana, "Anna")),
        ("rename the host", {"renamed"}, lambda: rename(host, "Hanna")),
        ("delete a line", {"chat.gone"}, delete_line),
        ("come in", {"people"}, lambda: people.join(code, "dee")),
    ]
