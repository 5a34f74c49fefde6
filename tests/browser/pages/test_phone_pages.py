"""What the owner of a paired phone is told about it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# A new guest pairs a phone.
PAIR = """
async () => {
  const { csrf } = await (await fetch("/api/auth/csrf/")).json();
  const ask = async (path, body) => (await fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
  })).json();
  await ask("/api/auth/guest/", { nickname: "Mika" });
  return ask("/api/locations/devices/", {});
}"""


@pytest.mark.parametrize(
    "locale, sentence",
    [
        ("en", "2 reports of your phone could not be read: no time in them"),
        ("ko", "휴대폰의 보고 2건을 읽지 못했어요: 시각이 없어요"),
    ],
)
def test_it_shows_the_owner_what_a_phone_sent_in_vain(
    browser: Browser, house: House, locale: str, sentence: str
) -> None:
    # No script of ours asks for a CSRF token here: of two the later one would count.
    mika = visit(browser, f"{house.url}/healthz/", PHONE, locale=locale)
    paired = mika.evaluate(PAIR)
    for _ in range(2):
        said = {"_type": "location", "lat": 1.5, "lon": 2.5, "tst": "yesterday"}
        path = f"{house.url}/in/owntracks/{paired['token']}"
        assert mika.request.post(path, data=said).status == 200
    mika.goto(f"{house.url}/me/where/")
    expect(mika.get_by_text(sentence)).to_be_visible()
    assert_fits(mika)
    shoot(mika, "where-missed")
