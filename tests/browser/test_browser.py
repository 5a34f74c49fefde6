"""A room as people see it: a host and two players in three browsers, from door to payout."""

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

HD, BEAMER = {"width": 1920, "height": 1080}, {"width": 1024, "height": 768}


def open_room(browser: Browser, url: str, title: str) -> Page:
    """A stranger opens a room from the lobby and hosts it; results are official at once."""
    host = visit(browser, url, DESKTOP)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill(title)
    host.get_by_label("A result can be changed for").select_option("0")
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    return host


def step_in(page: Page, code: str) -> None:
    """Type the code in the lobby; one tap later one is in the room."""
    page.get_by_label("Room code").fill(code.lower())
    page.get_by_role("button", name="Step in").click()
    expect(page.locator("main[data-connection=open]")).to_be_visible()


def ask_question(host: Page, question: str, answers: list[str], closes: str) -> None:
    host.get_by_role("button", name="New question").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Question", exact=True).fill(question)
    for place, answer in enumerate(answers):
        sheet.get_by_label(f"Answer {'ABCDEFGHIJ'[place]}", exact=True).fill(answer)
    sheet.get_by_text(closes, exact=True).click()
    sheet.get_by_role("button", name="Open it now").click()
    expect(sheet).to_be_hidden()


def bet(page: Page, letter: str, stake: str) -> None:
    page.locator(f".post[data-outcome={letter}]").click()
    page.locator(".chip", has_text=re.compile(f"^{stake}$")).click()
    page.get_by_role("button", name=f"Bet {stake} on {letter}").click()
    expect(page.locator("[data-said]")).to_contain_text("Accepted")


def expect_figures(page: Page, letter: str, share: str, odds: str, coins: str, people: str) -> None:
    post = page.locator(f"[data-ring] .post[data-outcome={letter}]")
    expect(post.locator(".post-share")).to_have_text(share)
    expect(post.locator(".post-odds")).to_have_text(f"×{odds}")
    expect(post.locator(".post-coins")).to_contain_text(coins)
    expect(post.locator(".post-heads")).to_have_text(people)


def expect_state(page: Page, status: str, word: str) -> None:
    expect(page.locator(f"[data-ring][data-status={status}]")).to_be_visible()
    expect(page.locator("[data-state]")).to_have_text(word)


def expect_purse(page: Page, coins: str) -> None:
    expect(page.locator("[data-purse] [data-coins]")).to_have_text(coins)


def places_of_posts(page: Page) -> list[dict[str, float]]:
    return [post.bounding_box() for post in page.locator("[data-ring] .post").all()]


def settle(host: Page, letter: str) -> None:
    host.get_by_role("button", name="What happened?").click()
    sheet = host.get_by_role("dialog")
    sheet.locator(f".post[data-outcome={letter}]").click()
    pay = sheet.get_by_role("button", name="Hold to pay")
    expect(pay).to_be_enabled()
    shoot(host, "host-settle")
    pay.hover()
    host.mouse.down()
    expect(sheet).to_be_hidden()
    host.mouse.up()


def expect_whole(screen: Page) -> None:
    """Nothing of a result is cut off."""
    assert_fits(screen)
    cut = screen.evaluate(
        """[...document.querySelectorAll("h1, .champion .body, .podium .name, .strip > *")]
            .filter((node) => node.offsetParent)
            .filter((node) => node.scrollHeight > node.clientHeight + 8
                || node.scrollWidth > node.clientWidth + 1
                || node.getBoundingClientRect().bottom > innerHeight
                || node.getBoundingClientRect().right > innerWidth)
            .map((node) => node.className)"""
    )
    assert cut == []


def expect_result(screen: Page, name: str) -> None:
    """The screen shows the winner, what it paid and to whom, at both of its sizes."""
    expect(screen.locator(".champion")).to_have_count(1)
    expect(screen.locator(".champion .name")).to_have_text("Turbo Lettuce")
    expect(screen.locator(".champion .pays")).to_have_text("paid ×1.50")
    expect(screen.locator("[data-wins] li")).to_have_text([f"1{name}+50"])
    expect(screen.locator("[data-ropes] > div")).to_have_count(2)
    expect(screen.locator("[data-pool-fig]")).to_have_text("150coins paid to 1 person")
    expect(screen.locator(".post").first).to_be_hidden()
    for size in (HD, BEAMER):
        screen.set_viewport_size(size)
        expect_whole(screen)
        shoot(screen, "screen-result")


class Evening:
    """A room with a host and two players, each in a browser of their own."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.host = open_room(browser, url, "Snail Derby at the Harbour Bar")
        self.code = re.search(r"/r/(\w{6})/", self.host.url)[1]
        self.mika = visit(browser, url, PHONE)
        expect(self.mika.get_by_role("link", name="Snail Derby").first).to_be_visible()
        shoot(self.mika, "lobby")
        step_in(self.mika, self.code)
        self.ren = visit(browser, f"{url}/r/{self.code}/", DESKTOP)
        self.ren.get_by_label("Your name here").fill("Ren")
        self.ren.get_by_role("button", name="Step in").click()
        expect_purse(self.ren, "1,000")
        self.everybody = (self.host, self.mika, self.ren)

    def see(self, status: str, word: str) -> None:
        for page in self.everybody:
            expect_state(page, status, word)

    def shoot(self, name: str) -> None:
        for page, who in zip(self.everybody, ("host", "room", "room"), strict=True):
            assert_fits(page)
            shoot(page, f"{who}-{name}")


def test_it_plays_a_round_from_the_door_to_the_payout(browser: Browser, house: House) -> None:
    evening = Evening(browser, house.url)
    host, mika, ren = evening.everybody
    ask_question(host, "Which snail wins heat 3?", ["Turbo Lettuce", "The Duchess"], "2 min")
    evening.see("open", "Open")
    before = places_of_posts(mika)
    bet(mika, "A", "100")
    bet(ren, "B", "50")
    for page in evening.everybody:
        expect_figures(page, "A", "67 %", "1.50", "100 coins", "1 person")
        expect_figures(page, "B", "33 %", "3.00", "50 coins", "1 person")
    assert places_of_posts(mika) == before, "the posts jumped"
    expect_purse(mika, "900")
    expect(mika.get_by_role("button", name="Add 100 on A")).to_be_enabled()
    evening.shoot("open")

    screen = visit(browser, f"{house.url}/r/{evening.code}/screen/", HD)
    host.get_by_role("button", name="Lock now").click()
    evening.see("locked", "Locked")
    expect(mika.locator("[data-ticket=locked] .stub b")).to_have_text("150")
    expect(screen.locator(".post").last).to_be_visible()
    evening.shoot("locked")

    settle(host, "A")
    evening.see("settled", "Paid")
    expect(mika.locator("[data-ticket=settled]")).to_contain_text("You won")
    expect(mika.locator(".net")).to_have_text("+50")
    expect(ren.locator(".net")).to_have_text("−50")
    expect_purse(mika, "1,050")
    expect_purse(ren, "950")
    evening.shoot("settled")
    expect_result(screen, mika.request.get(f"{house.url}/api/auth/me/").json()["user"]["nickname"])
    mika.goto(f"{house.url}/me/")
    expect(mika.locator("[data-ledger] li").first).to_contain_text("+150")
    assert_fits(mika)
    shoot(mika, "me")


def test_it_asks_again_with_the_same_bet_when_the_answer_was_lost(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Paper-boat regatta")
    mika = visit(browser, house.url, PHONE)
    lost: list[str] = []

    def lose_the_first_answer(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if "bet.accepted" in str(frame) and not lost:
                lost.append(str(frame))
                socket.close(code=1012)
            else:
                socket.send(frame)

        server.on_message(pass_on)

    mika.route_web_socket(re.compile("/ws/rooms/"), lose_the_first_answer)
    step_in(mika, re.search(r"/r/(\w{6})/", host.url)[1])
    ask_question(host, "Which boat sinks first?", ["Red", "Blue"], "When I lock")
    bet(mika, "B", "100")
    assert lost
    expect_purse(mika, "900")
    expect_figures(host, "B", "100 %", "1.00", "100 coins", "1 person")
    waiting = mika.evaluate(
        """Object.keys(localStorage).filter((key) => key.includes(".bets."))
            .map((key) => localStorage[key])"""
    )
    assert waiting == ["[]"]


def test_it_gives_everything_back_when_the_host_calls_it_off(
    browser: Browser, house: House
) -> None:
    evening = Evening(browser, house.url)
    host, mika, ren = evening.everybody
    answers = ["Kiosk", "Ferry", "Lighthouse", "Bakery", "Tram stop", "Old cinema", "Chapel"]
    answers += ["Market hall with the very long name that must not break", "Pier", "Nowhere at all"]
    ask_question(host, "Where does the treasure hunt end tonight, and who will find it first?",
                 answers, "When I lock")  # fmt: skip
    bet(mika, "H", "100")
    expect(mika.locator("[data-remark]")).to_have_text("Needs someone on the other side")
    bet(ren, "J", "50")
    evening.shoot("ten")
    host.get_by_role("button", name="Void, refund all").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Why").fill("It rains")
    sheet.get_by_role("button", name="Void and refund all").click()
    evening.see("void", "Refunded")
    expect(mika.locator("[data-ticket=void]")).to_contain_text("the host called it off")
    expect(mika.locator(".net")).to_have_text("±0")
    expect_purse(mika, "1,000")
    evening.shoot("void")


def test_it_lets_a_player_turn_between_questions_and_ends_the_room(
    browser: Browser, house: House
) -> None:
    evening = Evening(browser, house.url)
    host, mika, _ren = evening.everybody
    ask_question(host, "Who wins?", ["Home", "Away"], "When I lock")
    bet(mika, "A", "10")
    ask_question(host, "How many goals?", ["None", "One", "More"], "When I lock")
    expect(mika.locator("[data-question]").first).to_have_text("Who wins?")
    mika.get_by_role("button", name="How many goals?").click()
    expect(mika.locator("[data-ring] .post")).to_have_count(3)
    bet(mika, "C", "50")
    assert_fits(mika)
    shoot(mika, "room-two-questions")

    host.get_by_role("button", name="End the room…").click()
    end = host.get_by_role("button", name="End the room", exact=True)
    end.click()
    expect(host.get_by_text("A question is still undecided.")).to_be_visible()
    host.get_by_role("button", name="Close").click()
    for _question in range(2):
        host.get_by_role("button", name="Void, refund all").click()
        host.get_by_label("Why").fill("Fog")
        host.get_by_role("button", name="Void and refund all").click()
        expect(host.get_by_role("dialog")).to_be_hidden()
    host.get_by_role("button", name="End the room…").click()
    end.click()
    for page in evening.everybody:
        expect(page.get_by_role("heading", name="This room has ended")).to_be_visible()
        assert_fits(page)


def test_it_comes_back_when_the_server_was_killed(browser: Browser, house: House) -> None:
    evening = Evening(browser, house.url)
    ask_question(evening.host, "Does it come back?", ["Yes", "No"], "When I lock")
    bet(evening.mika, "A", "50")
    house.kill("web-1")
    expect(evening.mika.locator("[data-here]")).to_contain_text("figures as of")
    expect(evening.mika.locator("[data-ring].is-stale")).to_be_visible()
    expect(evening.mika.locator("[data-go]")).to_be_enabled()
    for page in evening.everybody:
        expect(page.locator("main[data-connection=open]")).to_be_visible()
    bet(evening.ren, "B", "50")
    expect_figures(evening.mika, "B", "50 %", "2.00", "50 coins", "1 person")


def test_it_counts_as_the_rules_do(browser: Browser, house: House) -> None:
    page = visit(browser, house.url, PHONE)
    page.goto(f"{house.url}/r/ABCDEF/")
    shown = page.evaluate("""async () => {
        const { backIf, isOneSided } = await import("/static/betting/arithmetic.js");
        const { coins, left, odds, signed } = await import("/static/web/figures.js");
        const market = { coins: 1010, takeout_bp: 500, outcomes: [{coins: 1000}, {coins: 10}] };
        const [one, two] = market.outcomes;
        return [
            backIf(market, one, 1000), backIf(market, two, 10), backIf(market, two, 0, 10),
            isOneSided(market), odds(null), odds(1), odds(1.005), odds(99.99), odds(100.5),
            odds(1234.5), odds(12345), coins(9999), coins(12499), coins(999999), coins(1e6),
            signed(-100), signed(0), left(37000), left(36001), left(3723000), left(-5),
        ].join(" ");
    }""")
    assert shown == (
        "1000 960 484 false – 1.00 1.00 99.99 100 1.2k 12.3k 9,999 12.4k 999k 1.0M −100 ±0 "
        "0:37 0:37 1:02:03 0:00"
    )


def test_it_speaks_korean(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "항구 주점 달팽이 경주")
    mika = visit(browser, house.url, PHONE, scheme="dark")
    mika.get_by_role("button", name="한국어").click()
    expect(mika.locator("html")).to_have_attribute("lang", "ko")
    mika.get_by_label("방 코드").fill(re.search(r"/r/(\w{6})/", host.url)[1])
    mika.get_by_role("button", name="들어가기").click()
    ask_question(host, "3경주에서 어느 달팽이가 이길까요?", ["터보 상추", "공작부인"], "5 min")
    mika.locator(".post[data-outcome=B]").click()
    mika.get_by_role("button", name="B에 50 걸기").click()
    expect(mika.locator("[data-said]")).to_contain_text("접수됨")
    expect(mika.locator("[data-state]")).to_have_text("베팅 중")
    assert_fits(mika)
    shoot(mika, "room-open-ko-dark")
    mika.goto(f"{house.url}/me/")
    expect(mika.locator("[data-ledger] li").last).to_contain_text("환영 코인")
    expect(mika.get_by_role("heading", name="내 위치")).to_be_visible()
    expect(mika.locator("main a[href='/me/where/']")).to_have_text("보기")
    assert_fits(mika)
    shoot(mika, "me-ko-dark")


@pytest.mark.parametrize(
    "path", ["/", "/rooms/new/", "/sign-in/", "/me/", "/nowhere/", "/r/ABCDEF/"]
)
def test_it_fits_every_page_on_a_phone(browser: Browser, house: House, path: str) -> None:
    page = visit(browser, house.url + path, PHONE)
    page.wait_for_load_state("networkidle")
    assert_fits(page)


def test_it_says_why_there_is_no_way_in(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/r/ABCDEF/", PHONE)
    page.get_by_role("button", name="Step in").click()
    expect(page.get_by_role("heading", name="No room with the code ABCDEF")).to_be_visible()
    shoot(page, "no-room")
