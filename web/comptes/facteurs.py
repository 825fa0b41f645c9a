"""Second factors as rows: an application's key, encrypted at rest, and recovery codes, kept as digests only.

They stand where django-otp's own devices would, which keep both in clear. What is found by its shape not to be theirs
is left to the other device: a recovery code does not slow the application down, nor the other way round.
"""

import hmac
import os
from base64 import b32encode
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from django.db import models
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import hotp

from web.comptes import coffre

EMETTEUR: Final = "Constat"
"""Under what an application lists the key."""
OCTETS: Final = 20
"""Of a key: what HMAC-SHA-1 takes whole (RFC 4226 §4, R6)."""
PAS: Final = 30
"""Seconds for which a code is the one of the moment (RFC 6238 §5.2)."""
CHIFFRES: Final = 6
ECART: Final = 1
"""Steps by which two clocks may differ, beside the drift that is known."""
SIGNES: Final = 10
"""Of a recovery code, once it is cleaned."""


class Application(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc] # the library has no types
    """Une application d'authentification (TOTP, RFC 6238). Une par compte ; sa clé est chiffrée."""

    cle_chiffree = models.BinaryField(editable=False)
    """See :mod:`web.comptes.coffre`; of this account only."""
    derive = models.SmallIntegerField(default=0)
    """Steps by which the telephone is known to be early or late."""
    dernier_pas = models.BigIntegerField(default=-1)
    """The step of the last code taken: no code opens twice (RFC 6238 §5.2)."""

    class Meta:
        verbose_name = "application d'authentification"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user"], name="une_application_par_compte")]

    @classmethod
    def de(cls, compte: models.Model, *, nom: str = "application", confirmee: bool = False) -> "Application":
        """The application of an account, made with a fresh key where none is, or none that opens and was confirmed."""
        defaults = {"name": nom, "confirmed": confirmee, "cle_chiffree": fermer(os.urandom(OCTETS), compte.pk)}
        made: Application
        made, fresh = cls.objects.get_or_create(user=compte, defaults=defaults)
        if not (fresh or made.confirmed or made.lisible):
            made.cle_chiffree = defaults["cle_chiffree"]
            made.save(update_fields=["cle_chiffree"])
        return made

    @property
    def cle(self) -> bytes:
        """The key.

        :raises CoffreFermeError: it does not open.
        """
        return coffre.dechiffrer(bytes(self.cle_chiffree), domaine(self.user_id))

    @property
    def lisible(self) -> bool:
        """Whether the key opens."""
        try:
            return bool(self.cle)
        except coffre.CoffreFermeError:
            return False

    @property
    def adresse(self) -> str:
        """The address by which an application takes the key (``otpauth://``, key URI format)."""
        label = quote(f"{EMETTEUR}:{self.user.get_username()}")
        given = {"secret": b32encode(self.cle), "algorithm": "SHA1", "digits": CHIFFRES, "period": PAS}
        return f"otpauth://totp/{label}?{urlencode(given)}&issuer={EMETTEUR}"

    def code(self, now: datetime) -> str:
        """The code of the moment."""
        return _code(self.cle, _pas(now) + self.derive)

    def verify_token(self, token: str) -> bool:
        """Whether this is the code of the moment, taken for the first time.

        :raises CoffreFermeError: the key does not open.
        """
        if not (len(token) == CHIFFRES and token.isascii() and token.isdigit()):
            return False
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        known = _pas(timezone.now()) + self.derive
        steps = [step for step in range(known - ECART, known + ECART + 1) if step > self.dernier_pas]
        key = self.cle
        held = [step for step in steps if hmac.compare_digest(_code(key, step), token)]
        if not held:
            self.throttle_increment(commit=True)
            return False
        self.dernier_pas, self.derive = held[0], self.derive + held[0] - known
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> float:
        """Seconds after the first wrong code; twice as many after each other one."""
        return 1


class Secours(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc] # as above
    """Les codes de secours d'un compte : chacun ouvre une fois, à la place de l'application."""

    class Meta:
        verbose_name = "codes de secours"

    def verify_token(self, token: str) -> bool:
        """Whether this is one of the codes that are left; it is used up."""
        if len(token) != SIGNES:
            return False
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        tried = coffre.empreintes(token, domaine(self.user_id))
        held = [each for each in self.codes.all() if any(hmac.compare_digest(each.empreinte, one) for one in tried)]
        if not held:
            self.throttle_increment(commit=True)
            return False
        held[0].delete()
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> float:
        """As for an application."""
        return 1


class CodeDeSecours(models.Model):
    """Un code qui n'a pas servi."""

    appareil = models.ForeignKey(Secours, on_delete=models.CASCADE, related_name="codes")
    empreinte = models.CharField(max_length=64, editable=False)
    """HMAC-SHA256 of the code, hex, keyed by the site: who reads this row cannot try codes until one fits."""

    class Meta:
        verbose_name = "code de secours"

    def __str__(self) -> str:
        return f"code de secours {self.pk}"


def domaine(compte: object) -> str:
    """What the second factors of an account are closed for; ``compte``: its id."""
    return f"facteur:{compte}"


def fermer(cle: bytes, compte: object) -> bytes:
    """The key of an application as it is kept."""
    return coffre.chiffrer(cle, domaine(compte))


def _pas(now: datetime) -> int:
    return int(now.timestamp()) // PAS


def _code(key: bytes, step: int) -> str:
    return f"{hotp(key, step, CHIFFRES):0{CHIFFRES}}"
