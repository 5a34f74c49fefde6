"""Which static files of the packages are collected."""

from django.contrib.staticfiles.apps import StaticFilesConfig

_SIDECAR = "drf_spectacular_sidecar"


class PageFiles(StaticFilesConfig):
    """Of the page of the API what a browser is sent, and no second one."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        f"{_SIDECAR}/redoc",
        f"{_SIDECAR}/*/oauth2*",
        f"{_SIDECAR}/*/*standalone*",
    ]
