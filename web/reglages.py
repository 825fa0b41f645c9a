"""Django's settings, made from the deployment's: nothing here reads the environment."""

from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings as django_settings

from app.settings import Web
from ledger.database import Database
from web import base
from web.theme import fichiers

ICI: Final = Path(__file__).parent
HEURES_DE_SESSION: Final = 8
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ENTETES: Final = {
    "Content-Security-Policy": CSP,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer, also on those given before Django's own middleware sets any: another host, no TLS, a file."""


def configurer(web: Web, database: Database, *, role: bool) -> None:
    """Set Django up for this process, once.

    ``role``: whether the role of the pages can be taken on this server.
    """
    if not django_settings.configured:
        django_settings.configure(**reglages(web, base.connexion(database, role=role), *base.secret(web.secret)))
        django.setup()


def reglages(web: Web, database: dict[str, Any], secret: str, *anciens: str) -> dict[str, Any]:
    """All the settings. ``anciens``: earlier secrets, which still open what they signed or closed."""
    return {
        "SECRET_KEY": secret,
        "SECRET_KEY_FALLBACKS": list(anciens),
        "DEBUG": False,
        "ALLOWED_HOSTS": list(web.hosts),
        "ROOT_URLCONF": "web.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django_otp",
            "axes",
            "django_htmx",
            "web.comptes",
            "web.avis",
            "web.debit",
        ],
        "MIDDLEWARE": [
            "web.reseau.Mandataire",
            "web.sante.Sante",
            "web.gardes.Entetes",
            "django.middleware.security.SecurityMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "web.api.problemes.Problemes",
            "web.gardes.Reception",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "web.comptes.reconnaissance.Reconnaissance",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
            "web.gardes.Garde",
            "axes.middleware.AxesMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [ICI / "gabarits"],
                "OPTIONS": {"environment": "web.gabarit.environnement"},
            }
        ],
        "DATABASES": {"default": database},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "comptes.Compte",
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
            "web.proconnect.ProConnect",
        ],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", **more}
            for name, more in (
                ("UserAttributeSimilarityValidator", {"OPTIONS": {"user_attributes": ["identifiant"]}}),
                ("MinimumLengthValidator", {"OPTIONS": {"min_length": 12}}),
                ("CommonPasswordValidator", {}),
            )
        ],
        "LOGIN_URL": "connexion",
        "LOGIN_REDIRECT_URL": "accueil",
        **_sessions(web),
        **_axes(),
        "LANGUAGE_CODE": "fr",
        "USE_I18N": True,
        "TIME_ZONE": "Europe/Paris",
        "USE_TZ": True,
        "STATIC_URL": "/statique/",
        "STATICFILES_DIRS": fichiers(web.theme),
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 2 << 20,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 500,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 5,
        "FILE_UPLOAD_HANDLERS": [
            "web.televersement.Borne",
            "django.core.files.uploadhandler.MemoryFileUploadHandler",
            "django.core.files.uploadhandler.TemporaryFileUploadHandler",
        ],
        "LOGGING_CONFIG": None,
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_SSL_REDIRECT": web.https,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if web.https else None,
        "SECURE_HSTS_SECONDS": 31_536_000 if web.https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": web.https,
        "SECURE_HSTS_PRELOAD": web.https,
        "CONSTAT": web,
    }


def _sessions(web: Web) -> dict[str, Any]:
    return {
        "SESSION_ENGINE": "web.comptes.sessions",
        "SESSION_COOKIE_AGE": HEURES_DE_SESSION * 3_600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": web.https,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": web.https,
        "CSRF_USE_SESSIONS": False,
        "CSRF_FAILURE_VIEW": "web.pages.erreurs.formulaire_perime",
    }


def _axes() -> dict[str, Any]:
    """An account is closed for a quarter of an hour after five wrong passwords from one place."""
    return {
        "AXES_FAILURE_LIMIT": 5,
        "AXES_COOLOFF_TIME": 0.25,
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_USERNAME_FORM_FIELD": "username",
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_LOCKOUT_CALLABLE": "web.pages.erreurs.compte_bloque",
        "AXES_ENABLE_ACCESS_FAILURE_LOG": False,
        "AXES_VERBOSE": False,
    }
