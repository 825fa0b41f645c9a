"""Duties as tests read them: the entries of a life in, the duties of one code out, in a few words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.depot import AccuseReceptionDelivre, DemandePapierEnregistree
from ledger.events.types import Canal, Grade, NatureDemande, Source, TypeTitre
from projections.imputation.calcul import obligations
from projections.imputation.modeles import Obligation
from tests.projections.vies import e

J = Jours.lire


def de(entry: Entry, **given: Any) -> Entry:
    """The same fact with other words of its envelope: its source, its grade, its channel."""
    return msgspec.structs.replace(entry, fait=entry.fait.model_copy(update=given))


def par_anef(objet: str, day: str, event: Event) -> Entry:
    """A fact that went through the téléservice."""
    return de(e(objet, day, event), canal=Canal.TELESERVICE)


def declare(entry: Entry) -> Entry:
    """The same fact, only declared by the person."""
    return de(entry, source=Source.DECLARATION, grade=Grade.D)


def papier(day: str) -> Entry:
    """An application received at the desk."""
    event = DemandePapierEnregistree(titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, recue_le=J(day))
    return e("D-1", day, event)


def accuse(day: str, *, sauf: Sequence[str] = (), tues: Sequence[str] = (), **given: Any) -> Entry:
    """A receipt that bears every mention but ``sauf``; of ``tues`` the source says nothing."""
    names = ("date_reception", "service", "sens_du_silence", "date_decision_implicite", "voies_recours")
    said: dict[str, Any] = {f"mention_{name}": name not in sauf for name in names if name not in tues}
    return e("D-1", day, AccuseReceptionDelivre(delivre_le=J(day), **said, **given))


def dus(code: str, entries: Sequence[Entry], au: str) -> list[Obligation]:
    """The duties of this code seen on ``au``."""
    return [each for each in obligations(entries, date.fromisoformat(au)) if each.code == code]


def dit(code: str, entries: Sequence[Entry], au: str) -> Obligation:
    """The only duty of this code."""
    (found,) = dus(code, entries, au)
    return found


def jours(owed: Obligation) -> list[tuple[str, str]]:
    """The days of breach."""
    return [(f"{each.du}", f"{each.au}") for each in owed.manquements]


def codes(owed: Obligation) -> set[str]:
    """The codes of what is told beside a duty."""
    return {each.code for each in owed.constats}
