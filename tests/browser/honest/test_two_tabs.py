"""A player's evening in two tabs: dead zones over lock and payout, a reload in each state."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.browser.evening.scripted import Guest, People, until
from tests.browser.honest.test_dead_zone import find_network, lose_network
from tests.browser.test_browser import bet, expect_purse, expect_state
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# All that a tab says of the question, of one's own part in it, and of one's coins.
_TOLD = """() => [
    "[data-question]", "[data-state]", "[data-pool]", "[data-remark]", "[data-posts]",
    "[data-ticket]", "[data-purse] [data-coins]", "[data-rounds]",
].map((name) => document.querySelector(name))
    .map((part) => part?.checkVisibility() && part.innerText)"""
_IS_CUT = "({ parentElement: line }) => line.scrollWidth > line.clientWidth + 1"


def test_a_player_in_two_tabs_is_told_the_same_whatever_was_missed(
    browser: Browser, house: House
) -> None:
    with People(house.url) as people:
        host, code = people.host("Two tabs", official_after_s=30)
        ren = people.join(code, "Ren")
        evening = TwoTabs(browser, house.url, host, code)
        evening.lock_in_a_dead_zone(ren)
        evening.pay_in_a_dead_zone(ren)
        evening.end()


class TwoTabs:
    """Mika in two tabs of one browser; the host is scripted."""

    def __init__(self, browser: Browser, url: str, host: Guest, code: str) -> None:
        self.host, self.code = host, code
        self.first = visit(browser, f"{url}/r/{code}/", PHONE)
        self.first.get_by_label("Your name here").fill("Mika")
        self.first.get_by_role("button", name="Step in").click()
        expect(self.first.locator("main[data-connection=open]")).to_be_visible()
        self.second = self.first.context.new_page()
        self.second.problems = []
        self.second.on("pageerror", lambda error: self.second.problems.append(str(error)))
        self.second.goto(self.first.url)
        expect(self.second.get_by_text("No question open")).to_be_visible()
        self.alike()

    def ask(self, question: str) -> Any:
        answers = ["Turbo Lettuce", "The Duchess"]
        body = {"question": question, "outcomes": answers}
        return self.host.call("POST", f"rooms/{self.code}/markets/", body)

    def step(self, market: Any, step: str, **body: Any) -> None:
        self.host.call("POST", f"markets/{market['id']}/{step}/", body)

    def alike(self) -> None:
        """A tab that is loaded anew says what the one says that stayed."""
        self.second.reload()
        expect(self.second.locator("main[data-drawn]")).to_be_visible()
        told: list[Any] = []

        def is_alike() -> bool:
            told[:] = [page.evaluate(_TOLD) for page in (self.first, self.second)]
            return bool(told[0] == told[1])

        until(is_alike, lambda: f"{told[0]}\n{told[1]}")

    def see(self, status: str, word: str, coins: str) -> None:
        """Both tabs show a state of the question and the coins left, before and after a reload."""
        for page in (self.first, self.second):
            expect_state(page, status, word)
            expect_purse(page, coins)
        self.alike()

    def lose_network(self) -> None:
        lose_network(self.first)
        expect(self.second.locator("[data-here]")).to_contain_text("No connection.")

    def find_network(self) -> None:
        find_network(self.first)
        expect(self.second.locator("main[data-connection=open]")).to_be_visible()

    def lock_in_a_dead_zone(self, ren: Guest) -> None:
        """A bet that waited over the lock is sent by no tab, and both say what holds."""
        market = self.ask("First?")
        self.see("open", "Open", "1,000")
        bet(self.first, "A", "100")
        ren.bet(ren.market("First?"), 1, 50)
        expect(self.second.locator(".post[data-outcome=A]")).to_contain_text("you 100")
        self.see("open", "Open", "900")
        self.lose_network()
        whole(self.first)
        self.first.locator("[data-go]").click()
        expect(self.first.locator("[data-said]")).to_have_text(
            "Will be sent when the network is back."
        )
        self.step(market, "lock")
        self.find_network()
        expect(self.first.locator("[data-ticket=locked]")).to_contain_text("100")
        self.see("locked", "Locked", "900")
        self.step(market, "settle", winners=[market["outcomes"][0]["id"]])
        self.see("unofficial", "Unofficial", "900")
        self.step(market, "withdraw")
        self.see("locked", "Locked", "900")
        self.host.call("PATCH", f"rooms/{self.code}/", {"official_after_s": 0})
        self.step(market, "settle", winners=[market["outcomes"][0]["id"]])
        expect(self.first.locator("[data-ticket=settled]")).to_contain_text("+50")
        self.see("settled", "Paid", "1,050")

    def pay_in_a_dead_zone(self, ren: Guest) -> None:
        """Whatever was locked and paid meanwhile, and began anew, stands in both tabs."""
        market = self.ask("Second?")
        expect_state(self.second, "open", "Open")
        bet(self.second, "B", "50")
        ren.bet(ren.market("Second?"), 0, 50)
        self.lose_network()
        self.step(market, "lock")
        self.step(market, "settle", winners=[market["outcomes"][1]["id"]])
        self.find_network()
        expect(self.first.locator("[data-ticket=settled]")).to_contain_text("+50")
        self.see("settled", "Paid", "1,100")
        market = self.ask("Third?")
        bet(self.second, "A", "10")
        self.step(market, "void", reason="It rains.")
        self.see("void", "Refunded", "1,100")
        shoot(self.first, "two-tabs")
        assert self.first.problems == self.second.problems == []

    def end(self) -> None:
        """The end of the room is told to whoever was away for it."""
        self.lose_network()
        self.host.call("POST", f"rooms/{self.code}/end/", {})
        self.first.context.set_offline(False)
        for page in (self.first, self.second):
            expect(page.get_by_role("heading", name="This room has ended")).to_be_visible()
            assert_fits(page)
        self.second.reload()
        expect(self.second.locator("[data-firsts] bdi").first).to_have_text("Mika")


def whole(page: Page) -> None:
    """How old the figures are is said in full at the head of a phone's page."""
    says = page.locator("[data-here]")
    expect(says).to_contain_text("Figures as of")
    assert not says.evaluate(_IS_CUT)
    assert_fits(page)
    shoot(page, "no-connection")
