"""A whole evening: one host, a second device, a big screen, and eight guests who are scripted."""

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, fills, shoot, visit
from tests.browser.evening.scripted import Guest, People, until
from tests.browser.test_browser import HD, expect_state
from tests.browser.test_people import code_of
from tests.browser.test_run_of_show import prepare
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

NAMES = ["Ana", "Bo", "Cy", "Dee", "Eli", "Fay", "Gus", "Troll"]
# Nobody but who runs the room may read these before their time.
DRAFT, NEXT = "Who is let go on Monday", "Does it rain before nine"
# Stakes on a blind question, of which no other figure is made.
BLIND = (617, 389)
STANDINGS_AFTER_MS = 31_000
# A time may hold any digits.
TIMES = re.compile(r"\d{13}|[0-9a-f]{40}")


class Taps:
    """Taps of a host, counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, button: Locator) -> None:
        button.click()
        self.count += 1

    def hold(self, page: Page, button: Locator) -> None:
        """Press until the sheet is gone."""
        expect(button).to_be_enabled()
        button.hover()
        page.mouse.down()
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.mouse.up()
        self.count += 1

    def take(self) -> int:
        """The taps since the last time."""
        taken, self.count = self.count, 0
        return taken


@pytest.fixture(scope="module")
def house(own_house: House) -> House:
    """One in which no other number is a secret stake."""
    return own_house


def test_a_host_and_eight_guests_have_a_whole_evening(browser: Browser, house: House) -> None:
    with People(house.url) as people:
        evening = WholeEvening(browser, house, people)
        evening.gather()
        evening.ask_and_remove_the_troll()
        evening.pay_the_wrong_one_and_change_it()
        evening.lose_the_phone()
        evening.play_on_blind()
        evening.end()
        evening.nobody_heard_a_secret()


class WholeEvening:
    """The steps of the evening, in their order."""

    def __init__(self, browser: Browser, house: House, people: People) -> None:
        self.browser, self.house, self.people = browser, house, people
        self.taps = Taps()
        self.host = visit(browser, house.url, PHONE)

    def gather(self) -> None:
        """A room from a phone, a screen by its own link, guests whose names appear on it."""
        self.host.get_by_role("link", name="Open a room").click()
        self.host.get_by_label("Title").fill("Snail Derby at the Harbour Bar")
        self.host.get_by_role("button", name="Open the room").click()
        expect(self.host.locator("main[data-connection=open]")).to_be_visible()
        self.code = code_of(self.host)
        self.host.locator("[data-invite]").click()
        self.host.get_by_role("button", name="Make a link").click()
        link = self.host.locator("[data-screen-link]")
        expect(link).to_contain_text("#")
        shoot(self.host, "evening-invitation")
        self.link = link.inner_text()
        self.host.get_by_role("dialog").get_by_role("button", name="Close").click()
        self.screen = visit(self.browser, "about:blank", HD)
        self.screen.clock.install()
        self.screen.goto(self.here(self.link))
        self.guests = {name: self.people.join(self.code, name) for name in NAMES}
        expect(self.screen.locator("[data-names] bdi")).to_have_text(NAMES[::-1])
        expect(self.screen.locator("[data-here]")).to_have_text("9")
        fills(self.screen)
        shoot(self.screen, "evening-lobby")

    def here(self, link: str) -> str:
        """An address of the house, whatever it calls itself."""
        return self.house.url + link[link.index("/", len("https://")) :]

    def ask_and_remove_the_troll(self) -> None:
        """Two taps for a question beside typing, and two from a line to the troll being out."""
        self.taps(self.host.get_by_role("button", name="New question"))
        sheet = self.host.get_by_role("dialog")
        sheet.get_by_label("Question", exact=True).fill("Which snail wins heat 3?")
        for letter, answer in (("A", "Turbo Lettuce"), ("B", "The Duchess")):
            sheet.get_by_label(f"Answer {letter}", exact=True).fill(answer)
        self.taps(sheet.get_by_role("button", name="Open it now"))
        expect(sheet).to_be_hidden()
        assert self.taps.take() <= 2
        for question, is_blind in ((NEXT, True), (DRAFT, False)):
            prepare(self.host, question, is_blind=is_blind)
        self.first = self.guests["Ana"].market("Which snail wins heat 3?")
        # Dee puts all on the wrong one; the troll is paid like everybody.
        stakes = {"Ana": 100, "Bo": 60, "Cy": 40, "Dee": 1000, "Eli": 50, "Troll": 30}
        for name, stake in stakes.items():
            self.guests[name].bet(self.first, int(name in ("Dee", "Eli")), stake)
        # What was staked is told as far as it is recorded; this asks for all of it.
        self.guests["Troll"].call("GET", "me/bets/")
        self.guests["Troll"].say("Abuse, 500 times")
        self.taps(self.host.get_by_role("button", name="Troll", exact=True))
        self.taps(self.host.get_by_role("button", name="Remove from the room"))
        until(lambda: self.guests["Troll"].client.close_code == 4403)
        assert self.taps.take() == 2
        sheet = self.host.get_by_role("dialog")
        expect(sheet.locator("[data-person-says]")).to_contain_text("is paid as for everybody.")
        sheet.get_by_role("button", name="Close").click()
        expect(self.screen.locator(".post-share")).to_have_text(["18 %", "82 %"])
        shoot(self.screen, "evening-open")
        shoot(self.host, "evening-open-host")

    def pay_the_wrong_one_and_change_it(self) -> None:
        """Four taps to a result, two to another one; only that is paid."""
        self.taps(self.host.get_by_role("button", name="Lock now"))
        self.taps(self.host.get_by_role("button", name="What happened?"))
        sheet = self.host.get_by_role("dialog")
        self.taps(sheet.locator(".post[data-outcome=B]"))
        self.taps.hold(self.host, sheet.get_by_role("button", name="Hold to pay"))
        assert self.taps.take() <= 4
        expect_state(self.host, "unofficial", "Unofficial")
        self.taps(self.host.get_by_role("button", name="Change"))
        others = self.host.get_by_role("group", name="Another result")
        self.taps(others.get_by_role("button", name="Turbo Lettuce"))
        expect(self.screen.locator(".post.named")).to_contain_text("Turbo Lettuce")
        assert self.taps.take() == 2
        shoot(self.screen, "evening-unofficial")
        shoot(self.host, "evening-unofficial-host")

    def lose_the_phone(self) -> None:
        """A laptop takes over by a seat while the result is unofficial, and the clock pays."""
        seat = self.host.evaluate(
            "async (code) => (await (await import('/static/web/session.js'))"
            ".ask('POST', `/api/rooms/${code}/seats/`, {role: 'cohost'})).link",
            self.code,
        )
        self.host.context.close()
        self.host = visit(self.browser, self.here(seat), DESKTOP)
        expect(self.host.locator("main[data-connection=open]")).to_be_visible()
        expect_state(self.host, "settled", "Paid")
        expect(self.screen.locator(".champion .name")).to_have_text("Turbo Lettuce")
        # 230 coins share 1,280.
        until(lambda: self.guests["Ana"].client.coins == 900 + 556)
        paid = self.guests["Troll"].call("GET", "auth/me/")["wallets"][0]["coins"]
        assert paid == 970 + 167
        expect(self.screen.locator("[data-odds] path")).to_have_count(2)
        shoot(self.screen, "evening-result")

    def play_on_blind(self) -> None:
        """The next prepared question is one tap away; the broke guest plays on."""
        dee = self.guests["Dee"]
        assert dee.call("POST", "me/refill/", {})["coins"] == 200
        self.mark = {name: len(guest.client.frames) for name, guest in self.guests.items()}
        draft = self.host.locator("li[data-draft]", has_text=NEXT)
        self.taps(draft.get_by_role("button", name="Open", exact=True))
        assert self.taps.take() == 1
        blind = dee.market(NEXT)
        self.guests["Fay"].bet(blind, 0, BLIND[0])
        self.guests["Gus"].bet(blind, 1, BLIND[1])
        dee.bet(blind, 1, 200)
        expect(self.screen.locator("[data-pool-fig]")).to_have_text("3people have bet")
        expect(self.screen.locator(".post-odds").first).to_contain_text("?")
        shoot(self.screen, "evening-blind")
        self.look_everywhere(self.guests["Cy"], blind.id)
        self.expect_nothing_in(self.guests["Cy"], *map(str, (*BLIND, sum(BLIND) + 200)))
        self.taps(self.host.get_by_role("button", name="Lock now"))
        self.taps(self.host.get_by_role("button", name="What happened?"))
        sheet = self.host.get_by_role("dialog")
        self.taps(sheet.locator(".post[data-outcome=B]"))
        self.taps.hold(self.host, sheet.get_by_role("button", name="Hold to pay"))
        assert self.taps.take() <= 4
        expect_state(self.host, "settled", "Paid")
        until(lambda: dee.client.coins == 410)
        self.screen.clock.fast_forward(STANDINGS_AFTER_MS)
        expect(self.screen.locator("main[data-scene=standings]")).to_be_visible()
        expect(self.screen.locator("[data-between] tbody th").first).to_have_text("Ana")
        assert_fits(self.screen)
        shoot(self.screen, "evening-standings")

    def look_everywhere(self, guest: Guest, market_id: int) -> None:
        """Ask for all that might tell more than it should."""
        room = f"rooms/{self.code}/"
        asked = [
            f"markets/{market_id}/", f"markets/{market_id}/odds/", "me/bets/", "me/rooms/",
            room, f"{room}evening/", f"{room}leaderboard/", f"{room}members/",
            f"{room}newcomers/", f"{room}chat/",
        ]  # fmt: skip
        for path in asked:
            guest.call("GET", path)

    def expect_nothing_in(self, guest: Guest, *secrets: str) -> None:
        """Nothing that a guest was told since the blind question opened holds a secret."""
        frames = guest.client.frames[self.mark[guest.name] :]
        for text in [*frames, *guest.bodies]:
            bare = TIMES.sub("", text)
            assert not [secret for secret in secrets if secret in bare], text

    def end(self) -> None:
        """The podium on every page, and one page for everybody."""
        self.host.get_by_role("button", name="End the room…").click()
        self.host.get_by_role("button", name="End the room", exact=True).click()
        for page in (self.host, self.screen):
            last = page.locator(":is([data-gate=ended], [data-over])")
            expect(last.locator("[data-firsts] bdi").first).to_have_text("Ana")
            shoot(page, "evening-podium")
        assert_fits(self.screen)
        self.host.get_by_role("link", name="The evening", exact=True).click()
        self.host.get_by_label("Everybody may see this page").check()
        expect(self.host.get_by_text("Everybody with the link sees it now.")).to_be_visible()
        page = visit(self.browser, f"{self.house.url}/r/{self.code}/evening/", PHONE)
        expect(page.locator("[data-rounds] li")).to_have_count(2)
        shoot(page, "evening-shared")

    def nobody_heard_a_secret(self) -> None:
        """No draft and no code of a screen was in anything that a guest received."""
        screen_code = self.link.partition("#")[2]
        for guest in self.guests.values():
            told = [*guest.client.frames, *guest.bodies]
            assert told and any(json.loads(text).get("type") == "coming" for text in told)
            for secret in (DRAFT, screen_code):
                assert not [text for text in told if secret in text], (guest.name, secret)
            before = guest.client.frames[: self.mark[guest.name]]
            assert not [text for text in before if NEXT in text], guest.name
