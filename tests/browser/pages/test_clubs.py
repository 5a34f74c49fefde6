"""The pages of clubs: making one, opening a room in it, and giving a role."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.accessibility import Inspection
from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


REGISTER = """async () => {
    const { ask } = await import("/static/web/session.js");
    await ask("POST", "/api/auth/register/", {
        email: "clubs@example.org", nickname: "Opal", password: "correct horse battery",
    });
}"""


def shorten(route: Route) -> None:
    """Answer with a page that is followed by another, which is the same and the last."""
    told = route.fetch().json()
    path = urlsplit(route.request.url)
    route.fulfill(json=told | {"next": f"{path.path}?{path.query}&before=1000000"})


def test_a_host_makes_a_club_and_its_guests_play_with_its_coins(
    browser: Browser, house: House
) -> None:
    host = visit(browser, f"{house.url}/clubs/", PHONE)
    expect(host.get_by_role("heading", name="Nobody is signed in here")).to_be_visible()
    host.evaluate(REGISTER)
    host.goto(f"{house.url}/clubs/")
    host.get_by_label("What it is called").fill("Harbour Bar")
    host.get_by_role("button", name="Make the club").click()
    host.wait_for_url("**/c/harbour-bar/")
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill("Quiz night")
    expect(host.get_by_label("Club")).to_have_value("harbour-bar")
    host.get_by_role("button", name="Open the room").click()
    host.wait_for_url(re.compile(r"/r/\w{6}/"))
    guest = visit(browser, host.url, PHONE)
    guest.get_by_role("button", name="Step in").click()
    expect(guest.locator("[data-coins]").first).to_have_text("1,000")
    guest.goto(f"{house.url}/")
    expect(guest.get_by_role("heading", name="My clubs")).to_be_visible()
    shoot(guest, "lobby-clubs")
    guest.get_by_role("link", name="Harbour Bar", exact=True).click()
    expect(guest.get_by_role("link", name="Quiz night")).to_be_visible()
    expect(guest.get_by_role("button", name="Leave the club")).to_be_visible()
    host.goto(f"{house.url}/c/harbour-bar/")
    expect(host.get_by_role("heading", name="Members")).to_be_visible()
    host.get_by_role("button", name=re.compile("^Make moderator")).click()
    expect(host.get_by_role("button", name=re.compile("^Make member"))).to_be_focused()
    inspection = Inspection()
    for name, page in (("club-host", host), ("club-guest", guest)):
        assert_fits(page)
        shoot(page, name)
        inspection.look(name, page)
    # A page of each list is answered short, so that a second one follows.
    for path in ("**/api/clubs/", "**/api/rooms/?club=harbour-bar"):
        host.route(path, shorten)
    host.reload()
    host.get_by_role("button", name="More rooms").click()
    expect(host.get_by_role("link", name="Quiz night")).to_have_count(2)
    host.goto(f"{house.url}/clubs/")
    host.get_by_role("button", name="More clubs").click()
    expect(host.get_by_role("link", name="Harbour Bar", exact=True)).to_have_count(2)
    shoot(host, "clubs")
    inspection.look("clubs", host)
    inspection.assert_well()
    assert host.problems == guest.problems == []
