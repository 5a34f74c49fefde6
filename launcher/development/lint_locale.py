"""Whether every text for people has its Korean, and the compiled catalogue is that of its source.

Words of templates and sentences of scripts that nobody gave to gettext are told, too.
Standard library only. Django gathers the texts in a copy of the checkout, so that nothing in it
changes.
"""

import gettext
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = Path("locale", "ko", "LC_MESSAGES")
DOMAINS = ("django", "djangojs")
KINDS = (".py", ".html", ".js")
# What is the same in every language.
NAMES = re.compile(
    r"Ringside|Leaflet|JSON|GPX|Enter|1 km|manage\.py purge.*|Edge|Opera|Whale|Firefox|Chrome"
    r"|Safari|Android|Windows|Linux"
)
_NOT_WORDS = re.compile(
    r"\{#.*?#\}|\{%\s*blocktrans.*?\{%\s*endblocktrans\w*\s*%\}|<(script|style|kbd)\b.*?</\1>"
    r"|\{%\s*block coltype\s*%\}.*?endblock\s*%\}|\{%.*?%\}|\{\{.*?\}\}|&\w+;",
    re.DOTALL,
)
_TOLD = re.compile(r"\b(?:aria-label|alt|placeholder|title)=\"([^\"]*)\"|>([^<]*)<")
_COMMENTS = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
_GIVEN = re.compile(r"gettext\((?:\s*\"[^\"]*\"\s*,?)+")
_HELP = re.compile(r"\bhelp\s*=\s*f?(\"[^\"]*[A-Za-z]{2}[^\"]*\"|__doc__)")
_TEXT = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"")
# A sentence, or a word as buttons have them; not a class, a key or a selector.
_SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z]|^[A-Z][a-z]{3,}$")


def main() -> int:
    """Print what is amiss; returns 1 when something is."""
    faults = _bare()
    with tempfile.TemporaryDirectory(prefix="ringside-locale-") as folder:
        copy = Path(folder)
        _copy(copy)
        for domain in DOMAINS:
            faults += _stale(copy, domain)
            _gather(copy, domain)
            faults += _untold(copy, domain)
    print("\n".join(faults))
    return int(bool(faults))


def _listed() -> list[str]:
    # The clients speak to those who write programs.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", ":!clients"]
    return subprocess.check_output(command, cwd=ROOT, text=True).splitlines()


def _bare() -> list[str]:
    """Words that stand in templates, scripts and commands as they are, in one language."""
    faults = []
    for name in map(Path, _listed()):
        find = _FINDERS.get(name.suffix)
        if find and (ROOT / name).is_file():
            texts = find((ROOT / name).read_text())
            faults += [f"{name}, not translated: {text}" for text in texts]
    return faults


def _bare_in_command(source: str) -> list[str]:
    return _HELP.findall(source) if "BaseCommand" in source else []


def _bare_in_page(source: str) -> list[str]:
    told = ["".join(pair) for pair in _TOLD.findall(f">{_NOT_WORDS.sub(' ', source)}<")]
    return [text.strip() for text in told if re.search("[A-Za-z]{2}", NAMES.sub("", text))]


def _bare_in_script(source: str) -> list[str]:
    texts = _TEXT.findall(_GIVEN.sub("", _COMMENTS.sub("", source)))
    return [text for text in texts if _SENTENCE.search(NAMES.sub("", text))]


_FINDERS = {".html": _bare_in_page, ".js": _bare_in_script, ".py": _bare_in_command}


def _copy(copy: Path) -> None:
    for name in _listed():
        source = ROOT / name
        is_wanted = name.endswith(KINDS) or source.is_relative_to(ROOT / CATALOGUES)
        if is_wanted and source.is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _gather(copy: Path, domain: str) -> None:
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--locale", "ko"]
    command += ["--domain", domain, "--no-location", "--no-obsolete", "--verbosity", "0"]
    # Without settings Django takes the folder `locale` where it stands, and loads no app.
    bare = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=bare, check=True)


def _untold(copy: Path, domain: str) -> list[str]:
    """The entries of a freshly gathered catalogue that have no Korean, or a guessed one."""
    source = str(copy / CATALOGUES / f"{domain}.po")
    faults = []
    for word, choice in (("no Korean", "--untranslated"), ("a guess", "--only-fuzzy")):
        command = ["msgattrib", choice, "--no-obsolete", "--force-po", source]
        entries = subprocess.check_output(command, text=True).split("\n\n")[1:]
        faults += [f"{domain}.po, {word}: {entry.strip()}" for entry in entries if entry.strip()]
    return faults


def _stale(copy: Path, domain: str) -> list[str]:
    """A fault when the compiled catalogue says anything else than its source."""
    fresh = copy / f"{domain}.mo"
    source = copy / CATALOGUES / f"{domain}.po"
    subprocess.run(["msgfmt", "--output-file", str(fresh), str(source)], check=True)
    if _entries(fresh) == _entries(source.with_suffix(".mo")):
        return []
    return [f"{domain}.mo is not that of {domain}.po: run ./ringside manage compilemessages"]


def _entries(path: Path) -> dict[object, str]:
    with path.open("rb") as file:
        catalogue: dict[object, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    # The head tells when it was made.
    return {key: text for key, text in catalogue.items() if key}


if __name__ == "__main__":
    sys.exit(main())
