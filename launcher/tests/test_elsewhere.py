"""On other systems and engines the command says in a sentence what to do."""

import platform
from pathlib import Path

import pytest

from launcher import prerequisites, run, venv

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("libc", "name"), [("", "musl"), ("glibc", "glibc")])
def test_it_names_the_system_that_has_wheels(
    libc: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
    monkeypatch.setattr(venv, "WHEELS_BELOW", (3, 12) if not libc else (3, 0))
    said = venv._explain_missing_wheel()
    assert f"on {name}" in said and "Debian" in said and said.count(". ") == 0


def test_it_says_nothing_of_wheels_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(venv, "WHEELS_BELOW", (99, 0))
    assert venv._explain_missing_wheel() == ""


@pytest.mark.parametrize("is_in_file", [True, False])
def test_it_knows_a_database_that_needs_a_driver(
    is_in_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, needs in (("mysql://root@db/ringside", True), ("sqlite:///x.db", False), ("", False)):
        (tmp_path / "url").write_text(f"{url}\n")
        monkeypatch.delenv("DATABASE_URL_FILE", raising=False)
        monkeypatch.delenv("DATABASE_URL", raising=False)
        if is_in_file:
            monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
        else:
            monkeypatch.setenv("DATABASE_URL", url)
        assert run.needs_driver() is needs


def test_it_says_what_the_driver_needs_where_it_cannot_be_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = {"compiler": "as root: apt-get install gcc"}
    monkeypatch.setattr(prerequisites, "provide", lambda names: lacking)
    with pytest.raises(venv.InstallFailed, match="DATABASE_URL names MariaDB .* apt-get install"):
        prerequisites.provide_driver()


@pytest.mark.parametrize("own", ["", "#!/bin/sh\nexit 0\n"])
def test_it_starts_no_service_that_comes_with_a_package(
    own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy-rc.d"
    if own:
        policy.write_text(own)
    monkeypatch.setattr(venv, "START_POLICY", policy)
    with venv.without_starts():
        said = policy.read_text()
    assert said == (own or "#!/bin/sh\nexit 101\n")
    assert policy.exists() is bool(own)
