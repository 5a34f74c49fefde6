"""How the calls of the API are read, answered and described, and which pages may make them."""

from launcher.venv import VERSION

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rooms.keys.key_authentication.KeyAuthentication",
        "accounts.auth.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["web.parsing.RawParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "web.negotiation.FirstFormElse",
    "DEFAULT_SCHEMA_CLASS": "web.contract.schema.CallSchema",
    "EXCEPTION_HANDLER": "web.refusals.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ringside",
    "DESCRIPTION": "Live betting rooms with play coins. Coins have no value.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["web.contract.schema.name_version"],
    "POSTPROCESSING_HOOKS": [
        "web.contract.schema.add_components",
        "locations.phones.contract.add_paths",
    ],
}

# Pages of ALLOWED_ORIGINS make every call with a Bearer token, and none with cookies.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = ["accept-language", "authorization", "content-type"]
CORS_EXPOSE_HEADERS = ["Retry-After", "Ringside-Version"]
CORS_PREFLIGHT_MAX_AGE = 600
