"""What an export concludes, as one digest, and which later fact changed it.

The conclusion is the days lost and to whom they are due, without the sentences that tell it: a better wording changes
nothing, one day more does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from ledger import canonical
from ledger.entry import Entry
from projections.imputation.modeles import Attribution
from replay.as_of import Moment
from replay.preuve import Preuve, preuve
from rules.catalogue import jeux_nommes
from rules.jeux import Jeu

DOMAINE: Final = b"constat/1 conclusion\0"
"""What stands before the canonical JSON in the digest."""


def empreinte(found: Preuve) -> str:
    """SHA-256, in hex, of the days lost: their interval, layer, attribution, how far it is established, and causes."""
    return sha256(DOMAINE + canonical.encode([_said(each) for each in found.attributions])).hexdigest()


def _said(lost: Attribution) -> dict[str, object]:
    return {
        "au": lost.au.isoformat(),
        "causes": sorted({f"{each.debiteur.value} {each.code} {each.dossier or ''}" for each in lost.causes}),
        "couche": lost.couche,
        "du": lost.du.isoformat(),
        "imputation": lost.imputation.value,
        "nature": lost.nature,
        "reference": lost.reference,
        "statut": lost.statut.value,
    }


@dataclass(frozen=True, slots=True)
class Suite:
    """What became of a conclusion.

    ``refaite``: made again from what was known then, it is the same; ``None``: its rules are not in this program.
    ``change``: the first fact recorded since that changed it.
    """

    refaite: bool | None
    change: Entry | None
    depuis: int
    """How many facts were recorded since."""


def suite(entries: Sequence[Entry], conclusion: str, connu_le: datetime, vu_le: date, regles: str) -> Suite:
    """What became of a ``conclusion`` drawn from ``entries`` as known at ``connu_le`` and seen on ``vu_le``.

    ``entries``: the person's, with those of incidents of nobody, later ones included.
    """
    later = sorted((each for each in entries if each.recorded_at > connu_le), key=lambda each: each.recorded_at)
    named = jeux_nommes(regles)
    if len(named) != 1:
        return Suite(None, None, len(later))
    same = _at(entries, connu_le, vu_le, named[0]) == conclusion
    if not later or _at(entries, later[-1].recorded_at, vu_le, named[0]) == conclusion:
        return Suite(same, None, len(later))
    for each in later:
        if _at(entries, each.recorded_at, vu_le, named[0]) != conclusion:
            return Suite(same, each, len(later))
    raise AssertionError  # the last one was tried above


def _at(entries: Sequence[Entry], connu_le: datetime, vu_le: date, jeu: Jeu) -> str:
    return empreinte(preuve(entries, Moment(connu_le, vu_le), jeu))
