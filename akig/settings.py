"""The only settings file. Everything that differs between machines comes from the environment.

An environment that names none of DEBUG, SECRET_KEY and ALLOWED_HOSTS is a *local* installation:
plain HTTP, its own secret key under ``var/``, answers to this machine's names only. One that names
any of them is a server, and everything is strict unless the environment says otherwise.
``.env.example`` lists every variable.
"""

import base64
import hashlib
import ipaddress
import os
import secrets
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pghistory
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from akig.back_office import UNFOLD  # noqa: F401 - a setting
from akig.lib import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = embedded.var_folder(BASE_DIR)


# --- Reading the environment


def envbool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def envint(name: str, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
    value = os.environ.get(name, "")
    if value == "":
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {value!r}."
        )
    return int(value)


def envlist(name: str, default: list[str]) -> list[str]:
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or default


def envaddresses(name: str, default: str) -> list:
    words = envlist(name, default.split(","))
    try:
        return [ipaddress.ip_network(word, strict=False) for word in words]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must list addresses or networks: {error}.") from error


def database_from(url: str) -> dict:
    """Return Django's settings of the database that ``url`` names (postgres://…)."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must read postgres://user:password@host:port/database; "
            "AKIG runs on PostgreSQL only."
        )
    options = dict(parse_qsl(parts.query))
    # The record names the program where no person is known: "manage.py charge_rent".
    program = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    options.setdefault("application_name", program[:63])
    # One connection per thread of the web process, kept between requests. A pool was measured and
    # is no faster: the threads are few, and each has its connection anyway.
    kept = envint("CONN_MAX_AGE", 600)
    if kept:  # and with it what is prepared there (akig.lib.prepared), planned for any values
        words = [options.get("options", ""), "-c plan_cache_mode=force_generic_plan"]
        options |= {"prepare_threshold": 5, "options": " ".join(words).strip()}
    try:
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL has a wrong port: {error}.") from error
    return {
        "ENGINE": "akig.lib.postgres",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": kept,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": not kept,  # a pooler lends its sessions out
    }


def redis_address(url: str) -> str:
    if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured("REDIS_URL must read redis://host:port/number.")
    return url


def origin_of(url: str) -> list[str]:
    """Return, as a list of one, where a browser may load from for ``url``; of none, nothing."""
    parts = urlsplit(url.replace("{s}", "*"))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def own_secret_key() -> str:
    """Return the secret key of a local installation, made once and kept under ``var/``."""
    place = VAR / "secret_key"
    try:
        VAR.mkdir(parents=True, exist_ok=True)
        with open(place, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(f"{place} cannot be written: {error.strerror}.") from error
    return place.read_text()


def field_key(secret: str) -> str:
    """Return the key of encrypted columns that follows from a secret key."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"columns" + secret.encode()).digest()).decode()


# --- What kind of installation this is

DEBUG = envbool("DEBUG", False)
LOCAL = envbool(
    "AKIG_LOCAL", not any(os.environ.get(n) for n in ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS"))
)
DEMO = envbool("DEMO", LOCAL)  # the demonstration's people may exist, and sign in
PLAIN_HTTP = envbool("AKIG_HTTP", LOCAL or DEBUG)
TRUST_PROXY = envbool("TRUST_PROXY", False)  # one proxy of ours stands in front, and is believed

SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY and (LOCAL or DEBUG):
    SECRET_KEY = own_secret_key()
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set on a server (50 random characters or more), "
        "or AKIG_LOCAL=1 for an installation on this machine alone."
    )
SECRET_KEY_FALLBACKS = envlist("SECRET_KEY_FALLBACKS", [])
# The keys of encrypted columns: the first one writes, all of them read.
FIELD_KEYS = envlist("FIELD_KEYS", [field_key(key) for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)])

HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = envint("PORT", 8000, least=1, most=65535)
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LIVE_PORT = envint("LIVE_PORT", PORT + 1 if PORT < 65535 else PORT - 1, least=1, most=65535)
WEB_WORKERS = envint("WEB_WORKERS", min(CORES, 8), least=1, most=64)
WEB_THREADS = envint("WEB_THREADS", 4, least=1, most=64)
JOB_WORKERS = envint("JOB_WORKERS", min(CORES, 4), least=1, most=64)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = envlist("ALLOWED_HOSTS", LOOPBACK)
if LOCAL and HOST not in (*LOOPBACK, "::1") and "ALLOWED_HOSTS" not in os.environ:
    ALLOWED_HOSTS = ["*"]  # opened to the office's network on purpose
CSRF_TRUSTED_ORIGINS = envlist("CSRF_TRUSTED_ORIGINS", [])

# --- What it is made of

INSTALLED_APPS = [
    "modeltranslation",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_rq",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "import_export",
    "pghistory",
    "pgtrigger",
    "phonenumber_field",
    "rest_framework",
    "akig",
    "accounts",
    "notifications",
    "sites_app",
    "tenants",
    "payments",
    "recovery",
    "agents",
    "reporting",
]

MIDDLEWARE = [
    "akig.middleware.RequestMiddleware",
    "accounts.calls.CallMiddleware",
    "accounts.answers.AnswerMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "akig.middleware.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.HistoryMiddleware",
    "sites_app.middleware.BranchMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "akig.urls"
WSGI_APPLICATION = "akig.wsgi.application"
APPEND_SLASH = True
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
            "builtins": ["akig.templatetags.akig"],
        },
    }
]
MESSAGE_LEVEL = message_levels.INFO

# --- Data

DATABASES = {"default": database_from(os.environ.get("DATABASE_URL") or embedded.database_url(VAR))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
)
# History is found by its row or by its act; indexes on whatever else a row names were only written.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(db_index=True)
# Development and tests: an act that leaves no history behind is a mistake of ours.
VERBS_PROVE_HISTORY = DEBUG

REDIS_URL = redis_address(os.environ.get("REDIS_URL") or embedded.redis_url(VAR))
CACHES = {
    "default": {
        "BACKEND": "akig.lib.caches.SoftRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "akig",
        "OPTIONS": {
            # A lost Redis costs speed, never an answer.
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 2,
        },
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
CHANNEL_LAYERS = {  # of akig.live; who has a page open for days still hears
    "default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"group_expiry": 30 * 24 * 3600},
    }
}
RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 3600, "DEFAULT_RESULT_TTL": 500}}
RQ = {"COMMIT_MODE": "auto"}  # akig.lib.jobs.ring waits for the commit itself, robustly

MEDIA_ROOT = VAR / "files"  # private: no address leads into it, views hand the files out
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o600
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# Of django-leaflet we take the files of Leaflet: as an application it would ask for GDAL.
(LEAFLET,) = find_spec("leaflet").submodule_search_locations
STATICFILES_DIRS = [BASE_DIR / "static", Path(LEAFLET) / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- People and sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian would add a person to the people
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2Hasher",
    # Passwords that came from elsewhere are read, and rewritten when their person signs in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = True

MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SignInCodeForm",
    "reauthenticate": "accounts.forms.AskAgainCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "AKIG"
MFA_TOTP_TOLERANCE = 1  # telephones whose clock is half a minute wrong
# The roles of accounts.roles.SECOND_FACTOR set up a second factor within so many days. Those of the
# demonstration never have to: their sign-ins stand in the README, to be tried with the password
# alone, and outside of a demonstration they sign in nowhere.
MFA_GRACE_DAYS = envint("MFA_GRACE_DAYS", 14)

# Sensitive acts on pages ask for password or code again after so many minutes.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * envint("ASK_AGAIN_MINUTES", 15, least=1)

# Requests a minute, per person and, on sign-in, per address.
THROTTLE_USER = envint("THROTTLE_USER", 100, least=1)
THROTTLE_AUTH = envint("THROTTLE_AUTH", 20, least=1)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0
# Failures are counted in accounts.lockout, which does not need Redis.
ACCOUNT_RATE_LIMITS = {"login": f"{THROTTLE_AUTH}/m/ip", "login_failed": ""}

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^api/(health|ready)$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else envint("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
X_FRAME_OPTIONS = "DENY"
# Where the map's ground comes from (https://tiles.example/{z}/{x}/{y}.png), and whom it names as
# the source; without an address there are no streets, only names of quarters.
MAP_TILES_URL = os.environ.get("MAP_TILES_URL", "")
MAP_TILES_SOURCE = os.environ.get("MAP_TILES_SOURCE", "© OpenStreetMap")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *origin_of(MAP_TILES_URL)],
        "font-src": [SELF],
        # Without a proxy of ours in front the live process has an address of its own.
        "connect-src": [SELF] if TRUST_PROXY else [SELF, f"ws://*:{LIVE_PORT}"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# The views' own policies stand in akig.lib.rest: what is named here is imported by the framework
# while it is itself being imported, and may not lean on it.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.HeaderAuthentication",
        "accounts.authentication.PageSession",
    ],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "akig.lib.schema.Described",
    "EXCEPTION_HANDLER": "akig.lib.problems.answer_problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=envint("ACCESS_TOKEN_MINUTES", 24 * 60, least=1)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=envint("REFRESH_TOKEN_DAYS", 30, least=1)),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
}
#: How long a program's key is good where nobody says otherwise, in days.
API_KEY_DAYS = envint("API_KEY_DAYS", 90, least=1, most=366)
SPECTACULAR_SETTINGS = {
    "TITLE": "AKIG",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "akig.lib.schema.add_common",
        "akig.lib.schema.add_links",
    ],
    # What stands under one name in several places, as one thing or as several.
    "ENUM_NAME_OVERRIDES": {
        "ContactResultEnum": "recovery.models.Contact.Result",
        "PaymentMethodEnum": "payments.models.Payment.Method",
        "PromisePlaceEnum": "recovery.models.Promise.Place",
    },
    "SWAGGER_UI_DIST": "SIDECAR",  # from our own static files, never from a stranger's server
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# A text that a spreadsheet would run goes out as a text.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True

# --- Languages and times

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
#: What tenants speak. AKIG itself has no words in the others: branches write their own.
SPOKEN_LANGUAGES = [
    *LANGUAGES,
    ("sus", _("Susu")),
    ("ff", _("Pular")),
    ("emk", _("Maninka")),
    ("kqs", _("Kissi")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Africa/Conakry"
USE_TZ = True

# --- The agency, as its papers name it

AGENCY_NAME = os.environ.get("AGENCY_NAME", "AKIG Immobilier")
AGENCY_ADDRESS = os.environ.get("AGENCY_ADDRESS", "Almamya, Kaloum, Conakry")
AGENCY_PHONE = os.environ.get("AGENCY_PHONE", "")
AGENCY_EMAIL = os.environ.get("AGENCY_EMAIL", "")
AGENCY_RCCM = os.environ.get("AGENCY_RCCM", "")
AGENCY_NIF = os.environ.get("AGENCY_NIF", "")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")

#: How long a tenant's link opens the tenant's page, in days.
TENANT_LINK_DAYS = int(os.environ.get("TENANT_LINK_DAYS", "90"))

# --- Watching it

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = envint("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = envbool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = envint("EMAIL_TIMEOUT", 20, least=1, most=120)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "akig@localhost")
METRICS_ALLOW = envaddresses("METRICS_ALLOW", "127.0.0.0/8,::1/128")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise ImproperlyConfigured(
        f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {LOG_LEVEL!r}."
    )
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "akig.lib.logs.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handlers would print everything a second time.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "rq": {"handlers": [], "level": "WARNING", "propagate": True},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}

# --- In the field

#: An OSRM server that knows the roads (http://osrm:5000); without one ways are straight lines.
OSRM_URL = os.environ.get("OSRM_URL", "").rstrip("/")
#: For how many days positions are kept; with 0 they are forgotten after two hours.
POSITION_HISTORY_DAYS = envint("POSITION_HISTORY_DAYS", 0, most=3660)

#: Seconds after which the calls of the API are written down.
CALLS_SECONDS = envint("CALLS_SECONDS", 2, least=1)
#: How many whole months of the record ``retain_record`` keeps; 0 keeps it for good.
RECORD_MONTHS = envint("RECORD_MONTHS", 0)
IMPORT_MAX_MEGABYTES = envint("IMPORT_MAX_MEGABYTES", 50)
