"""Draws the pictures of the README: `python -m tests.pictures` plays a question in real browsers.

Three devices side by side: a player's phone, the big screen, the host's phone. Of a language there
is `evening-en.png`, which shows them once, and `evening-en.webp`, from the opening of a question to
the payout. Needs what the browser tests need, and for Korean a font with Hangul.
"""

import re
import sys
import tempfile
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from launcher.private_house import House
from launcher.venv import ROOT
from tests.browser.browsers import PHONE, launched, visit
from tests.servers import house_in

PICTURES = ROOT / "docs" / "screenshots"
SCREEN = {"width": 1280, "height": 720}
# Where each device lies on the picture: left, top, width; heights follow.
PLACES = ((24, 24, 258), (306, 88, 756), (1086, 24, 258))
SIZE, MOVING_WIDTH_PX = (1368, 606), 1026
HALL, EDGE = "#e7e9ee", "#161a2b"
QUALITY = 62
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "room": "Snail Derby at the Harbour Bar", "question": "Which snail wins heat 3?",
        "answers": ["Turbo Lettuce", "The Duchess", "Slow Motion"],
        "people": ["Mika", "Ren", "Ana", "Otto", "Lena", "Bo", "Ida"],
    },
    "ko": {
        "room": "항구 술집 달팽이 경주", "question": "3차 경주, 어느 달팽이가 이길까요?",
        "answers": ["터보 상추", "공작 부인", "느릿느릿"],
        "people": ["미카", "레오", "아나", "오토", "레나", "보라", "이다"],
    },
}  # fmt: skip
# Who bets how much on which answer, in the order in which it is seen.
BETS = ((0, 0, 150), (1, 1, 200), (2, 0, 80), (3, 2, 120), (4, 1, 90))


class Caller:
    """Somebody without a page, by our API."""

    def __init__(self, calls: APIRequestContext, url: str) -> None:
        self._calls, self._url = calls, url

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """The answer of the API; raises AssertionError where it refuses."""
        csrf = self._calls.get(f"{self._url}/api/auth/csrf/").json()["csrf"]
        heads = {"X-CSRFToken": csrf, "Origin": self._url}
        told = self._calls.fetch(
            f"{self._url}/api/{path}", method=method, data=body or None, headers=heads
        )
        assert told.ok, told.text()
        return told.json()


class Story:
    """One question in one room, watched on three devices."""

    def __init__(self, browser: Browser, house: House, language: str) -> None:
        self.words, self.language = WORDS[language], language
        self._browser, self._url = browser, house.url
        self.frames: list[tuple[Image.Image, int]] = []
        self.still: Image.Image | None = None
        self.host = self._open(f"{house.url}/", PHONE)
        hosting = Caller(self.host.request, house.url)
        hosting.ask("POST", "auth/guest/", nickname=self.words["people"][0])
        self.code = hosting.ask(
            "POST", "rooms/", title=self.words["room"], visibility="public", official_after_s=0,
            key=str(uuid.uuid4()),
        )["code"]  # fmt: skip
        self.host.goto(f"{house.url}/r/{self.code}/")
        self.hosting = hosting
        self.crowd = [self._enter(name) for name in self.words["people"][2:]]
        self.player = self._open(f"{house.url}/", PHONE)
        Caller(self.player.request, house.url).ask(
            "POST", "auth/guest/", nickname=self.words["people"][1]
        )
        self.player.goto(f"{house.url}/r/{self.code}/")
        self.screen = self._open(f"{house.url}/r/{self.code}/screen/", SCREEN)
        for page in (self.host, self.player):
            expect(page.locator("main[data-connection=open]")).to_be_visible()

    def _open(self, url: str, size: dict[str, int]) -> Page:
        return visit(self._browser, url, size, locale=self.language)

    def _enter(self, name: str) -> Caller:
        caller = Caller(self._browser.new_context().request, self._url)
        caller.ask("POST", "auth/guest/", nickname=name)
        caller.ask("POST", f"rooms/{self.code}/enter/")
        return caller

    def play(self) -> None:
        """From the opening to the payout, a frame at every turn."""
        market = self._open_question()
        self._see(1_600)
        self._bet(market)
        self.hosting.ask("POST", f"markets/{market['id']}/lock/")
        self._wait("locked")
        self._see(1_800)
        self._settle(market)
        self._see(4_000)

    def _open_question(self) -> Any:
        self._see(1_200)
        market = self.hosting.ask(
            "POST", f"rooms/{self.code}/markets/", question=self.words["question"],
            outcomes=self.words["answers"], key=str(uuid.uuid4()), open=True, closes_in_s=120,
        )  # fmt: skip
        self._wait("open")
        return market

    def _bet(self, market: Any) -> None:
        for place, (who, answer, coins) in enumerate(BETS):
            if place == 2:
                self._bet_on_the_phone()
            self._call_bet(self.crowd[who], market, answer, coins)
            self._see(700)
        self.still = self._picture()

    def _call_bet(self, caller: Caller, market: Any, answer: int, coins: int) -> None:
        outcome = market["outcomes"][answer]["id"]
        path = f"markets/{market['id']}/bets/"
        caller.ask("POST", path, bet_id=str(uuid.uuid4()), outcome=outcome, stake=coins)
        self.player.wait_for_timeout(500)

    def _bet_on_the_phone(self) -> None:
        self.player.locator(".post[data-outcome=A]").click()
        self._see(900)
        self.player.locator(".chip", has_text=re.compile("^100$")).click()
        self._see(900)
        self.player.locator("[data-go]").click()
        expect(self.player.locator("[data-said]")).not_to_be_empty()
        self._see(1_100)

    def _settle(self, market: Any) -> None:
        self.host.locator("[data-decide]").first.click()
        sheet = self.host.get_by_role("dialog")
        sheet.locator(".post[data-outcome=A]").click()
        self._see(1_800)
        pay = sheet.locator("[data-pay]")
        expect(pay).to_be_enabled()
        pay.hover()
        self.host.mouse.down()
        expect(sheet).to_be_hidden()
        self.host.mouse.up()
        self._wait("settled")
        expect(self.screen.locator(".champion")).to_be_visible()

    def _wait(self, status: str) -> None:
        for page in (self.player, self.host):
            expect(page.locator(f"[data-ring][data-status={status}]")).to_be_visible()
        self.player.wait_for_timeout(900)

    def _see(self, ms: int) -> None:
        self.frames.append((self._picture(), ms))

    def _picture(self) -> Image.Image:
        picture = Image.new("RGB", SIZE, HALL)
        for page, (left, top, width) in zip(
            (self.player, self.screen, self.host), PLACES, strict=True
        ):
            shown = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
            height = round(width * shown.height / shown.width)
            box = (left - 3, top - 3, left + width + 2, top + height + 2)
            ImageDraw.Draw(picture).rounded_rectangle(box, radius=8, fill=EDGE)
            picture.paste(shown.resize((width, height), Image.Resampling.LANCZOS), (left, top))
        return picture


def keep(story: Story) -> None:
    """Write the still and the moving picture, and say how large they are."""
    still = PICTURES / f"evening-{story.language}.png"
    assert story.still is not None
    story.still.quantize(128, dither=Image.Dither.NONE).save(still, optimize=True)
    moving = PICTURES / f"evening-{story.language}.webp"
    size = (MOVING_WIDTH_PX, round(MOVING_WIDTH_PX * SIZE[1] / SIZE[0]))
    first, *rest = [one.resize(size, Image.Resampling.LANCZOS) for one, _ in story.frames]
    first.save(
        moving, save_all=True, append_images=rest, duration=[ms for _, ms in story.frames], loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip
    for path in (still, moving):
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes\n")


def main(languages: list[str]) -> None:
    """Play in each language on a private house."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        launched() as browser,
        house_in(Path(folder), LIMITS_SCALE="100") as house,
    ):
        for language in languages:
            story = Story(browser, house, language)
            story.play()
            keep(story)


if __name__ == "__main__":
    main(sys.argv[1:] or list(WORDS))
