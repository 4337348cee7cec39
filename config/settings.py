"""All settings, read from the environment once; a bad value stops the start.

Without `DATABASE_URL` (and `REDIS_URL`) the application starts servers of its own: the try-out mode of the README.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.mail_server import mail_sender, mail_server
from foundation.embedded import servers
from foundation.keys import master_file, masters, wanted
from foundation.watch import logs
from retention.sources.hosts import read_rules

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # every variable may also be given as NAME_FILE, the path of a file that holds it

VAR = Path(env.str("GREFFIER_VAR", default=str(BASE_DIR / "var"))).resolve()
TRY_OUT = "DATABASE_URL" not in env.ENVIRON and "DATABASE_URL_FILE" not in env.ENVIRON
EMBEDDED_BROKER = "REDIS_URL" not in env.ENVIRON and "REDIS_URL_FILE" not in env.ENVIRON


def _kept_secret(name: str) -> str:
    """Return a secret made once and kept in a private file of the try-out."""
    path = VAR / name
    VAR.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = VAR / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # refuses to overwrite: two first starters end with one secret
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


DEBUG = env.bool("GREFFIER_DEBUG", default=False)
SECRET_KEY = _kept_secret("secret-key") if TRY_OUT else env.str("SECRET_KEY")
HTTPS = env.bool("GREFFIER_HTTPS", default=not TRY_OUT)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if TRY_OUT else [])
if DEBUG and not TRY_OUT:
    raise ImproperlyConfigured("GREFFIER_DEBUG is for the try-out only: remove it, or remove DATABASE_URL.")

# -- servers --------------------------------------------------------------------------------------------------------
_here = (
    servers.ensure(VAR / "servers", postgres=TRY_OUT, valkey=EMBEDDED_BROKER) if TRY_OUT or EMBEDDED_BROKER else None
)


def _database_url(name: str) -> dict[str, Any]:
    try:
        return dict(env.db_url(name))
    except ValueError:  # it would repeat a part of the password
        raise ImproperlyConfigured(
            f"{name} cannot be read: in names and passwords, write / : @ ? # % as %2F %3A %40 %3F %23 %25."
        ) from None


def _database() -> dict[str, Any]:
    """Return the one database: the application's login, and the owner's, used to migrate and to make test databases."""
    if TRY_OUT:
        assert _here is not None
        return {
            "HOST": _here.host,
            "PORT": _here.port,
            "NAME": _here.database,
            "USER": _here.app_user,
            "PASSWORD": _here.app_password,
            "OWNER": {"USER": _here.owner_user, "PASSWORD": _here.owner_password},
        }
    given = _database_url("DATABASE_URL")
    has_owner = "DATABASE_OWNER_URL" in env.ENVIRON or "DATABASE_OWNER_URL_FILE" in env.ENVIRON
    owner = _database_url("DATABASE_OWNER_URL") if has_owner else None
    if "postgresql" not in given["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (15 or newer).")
    given["HOST"] = unquote(given["HOST"])  # a socket's folder is written with %2F
    options = {"connect_timeout": 5, **given.get("OPTIONS", {})}  # a page does not wait for a host that is gone
    return {
        **given,
        "OPTIONS": options,
        "OWNER": {"USER": owner["USER"], "PASSWORD": owner["PASSWORD"]} if owner else None,
    }


DATABASES = {
    "default": {
        **_database(),
        "ENGINE": "foundation.database",
        "CONN_MAX_AGE": env.int("GREFFIER_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
# where the business databases of the try-out are made, by `tryout` only; a setting, as the embedded servers know it
DEMO_DATABASE_URL = env.str("DEMO_DATABASE_URL", default=_here.business_url if TRY_OUT and _here else "") or None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# -- keys -----------------------------------------------------------------------------------------------------------
def _master_keys() -> masters.MasterKeys:
    """Return the master keys; none where production gives none: web and worker refuse to start without."""
    keys = master_file.given(env.ENVIRON)
    if keys is None and TRY_OUT:
        return master_file.kept(VAR / "keys" / "master-key", wanted=_master_keys_wanted)
    return keys or masters.MasterKeys(remedy=f"Set {master_file.FILE_VARIABLE} (docs/production.md).")


def _master_keys_wanted() -> list[str]:
    """Return which master keys the try-out's database needs; asked only where their file is missing."""
    return wanted.master_keys_wanted(DATABASES["default"])


MASTER_KEYS = _master_keys()
BACKUP_DAYS = env.int("GREFFIER_BACKUP_DAYS", default=None)  # how long the oldest backup is kept

CELERY_BROKER_URL = _here.broker_url if EMBEDDED_BROKER and _here else env.str("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket"),
    "health_check_interval": 10,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # a page never waits for a broker that is down: the tick finds what was asked for
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
TICK_SECONDS = env.float("GREFFIER_TICK_SECONDS", default=60)
JOB_LEASE_SECONDS = env.float("GREFFIER_JOB_LEASE_SECONDS", default=300)
JOB_HEARTBEAT_SECONDS = env.float("GREFFIER_JOB_HEARTBEAT_SECONDS", default=30)
JOB_RETRY_SECONDS = env.float("GREFFIER_JOB_RETRY_SECONDS", default=60)
JOBS_KEPT_DAYS = env.int("GREFFIER_JOBS_KEPT_DAYS", default=90)
if not 0 < 3 * JOB_HEARTBEAT_SECONDS <= JOB_LEASE_SECONDS:
    raise ImproperlyConfigured(
        "GREFFIER_JOB_LEASE_SECONDS must be at least three times GREFFIER_JOB_HEARTBEAT_SECONDS."
    )
# whoever falls silent within a transaction, frozen or cut off, holds its rows no longer than a lease lasts
DATABASES["default"]["LONGEST_SILENCE_SECONDS"] = JOB_LEASE_SECONDS

# -- business databases: where they may stand (docs/sources.md) ------------------------------------------------------
SOURCE_HOSTS = env.list("GREFFIER_SOURCE_HOSTS", default=["localhost", "127.0.0.0/8", "::1"] if TRY_OUT else [])
SOURCE_AUTHORITIES = env.str("GREFFIER_SOURCE_AUTHORITIES", default="")
SQLITE_FOLDER = env.str("GREFFIER_SQLITE_FOLDER", default="")
try:
    read_rules(SOURCE_HOSTS)
except ValueError as mistake:
    raise ImproperlyConfigured(f"GREFFIER_SOURCE_HOSTS: {mistake}") from mistake

# -- mail -----------------------------------------------------------------------------------------------------------
EMAIL_TIMEOUT = env.float("GREFFIER_MAIL_TIMEOUT_SECONDS", default=30)
DEFAULT_FROM_EMAIL = ""  # without a server nobody can plan a mail
if env.str("EMAIL_URL", default=""):
    DEFAULT_FROM_EMAIL = mail_sender(env.str("GREFFIER_MAIL_FROM", default=""))
    vars().update(mail_server(env.url("EMAIL_URL")))
elif TRY_OUT:  # what would be sent is written to files, to be read
    DEFAULT_FROM_EMAIL = mail_sender(env.str("GREFFIER_MAIL_FROM", default="greffier@localhost"))
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mails"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# the key that signs evidence; read by whoever seals, so that web processes need none
EVIDENCE_KEY_FILE = env.str("GREFFIER_SIGNING_KEY_FILE", default="")
EVIDENCE_KEY = "" if EVIDENCE_KEY_FILE else env.str("GREFFIER_SIGNING_KEY", default="")
EVIDENCE_KEY_IS_MADE = TRY_OUT and not EVIDENCE_KEY_FILE and not EVIDENCE_KEY
if EVIDENCE_KEY_IS_MADE:
    EVIDENCE_KEY_FILE = str(VAR / "keys" / "evidence-signing-key.pem")
WITNESSES = env.list("GREFFIER_WITNESS", default=[])  # addresses that are sent the newest checkpoint each day

# -- application ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "office.apps.OfficeAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "foundation",
    "register",
    "processors",
    "retention",
    "subjects",
    "editions",
    "documents",
    "office",
]
MIDDLEWARE = [
    "foundation.watch.middleware.RequestMiddleware",
    "foundation.doors.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "foundation.watch.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "foundation.middleware.OwnLanguageMiddleware",
    "foundation.middleware.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "foundation.doors.required.SecondFactorMiddleware",
    "foundation.middleware.WhoAndWhyMiddleware",
    "foundation.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
            ]
        },
    }
]

AUTH_USER_MODEL = "foundation.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # read, and written anew when their owner signs in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("GREFFIER_STATIC", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.str("GREFFIER_FILES", default=str(VAR / "files"))},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True

# -- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "foundation.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["foundation.api.access.ByTable"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foundation.api.bodies.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "foundation.api.pages.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "foundation.api.schema.Schema",
    "EXCEPTION_HANDLER": "foundation.api.problems.of_exception",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Greffier",
    "DESCRIPTION": "The registers, their editions, documents and evidence.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "foundation.api.schema.with_problems",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RecordEventKindEnum": "subjects.models.EventKind",
        "PrintKindEnum": "documents.models.Print.Kind",
    },
}

# -- security -------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# neighbours on the same domain may not speak TLS, and preloading binds it for years: both are for its owner to decide
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.bool("GREFFIER_HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = HTTPS and env.bool("GREFFIER_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for these two
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("GREFFIER_HSTS_PRELOAD needs GREFFIER_HSTS_SUBDOMAINS: browsers preload whole domains.")
BEHIND_PROXY = env.bool("GREFFIER_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a neighbour on the same domain can neither read nor plant a cookie of this name
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a cookie of its own could be read
X_FRAME_OPTIONS = "DENY"
DEFAULT_EXCEPTION_REPORTER_FILTER = "foundation.tracebacks.DiscreetFilter"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # one activity with all its lines is one form

# -- what the operator sees -----------------------------------------------------------------------------------------
try:
    LOGGING = logs.from_environment(env.ENVIRON)
except ValueError as mistake:
    raise ImproperlyConfigured(str(mistake)) from mistake
if not TRY_OUT:
    logs.take_over()
TRUST_REQUEST_ID = SECURE_PROXY_SSL_HEADER is not None
METRICS_DIR = env.str("GREFFIER_METRICS_DIR", default="")

# -- doors: how people come in (docs/doors.md) ----------------------------------------------------------------------
# Limits are counted where every worker sees them and where sign-in needs an answer anyway: in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "foundation_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # who fills it cannot push out what is counted
    }
}
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)  # the last address of X-Forwarded-For is the one our proxy wrote
ACCOUNT_ADAPTER = "foundation.doors.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is given by an administrator, who answers for it
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",  # key: address and place
    "reauthenticate": "5/5m/user",
    "change_password": "5/5m/user",
    "reset_password": "20/m/ip",
    "reset_password_asked": "5/5m/key",  # key: address and place
    "reset_password_mailed": "5/h/key",  # key: address; a link opens as long as this counts (PASSWORD_RESET_TIMEOUT)
}
ACCOUNT_FORMS = {
    "login": "foundation.doors.forms.SignIn",
    "change_password": "foundation.doors.forms.ChangePassword",
    "set_password": "foundation.doors.forms.SetPassword",
    "reset_password": "foundation.doors.forms.AskForReset",
    "reset_password_from_key": "foundation.doors.forms.NewPassword",
    "reauthenticate": "foundation.doors.forms.ConfirmPassword",
}
PASSWORD_RESET_TIMEOUT = 3600
# allauth's own would keep a second copy of each address, unverified, which then stands in the way of second factors
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105

PASSKEYS = env.bool("GREFFIER_PASSKEYS", default=False)
MFA_ADAPTER = "foundation.doors.factors.FactorAdapter"
MFA_TOTP_ISSUER = "Greffier"
MFA_RECOVERY_CODE_COUNT = 10
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", *(["webauthn"] if PASSKEYS else [])]
MFA_PASSKEY_LOGIN_ENABLED = PASSKEYS
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_FORMS = {
    "authenticate": "foundation.doors.forms.SignInCode",
    "reauthenticate": "foundation.doors.forms.ConfirmCode",
    "activate_totp": "foundation.doors.forms.FirstCode",
    "add_webauthn": "foundation.doors.forms.AddPasskey",
}
_roles = {"dpo", "staff", "auditor", "administrator"}
SECOND_FACTOR_ROLES = frozenset(
    env.list("GREFFIER_SECOND_FACTOR_ROLES", default=[] if TRY_OUT else ["dpo", "administrator"])
)
if SECOND_FACTOR_ROLES - _roles:
    raise ImproperlyConfigured(f"GREFFIER_SECOND_FACTOR_ROLES may name: {', '.join(sorted(_roles))}.")

OIDC_ISSUER = env.str("GREFFIER_OIDC_ISSUER", default="")
OIDC_NAME = env.str("GREFFIER_OIDC_NAME", default="SSO")
if OIDC_ISSUER and HTTPS and not OIDC_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("GREFFIER_OIDC_ISSUER must start with https://.")
SOCIALACCOUNT_ADAPTER = "foundation.doors.identity.IdentityAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
# A link: browsers hold `form-action` against every address that the provider redirects a form to.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": env.str("GREFFIER_OIDC_CLIENT_ID"),
                "secret": env.str("GREFFIER_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
            }
        ]
        if OIDC_ISSUER
        else []
    }
}

SERVERS_IN_USE = (
    f"PostgreSQL: {'embedded, in ' + str(VAR / 'servers') if TRY_OUT else 'DATABASE_URL'}; "
    f"Valkey: {'embedded' if EMBEDDED_BROKER else 'REDIS_URL'}."
)
