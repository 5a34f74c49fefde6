"""The scripts of a page as one file, so that a first visit asks once instead of forty times.

Sources are plain ES modules that browsers run as they are. A page names one entry,
`static/pages/NAME.js`, that only imports; in its bundle each module is a function that returns what
it exports, called in the order in which the browser would run the modules. The forms of `import`
and `export` that Ringside does not use are refused: `export let`, default exports, rings of
modules, and `await` outside of functions.
"""

import posixpath
import re
from collections.abc import Callable

ENTRIES = "pages/"
# Large, of one page each and never changed: they stay files that a browser keeps.
LIBRARIES = ("js_lib_leaflet/",)

_IMPORT = re.compile(r'^import (?:(\{[^}]*\}|\* as \w+) from )?"(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export|await)\b.*", re.MULTILINE)


class Unbundled(ValueError):
    """A script is written in a form that cannot be bundled; says which and where."""


class _Bundle:
    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._names: dict[str, str] = {}
        self._open: list[str] = []
        self.head: list[str] = []
        self.body: list[str] = []

    def add(self, path: str) -> str:
        """Put a module behind those that it imports, once; returns the name of its exports."""
        if path in self._open:
            raise Unbundled(f"{path}: imports itself by way of {', '.join(self._open)}")
        if path not in self._names:
            add = self._add_library if path.startswith(LIBRARIES) else self._add_module
            self._names[path] = add(path)
        return self._names[path]

    def _add_library(self, path: str) -> str:
        name = f"$library{len(self.head)}"
        source = posixpath.relpath(path, posixpath.dirname(ENTRIES))
        self.head.append(f'import * as {name} from "{source}";')
        return name

    def _add_module(self, path: str) -> str:
        self._open.append(path)
        text = self._read(path)
        body = _IMPORT.sub(lambda found: self._imported(path, found), text)
        body = _EXPORT.sub("", body)
        if left := _LEFT.search(body):
            raise Unbundled(f"{path}: {left[0]}")
        self._open.pop()
        name = f"$module{len(self.body)}"
        exports = ", ".join(_EXPORT.findall(text))
        self.body.append(f"const {name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();")
        return name

    def _imported(self, path: str, found: re.Match[str]) -> str:
        what, source = found.groups()
        name = self.add(posixpath.normpath(posixpath.join(posixpath.dirname(path), source)))
        if what is None:
            return ""
        return f"const {what.removeprefix('* as ').replace(' as ', ': ')} = {name};"


def bundle(entry: str, read: Callable[[str], str]) -> str:
    """One script that does what the entry and all it imports do; `read` gives a file's text.

    Raises Unbundled.
    """
    made = _Bundle(read)
    made.add(entry)
    return "\n".join([*made.head, *made.body, ""])
