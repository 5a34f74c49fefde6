"""Handshake: which cookies a real browser sends along when a page opens a socket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab import sites
from lab.charts import grid
from lab.report import Claim, Report, Table
from lab.sites import PLAY, SIBLING, STRANGER, Seen, Stop
from lab.workshop import Workshop

QUESTION = "does the cookie arrive with the socket?"
ARRIVES, STAYS, NOT_KEPT = "arrives", "stays", "not kept"
MEANINGS = {ARRIVES: ("✓", 6), STAYS: ("–", 1), NOT_KEPT: ("✗", 5)}

# What a server may say with Set-Cookie; the key becomes part of the cookie's name.
COOKIES = {
    "bare": "Path=/",
    "lax": "Path=/; SameSite=Lax",
    "strict": "Path=/; SameSite=Strict",
    "none": "Path=/; SameSite=None",
    "secure": "Path=/; Secure",
    "both": "Path=/; SameSite=None; Secure",
    "chips": "Path=/; SameSite=None; Secure; Partitioned",
    "path": "Path=/other; SameSite=Lax",
    "host": "Path=/; SameSite=Lax; Secure",
}
LABELS = {
    "bare": "(nothing)",
    "lax": "SameSite=Lax",
    "strict": "SameSite=Strict",
    "none": "SameSite=None",
    "secure": "Secure",
    "both": "SameSite=None; Secure",
    "chips": "… None; Secure; Partitioned",
    "path": "SameSite=Lax; Path=/other",
    "host": "__Host-…; Secure; SameSite=Lax",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server under one scheme and one name: its page, which sets cookies, and its socket."""

    mark: str
    page: str
    socket: str


PLAIN = Endpoint("p", f"http://{PLAY}:{{http}}/", f"ws://{PLAY}:{{http}}/")
SAFE = Endpoint("s", f"https://{PLAY}:{{https}}/", f"wss://{PLAY}:{{https}}/")
ADDRESS = Endpoint("a", "http://127.0.0.1:{http}/", "ws://127.0.0.1:{http}/")
LOCAL = Endpoint("l", "http://localhost:{http}/", "ws://localhost:{http}/")


@dataclass(frozen=True, slots=True)
class Situation:
    """A page that opens a socket at an endpoint; `arrive` are the cookies that should reach it."""

    key: str
    heading: str
    page: str
    endpoint: Endpoint
    arrive: str
    is_blocking: bool = False


_SAME_SITE_PLAIN = "bare lax strict"
_SAME_SITE_SAFE = "bare lax strict secure both chips host"
SITUATIONS = (
    Situation("p-own", "own\npage", PLAIN.page, PLAIN, _SAME_SITE_PLAIN),
    Situation("p-port", "another\nport", f"http://{PLAY}:{{http2}}/", PLAIN, _SAME_SITE_PLAIN),
    Situation("p-name", "sibling\nname", f"http://{SIBLING}:{{http2}}/", PLAIN, _SAME_SITE_PLAIN),
    Situation("p-site", "another\nsite", f"http://{STRANGER}:{{http2}}/", PLAIN, ""),
    Situation("a-local", "localhost\n→ 127.0.0.1", "http://localhost:{http2}/", ADDRESS, "both"),
    Situation("l-own", "localhost\nown page", LOCAL.page, LOCAL, _SAME_SITE_SAFE),
    Situation("s-own", "own\npage", SAFE.page, SAFE, _SAME_SITE_SAFE),
    Situation("s-port", "another\nport", f"https://{PLAY}:{{https2}}/", SAFE, _SAME_SITE_SAFE),
    Situation("s-name", "sibling\nname", f"https://{SIBLING}:{{https2}}/", SAFE, _SAME_SITE_SAFE),
    Situation("s-site", "another\nsite", f"https://{STRANGER}:{{https2}}/", SAFE, "both"),
    Situation("s-plain", "http\npage,\nsame name", PLAIN.page, SAFE, "both"),
    Situation(
        "s-blocked", "another\nsite,\nblocking", f"https://{STRANGER}:{{https2}}/", SAFE, "", True
    ),
)
# An https page that asks for a socket without TLS: the browser refuses before anything is sent.
MIXED = Stop("mixed", SAFE.page, socket_url=PLAIN.socket)


def run(shop: Workshop) -> Report:
    """Set every cookie at every endpoint, then open a socket from every page."""
    seen = _visit(shop)
    fates = {one.key: _fates(one, seen) for one in SITUATIONS}
    plain = [one for one in SITUATIONS if one.endpoint is not SAFE]
    safe = [one for one in SITUATIONS if one.endpoint is SAFE]
    return Report(
        name="handshake",
        question=QUESTION,
        engines=seen.browser,
        tables=[_table("Sockets without TLS (ws)", plain, fates),
                _table("Sockets with TLS (wss)", safe, fates)],
        conclusion=CONCLUSION,
        claims=_claims(seen, fates),
        charts={
            "handshake-ws.svg": _chart("Which cookies reach a ws:// handshake", plain, fates),
            "handshake-wss.svg": _chart("Which cookies reach a wss:// handshake", safe, fates),
        },
    )  # fmt: skip


def cookie_name(endpoint: Endpoint, key: str) -> str:
    """A cookie's name, which tells the endpoint that set it."""
    return f"{'__Host-' if key == 'host' else ''}{endpoint.mark}_{key}"


def _visit(shop: Workshop) -> Seen:
    """Two walks: one browser lets cookies of other sites be, the other one blocks them."""
    tour = [*_set_cookies((PLAIN, SAFE, ADDRESS, LOCAL)), *_open_sockets(is_blocking=False), MIXED]
    shop.tell(f"a browser visits {len(tour)} pages")
    seen = sites.lead(shop, tour)
    shop.tell("the same browser, third-party cookies blocked")
    blocking = sites.lead(
        shop, [*_set_cookies((SAFE,)), *_open_sockets(is_blocking=True)], is_blocking=True
    )
    seen.with_socket |= blocking.with_socket
    seen.origins |= blocking.origins
    return seen


def _set_cookies(endpoints: Sequence[Endpoint]) -> list[Stop]:
    stops = []
    for endpoint in endpoints:
        lines = tuple(f"{cookie_name(endpoint, key)}=1; {rest}" for key, rest in COOKIES.items())
        stops.append(Stop(f"plant-{endpoint.mark}", endpoint.page, lines))
        # Here every kept cookie must come along, that of the other path, too.
        stops.append(Stop(f"kept-{endpoint.mark}", f"{endpoint.page}other/"))
    return stops


def _open_sockets(*, is_blocking: bool) -> list[Stop]:
    chosen = [one for one in SITUATIONS if one.is_blocking == is_blocking]
    return [Stop(one.key, one.page, socket_url=one.endpoint.socket) for one in chosen]


def _fates(situation: Situation, seen: Seen) -> dict[str, str]:
    endpoint = situation.endpoint
    kept, came = seen.with_page[f"kept-{endpoint.mark}"], seen.with_socket.get(situation.key, set())
    fates = {}
    for key in COOKIES:
        name = cookie_name(endpoint, key)
        fates[key] = ARRIVES if name in came else STAYS if name in kept else NOT_KEPT
    return fates


def _claims(seen: Seen, fates: Mapping[str, Mapping[str, str]]) -> list[Claim]:
    claims = []
    for one in SITUATIONS:
        came = {key for key, fate in fates[one.key].items() if fate == ARRIVES}
        heading = one.heading.replace("\n", " ")
        scheme = "wss" if one.endpoint is SAFE else "ws"
        told = ", ".join(LABELS[key] for key in one.arrive.split()) or "none"
        claims.append(Claim(f"{scheme}, {heading}: {told}", came == set(one.arrive.split())))
    lost = {key for key, fate in fates["p-own"].items() if fate == NOT_KEPT}
    return [
        *claims,
        Claim("over plain http the browser keeps no cookie that is Secure, and no SameSite=None",
              lost == {"none", "secure", "both", "chips", "host"}),
        Claim("SameSite=None without Secure is not kept over https either",
              fates["s-own"]["none"] == NOT_KEPT),
        Claim("every page's handshake names its Origin, and no server said a word of CORS",
              set(seen.origins) == {one.key for one in SITUATIONS} and all(seen.origins.values())),
        Claim("a socket without TLS from an https page never reaches the server",
              MIXED.key not in seen.with_socket and MIXED.key in seen.with_page),
    ]  # fmt: skip


def _table(
    title: str, situations: list[Situation], fates: Mapping[str, Mapping[str, str]]
) -> Table:
    headings = (one.heading.replace("\n", " ") for one in situations)
    rows: list[tuple[str | int, ...]] = [
        (label, *(fates[one.key][key] for one in situations)) for key, label in LABELS.items()
    ]
    return Table(title, ("Set-Cookie", *headings), rows)


def _chart(
    title: str, situations: list[Situation], fates: Mapping[str, Mapping[str, str]]
) -> str:  # fmt: skip
    rows = [(label, [fates[one.key][key] for one in situations]) for key, label in LABELS.items()]
    unit = "By attributes of the cookie (down) and the page that opens the socket (across)"
    return grid(title, unit, [one.heading for one in situations], rows, MEANINGS)


CONCLUSION = (
    "What counts is the site, not the origin: another port or a sibling name is the same site, and "
    "Lax and Strict cookies flow; localhost and 127.0.0.1 are two sites, and so are http and https "
    "of one name. A cookie without SameSite is Lax, and a socket is no navigation, so from another "
    "site it stays at home. Only SameSite=None; Secure travels. Over plain http the browser does "
    "not even keep that one, except on loopback, so what works on localhost fails on any other "
    "address; and a browser that blocks third-party cookies keeps it at home all the same. CORS "
    "plays no part: every handshake reached the server with its Origin, so a cookie that travels "
    "travels for every page, and the server must check the Origin itself. Serve page and socket "
    "from one site; give pages of other sites a ticket for one use, not the token."
)
