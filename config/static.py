"""Static files with a hash in their name, imports between modules included."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFiles(ManifestStaticFilesStorage):
    """Django's manifest storage with its switch for ES modules; a missing entry is no 500."""

    support_js_module_import_aggregation = True
    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain one of a file that was not collected."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name
