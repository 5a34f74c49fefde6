"""Whose forwarded address counts."""

import pytest

from web.addresses import client_address, is_among, network, read_hop

pytestmark = pytest.mark.once

PROXIES = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/48"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.9", [], PROXIES, "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], PROXIES, "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], PROXIES, "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], PROXIES, "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.1.2.3"], PROXIES, "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], PROXIES, "198.51.100.1"),
        ("127.0.0.1", ["10.1.1.1, 10.2.2.2"], PROXIES, "10.1.1.1"),
        ("127.0.0.1", ["198.51.100.1, nonsense"], PROXIES, "127.0.0.1"),
        ("2001:db8::1", ["2001:db9::5"], PROXIES, "2001:db9::5"),
        ("unix", ["198.51.100.1"], PROXIES, "unix"),
        ("unix", ["198.51.100.1"], ["unix"], "198.51.100.1"),
        ("", ["198.51.100.1"], ["unix"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, unix:"], [*PROXIES, "unix"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, unix:"], PROXIES, "127.0.0.1"),
        # A server that listens on both kinds of addresses writes IPv4 like this.
        ("::ffff:127.0.0.1", ["198.51.100.1"], PROXIES, "198.51.100.1"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.1"], PROXIES, "198.51.100.1"),
        ("::ffff:203.0.113.9", ["198.51.100.1"], PROXIES, "203.0.113.9"),
    ],
)
def test_it_believes_trusted_proxies_only(peer, forwarded, trusted, found):
    assert client_address(peer, forwarded, trusted) == found


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unix", "unix"),
    ],
)
def test_it_counts_a_sixty_four_as_one(address, counted):
    assert network(address) == counted


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.7:51234", "203.0.113.7"),
        ("203.0.113.7:", "203.0.113.7"),
        ('"203.0.113.7"', "203.0.113.7"),
        ('"203.0.113.7:80"', "203.0.113.7"),
        ("[2001:db8:cafe::17]", "2001:db8:cafe::17"),
        ("2001:db9:0:0:0:0:0:17:4711", "2001:db9::17"),
        ("2001:db9:0:0:0:0:0:17", "2001:db9::17"),
        ("[2001:db8:cafe::17]:4711", "2001:db8:cafe::17"),
        ('"[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("2001:DB9::1", "2001:db9::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("\t203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_it_reads_a_hop_as_real_proxies_write_it(hop, address):
    assert read_hop(hop) == address
    assert client_address("127.0.0.1", [f"6.6.6.6, {hop}"], PROXIES) == address


@pytest.mark.parametrize(
    "hop",
    [
        "unknown",
        "_hidden",
        "203.0.113.700",
        "203.0.113",
        "1:2:3",
        "[2001:db8::1",
        "a.example",
        "203.0.113.7:http",
    ],
)
def test_it_warns_once_of_a_hop_that_cannot_be_read(hop, caplog):
    for _ in range(3):
        assert client_address("127.0.0.1", [hop], PROXIES) == "127.0.0.1"
    assert [hop in record.getMessage() for record in caplog.records] == [True]


def test_it_finds_a_venue_however_its_address_is_written():
    assert is_among("::ffff:203.0.113.5", ("203.0.113.0/24",))
    assert is_among("203.0.113.5", ("203.0.113.0/24",))
    assert not is_among("::ffff:203.0.114.5", ("203.0.113.0/24",))
