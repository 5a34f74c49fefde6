"""Whether modules, folders, files and docstrings keep to the measures and words of the project.

Standard library only.
"""

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES_PER_FOLDER_MAX = 20
LINES_PER_FILE_MAX = 350
# A folder of more files than this is large; few files may lie in large folders.
LARGE_FOLDER_FILES = 14
LARGE_FOLDERS_SHARE_MAX = 0.20
# `config/` is the Django project alone, and no app is the whole house. Lines without tests.
CONFIG_LINES_MAX = 900
APP_SHARE_MAX = 0.28
# Modules that Django, or the shape of every app, names.
SHARED = {
    "__init__", "__main__", "admin", "api", "apps", "checks", "client", "conftest", "consumers",
    "messages", "metrics", "models", "page", "refusals", "report", "urls", "views",
}  # fmt: skip
# Here a module is called what people or templates ask for: a command, a tag library, a benchmark,
# a part of the package that others install.
ASKED_FOR = {"benchmarks", "commands", "ringside_client", "templatetags", "tests"}
# No part of the product.
OUTSIDE = {"conftest.py", "migrations", "tests"}
# Of so few apps each one has a large share.
FEW_APPS = 4
EMPTY = {"common", "core", "data", "helper", "info", "manager", "service", "util"}
# A docstring is read alone, in an editor: it has to name its subject.
RIDDLES = ("The same", "Who ", "Whoever ")


def main() -> int:
    """Print what is amiss; returns 1 when something is."""
    faults = list(_faults([Path(name) for name in _tracked()]))
    print("\n".join(faults))
    return int(bool(faults))


def _tracked() -> list[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def _faults(paths: Collection[Path]) -> Iterator[str]:
    modules, folders = defaultdict(list), defaultdict(list)
    for path in paths:
        if "migrations" in path.parts:
            continue
        folders[path.parent].append(path)
        if not ASKED_FOR.intersection(path.parts):
            modules[path.stem].append(path)
        yield from _faults_of(path)
    for name, found in modules.items():
        if name not in SHARED and len(found) > 1:
            yield f"{' and '.join(map(str, found))}: two modules of one name"
    for folder, found in folders.items():
        if len(found) > FILES_PER_FOLDER_MAX:
            yield f"{folder}: {len(found)} Python files, at most {FILES_PER_FOLDER_MAX}"
    yield from _faults_of_shares([path for path in paths if not OUTSIDE.intersection(path.parts)])


def _faults_of_shares(paths: Collection[Path]) -> Iterator[str]:
    """What is amiss in how the files and lines of the product are spread."""
    files = Counter(path.parent for path in paths)
    large = {str(folder): n for folder, n in files.items() if n > LARGE_FOLDER_FILES}
    if sum(large.values()) > len(paths) * LARGE_FOLDERS_SHARE_MAX:
        yield (
            f"{', '.join(sorted(large))}: more than {LARGE_FOLDERS_SHARE_MAX:.0%} of all files lie"
            f" in folders of more than {LARGE_FOLDER_FILES}"
        )
    lines: Counter[str] = Counter()
    for path in paths:
        lines[path.parts[0]] += (ROOT / path).read_text().count("\n")
    if lines["config"] > CONFIG_LINES_MAX:
        yield f"config: {lines['config']} lines, at most {CONFIG_LINES_MAX}"
    for app, count in lines.items():
        if count > lines.total() * APP_SHARE_MAX and len(lines) > FEW_APPS:
            yield f"{app}: {count} lines, more than {APP_SHARE_MAX:.0%} of all"


def _faults_of(path: Path) -> Iterator[str]:
    text = (ROOT / path).read_text()
    if path.stem.rstrip("s") in EMPTY:
        yield f"{path}: a name that says nothing"
    if (lines := text.count("\n")) > LINES_PER_FILE_MAX:
        yield f"{path}: {lines} lines, at most {LINES_PER_FILE_MAX}"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (ast.get_docstring(node) or "").startswith(RIDDLES):
            yield f"{path}:{getattr(node, 'lineno', 1)}: the docstring names no subject"


if __name__ == "__main__":
    sys.exit(main())
