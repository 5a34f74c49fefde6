"""Pages say only what they know: no words of another question, of a dead network, or too early."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, WebSocketRoute, expect

from tests.browser.browsers import PHONE, visit
from tests.browser.test_browser import ask_question, open_room, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# What a browser that translates pages does to every piece of text that it may touch.
TRANSLATE = """() => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const pieces = [];
    while (walker.nextNode()) pieces.push(walker.currentNode);
    const shown = pieces.filter((piece) => piece.textContent.trim() && piece.parentElement.translate
        && piece.parentElement.checkVisibility());
    for (const piece of shown) {
        const font = document.createElement("font");
        font.textContent = `«${piece.textContent}»`;
        piece.replaceWith(font);
    }
    return shown.map((piece) => `«${piece.textContent}»`);
}"""

# How long after the network has gone the page says so, by its own clock.
MEASURE = """(words) => addEventListener("offline", () => {
    const goneMs = performance.now();
    new MutationObserver((_changes, observer) => {
        if (!document.querySelector(words).textContent.includes("No connection.")) return;
        window.toldMs = performance.now() - goneMs;
        observer.disconnect();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
}, { once: true })"""


@pytest.fixture(scope="module")
def room(chromium: Browser, house: House) -> Iterator[str]:
    """The path of a room whose host has left; nothing is open in it."""
    host = open_room(chromium, house.url, "Honest pages")
    yield re.search(r"/r/\w{6}/", host.url)[0]


@pytest.fixture
def guest(browser: Browser, house: House, room: str) -> Page:
    """A guest of the room."""
    page = visit(browser, house.url, PHONE)
    step_in(page, room.split("/")[2])
    return page


def test_it_says_what_became_of_a_bet_under_its_own_question_only(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Two in a row")
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, host.url.split("/")[4])
    mika.locator(".post[data-outcome=B]").click()
    mika.get_by_role("button", name="Bet 50 on B").click()
    said = mika.locator("[data-said]")
    expect(said).to_contain_text("You have 50 on B")
    host.evaluate(
        """import("/static/web/session.js").then(async ({ ask }) => {
            const code = document.querySelector("main").dataset.code;
            const old = document.querySelector("[data-ring]").dataset.market;
            await ask("POST", `/api/markets/${old}/void/`, { reason: "Rain" });
            await ask("POST", `/api/rooms/${code}/markets/`,
                { question: "And now?", outcomes: ["Yes", "No"] });
        })"""
    )
    expect(mika.locator("[data-ring] [data-question]")).to_have_text("And now?")
    assert said.text_content() == ""
    expect(mika.locator("[data-about]")).to_have_text("Tap an answer to bet on it.")
    assert mika.problems == []


def silence(page: Page) -> str:
    """What the page says of a post that nobody answered."""
    return page.evaluate(
        """import("/static/web/session.js").then(({ ask }) =>
            ask("POST", "/api/lost/").catch((error) => error.message))"""
    )


def test_it_says_that_nothing_was_sent_only_when_there_was_no_network_before(
    guest: Page,
) -> None:
    def lose_answer(route: Route) -> None:
        guest.context.set_offline(True)
        route.abort()

    guest.route("**/api/lost/", lose_answer)
    assert silence(guest).startswith("No answer. It is not known whether this arrived")
    assert silence(guest) == "No connection. Nothing was sent."


def test_it_says_that_it_looks_until_the_room_has_answered(
    house: House, room: str, guest: Page
) -> None:
    late: list[Route] = []
    guest.route("**/api/auth/me/", lambda route: late.append(route))
    with guest.expect_request("**/api/auth/me/"):
        guest.goto(f"{house.url}{room}")
    none = assert_looks(guest)
    late[0].continue_()
    expect(none).to_be_visible()
    expect(guest.get_by_role("heading", name="No question open")).to_be_visible()
    expect(guest.locator("[data-looking]")).to_be_hidden()


def test_its_screen_says_that_it_looks_until_the_room_has_answered(
    house: House, room: str, guest: Page
) -> None:
    late: list[Callable[[], None]] = []
    is_late = True

    def hold(socket: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if is_late:
                late.append(lambda: socket.send(message))
            else:
                socket.send(message)

        socket.connect_to_server().on_message(pass_on)

    guest.route_web_socket("**/ws/screens/**", hold)
    with guest.expect_websocket():
        guest.goto(f"{house.url}{room}screen/")
    none = assert_looks(guest)
    while not late:
        guest.wait_for_timeout(50)
    is_late = False
    for send in late:
        send()
    expect(none).to_be_visible()
    expect(guest.get_by_text("No question open")).to_be_visible()
    expect(guest.locator("[data-looking]")).to_be_hidden()


def assert_looks(page: Page) -> Locator:
    """A page that was not answered yet; returns what it shows where no question is open."""
    none, looking = page.locator("[data-none]"), page.locator("[data-looking]")
    expect(looking).to_have_text("Looking…")
    assert looking.is_visible()
    assert not none.is_visible()
    return none


def test_it_says_within_three_seconds_that_the_network_is_gone(
    house: House, room: str, guest: Page
) -> None:
    screen = guest.context.new_page()
    screen.goto(f"{house.url}{room}screen/")
    for page in (guest, screen):
        expect(page.locator("main[data-connection=open]")).to_be_visible()
    told = ((guest, "[data-here]"), (screen, "[data-note]"))
    for page, words in told:
        page.evaluate(MEASURE, words)
    guest.context.set_offline(True)
    for page, words in told:
        expect(page.locator(words)).to_contain_text("No connection.")
        assert page.evaluate("toldMs") <= 3_000
    guest.context.set_offline(False)
    for page in (guest, screen):
        expect(page.locator("main[data-connection=open]")).to_be_visible()


def test_it_asks_a_silent_house_often_while_somebody_looks(
    house: House, room: str, guest: Page
) -> None:
    silent = False

    def fall_silent(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: silent or socket.send(frame))

    guest.route_web_socket(re.compile("/ws/rooms/"), fall_silent)
    guest.goto(f"{house.url}{room}")
    expect(guest.locator("main[data-connection=open]")).to_be_visible()
    silent = True
    expect(guest.locator("[data-here]")).to_contain_text("Reconnecting…", timeout=9_000)


def test_it_keeps_names_and_figures_apart_and_translated_words(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Words")
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, host.url.split("/")[4])
    expect(mika.locator("[data-ring] [data-question]")).to_have_text("Which snail wins?")
    filled = mika.evaluate(
        """import("/static/web/words.js").then(({ fill }) => [
            fill("%(coins)s %(name)s on A", { coins: 50, name: "דוד" }),
            fill("%(coins)s %(name)s on A", { coins: 50, name: "Mika" })])"""
    )
    assert filled == ["50 \u2068דוד\u2069 on A", "50 Mika on A"]
    mika.get_by_label("Say something").fill("100")
    mika.get_by_role("button", name="Send").click()
    assert mika.locator(".chat b").evaluate("(b) => getComputedStyle(b).unicodeBidi") == "isolate"

    translated = mika.evaluate(TRANSLATE)
    assert len(translated) > 10
    # The page draws itself four times a second.
    mika.wait_for_timeout(1_500)
    assert mika.locator("main font").all_text_contents() == translated
    assert mika.problems == host.problems == []
