"""What a real deployment must hold, read by processes with settings of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from config.environment import listed, network, networks, token_key
from config.environment import origin as read_origin
from launcher.venv import ROOT
from tests.fork_server import finish

pytestmark = pytest.mark.django_db

PATIENCE_S = 120
PRODUCTION = {
    "PUBLIC_URL": "https://play.example.org",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
COOKIES = """
import django, json
django.setup()
from django.conf import settings
from accounts.auth import cookies
print(json.dumps({
    "names": [cookies.ACCESS, cookies.REFRESH, cookies.DEVICE, cookies.KNOWN],
    "secure": [settings.IS_HTTPS, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_SECURE,
               settings.LANGUAGE_COOKIE_SECURE],
    "hsts_s": settings.SECURE_HSTS_SECONDS,
    "origins": settings.OWN_ORIGINS, "hosts": settings.ALLOWED_HOSTS,
}))
"""


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **settings}
    return finish([sys.executable, *command], env=env, cwd=ROOT, timeout_s=PATIENCE_S)


def test_it_finds_nothing_to_say_about_a_deployment_over_https() -> None:
    told = run("manage.py", "check", "--deploy", "--tag", "security", **PRODUCTION)
    assert told.returncode == 0
    assert "no issues" in told.stdout + told.stderr, told.stderr


def test_it_finds_nothing_to_say_about_the_settings_that_the_document_shows() -> None:
    _before, _start, block = (ROOT / "docs" / "settings.md").read_text().partition("\n```\n")
    shown = dict(line.split("=", 1) for line in block.partition("\n```")[0].splitlines())
    secrets = {"SECRET_KEY": PRODUCTION["SECRET_KEY"], "TOKEN_KEYS": "2026a:" + "aB3%" * 15}
    assert shown.keys() >= {*secrets, "PUBLIC_URL", "TRUSTED_PROXIES", "DATABASE_URL"}
    # The engines are those of the tests.
    asked = {name: shown[name] for name in ("PUBLIC_URL", "TRUSTED_PROXIES")} | secrets
    told = run("manage.py", "check", "--deploy", **asked)
    assert told.returncode == 0
    assert "no issues" in told.stdout + told.stderr, told.stderr


def test_it_secures_and_prefixes_every_cookie_exactly_over_https() -> None:
    seen = json.loads(run("-c", COOKIES, **PRODUCTION).stdout)
    assert seen["names"] == [
        "__Host-ringside_access", "__Secure-ringside_refresh", "__Host-ringside_device",
        "__Host-ringside_known",
    ]  # fmt: skip
    assert seen["secure"] == [True] * 4
    assert seen["hsts_s"] == 31_536_000
    assert seen["origins"] == ["https://play.example.org"]
    plain = json.loads(run("-c", COOKIES, PUBLIC_URL="http://[2001:DB8::1]:8000").stdout)
    assert plain["names"] == [
        "ringside_access", "ringside_refresh", "ringside_device", "ringside_known",
    ]  # fmt: skip
    assert plain["secure"] == [False] * 4
    assert plain["hsts_s"] == 0
    assert validate_host("[2001:db8::1]", plain["hosts"]), "Its own pages would be refused."


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Play.Example.org/", "https://play.example.org"),
        ("https://play.example.org:443", "https://play.example.org"),
        ("https://play.example.org:8443", "https://play.example.org:8443"),
        ("https://örtlich.example", "https://xn--rtlich-vxa.example"),
        # Browsers keep the ß; the IDNA of Python's own codec would make it ss.
        ("https://Straße.example:8443", "https://xn--strae-oqa.example:8443"),
        ("http://[2001:DB8:0::1]:8080", "http://[2001:db8::1]:8080"),
    ],
)
def test_it_reads_origins_as_browsers_write_them(text: str, origin: str) -> None:
    assert read_origin(text, "PUBLIC_URL") == origin


@pytest.mark.parametrize(
    "text",
    [
        "play.example.org", "ftp://x", "https://a@x", "https://x/path", "https://x?q", "*",
        "http://a:99999", "http://a:port", "http://[::1", "https://💩.example", "http://a:0",
        "https://*.example.org", "https://a b.example", "https://", "http://[fe80::g]",
    ],
)  # fmt: skip
def test_it_refuses_to_start_with_an_address_that_is_none(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL must look like"):
        read_origin(text, "PUBLIC_URL")


def test_it_refuses_to_start_with_proxies_and_keys_that_are_none() -> None:
    for text in ("10.0.0.0/99", "proxy.example", ""):
        with pytest.raises(ImproperlyConfigured):
            network(text, "TRUSTED_PROXIES")
    assert network("10.1.2.3/8", "TRUSTED_PROXIES") == "10.0.0.0/8"
    for text in ("1", "1:short", ":" + "x" * 50):
        with pytest.raises(ImproperlyConfigured) as refused:
            token_key(text)
        assert text not in str(refused.value)


def test_it_reads_lists_with_blanks_after_the_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", " 10.0.0.1, 10.2.0.0/16 , unix, ")
    assert networks("TRUSTED_PROXIES") == ["10.0.0.1/32", "10.2.0.0/16", "unix"]
    monkeypatch.setenv("TOKEN_KEYS", f"b:{'x' * 40}, a:{'y' * 40}")
    assert [token_key(pair)[0] for pair in listed("TOKEN_KEYS")] == ["b", "a"]
    monkeypatch.delenv("TOKEN_KEYS")
    assert listed("TOKEN_KEYS", default=["1"]) == ["1"] and listed("TOKEN_KEYS") == []


NAMES = """
import json
from django.conf import settings
print(json.dumps([str(settings.DATABASES["default"]["NAME"]), settings.METRICS_TOKEN]))
"""
OWN = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": PRODUCTION["SECRET_KEY"]}


def names(**given: str) -> tuple[str, str]:
    """The database and the token that settings with nothing else in the environment come to."""
    told = finish([sys.executable, "-c", NAMES], env=OWN | given, cwd=ROOT, timeout_s=PATIENCE_S)
    assert told.returncode == 0, told.stderr
    name, token = json.loads(told.stdout)
    return name, token


@pytest.mark.parametrize(
    "name", ["what?x=1", "what?x=2", "c#", "a b", "50%", "%41", "plus+", "$HOME", "방", "a&b;c'd"]
)
def test_it_takes_a_folder_by_its_name_whatever_that_is(name: str, tmp_path: Path) -> None:
    found, _token = names(DATA_DIR=str(tmp_path / name))
    assert found == str(tmp_path / name / "ringside.sqlite3")


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        ("s3cret", "s3cret"),
        (" a\n\n", " a\n"),
        ("$HOME\n", "$HOME"),
        ("a\\$b$c", "a\\$b$c"),
    ],
)
def test_it_reads_a_secret_from_a_file_without_its_line_end(
    written: str, token: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(written.encode())
    found = names(METRICS_TOKEN_FILE=str(tmp_path / "token"), DATA_DIR=str(tmp_path))
    assert found[1] == token


def test_it_refuses_a_time_zone_that_there_is_not() -> None:
    told = run("-c", NAMES, TIME_ZONE="Asia/Soul")
    assert "TIME_ZONE must be a name such as Asia/Seoul" in told.stderr
