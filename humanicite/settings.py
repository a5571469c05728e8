"""All settings, read from the environment, safe by default.

Two switches open things up: HUMANICITE_DEBUG (developers) and HUMANICITE_DEMO (invented data,
plain http on this machine). Without them a secret key and host names are required.
docs/operations.md lists every variable.
"""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
env.read_env(BASE_DIR / ".env", recurse=False)

DEBUG = env.bool("HUMANICITE_DEBUG", False)
DEMO = env.bool("HUMANICITE_DEMO", False)
RELAXED = DEBUG or DEMO
SECRET_KEY = env.str("SECRET_KEY", "demonstration-only-not-a-secret-" * 2 if RELAXED else "")
if not SECRET_KEY:
    from django.core.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured(
        "SECRET_KEY is required (or HUMANICITE_DEMO=1 for invented data on this machine)."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if RELAXED else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    # Ours first: their templates win over those of the libraries.
    "reporting",
    "mediation",
    "governance",
    "humanicite",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "post_office",
    "simple_history",
]

MIDDLEWARE = [
    "humanicite.health.HealthMiddleware",
    "humanicite.faults.OnlyUtf8",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "humanicite.faults.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "governance.access.middleware.MembershipMiddleware",
    "governance.access.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "humanicite.urls"
WSGI_APPLICATION = "humanicite.wsgi.application"
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
                "humanicite.context.page",
            ],
            "builtins": [
                "humanicite.templatetags.figures",
                "humanicite.templatetags.french",
                "humanicite.templatetags.icons",
                "humanicite.templatetags.lists",
                "humanicite.templatetags.people",
                "humanicite.templatetags.scripts",
                "django.templatetags.static",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Databases -------------------------------------------------------------------------------
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'humanicite.sqlite3'}")
}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write waits for its turn instead of failing midway.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    VAR_DIR.mkdir(exist_ok=True)
elif env.bool("DATABASE_POOL", True):
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 8, "timeout": 5},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits count across processes, so the cache is in the database that they share.
CACHES = {
    "default": {
        "BACKEND": "humanicite.lib.counting.CountingCache",
        "LOCATION": "humanicite_cache",
        # Beyond, a third of it goes, limits that are reached included: more than a caller can fill,
        # who has 65,536 networks (/48) at most.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Language --------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French"))]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "humanicite.formats"

# --- Accounts --------------------------------------------------------------------------------
AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "governance.access.accounts.InvitationOnly"
ACCOUNT_FORMS = {
    "login": "governance.access.account_forms.LoginForm",
    "reset_password": "governance.access.account_forms.ResetPasswordForm",
    "reset_password_from_key": "governance.access.account_forms.ResetPasswordKeyForm",
    "request_login_code": "governance.access.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "governance.access.account_forms.ConfirmLoginCodeForm",
    "change_password": "governance.access.account_forms.ChangePasswordForm",
    "set_password": "governance.access.account_forms.SetPasswordForm",
    "reauthenticate": "governance.access.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "governance.access.account_forms.SecondFactorForm",
    "reauthenticate": "governance.access.account_forms.SecondFactorAgainForm",
    "activate_totp": "governance.access.account_forms.ActivateTOTPForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account exists only by an invitation to its address
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/connexion/?sorti"  # tells the browser to forget what it kept
ACCOUNT_SESSION_REMEMBER = None  # the person says: a shared computer is not a service phone
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    # Passwords, codes and links by mail: counted by `governance.access.limits`. Of allauth's own,
    # `login_failed` is left for second factors, which are asked of who has the password.
    "login": None, "request_login_code": None, "reset_password": None,
}  # fmt: skip
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Humanicité"
# Whether médiateurs and coordination set up a second factor before they come in.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", False)
SESSION_COOKIE_AGE = 14 * 24 * 3600
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # an invitation holds a week
# How many proxies in front append the caller's address; 0: the socket's own address counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)

# --- Transport -------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = not RELAXED
CSRF_COOKIE_SECURE = not RELAXED
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "humanicite.csrf.csrf_failure"
SECURE_SSL_REDIRECT = not RELAXED
SECURE_HSTS_SECONDS = 0 if RELAXED else env.int("HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not RELAXED
SECURE_HSTS_PRELOAD = not RELAXED
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
if RELAXED:
    Path(STATIC_ROOT).mkdir(exist_ok=True)  # empty: files are served from where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = RELAXED
# Photos and imported files: outside what is served, read through views that know the reader.
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "files")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "humanicite.lib.uploads.WholeFiles"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if RELAXED
        else "humanicite.lib.scripts.HashedFiles"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of a request, its files apart
FILE_UPLOAD_HANDLERS = [
    "humanicite.lib.uploads.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A photo as taken, which says where and when, is read from memory and lies on no disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = 33 * 1024 * 1024

# --- Mail: a row in the database first, then the server; a failing server loses nothing --------
EMAIL_BACKEND = "humanicite.lib.mail.outbox.Outbox"
_mail = env.dj_email_url("EMAIL_URL", "console:" if RELAXED else "smtp://localhost:25")
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10  # seconds, until the server asks for the mail; `lib.mail` waits longer after
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Humanicité <ne-pas-repondre@example.org>")
_ours = {
    "django.core.mail.backends.console.EmailBackend": "humanicite.lib.mail.servers.Console",
    "django.core.mail.backends.smtp.EmailBackend": "humanicite.lib.mail.servers.Smtp",
}
POST_OFFICE = {
    "BACKENDS": {"default": _ours.get(_mail["EMAIL_BACKEND"], _mail["EMAIL_BACKEND"])},
    "DEFAULT_PRIORITY": "medium",  # queued; `lib.mail` tries it on commit, and again
    "CELERY_ENABLED": False,
}
# Tried as a transaction commits; the rest goes to the worker. The demonstration has none.
MAILS_WITHIN_A_REQUEST = 1000 if DEMO else 4
# What links in mails begin with, and where replies to them go: `reponses@…` becomes
# `reponses+<signed>@…`, so that the mailbox must take plus-addresses.
SITE_URL = env.str(
    "SITE_URL",
    "http://127.0.0.1:8000" if RELAXED else f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS else "",
).rstrip("/")
REPLY_ADDRESS = env.str("REPLY_ADDRESS", "")
# The mailbox behind that address, and behind DEFAULT_FROM_EMAIL for mails that come back.
IMAP_URL = env.str("IMAP_URL", "")
# The programme (its slug) whose coordination sorts what comes from nobody it knows, where there are
# several; with one programme it is that one's.
MAILS_PROGRAMME = env.str("MAILS_PROGRAMME", "")

# --- Following signalements --------------------------------------------------------------------------
# Working days without a sign after which a recipient is reminded, reminded with the back-up contact
# in copy, to be called by the coordination, and proposed to the committee; then of urgent signalements.
FOLLOW_UP_DAYS = env.list("FOLLOW_UP_DAYS", [3, 7, 10, 15], subcast=int)
FOLLOW_UP_URGENT_DAYS = env.list("FOLLOW_UP_URGENT_DAYS", [1, 2, 3, 15], subcast=int)

# --- Logs ------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "humanicite.lib.logs.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"terse": {"()": "humanicite.lib.logs.Terse"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["terse"]}
    },
    "loggers": {"weasyprint": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
