"""The pages about memory and storage: in both languages, and in a browser while things happen."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from betting import bank
from launcher.venv import ROOT
from simulation.player import Player
from tests.browser.browsers import DESKTOP, PHONE, assert_fits, visit
from tests.engines import PAIR
from tests.servers import House

PASSWORD = "correct horse battery"
SHOTS = ROOT / "docs" / "screenshots"
FLOOD = ROOT / "benchmarks" / "flood.py"
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_STORAGES)
def test_operators_see_memory_and_storage_in_their_language() -> None:
    operator = Client()
    operator.force_login(User.objects.create_superuser("Olga", "olga@example.org", PASSWORD))
    bank.run(bank.grant(1, 7, 5, "gift"))
    said = {
        ("memory", "en"): ("What should be mended", "{c1}:journal", "bank: commands"),
        ("memory", "ko"): ("고쳐야 할 것", "{c1}:journal"),
        ("storage", "en"): ("Ways to remove", "purge --what fixes", "rooms_chatline"),
        ("storage", "ko"): ("지우는 방법", "purge --what fixes", "rooms_chatline"),
    }
    for (name, language), words in said.items():
        answer = operator.get(f"/admin/{name}/", headers={"Accept-Language": language})
        page = answer.content.decode()
        for word in words:
            assert word in page, (name, language, word)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_STORAGES)
def test_nobody_else_sees_them() -> None:
    guest = Client()
    guest.force_login(User.objects.create_user("Gil"))
    for name in ("memory", "storage"):
        assert guest.get(f"/admin/{name}/").status_code == 302


def keep(page: Page, name: str) -> None:
    """A picture for docs/screenshots/."""
    width = page.viewport_size["width"]  # type: ignore[index]
    page.screenshot(path=SHOTS / f"{name}-{width}.png", animations="disabled")


@pytest.fixture(scope="module")
def manned(house: House) -> House:
    """The house with an operator."""
    house.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    made = house.manage(
        "createsuperuser", "--noinput", "--email", "olga@example.org", "--nickname", "Olga"
    )
    assert made.returncode == 0, made.stderr
    return house


def opened(browser: Browser, house: House, name: str, size: Any, **traits: str) -> Page:
    """A page of the admin, as an operator sees it."""
    page = visit(browser, f"{house.url}/admin/login/?next=/admin/{name}/", size, **traits)
    page.locator("[name=username]").fill("olga@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.locator(".engines")).to_be_visible()
    return page


async def evening(house: House) -> tuple[str, str]:
    """An open room with a question and bets; its code, and the cookies of a guest."""
    host, guest = Player(house.url), Player(house.url)
    await host.guest("Hana")
    await guest.guest()
    room = await host.open_room("Snail derby")
    market = await host.ask(room.code, "Which snail first?", ["Speedy", "Slow"])
    client = await guest.join(room.code)
    await client.bet(market.id, market.outcomes[0].id, 25)
    await client.leave()
    jar = "; ".join(f"{c.name}={c.value}" for c in guest.http.cookies.jar)
    await host.http.aclose()
    await guest.http.aclose()
    return room.code, jar


@pytest.mark.long
@pytest.mark.server
@pytest.mark.browser
def test_the_memory_page_stays_readable_in_a_join_storm(browser: Browser, manned: House) -> None:
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as aside:
        code, jar = aside.submit(asyncio.run, evening(manned)).result()
    page = opened(browser, manned, "memory", DESKTOP)
    address = f"{manned.url}/ws/rooms/{code}/"
    command = [sys.executable, str(FLOOD), address, jar, "100000", "1000000", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as storm:
        page.wait_for_timeout(4_000)
        page.get_by_role("link", name="Look again").click()
        expect(page.locator("meter")).to_have_count(2)
        assert_fits(page)
        keep(page, "memory-storm-light")
        small = opened(browser, manned, "memory", PHONE, scheme="dark", locale="ko")
        assert_fits(small)
        keep(small, "memory-storm-ko-dark")
        told, _errors = storm.communicate(timeout=60)
    assert json.loads(told)["frames"] > 0
    found = json.loads(manned.manage("redis_doctor", "--json").stdout)
    # A machine under test may stall; nothing else is wrong with a house that was flooded.
    assert {finding["word"] for finding in found["findings"]} <= {"slow", "stall"}


@pytest.mark.long
@pytest.mark.server
@pytest.mark.browser
def test_the_storage_page_tells_before_and_after_a_purge(browser: Browser, manned: House) -> None:
    cause = (
        "from locations.history import storage;"
        "from locations.fixes.fix import Fix;"
        "from web.times import now_ms;"
        "now = now_ms();"
        "[storage.write([(u, Fix(now - d * 86400000 + n, now, u, n)) for n in range(1500)])"
        " for d in (6, 5, 4, 3, 0) for u in range(1, 13)]"
    )
    assert manned.manage("shell", "-c", cause).returncode == 0
    page = opened(browser, manned, "storage", DESKTOP)
    assert_fits(page)
    page.get_by_role("heading", name="Partitions").scroll_into_view_if_needed()
    keep(page, "storage-before-purge-light")
    export = manned.data_dir / "fixes.jsonl"
    words = ("--what", "fixes", "--before", "2d", "--yes", "--export", str(export))
    purged = manned.manage("purge", *words)
    assert purged.returncode == 0, purged.stderr
    assert "Removed 72000 rows of 72000" in purged.stdout
    assert sum(1 for _line in export.open()) == 72_000
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Ways to remove")).to_be_visible()
    page.get_by_role("heading", name="Partitions").scroll_into_view_if_needed()
    keep(page, "storage-after-purge-light")
    small = opened(browser, manned, "storage", PHONE, scheme="dark", locale="ko")
    assert_fits(small)
    keep(small, "storage-after-purge-ko-dark")
    if PAIR == "real":
        assert "DROP PARTITION" in purged.stdout
