"""The one settings file. Values come from the environment through typed readers; importing it writes nothing.

docs/reference/settings.md lists every variable.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from huey import PostgresHuey, SqliteHuey

from callroom.kit import env
from callroom.kit.database import databases
from callroom.kit.jobs import JSONSerializer
from callroom.kit.logs import without_the_host

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("CALLROOM_DATA", Path("var").absolute())
KEYS_DIR = env.path("CALLROOM_KEYS", DATA_DIR / "keys")
# Where two users run web and tally (kit.apart): what only the tally writes lies apart, and `serve` says which part this is.
APART = env.flag("CALLROOM_APART")
TALLY_DIR = env.folder("CALLROOM_TALLY_DATA")
PART = env.choice("CALLROOM_PART", "web", "tally")
if APART and any(folder is None or folder.is_relative_to(DATA_DIR) for folder in (TALLY_DIR, KEYS_DIR)):
    raise env.BadSetting(
        "With CALLROOM_APART both CALLROOM_KEYS and CALLROOM_TALLY_DATA must lie outside CALLROOM_DATA, where the web's user "
        "may write (see docs/how-to/run-it.md)"
    )
DEMO = env.flag("CALLROOM_DEMO")
TEST_INSTALLATION = env.flag("CALLROOM_TEST_INSTALLATION")
PLAIN_HTTP = env.flag("CALLROOM_HTTP")
DEBUG = False

# The application's secret lives with the institution's keys; `callroom serve` draws it on the first start.
SECRET_FILE = KEYS_DIR / "institution" / "application-secret"
SECRET_KEY = SECRET_FILE.read_text() if os.access(SECRET_FILE, os.R_OK) else secrets.token_urlsafe(48)
ALLOWED_HOSTS = env.words("CALLROOM_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CALLROOM_ORIGINS", "")
ROOT_URLCONF = "callroom.site.urls"
ANONYMOUS_URLCONF = "callroom.site.anonymous_urls"
WSGI_APPLICATION = "callroom.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"

INSTALLED_APPS = [
    "callroom.site",
    "callroom.setup",
    "callroom.rights",
    "callroom.dashboards",
    "callroom.improvement",
    "callroom.watch",
    "callroom.prompts",
    "callroom.history",
    "callroom.council",
    "callroom.pulse",
    "callroom.directory",
    "callroom.consent",
    "callroom.people",
    "callroom.audit",
    "callroom.kit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "huey.contrib.djhuey",
    "django_linear_migrations",
]
# Signed-in pages only; what is anonymous has its own handler and list (kit.anonymous).
MIDDLEWARE = [
    "callroom.kit.headers.with_headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours before allauth's of the same name.
        "DIRS": [PACKAGE / "people" / "templates", PACKAGE / "kit" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "callroom.site.context.everywhere",
            ],
        },
    },
]

# --- three databases: nothing is joined across them (kit.stores) ---
DATABASE_URL = os.environ.get("CALLROOM_DATABASE_URL", "")
DATABASES: dict[str, dict[str, Any]] = databases(
    DATABASE_URL,
    DATA_DIR,
    issuing=os.environ.get("CALLROOM_ISSUING_URL", ""),
    sealed=os.environ.get("CALLROOM_SEALED_URL", ""),
)
DATABASE_ROUTERS = ["callroom.kit.stores.Router"]

# --- the worker's queue: a database of its own on SQLite, moves along with PostgreSQL ---
HUEY: Any
if DATABASE_URL:
    HUEY = PostgresHuey("callroom", dsn=DATABASE_URL, serializer=JSONSerializer(), create_tables=False)
else:
    HUEY = SqliteHuey(
        "callroom", filename=str(DATA_DIR / "queue.sqlite3"), serializer=JSONSerializer(), create_tables=False
    )

# --- cookies: signed, only under /in/, never sent to an anonymous address ---
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "__Secure-callroom-session"
SESSION_COOKIE_PATH = "/in/"
SESSION_COOKIE_SECURE = True  # Chromium and Firefox accept this on http://localhost as well
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "__Secure-callroom-csrf"
CSRF_COOKIE_PATH = "/in/"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "callroom.kit.pages.csrf_failure"
LANGUAGE_COOKIE_NAME = "__Secure-callroom-language"
LANGUAGE_COOKIE_PATH = "/in/"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "callroom.kit.messages.Storage"  # a cookie of /in/ only

# --- headers ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("CALLROOM_BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Where somebody who is signed in brings a file: kept in memory, never as a temporary file (kit.bodies).
LARGE_BODIES = {
    "/in/roster/": 9 * 1024 * 1024,
    "/in/setup/look/": 3 * 1024 * 1024,
    "/in/history/columns/": 3 * 1024 * 1024,
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = max(LARGE_BODIES.values())

# --- sign-in: allauth; public sign-up closed (people.adapters); who needs a second factor says the policy table ---
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/in/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/in/"
ACCOUNT_ADAPTER = "callroom.people.adapters.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letter to an address that nobody here has
ACCOUNT_FORMS = {
    "login": "callroom.people.forms.SignIn",
    "reset_password": "callroom.people.forms.ForgottenPassword",
    "reset_password_from_key": "callroom.people.forms.NewPassword",
    "change_password": "callroom.people.forms.ChangedPassword",
    "reauthenticate": "callroom.people.forms.PasswordAgain",
}
# A hospital is one address: what is counted by address is generous, what is counted by account is not.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "120/m/ip,5/5m/key",
    "reset_password": "60/m/ip,3/5m/key",
    "reset_password_from_key": "60/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "callroom.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "callroom.people.forms.SecondCode",
    "authenticate_webauthn": "callroom.people.forms.SecondPasskey",
    "login_webauthn": "callroom.people.forms.PasskeyInstead",
    "reauthenticate": "callroom.people.forms.CodeAgain",
    "reauthenticate_webauthn": "callroom.people.forms.PasskeyAgain",
    "add_webauthn": "callroom.people.forms.NewPasskey",
    "activate_totp": "callroom.people.forms.AuthenticatorApp",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey is opened by finger, face or PIN: it is both factors at once
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP  # http://localhost
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
# --- the hospital's identity provider: at most one; people are matched by their id in the roster (people.provider) ---
PROVIDER = env.choice("CALLROOM_PROVIDER", "oidc", "saml")
PROVIDER_NAME = os.environ.get("CALLROOM_PROVIDER_NAME", "")
PROVIDER_ASKS_SECOND_FACTOR = env.flag("CALLROOM_PROVIDER_SECOND_FACTOR")
OIDC_ISSUER = env.needed("CALLROOM_OIDC_ISSUER", when=PROVIDER == "oidc")
OIDC_CLIENT = env.needed("CALLROOM_OIDC_CLIENT", when=PROVIDER == "oidc")
OIDC_SECRET_FILE = Path(env.needed("CALLROOM_OIDC_SECRET_FILE", when=PROVIDER == "oidc"))
OIDC_CLAIM = os.environ.get("CALLROOM_OIDC_CLAIM", "sub")
SAML_METADATA = Path(env.needed("CALLROOM_SAML_METADATA", when=PROVIDER == "saml"))
SAML_ATTRIBUTE = os.environ.get("CALLROOM_SAML_ATTRIBUTE", "")
# Until mail is set up letters go nowhere: on the console they would be names and links with a time, in a log.
EMAIL_HOST = os.environ.get("CALLROOM_SMTP_HOST", "")
EMAIL_PORT = env.number("CALLROOM_SMTP_PORT", 587)
EMAIL_HOST_USER = os.environ.get("CALLROOM_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CALLROOM_SMTP_PASSWORD", "")
EMAIL_USE_SSL = EMAIL_PORT == 465  # the port that is encrypted from its first byte
EMAIL_USE_TLS = not EMAIL_USE_SSL and env.flag("CALLROOM_SMTP_STARTTLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("CALLROOM_MAIL_FROM", "callroom@localhost")
# Instead of SMTP: a provider that is told with each letter to follow nobody (kit.providers). One way out, not two.
_PROVIDERS = {
    "postmark": "Postmark", "mailgun": "Mailgun", "mailjet": "Mailjet", "mandrill": "Mandrill", "sparkpost": "SparkPost",
}  # fmt: skip
MAIL_PROVIDER = env.choice("CALLROOM_MAIL_PROVIDER", *_PROVIDERS)
MAIL_KEY_FILE = Path(env.needed("CALLROOM_MAIL_KEY_FILE", when=bool(MAIL_PROVIDER)))
MAIL_API = env.address("CALLROOM_MAIL_API")
env.at_most_one(CALLROOM_MAIL_PROVIDER=MAIL_PROVIDER, CALLROOM_SMTP_HOST=EMAIL_HOST)
env.at_most_one(CALLROOM_MAIL_PROVIDER=MAIL_PROVIDER, CALLROOM_EMAIL_BACKEND=os.environ.get("CALLROOM_EMAIL_BACKEND"))
MAIL_IS_SET_UP = bool(os.environ.get("CALLROOM_EMAIL_BACKEND") or EMAIL_HOST or MAIL_PROVIDER) or DEMO
_WITHOUT_A_CLASS = (
    f"callroom.kit.providers.{_PROVIDERS[MAIL_PROVIDER]}" if MAIL_PROVIDER
    else f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
)  # fmt: skip
EMAIL_BACKEND = os.environ.get("CALLROOM_EMAIL_BACKEND", _WITHOUT_A_CLASS)

# --- languages ---
USE_TZ = True
TIME_ZONE = "UTC"  # the institution's own zone is in its row
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
FORMAT_MODULE_PATH: list[str] = []

# --- static files: /static/ for signed-in pages, the same files under /w/static/ for anonymous ones ---
STATIC_URL = "/static/"
ANONYMOUS_STATIC_URL = "/w/static/"
STATIC_ROOT = (TALLY_DIR or DATA_DIR) / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- waves ---
ANNOUNCE_WEEKS_AHEAD = env.number("CALLROOM_ANNOUNCE_WEEKS", 4)
# Off until switched on: a notice that residents said yes to may say that the check-in asks for no symptom.
BURNOUT_SCALE = env.flag("CALLROOM_BURNOUT_SCALE", default=DEMO)

# --- backups: public keys of age; the private half lies elsewhere ---
BACKUP_RECIPIENTS = env.words("CALLROOM_BACKUP_RECIPIENTS", "")
BACKUP_DIR = env.folder("CALLROOM_BACKUP_DIR")

# --- the roster of each night: another system leaves its files here ---
ROSTER_DIR = env.folder("CALLROOM_ROSTER_DIR")

# --- for machines: /metrics is there for whoever sends this word ---
METRICS_TOKEN = os.environ.get("CALLROOM_METRICS_TOKEN", "")

# --- logs: warnings and worse, without request data; anonymous paths log nothing (kit.anonymous) ---
LOG_FORMAT = "json" if os.environ.get("CALLROOM_LOG", "") == "json" else "plain"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(levelname)s %(name)s %(message)s"},
        "json": {"()": "callroom.kit.logs.JSONFormatter"},
    },
    "filters": {"host": {"()": "django.utils.log.CallbackFilter", "callback": without_the_host}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.security.DisallowedHost": {"filters": ["host"], "level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
