"""Static files with a hash in their name, bundled by page, compressed once.

Those of several versions lie side by side in one folder, each with a manifest of its own that is
named for the sources it was made of. So a page finds its files while a new version comes in.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage

from web.static_files import bundles
from web.static_files.bundles import ENTRIES, bundle

# So long a page may stay open and still ask for files of the version it came from.
EARLIER_KEPT_S = 86_400
_COMPRESSED = ("", ".gz", ".br", ".zstd")


class Smallest(Compressor):  # type: ignore[misc]
    """Takes comments and blanks out of what people wrote, not of what a program made small."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._as_it_is = Compressor(**{**options, "minify": False})

    def compress(self, path: str) -> list[str]:
        """Compress a file; returns the names of what was written."""
        # rjsmin loses the end of its scripts.
        if "drf_spectacular_sidecar" in path:
            return list(self._as_it_is.compress(path))
        return list(super().compress(path))


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The compressing storage with Django's switch for ES modules; a missing entry is no 500."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **options: Any) -> None:
        self.manifest_name = f"staticfiles.{_version()}.json"
        super().__init__(*args, **options)

    @property
    def is_collected(self) -> bool:
        """Whether the files of this version lie in STATIC_ROOT, all of them."""
        return bool(super().load_manifest_stats())

    def read_manifest(self) -> str | None:
        """The manifest of this version; None where there is none, or it was cut off."""
        return json.dumps(held) if (held := _read(Path(self.path(self.manifest_name)))) else None

    def load_manifest(self) -> tuple[dict[str, str], str]:
        """The names of this version with their hashes; those of others stand for themselves."""
        own, digest = super().load_manifest()
        others = (_read(path)["paths"].values() for path in self._others())
        return {name: name for names in others for name in names} | own, digest

    def load_manifest_stats(self) -> dict[str, Any]:
        """Sizes and times of the files of all versions."""
        own: dict[str, Any] = super().load_manifest_stats()
        if not own:
            return {}
        others = (_read(path)["stats"].items() for path in self._others())
        return {name: of for stats in others for name, of in stats} | own

    def _others(self) -> list[Path]:
        """The manifests of other versions, the one that was served last at the end.

        One whose collection was cut off has no stats, and counts for nothing.
        """
        found = set(Path(self.location).glob("staticfiles*.json"))
        found -= {Path(self.path(self.manifest_name))}
        return sorted((path for path in found if "stats" in _read(path)), key=_written_s)

    def _forget_earlier(self) -> None:
        """Remove what was replaced more than EARLIER_KEPT_S ago."""
        since_s = time.time() - EARLIER_KEPT_S
        ended = [path for path in self._others() if _written_s(path) < since_s]
        names = {name for path in ended for pair in _read(path)["paths"].items() for name in pair}
        for path in ended:
            path.unlink()
        for path in (*self._others(), Path(self.path(self.manifest_name))):
            names -= {name for pair in _read(path)["paths"].items() for name in pair}
        for name in names:
            for ending in _COMPRESSED:
                Path(self.path(name) + ending).unlink(missing_ok=True)

    def create_compressor(self, **options: Any) -> Smallest:
        """What makes files small."""
        return Smallest(**options)

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[Any]:
        """Hash, minify and compress; what is kept of a page's entry under its hash is its bundle.

        Raises Unbundled.
        """

        def read(path: str) -> str:
            storage, name = paths[path]
            with storage.open(name) as source:
                return str(source.read().decode())

        # The version that was served until now is replaced from now on, however old it is.
        for last in self._others()[-1:]:
            os.utime(last)
        made = InMemoryStorage()
        entries = [path for path in paths if path.startswith(ENTRIES)]
        for path in entries:
            made.save(path, ContentFile(bundle(path, read).encode()))
        yield from super().post_process(paths | {path: (made, path) for path in entries}, **options)
        if not options.get("dry_run"):
            self._forget_earlier()

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain one of a file that was not collected."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name


def _read(manifest: Path) -> dict[str, Any]:
    """What a manifest holds; nothing while it is written, or where that was cut off."""
    try:
        found: dict[str, Any] = json.loads(manifest.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _written_s(path: Path) -> float:
    return path.stat().st_mtime


def _version() -> str:
    """Of all sources and of what makes files of them."""
    digest = hashlib.sha256()
    for maker in (__file__, bundles.__file__):
        digest.update(Path(maker).read_bytes())
    for finder in get_finders():
        for path, storage in finder.list([]):
            digest.update(f"\0{path}\0".encode())
            digest.update(Path(storage.path(path)).read_bytes())
    return digest.hexdigest()[:16]
