"""Static files with a hash in their name, imports between modules included, compressed once."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The compressing storage with Django's switch for ES modules; a missing entry is no 500."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain one of a file that was not collected."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
