"""A room with a place in a browser: with a position, without, and with the screen's code."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from operations.tests.test_operators_page import PASSWORD, operator
from tests.browser.browsers import DESKTOP, PHONE, assert_fits, fills, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

HALL = {"latitude": 37.5665, "longitude": 126.978, "accuracy": 8}
ELSEWHERE = {"latitude": 37.5765, "longitude": 126.978, "accuracy": 8}
SNAILS = ("Turbo Lettuce", "The Duchess", "Old Gravy", "Slow Burn")
LINKS = {
    "OwnTracks": re.compile("owntracks:///config"),
    "Traccar Client": re.compile("org.traccar.client://config"),
}
# A machine whose clock is two minutes behind, and stamps positions by it.
SLOW = """
const now = Date.now, place = navigator.geolocation, watch = place.watchPosition.bind(place);
Date.now = () => now() - 120000;
place.watchPosition = (told, ...more) => watch(
  ({ coords }) => told({ coords, timestamp: Date.now() }), ...more);
"""
HD, BEAMER = {"width": 1920, "height": 1080}, {"width": 1024, "height": 768}


def stand(page: Page, at: dict[str, float] | None) -> None:
    """Let this browser be somewhere and say so; None denies."""
    page.context.clear_permissions()
    if at:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation(at)


def tick_here(host: Page) -> None:
    """Say that the room is here."""
    host.get_by_text("This room is where I am now").click()
    expect(host.get_by_text("This browser is exact to 8 m.")).to_be_visible()


def open_hall(
    browser: Browser, url: str, title: str = "Snail Derby at the Harbour Bar", names=SNAILS
) -> Page:
    """A host opens a room where they are, with bets only from there, and asks a question."""
    host = visit(browser, url, DESKTOP)
    stand(host, HALL)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill(title)
    tick_here(host)
    host.get_by_text("Bets only from people who are there").click()
    assert_fits(host)
    shoot(host, "new-room-place")
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    host.get_by_role("button", name="New question").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Question", exact=True).fill("Which snail wins heat 3?")
    for letter, answer in zip("ABCDEFGHIJ", names, strict=False):
        sheet.get_by_label(f"Answer {letter}", exact=True).fill(answer)
    sheet.get_by_text("5 min", exact=True).click()
    sheet.get_by_role("button", name="Open it now").click()
    expect(sheet).to_be_hidden()
    return host


def map_of(browser: Browser, url: str, title: str) -> Page:
    """The map of a new room, as its host sees it, with a clock that can be set."""
    host = visit(browser, url, DESKTOP)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill(title)
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    host.clock.install()
    host.goto(host.url + "map/")
    return host


def come_in(browser: Browser, host: Page, at: dict[str, float] | None) -> Page:
    page = visit(browser, host.url, PHONE)
    stand(page, at)
    page.get_by_role("button", name="Step in").click()
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    return page


def bet(page: Page, letter: str, stake: str) -> None:
    page.locator(f".post[data-outcome={letter}]").click()
    page.locator(".chip", has_text=re.compile(f"^{stake}$")).click()
    page.get_by_role("button", name=f"Bet {stake} on {letter}").click()


def where(page: Page, words: str) -> None:
    expect(page.locator("[data-here-at] [data-where]")).to_have_text(words)


def screen_of(host: Page, size: dict[str, int]) -> Page:
    """The big screen, on the machine of the host."""
    host.locator("[data-invite]").click()
    with host.context.expect_page() as opened:
        host.get_by_role("link", name="Open the big screen").click()
    host.get_by_role("button", name="Close").click()
    page = opened.value
    page.problems = []
    page.set_viewport_size(size)
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    return page


def test_it_takes_bets_from_whoever_is_inside_and_tells_the_others_what_to_do(
    browser: Browser, house: House
) -> None:
    host = open_hall(browser, house.url)
    mika = come_in(browser, host, HALL)
    where(mika, "Location is off")
    bet(mika, "A", "50")
    expect(mika.locator("[data-said]")).to_contain_text("You are outside. Your bets stay.")
    expect(mika.get_by_text("type the code from the big screen")).to_be_visible()
    assert_fits(mika)
    shoot(mika, "room-place-off")
    mika.locator("[data-here-at]").get_by_role("button", name="Use my position").click()
    where(mika, "You are inside")
    expect(mika.get_by_text("Bets are taken from here.")).to_be_visible()
    bet(mika, "A", "50")
    expect(mika.locator("[data-said]")).to_contain_text("Accepted")
    assert_fits(mika)
    mika.locator("[data-here-at]").scroll_into_view_if_needed()
    shoot(mika, "room-place-inside")
    ren = come_in(browser, host, ELSEWHERE)
    ren.locator("[data-here-at]").get_by_role("button", name="Use my position").click()
    where(ren, "You are outside")
    mika.locator("[data-here-at]").get_by_role("link", name="Map").click()
    expect(mika.get_by_text("You are inside. Bets are taken from here.")).to_be_visible()
    expect(mika.locator(".map-place")).to_be_visible()
    assert_fits(mika)
    shoot(mika, "map")
    mika.goto(f"{house.url}/me/")
    mika.locator("main a[href='/me/where/']").click()
    expect(mika.get_by_text("Newest position")).to_be_visible()
    mika.get_by_role("button", name="Pair a phone app").click()
    for app in ("OwnTracks", "Traccar Client"):
        expect(mika.get_by_role("link", name=f"Set up {app}")).to_have_attribute("href", LINKS[app])
        code = mika.get_by_role("img", name=f"QR code for {app}")
        expect(code).to_have_attribute("src", re.compile("data:image/svg"))
    assert_fits(mika)
    mika.locator("[data-paired]").scroll_into_view_if_needed()
    shoot(mika, "pairing")


def test_it_tells_where_one_stands_where_bets_do_not_depend_on_it(
    browser: Browser, house: House
) -> None:
    host = visit(browser, house.url, DESKTOP)
    stand(host, HALL)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill("Bets from anywhere")
    tick_here(host)
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    host.add_init_script(SLOW)
    host.goto(host.url + "map/")
    expect(host.locator("[data-presence]")).to_have_text("Location is off")
    host.get_by_role("button", name="Use my position").click()
    expect(host.locator("[data-presence]")).to_have_text("You are inside")


def test_it_goes_on_reporting_of_somebody_who_sits_still(browser: Browser, house: House) -> None:
    page = map_of(browser, house.url, "A long match")
    stand(page, HALL)
    with page.expect_websocket(lambda socket: "locations" in socket.url) as opened:
        page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Your position arrived.")).to_be_visible()
    # Nothing moves here, so the browser tells its position once and no more.
    for _report in range(2):
        with opened.value.expect_event("framesent", lambda sent: '"type":"fix"' in str(sent)):
            page.clock.fast_forward(40_000)
    page.get_by_label("What this room sees of me").select_option("Where I am")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("[data-shared]")).to_contain_text("This room sees it until")
    page.clock.fast_forward(10_000)
    # The list says what the map draws.
    expect(page.locator("[data-people]")).to_contain_text("shows where · 37.566, 126.978 · ")


def test_the_map_page_says_what_the_room_sees_for_as_long_as_it_does(
    browser: Browser, house: House
) -> None:
    host = map_of(browser, house.url, "Seen by all")
    level, note = host.get_by_label("What this room sees of me"), host.locator("[data-shared]")
    expect(note).to_have_text("Nobody here sees anything.")
    level.select_option("Where I am")
    host.get_by_role("button", name="Set").click()
    expect(note).to_contain_text("This room sees it until")
    host.reload()
    expect(note).to_contain_text("This room sees it until")
    expect(level).to_have_value("exact")
    other = host.context.new_page()
    other.goto(f"{house.url}/me/where/")
    other.get_by_role("button", name="Show nothing anywhere").click()
    expect(other.get_by_text("Nothing, to nobody.")).to_be_visible()
    expect(level).to_have_value("exact")
    host.clock.fast_forward("02:00:01")
    expect(note).to_have_text("Nobody here sees anything.")
    expect(level).to_have_value("off")


def test_it_works_when_the_position_is_denied_by_the_code_of_the_screen(
    browser: Browser, house: House
) -> None:
    host = open_hall(browser, house.url, "The Old Tram")
    ren = come_in(browser, host, None)
    ren.locator("[data-here-at]").get_by_role("button", name="Use my position").click()
    expect(ren.get_by_text("This browser may not tell its position.")).to_be_visible()
    where(ren, "Location is off")
    screen = screen_of(host, HD)
    fills(screen)
    shoot(screen, "screen-place")
    ren.get_by_label("Code from the big screen").fill("000 000")
    ren.get_by_role("button", name="I am here").click()
    expect(ren.get_by_text("This is not the code on the screen now.")).to_be_visible()
    code = screen.locator("[data-screen-code]").inner_text()
    assert re.fullmatch(r"\d{3} \d{3}", code)
    ren.get_by_label("Code from the big screen").fill(code)
    ren.get_by_role("button", name="I am here").click()
    expect(ren.get_by_text("The code counts for ten minutes. Bets are taken.")).to_be_visible()
    bet(ren, "B", "100")
    expect(ren.locator("[data-said]")).to_contain_text("Accepted")
    expect(screen.locator("[data-pool-coins]")).to_have_text("100")
    screen.set_viewport_size(BEAMER)
    fills(screen)
    shoot(screen, "screen-place")
    host.get_by_role("button", name="Lock now").click()
    expect(screen.locator("[data-state]")).to_have_text("Refunded")
    screen.set_viewport_size(HD)
    fills(screen)
    shoot(screen, "screen-refunded")


def test_it_shows_a_screen_to_strangers_without_the_code(browser: Browser, house: House) -> None:
    host = open_hall(browser, house.url, "Paper-boat regatta")
    screen = visit(browser, host.url + "screen/", HD)
    expect(screen.locator("[data-question]")).to_have_text("Which snail wins heat 3?")
    expect(screen.get_by_text("Sign in here as the host")).to_be_visible()
    expect(screen.locator("[data-proof]")).to_be_hidden()
    fills(screen)


@pytest.mark.parametrize(
    "count", [pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long), 10]
)
def test_it_fills_the_screen_with_few_and_many_answers(
    browser: Browser, house: House, count: int
) -> None:
    names = [f"Snail {number} of the old harbour wall" for number in range(count)]
    host = open_hall(browser, house.url, f"Field of {count}", names)
    screen = screen_of(host, HD)
    for size in (HD, BEAMER):
        screen.set_viewport_size(size)
        expect(screen.locator(".post")).to_have_count(count)
        fills(screen)
        shoot(screen, f"screen-{count}")


def test_it_tells_the_lobby_how_far_rooms_are(browser: Browser, house: House) -> None:
    open_hall(browser, house.url, "Quiz Tuesday")
    for size in (PHONE, DESKTOP):
        page = visit(browser, house.url, size)
        stand(page, None)
        page.get_by_role("button", name="Use my position").click()
        expect(page.get_by_text("This browser does not tell where it is.")).to_be_visible()
        stand(page, HALL)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".roomcard.here .band").first).to_have_text("You are inside")
        expect(page.locator("[data-near-map] svg")).to_be_visible()
        assert_fits(page)
        shoot(page, "lobby-near")
        stand(page, ELSEWHERE)
        page.reload()
        expect(page.locator(".roomcard .band").first).to_have_text("Under 5 km")


@pytest.mark.long
def test_operators_see_where_people_are_and_are_noted_when_they_look_closer(
    browser: Browser, house: House
) -> None:
    mika = come_in(browser, open_hall(browser, house.url, "The Map Room"), HALL)
    mika.locator("[data-here-at]").get_by_role("button", name="Use my position").click()
    where(mika, "You are inside")
    house.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    whole = ("createsuperuser", "--noinput", "--email", "olga@example.org", "--nickname", "Olga")
    assert house.manage(*whole).returncode == 0
    page = operator(browser, house, DESKTOP)
    page.get_by_role("link", name="Where people are now").click()
    expect(page.locator(".map-count").first).to_have_text(re.compile(r"^[1-9]\d*$"))
    told = page.locator("[data-list]")
    expect(told).to_contain_text("on this map")
    page.get_by_role("button", name="Show on the map: The Map Room").press("Enter")
    expect(page.locator("[data-map]")).to_be_focused()
    expect(page.locator(".map-place").first).to_be_visible()
    expect(told).to_contain_text("Square of 1.5 km")
    page.keyboard.press("ArrowRight")
    page.locator(".map-point").last.hover()
    expect(page.locator(".leaflet-tooltip")).to_be_visible()
    shoot(page, "admin-map")
    assert_fits(page)
    page.goto(f"{house.url}/admin/locations/positionview/")
    expect(page.locator("#result_list")).to_have_count(0)
    page.goto(f"{house.url}/admin/locations/userlocation/")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator(".map-point")).to_be_visible()
    expect(page.locator(".field-latitude")).to_contain_text("37.566500°")
    assert_fits(page)
    page.goto(f"{house.url}/admin/locations/positionview/")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    small = operator(browser, house, PHONE, locale="ko")
    small.goto(f"{house.url}/admin/map/")
    expect(small.get_by_role("heading", name="지금 사람들이 있는 곳")).to_be_visible()
    expect(small.locator(".map-count").first).to_be_visible()
    shoot(small, "admin-map-ko")
    assert_fits(small)
