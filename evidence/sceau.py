"""The seal of a PDF that leaves (PAdES B-LTA, ETSI EN 319 142-1): made with a key and time-stamps, judged by anybody.

The seal says whose the file is and that nothing was written into it since; its time-stamps say since when, in the word
of an authority that the operator does not command. Whether what the file tells is true, it does not say. A copy that a
court's platform marked is no longer sealed: the digest in the bundle's manifest outlives that.

What is heavy (pyHanko) is read when a seal is made or judged, not before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography import x509

from ledger.errors import ConstatError
from ledger.seal.couriers import Authority
from ledger.seal.timestamp import Timestamp, Trust

LE_PLUS: Final = 100_000_000
"""Octets of a PDF, at most, to be sealed or judged."""
RAISON: Final = "Document établi à partir du registre"


class SceauError(ConstatError):
    """Un document n'a pas pu être scellé, ou son sceau n'a pas pu être lu."""


class SansSceauError(SceauError):
    """Le document ne porte pas de sceau."""


@dataclass(frozen=True, slots=True)
class Confiance:
    """Whom to believe about seals and about time; it comes from outside, not from the file that is judged.

    ``racines``, ``qualifiees``: certificates that end a seal's chain, which may be an intermediate's; the second are
    those that a trusted list (eIDAS art. 22) names for a qualified service: all beneath them counts as qualified.
    """

    racines: Sequence[x509.Certificate] = ()
    qualifiees: Sequence[x509.Certificate] = ()
    heure: Trust = field(default_factory=Trust)


@dataclass(frozen=True, slots=True)
class Sceau:
    """How to seal. ``cle``: a PKCS#12 file with the key, its certificate and those above it, the root's apart.

    ``phrase``: the file whose first line opens ``cle``; ``autorite``: of whom time-stamps are asked, three for a seal.
    ``racines``, ``qualifiees``: as of :class:`Confiance`.
    """

    cle: Path
    phrase: Path | None
    autorite: Authority
    racines: Sequence[x509.Certificate]
    qualifiees: Sequence[x509.Certificate] = ()

    @property
    def confiance(self) -> Confiance:
        """Whom the seal must convince, to begin with."""
        return Confiance(self.racines, self.qualifiees, self.autorite.trust)


class Niveau(Enum):
    """What a seal brings with it (EN 319 142-1, section 6): each level adds to the one before."""

    B_B = "B-B"
    """A signature."""
    B_T = "B-T"
    """A time-stamp over it."""
    B_LT = "B-LT"
    """Certificates and revocation lists, in the file."""
    B_LTA = "B-LTA"
    """A time-stamp over all that."""


class Etat(Enum):
    """What is to be thought of a seal."""

    TIENT = "tient"
    NON_CONFIRME = "non confirmé"
    """Nothing speaks against it, and something that it takes to believe it is missing."""
    NE_TIENT_PAS = "ne tient pas"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a seal proves. ``constats``: why it does not hold, or is not confirmed; none when it holds.

    ``signataire``, ``emetteur``: names in the certificates (RFC 4514), true as far as ``etat`` says; ``date``: the
    signer's own claim; ``horodatage``: the last time-stamp over the whole file; ``listes``: when the oldest revocation
    list in the file was made; ``reserves``: what nobody verified, one sentence each, to be printed with it.
    """

    etat: Etat
    constats: tuple[str, ...]
    signataire: str
    emetteur: str
    niveau: Niveau
    qualifie: bool
    date: datetime | None
    raison: str | None
    horodatage: Timestamp | None
    reserves: tuple[str, ...]

    @property
    def tient(self) -> bool:
        """Whether it holds."""
        return self.etat is Etat.TIENT


def sceller(pdf: bytes, sceau: Sceau, *, raison: str = RAISON) -> bytes:
    """``pdf`` with a certifying seal that allows no change (DocMDP 1), level B-LTA, in an invisible field.

    What is PDF/A-3a and PDF/UA-1 stays so. The time-stamps, and the lists of revocation that the certificates name, are
    fetched within bounds of time and size; what came out is judged (:func:`verifier_sceau`) before it is given back.

    :raises SceauError: it cannot be; the message says why and what to do, and holds no secret.
    :raises PostError, TimestampError: the authority of time-stamps gave none, or one that is not believed.
    """
    from evidence import sceau_pose  # noqa: PLC0415 - half a second that no other command needs

    return sceau_pose.sceller(pdf, sceau, raison)


def verifier_sceau(pdf: bytes, confiance: Confiance) -> Verdict:
    """Judge the seal of ``pdf`` at the date of its last time-stamp, without any network:

    1. the file has one signature, PAdES, and after it nothing but data of validation and time-stamps: what is covered,
       what was changed since, and what the signature allows to be changed are judged apart, and each can refuse;
    2. the digest and the signature are those of its certificate, which serves signing;
    3. a chain of certificates leads to ``confiance``, and what the file holds says of each that it is not revoked
       (EN 319 102-1);
    4. the last time-stamp is believed (:func:`ledger.seal.timestamp.verify`); it covers the file to its last octet.

    Without a time-stamp that is believed, it is judged now, and not confirmed.

    :raises SansSceauError: there is no seal. :raises SceauError: the file cannot be read as a PDF.
    """
    from evidence import sceau_juge  # noqa: PLC0415 - half a second that no other command needs

    return sceau_juge.juger(pdf, confiance)
