"""Every setting of Ringside, read from the environment once; nonsense is refused with a sentence.

NAME_FILE names a file that holds the value of NAME, as containers are given their secrets.

With nothing set the embedded engines of the data folder are used: SQLite and two Valkeys.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.api import *  # noqa: F403
from config.databases import read_databases
from config.environment import (
    bracketed,
    contact,
    env,
    listed,
    networks,
    origin,
    time_zone,
    token_key,
    whole_number,
)
from config.logs import logging_settings
from config.mail import mail_server
from launcher.engines import socket_url
from web.live.live_address import read_live_address

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where this Ringside lives

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".ringside"))).absolute()
DEBUG = env.bool("DEBUG", False)
PUBLIC_URL = origin(env.str("PUBLIC_URL", "http://127.0.0.1:8000"), "PUBLIC_URL")
ALLOWED_ORIGINS = [origin(text, "ALLOWED_ORIGINS") for text in listed("ALLOWED_ORIGINS")]
CORS_ALLOWED_ORIGINS = ALLOWED_ORIGINS
# Whose X-Forwarded-For counts: addresses, networks, or "unix" for a proxy on a Unix socket.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
# Addresses behind which a whole venue sits: rates per address are so many times wider for them.
VENUE_NETWORKS = networks("VENUE_NETWORKS")
# Private addresses that webhooks may reach all the same.
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS")
# How long their servers may take, and how long after a failure the first new try waits.
WEBHOOK_TIMEOUT_S = whole_number("WEBHOOK_TIMEOUT_S", 10, 1, 60)
WEBHOOK_RETRY_MS = whole_number("WEBHOOK_RETRY_MS", 10_000, 100, 3_600_000)
MAP_TILE_URL = env.str("MAP_TILE_URL", "")
# Who may read /metrics/; without one the page does not exist.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# Whom to tell of a fault in security; without it /.well-known/security.txt does not exist.
SECURITY_CONTACT = contact("SECURITY_CONTACT")
LIMITS_SCALE = whole_number("LIMITS_SCALE", 1, 1, 1_000_000)
LOCATION_RETENTION_DAYS = whole_number("LOCATION_RETENTION_DAYS", 7, 1, 30)
# How long guests who never bet are kept after they were last seen; 0 keeps them for ever.
GUESTS_KEPT_DAYS = whole_number("GUESTS_KEPT_DAYS", 7, 0, 3650)
WEB_WORKERS = whole_number("WEB_WORKERS", 1, 1, 64)

_tiles = urlsplit(MAP_TILE_URL.replace("{s}", "*"))
MAP_TILE_ORIGINS = [f"{_tiles.scheme}://{_tiles.netloc}"] if MAP_TILE_URL else []

_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
_port = f":{_public.port}" if _public.port else ""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
OWN_ORIGINS = [PUBLIC_URL]
if _public.hostname in ("127.0.0.1", "localhost", "::1"):
    OWN_ORIGINS = [f"{_public.scheme}://{name}{_port}" for name in _LOOPBACK]
# Comma-separated lists may hold the own origins too; a set of strings is compared, never a Host.
SOCKET_ORIGINS = frozenset(OWN_ORIGINS) | frozenset(ALLOWED_ORIGINS)
ALLOWED_HOSTS = listed(
    "ALLOWED_HOSTS", default=sorted({bracketed(_public.hostname or ""), *_LOOPBACK})
) + ["[::1]"]

# --- Secrets

SECRET_KEY = env.str("SECRET_KEY", "")
_secret_file = DATA_DIR / "secret-key"
if not SECRET_KEY and _secret_file.is_file():
    SECRET_KEY = _secret_file.read_text().strip()
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to at least 40 characters; ./ringside run makes one by itself."
    )
# Access tokens and receipts have keys of their own; the first signs, all of them verify.
_token_keys = listed("TOKEN_KEYS", default=[f"1:{SECRET_KEY}/access-tokens"])
TOKEN_KEYS = dict(map(token_key, _token_keys))
RECEIPT_KEYS = listed("RECEIPT_KEYS")

# --- This Ringside

INSTALLED_APPS = [
    "operations.apps.RingsideAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "config.apps.PageFiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "js_lib_leaflet",
    "web",
    "accounts",
    "rooms",
    "betting",
    "locations",
    "operations",
    "simulation",
    "lab",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "web.server.concurrency.limit_concurrency",
    "web.server.compression.CompressPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.server.huge_ids.HideHugeIds",
    "web.server.error_pages.SayUnavailable",
    "config.caching.keep_no_answers",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Engines

DATABASES = read_databases(DATA_DIR)
DATABASE_ROUTERS = ["web.rows.replica.Router"]

REDIS_BANK_URL = env.str("REDIS_BANK_URL", socket_url(DATA_DIR, "bank"))
REDIS_LIVE_URL = env.str("REDIS_LIVE_URL", socket_url(DATA_DIR, "live"))
if REDIS_BANK_URL == REDIS_LIVE_URL:
    raise ImproperlyConfigured("REDIS_BANK_URL and REDIS_LIVE_URL must be two instances.")
_live = read_live_address(REDIS_LIVE_URL)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "KEY_PREFIX": "cache",
        # Without the live instance every look-up is a miss, and pages still come.
        **_live.cache(IGNORE_EXCEPTIONS=True, SOCKET_CONNECT_TIMEOUT=0.5, SOCKET_TIMEOUT=0.5),
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [_live.layer_host()], "prefix": "layer"},
    }
}

# --- Who you are

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.auth.backends.LimitedBackend"]
PASSWORD_HASHERS = ["accounts.auth.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
HOSTS_MAY_MAKE_CLUBS = env.bool("HOSTS_MAY_MAKE_CLUBS", False)
LOGIN_URL = "/sign-in/"
CSRF_TRUSTED_ORIGINS = OWN_ORIGINS
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
# The proxy in front redirects http; a server that ends TLS itself listens for nothing else.
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Map tiles come from where the operator says, and from nowhere else.
        "img-src": ["'self'", "data:", *MAP_TILE_ORIGINS],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

LOGGING = logging_settings(env.str("LOG_LEVEL", "INFO"))

# --- E-mail

# Where e-mails go; without it they are written out by the clock, for the operator to read.
EMAIL_URL = env.str("EMAIL_URL", "consolemail://")
vars().update(mail_server(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", f"Ringside <ringside@{_public.hostname}>")
PASSWORD_RESET_TIMEOUT = 3_600

# --- Languages, time, files

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = time_zone(env.str("TIME_ZONE", "UTC"))
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "web.static_files.versions.HashedStaticFiles"},
}
SERVESTATIC_MANIFEST_STRICT = SERVESTATIC_ALLOW_ALL_ORIGINS = False
SERVESTATIC_MINIFY = True
