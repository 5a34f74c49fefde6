"""A page's bundle does what its modules do in a browser that loads them one by one."""

import re

import pytest
from django.contrib.staticfiles.finders import find, get_finders

from launcher.venv import ROOT
from web.static_files.bundles import ENTRIES, Unbundled, bundle

pytestmark = pytest.mark.once

PAGES = sorted(
    path for finder in get_finders() for path, _ in finder.list([]) if path.startswith(ENTRIES)
)
MODULE = re.compile(r'<script type="module" src="{% static \'([^\']+)')


def source(path: str) -> str:
    with open(find(path)) as file:
        return file.read()


def one_of(**modules: str) -> str:
    """The bundle of the module `a/page.js` in a world of these."""
    return bundle("a/page.js", lambda path: modules[path.removeprefix("a/").removesuffix(".js")])


@pytest.mark.parametrize("path", PAGES)
def test_it_holds_every_module_of_a_page_once(path: str) -> None:
    read: list[str] = []
    made = bundle(path, lambda name: read.append(name) or source(name))
    assert (
        len(read) == len(set(read)) == len(re.findall(r"^const \$module\d+ = ", made, re.MULTILINE))
    )
    imports = re.findall(r"^import .*", made, re.MULTILINE)
    assert [one for one in imports if "js_lib_leaflet" not in one] == []
    assert not re.search(r"^export ", made, re.MULTILINE)


@pytest.mark.parametrize("page", sorted((ROOT / "templates").rglob("*.html")), ids=str)
def test_every_page_of_the_public_names_one_script(page) -> None:
    scripts = MODULE.findall(page.read_text())
    if "admin" not in page.parts:
        assert len(scripts) <= 1 and all(one in PAGES for one in scripts)


def test_it_runs_modules_behind_those_that_they_import() -> None:
    made = one_of(
        page='import { b as two } from "./b.js";\nimport "./c.js";\nthree(two);',
        b='import * as c from "./c.js";\nexport const b = c.one;\nexport async function ask() {}',
        c="export class C {}\nexport function one() {}",
    )
    places = [made.index(text) for text in ("class C", "const c = $module0", "const b =", "three")]
    assert places == sorted(places)
    assert "const { b: two } = $module1;" in made
    assert "return { b, ask };" in made and "return { C, one };" in made


@pytest.mark.parametrize(
    "text",
    [
        "export let a = 1;",
        "export default a;",
        "export { a };",
        'export * from "./b.js";',
        'import b from "./b.js";',
        "await ask();",
        'import "./page.js";',
    ],
)
def test_it_refuses_what_it_would_get_wrong(text: str) -> None:
    with pytest.raises(Unbundled, match="^a/page.js: "):
        one_of(page=text, b="")
