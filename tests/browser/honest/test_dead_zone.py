"""A player in a dead zone: what is pressed there waits, can be taken back, and counts once."""

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import (
    ask_question,
    expect_figures,
    expect_purse,
    expect_state,
    open_room,
    step_in,
)
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def lose_network(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("[data-here]")).to_contain_text("No connection.")


def find_network(page: Page) -> None:
    page.context.set_offline(False)
    expect(page.locator("main[data-connection=open]")).to_be_visible(timeout=30_000)


def test_it_keeps_a_bet_until_the_network_is_back(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Dead zone")
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, host.url.split("/")[4])
    said, button = mika.locator("[data-said]"), mika.locator("[data-go]")
    mika.locator(".post[data-outcome=B]").click()
    lose_network(mika)
    expect(mika.locator("[data-about]")).to_have_text(
        "No connection: a bet waits until it is back."
    )
    button.click()
    expect(button).to_have_text("Waiting: 50 on B")
    expect(said).to_have_text("Will be sent when the network is back.")
    assert_fits(mika)
    shoot(mika, "bet-kept")
    mika.get_by_role("button", name="Take it back").click()
    expect(button).to_have_text("Bet 50 on B")
    expect(button).to_be_focused()
    expect(said).to_be_empty()
    button.click()
    expect(said).to_have_text("Will be sent when the network is back.")
    find_network(mika)
    expect(mika.locator(".post[data-outcome=B]")).to_contain_text("you 50")
    expect_purse(mika, "950")
    expect_figures(host, "B", "100 %", "1.00", "50 coins", "1 person")

    expect(button).to_have_text("Add 50 on B")
    lose_network(mika)
    button.click()
    expect(said).to_have_text("Will be sent when the network is back.")
    host.get_by_role("button", name="Lock now").click()
    expect_state(host, "void", "Refunded")
    find_network(mika)
    expect(said).to_have_text(
        "Locked while you were offline: your bet was not sent. No coins moved."
    )
    expect_purse(mika, "1,000")
    expect_figures(host, "B", "100 %", "1.00", "50 coins", "1 person")
    waiting = mika.evaluate(
        """Object.keys(localStorage).filter((key) => key.includes(".bets."))
            .map((key) => localStorage[key])"""
    )
    assert waiting == ["[]"]


def test_it_sends_a_bet_that_waited_only_while_it_is_wanted(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/r/ABCDEF/", PHONE)
    told = page.evaluate("""async () => {
        const { Bets } = await import("/static/betting/bets.js");
        let [nowMs, isThere] = [0, false];
        const [sent, answers] = [[], []];
        const make = () => new Bets({
            userId: 1, code: "ABCDEF", now: () => nowMs, isOpen: () => true, unknown() {},
            send: (message) => isThere && sent.push(message.expires_at_ms),
            answered: (_bet, answer) => answers.push(answer.code),
        });
        const bets = make();
        bets.place(7, 1, 50);
        const other = make();
        bets.takeBack(7);
        dispatchEvent(new StorageEvent("storage", { key: "ringside.bets.1.ABCDEF" }));
        isThere = true;
        other.askAgain();
        isThere = false;
        bets.place(7, 1, 50);
        nowMs = 9 * 60_000;
        isThere = true;
        make().askAgain();
        isThere = false;
        bets.place(8, 1, 50);
        nowMs = 20 * 60_000;
        isThere = true;
        bets.takeBack(7);
        bets.askAgain();
        return [sent, answers];
    }""")
    assert told == [[9 * 60_000 + 10_000], ["expired"]]


def test_it_gives_a_line_back_that_was_not_taken(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Lost lines")
    mika = visit(browser, house.url, PHONE)
    lines: list[WebSocketRoute] = []

    def lose_lines(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        is_lost = not lines
        socket.on_message(
            lambda frame: None if is_lost and "chat.say" in str(frame) else server.send(frame)
        )
        lines.append(socket)

    mika.route_web_socket(re.compile("/ws/rooms/"), lose_lines)
    step_in(mika, host.url.split("/")[4])
    field, note = mika.get_by_label("Say something"), mika.locator("[data-chat] > [role=status]")
    send = mika.get_by_role("button", name="Send")
    field.fill("Go, Lettuce!")
    send.click()
    expect(mika.locator("[data-sending]")).to_have_text("Go, Lettuce! sending…")
    expect(field).to_have_value("")
    shoot(mika, "chat-sending")
    lines[0].close(code=1012)
    expect(note).to_have_text("Your line did not arrive.")
    expect(field).to_have_value("Go, Lettuce!")
    expect(mika.locator("[data-sending]")).to_have_count(0)
    send.click()
    expect(host.locator(".chat li")).to_contain_text("Go, Lettuce!")
    expect(mika.locator(".chat li")).to_have_count(1)
    host.locator("[data-chat-modes]").get_by_text("Slow").click()
    expect(note).to_have_text("Slow chat: one line in 10 seconds.")
    for words in ("One", "Two"):
        field.fill(words)
        send.click()
        expect(mika.locator("[data-sending]")).to_have_count(0)
    expect(note).to_contain_text("Please wait")
    expect(field).to_have_value("Two")
    assert_fits(mika)
    shoot(mika, "chat-given-back")


def test_it_says_a_line_again_only_if_it_never_left(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/r/ABCDEF/", PHONE)
    told = page.evaluate("""async () => {
        const { Sending } = await import("/static/rooms/sending.js");
        let isThere = false;
        const [sent, back, timers] = [[], [], []];
        globalThis.setTimeout = (work) => timers.push(work);
        const sending = new Sending({
            send: (message) => isThere && sent.push(message),
            back: (text, words) => back.push(`${text}: ${words}`),
        });
        sending.say("waits");
        sending.welcome();
        isThere = true;
        sending.welcome();
        const wasTaken = [sending.said("waits"), sending.said("waits")];
        sending.say("refused");
        sending.refused({ re: sent.at(-1).id, message: "You are muted in this room." });
        sending.say("no  answer ");
        timers.at(-1)();
        isThere = false;
        sending.say("never left");
        timers.at(-1)();
        return [sent.map(({ text }) => text), wasTaken, back, sending.nodes.length];
    }""")
    assert told == [
        ["waits", "refused", "no answer"],
        [True, False],
        [
            "refused: You are muted in this room.",
            "no answer: No answer. It is not known whether your line arrived.",
            "never left: No connection. Nothing was said.",
        ],
        0,
    ]
