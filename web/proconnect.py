"""ProConnect: who comes from there, once its signatures hold, two factors were asked for, and somebody invited them.

The library exchanges the code and keeps ``state`` and ``nonce``. What it lets pass is refused here: a token for another
client or of another issuer, an answer about the person that is not signed, or about somebody else (OpenID Connect Core
§3.1.3.7, §5.3.2). A role never comes from a token: it is that of the account which an administrator made.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

import jwt
import requests
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from app.settings import Oidc
from ledger.errors import ConstatError
from web.comptes.models import Compte
from web.registre import registre

FACTEURS: Final = frozenset({"mfa", "totp", "pop"})
"""What ``amr`` says (RFC 8176) when a password alone did not suffice."""
CLAIMS: Final = json.dumps({"id_token": {"amr": {"essential": True}}}, separators=(",", ":"))
"""Without it, ProConnect does not say how the person was recognised."""
SECONDES: Final = 5
LATITUDE: Final = 30
"""Seconds by which two clocks may differ."""
GARDE: Final = 3_600
TAILLE: Final = 48
"""Signs of ``state`` and ``nonce``; ProConnect asks for 32 at least."""
EXIGES: Final = ("exp", "iat", "iss", "aud", "sub")


class Refus(ConstatError):  # noqa: N818 - an answer, not an accident
    """ProConnect n'a pas pu vous identifier : recommencez, ou prévenez l'administrateur des comptes."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class SansFacteur(Refus):
    """ProConnect vous a reconnu sans second facteur : demandez la double authentification à votre organisation."""


class Inconnu(Refus):
    """Aucun compte n'est lié à cette identité : demandez un code d'invitation à l'administrateur des comptes."""


@dataclass(frozen=True, slots=True)
class Adresses:
    """Where the provider answers (OpenID Connect Discovery)."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None


@dataclass(frozen=True, slots=True)
class Identite:
    """Who was recognised. ``preuve``: the token that ends the session there (``id_token_hint``)."""

    sub: str
    preuve: str


_CONNUES: dict[str, tuple[float, Adresses]] = {}


def oublier() -> None:
    """Ask again where a provider answers."""
    _CONNUES.clear()


def fournisseur() -> Oidc | None:
    """The provider of this deployment, if it has one."""
    return registre().settings.web.oidc


def adresses(oidc: Oidc) -> Adresses:
    """Where it answers, asked again each hour.

    :raises Refus: it does not say, or says it of another.
    """
    known = _CONNUES.get(oidc.issuer)
    if known is not None and time.monotonic() - known[0] < GARDE:
        return known[1]
    told = _json(requests.get(f"{oidc.issuer}/.well-known/openid-configuration", timeout=SECONDES))
    if str(told.get("issuer", "")).rstrip("/") != oidc.issuer:
        raise Refus
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    if not all(isinstance(told.get(name), str) for name in names):
        raise Refus
    end = told.get("end_session_endpoint")
    made = Adresses(**{name: told[name] for name in names}, end_session_endpoint=end if isinstance(end, str) else None)
    _CONNUES[oidc.issuer] = time.monotonic(), made
    return made


def reglage(nom: str, *defaut: Any) -> Any:
    """What the library asks of its settings, from those of this deployment.

    :raises Refus: the provider does not answer.
    """
    oidc = fournisseur()
    if oidc is None:
        raise Refus
    where = adresses(oidc)
    known: dict[str, Any] = {
        "OIDC_OP_AUTHORIZATION_ENDPOINT": where.authorization_endpoint,
        "OIDC_OP_TOKEN_ENDPOINT": where.token_endpoint,
        "OIDC_OP_USER_ENDPOINT": where.userinfo_endpoint,
        "OIDC_OP_JWKS_ENDPOINT": where.jwks_uri,
        "OIDC_RP_CLIENT_ID": oidc.client,
        "OIDC_RP_CLIENT_SECRET": oidc.secret.read_text(encoding="utf-8").strip(),
        "OIDC_RP_SIGN_ALGO": oidc.algorithm,
        "OIDC_RP_SCOPES": "openid",
        "OIDC_USE_PKCE": oidc.pkce,
        "OIDC_STATE_SIZE": TAILLE,
        "OIDC_NONCE_SIZE": TAILLE,
        "OIDC_TIMEOUT": SECONDES,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "proconnect-retour",
    }
    return known.get(nom, *defaut)


class ProConnect(OIDCAuthenticationBackend):  # type: ignore[misc] # the library has no types
    """The library's back end, stricter. Django finds accounts by it; it lets nobody in by itself."""

    def __init__(self) -> None:
        self._cles: list[dict[str, Any]] | None = None
        self.UserModel = Compte

    get_settings = staticmethod(reglage)

    def authenticate(self, request: HttpRequest | None, **_: Any) -> None:
        """Nobody: only :meth:`reconnaitre` reads what the provider sent back."""

    def get_user(self, user_id: Any) -> Any:
        """The account of a session, unless it was closed."""
        return ModelBackend.get_user(ModelBackend(), user_id)

    def reconnaitre(self, code: str, nonce: str, verifier: str | None, retour: str) -> Identite:
        """Exchange a code for who it was given for.

        :raises Refus: something does not hold; the message says nothing of what.
        """
        super().__init__()
        asked = {
            "client_id": self.OIDC_RP_CLIENT_ID,
            "client_secret": self.OIDC_RP_CLIENT_SECRET,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": retour,
        }
        if verifier is not None:
            asked["code_verifier"] = verifier
        told = _json(requests.post(self.OIDC_OP_TOKEN_ENDPOINT, data=asked, timeout=SECONDES))
        token, access = told.get("id_token"), told.get("access_token")
        if not (isinstance(token, str) and isinstance(access, str)):
            raise Refus
        claims = self.verifier_jeton(token)
        if claims.get("nonce") != nonce:
            raise Refus
        amr = claims.get("amr")
        if not (isinstance(amr, list) and FACTEURS.intersection(filter(lambda each: isinstance(each, str), amr))):
            raise SansFacteur
        if self._personne(access).get("sub") != claims["sub"]:
            raise Refus
        return Identite(claims["sub"], token)

    def _personne(self, access: str) -> dict[str, Any]:
        """What the provider says of the person: signed, or refused."""
        answer = requests.get(
            self.OIDC_OP_USER_ENDPOINT, headers={"Authorization": f"Bearer {access}"}, timeout=SECONDES
        )
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if answer.status_code != requests.codes.ok or kind != "application/jwt":
            raise Refus
        return self.verifier_jeton(answer.text)

    def verifier_jeton(self, token: str) -> dict[str, Any]:
        """The claims of a token that the provider signed for us, in time, by the algorithm agreed on and no other.

        :raises Refus: it did not.
        """
        oidc = fournisseur()
        assert oidc is not None  # noqa: S101 - the settings were just read
        try:
            key = self._cle(jwt.get_unverified_header(token), oidc.algorithm)
            return dict(
                jwt.decode(
                    token,
                    key,
                    algorithms=[oidc.algorithm],
                    audience=oidc.client,
                    issuer=oidc.issuer,
                    leeway=LATITUDE,
                    options={"require": list(EXIGES)},
                )
            )
        except jwt.PyJWTError as error:
            raise Refus from error

    def _cle(self, header: dict[str, Any], algorithm: str) -> jwt.PyJWK:
        if header.get("alg") != algorithm:
            raise Refus
        if self._cles is None:
            told = _json(requests.get(self.OIDC_OP_JWKS_ENDPOINT, timeout=SECONDES)).get("keys")
            self._cles = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        for each in self._cles:
            if each.get("kid") == header.get("kid") and each.get("use", "sig") == "sig":
                return jwt.PyJWK(each, algorithm)
        raise Refus


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json() if answer.status_code == requests.codes.ok else None
    except requests.JSONDecodeError as error:
        raise Refus from error
    if not isinstance(told, dict):
        raise Refus
    return told
