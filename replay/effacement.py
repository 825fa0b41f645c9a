"""The receipt of an erasure: which findings lose their proof, and when the erasure is final. It names nobody.

Made before the key is destroyed, since nobody can afterwards. Of the person it holds the random id that the ledger
keeps anyway, and the reference that whoever asked for the erasure gave; of the findings, days, attribution, how many
facts carried them and the hashes of their leaves, which stay in the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ledger import canonical
from ledger.entry import Avertissement
from ledger.errors import ConstatError
from projections.imputation.modeles import Attribution, Imputation
from replay.as_of import plain
from replay.preuve import Preuve

FORMAT: Final = "constat/recu-effacement/1"
MAX_RECEIPT: Final = 1 << 24


class ReceiptError(ConstatError):
    """Ce fichier n'est pas un reçu d'effacement de ce registre ; donnez le fichier .json, tel qu'il a été remis."""


class Perdu(msgspec.Struct, frozen=True, kw_only=True):
    """Un constat qui perd sa preuve."""

    du: date
    au: date
    jours: int
    couche: str
    imputation: str
    statut: str
    faits: int
    """How many of the person's facts carried it."""
    feuilles: tuple[str, ...]
    """The leaf hashes (hex) of these facts: they stay in the log, and nothing opens them."""


class Exception17(msgspec.Struct, frozen=True, kw_only=True):
    """Une exception pesée avant l'effacement."""

    code: str
    source: str


class Recu(msgspec.Struct, frozen=True, kw_only=True):
    """Le reçu d'un effacement."""

    format: str
    registre: str
    """The log's origin."""
    sujet: str
    """The random id (32 hex digits) under which the ledger keeps leaves that nothing links to a person any more."""
    reference: str | None
    """The reference that was given with the request."""
    regle: str | None
    etabli_le: str
    """When it was made, before the destruction: RFC 3339, UTC."""
    cle_deploiement: str
    """Which KEK wrapped the key."""
    empreinte_cle: str
    faits: int
    """How many facts nobody can read any more, the one that tells the destruction included."""
    documents: int
    constats: tuple[Perdu, ...]
    pesees: tuple[Exception17, ...]

    def text(self) -> str:
        """The one form in which it is handed over and digested: canonical JSON (RFC 8785)."""
        return canonical.encode(plain(self)).decode()


def lire(text: str) -> Recu:
    """The receipt that ``text`` holds.

    :raises ReceiptError: it is none, or not in its one form.
    """
    try:
        read = msgspec.json.decode(text, type=Recu)
        if read.format == FORMAT and read.text() == text.rstrip("\n"):
            return read
    except (ValueError, RecursionError) as error:
        raise ReceiptError(ReceiptError.__doc__) from error
    raise ReceiptError(ReceiptError.__doc__)


def perdus(preuve: Preuve, feuilles: Mapping[UUID, bytes]) -> tuple[Perdu, ...]:
    """What each attribution loses: ``feuilles`` are the leaf hashes of the facts that nobody will read, by event id."""
    return tuple(_perdu(each, feuilles) for each in preuve.attributions)


def _perdu(lost: Attribution, feuilles: Mapping[UUID, bytes]) -> Perdu:
    hers = sorted({feuilles[each].hex() for each in _cites(lost) if each in feuilles})
    return Perdu(
        du=lost.du,
        au=lost.au,
        jours=lost.jours,
        couche=lost.couche,
        imputation=lost.imputation.value,
        statut=lost.statut.value,
        faits=len(hers),
        feuilles=tuple(hers),
    )


def _cites(lost: Attribution) -> Iterator[UUID]:
    chains = (lost.chaine, lost.contre, *(version.chaine for version in lost.versions))
    return (each for chain in chains for constat in chain for each in constat.entries)


def dernier_jour_perdu(preuve: Preuve) -> date | None:
    """The last lost day that may be the administration's: as long as its claim lives, the evidence of it may serve."""
    aside = {Imputation.APPLICANT, Imputation.END_OF_RIGHT_BY_DECISION}
    return max((each.au for each in preuve.attributions if each.imputation not in aside), default=None)


def pesees(avertissements: Sequence[Avertissement]) -> tuple[Exception17, ...]:
    """What was weighed, by code and source only."""
    return tuple(Exception17(code=each.code, source=each.source) for each in avertissements)
