"""What counts as one site for a cookie."""

import pytest

from accounts.auth import cookies
from accounts.diagnosis import cookie_rules

pytestmark = pytest.mark.once


def test_it_knows_what_a_site_is() -> None:
    assert cookie_rules.site("https://a.example.org:8443") == cookie_rules.site(
        "https://example.org"
    )
    assert cookie_rules.site("http://example.org") != cookie_rules.site("https://example.org")
    assert cookie_rules.site("https://a.co.kr") != cookie_rules.site("https://b.co.kr")
    assert cookie_rules.site("http://localhost:3000") != cookie_rules.site("http://127.0.0.1:8000")
    assert cookie_rules.site("wss://play.example.org") == cookie_rules.site("https://example.org")


SHARED_BY_STRANGERS = (
    "ac.kr", "re.kr", "co.kr", "seoul.kr", "com.sg", "gov.uk", "co.uk", "github.io",
    "ngrok-free.app", "ngrok-free.dev", "trycloudflare.com", "azurewebsites.net", "up.railway.app",
    "onrender.com", "fly.dev", "vercel.app", "pages.dev", "herokuapp.com", "ts.net", "duckdns.org",
)  # fmt: skip


@pytest.mark.parametrize("suffix", SHARED_BY_STRANGERS)
def test_it_takes_neighbours_under_a_shared_suffix_for_two_sites(suffix: str) -> None:
    room, page = f"https://a.{suffix}", f"https://b.{suffix}"
    assert cookie_rules.site(room) != cookie_rules.site(page)
    assert cookie_rules.site(f"wss://play.a.{suffix}:8443") == cookie_rules.site(room)
    held = cookie_rules.read_cookie(f"{cookies.ACCESS}=x; Path=/; Secure; SameSite=Lax")
    told = cookie_rules.why_not_sent(held, f"wss://a.{suffix}/ws/locations/", page)
    assert f"{page} is another site than {room}" in told
    assert not cookie_rules.why_not_sent(held, f"wss://a.{suffix}/ws/locations/", room)


@pytest.mark.parametrize("host", ["github.io", "localhost", "intranet", "127.0.0.1", "[::1]"])
def test_it_takes_a_name_without_a_site_for_itself(host: str) -> None:
    assert cookie_rules.site(f"http://{host}:3000") == cookie_rules.site(f"ws://{host}")
    assert cookie_rules.site(f"http://{host}") != cookie_rules.site("http://example.org")
