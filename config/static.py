"""Static files with a hash in their name, bundled by page, compressed once."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage

from config.bundles import ENTRIES, bundle


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

        bundles = InMemoryStorage()
        entries = [path for path in paths if path.startswith(ENTRIES)]
        for path in entries:
            bundles.save(path, ContentFile(bundle(path, read).encode()))
        yield from super().post_process(
            paths | {path: (bundles, path) for path in entries}, **options
        )

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain one of a file that was not collected."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
