"""Settings, all from the environment: `.env.example` names every one of them.

Without any environment the project can evaluate case files and run its tests; serving it needs a secret key
(`procurement.wsgi` refuses to start without one).
"""

import sqlite3
from datetime import timedelta
from pathlib import Path

from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _
from environs import Env

env = Env()
ROOT = Path(__file__).resolve().parent.parent
VAR = env.path("ASSAY_VAR", ROOT / "var")

DEBUG = env.bool("ASSAY_DEBUG", False)
SECRET_KEY_IS_SET = bool(env.str("ASSAY_SECRET_KEY", ""))
SECRET_KEY = env.str("ASSAY_SECRET_KEY", "") or get_random_secret_key()
ALLOWED_HOSTS = env.list("ASSAY_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("ASSAY_TRUSTED_ORIGINS", [])
HTTPS = env.bool("ASSAY_HTTPS", True)
BANK_NAME = env.str("ASSAY_BANK_NAME", "")
#: Where others reach the site, with a slash at the end: stands in what is handed out.
SITE_ADDRESS = env.str("ASSAY_ADDRESS", f"http{'s' if HTTPS else ''}://{ALLOWED_HOSTS[0]}").rstrip("/") + "/"
#: The publisher's prefix of the identifiers of tenders in open data (OCDS); this one is registered to nobody.
OCDS_PREFIX = env.str("ASSAY_OCDS_PREFIX", "ocds-assay0")

INSTALLED_APPS = [
    "procurement",
    "bids",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "procurement.middleware.RequestFacts",
    "procurement.middleware.Refusals",
    "bids.middleware.Readings",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "procurement.urls"
WSGI_APPLICATION = "procurement.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "procurement.context.frame",
            ],
        },
    },
]

# --- data ---------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR / 'assay.sqlite3'}", conn_max_age=60)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "procurement.sqlite"
    # DELETE and not WAL: SQLite before 3.51.3 can corrupt a WAL database (see the release notes of 3.51.3).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;",
    }
    # Tests run in memory, each of their processes by itself; what is put after the name does no harm there.
    DATABASES["default"]["TEST"] = {"NAME": "file:assay?mode=memory&cache=shared&process="}
else:
    # As long as SQLite waits: whoever waits for a lock in vain is told so, and not cut off by the server.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=20s"
SQLITE_VERSION = sqlite3.sqlite_version_info
MEDIA_ROOT = VAR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Seventy answers with full notes in Chinese are more than the 2.5 MB that Django takes by itself.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
# Uploads stay in memory, so that no bid lies in a temporary folder; what is larger is not kept.
FILE_UPLOAD_HANDLERS = ["procurement.uploads.HoldUploads"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024

# --- the audit trail: what signs its checkpoints, and where they go -----------------------------------------
SIGNING_KEY = env.path("ASSAY_SIGNING_KEY", VAR / "keys" / "signing.key")
#: Public keys (hex) that signed before the one in use.
RETIRED_KEYS = env.list("ASSAY_RETIRED_KEYS", [])
ANCHORS = env.path("ASSAY_ANCHORS", VAR / "anchors")
ANCHOR_MAILS = env.list("ASSAY_ANCHOR_MAILS", [])

# --- people -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "procurement.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "work"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = ["procurement.passwords.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
#: Five wrong passwords, or passphrases, of one account from one address lock it there for a quarter of an
#: hour, and nowhere else: a rival cannot lock a vendor out.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "procurement.throttle.address_of"
AXES_LOCKOUT_CALLABLE = "procurement.views.faults.too_often"
#: Argon2id of opening keys: memory in KiB, passes, lanes (sealing specification, Keys).
SEALING_COST = (64 * 1024, 3, 4)
#: The system key: a file of 32 bytes, or a key in an HSM where a PKCS#11 library is named.
SYSTEM_KEY = env.path("ASSAY_SYSTEM_KEY", None)
PKCS11_MODULE = env.str("ASSAY_PKCS11_MODULE", "")
PKCS11_TOKEN = env.str("ASSAY_PKCS11_TOKEN", "")
PKCS11_KEY = env.str("ASSAY_PKCS11_KEY", "")
PKCS11_PIN = env.str("ASSAY_PKCS11_PIN", "")
SESSION_COOKIE_AGE = env.int("ASSAY_SESSION_SECONDS", 8 * 60 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- language and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Taipei"

# --- static files and mail ----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
NODE_MODULES = ROOT / "node_modules"
STATICFILES_DIRS = [
    ROOT / "static",
    *(
        (f"vendor/{name}", NODE_MODULES / package)
        for name, package in {
            "bootstrap": "bootstrap/dist",
            "htmx": "htmx.org/dist",
            "ibm-plex-sans": "@fontsource/ibm-plex-sans",
            "ibm-plex-mono": "@fontsource/ibm-plex-mono",
        }.items()
        if (NODE_MODULES / package).is_dir()
    ),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"
globals().update(env.dj_email_url("ASSAY_EMAIL_URL") if env.str("ASSAY_EMAIL_URL", "") else {})
DEFAULT_FROM_EMAIL = env.str("ASSAY_MAIL_FROM", "assay@localhost")

# --- protection ---------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("ASSAY_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Bootstrap draws its select arrows and check marks as data: pictures.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("ASSAY_LOG_LEVEL", "WARNING")},
}
