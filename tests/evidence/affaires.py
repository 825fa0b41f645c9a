"""Matters as the tests of procedures read them: a life in, the traps of one procedure out, in a few words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from evidence.procedures import Affaire, Piege, Procedure, affaire, pieges
from ledger.days import Jours
from ledger.entry import Entry, Piece
from ledger.events.depot import AttestationDepotDelivree, TentativeDepotEchouee
from ledger.events.effet import PrestationSuspendue
from ledger.events.recours import RecoursForme
from ledger.events.types import BaseRecours, NatureDecision, Prestation
from replay.as_of import Moment
from tests.projections.vies import e, titre

SUSPENSION, LIBERTE = Procedure.SUSPENSION, Procedure.LIBERTE
MESURES, INDEMNITAIRE, PROVISION = Procedure.MESURES_UTILES, Procedure.INDEMNITAIRE, Procedure.PROVISION
J = Jours.lire


def vue(entries: Sequence[Entry], au: str) -> Affaire:
    """The matter seen on the day ``au``."""
    return affaire(entries, Moment(None, date.fromisoformat(au)))


def trouves(procedure: Procedure, entries: Sequence[Entry], au: str) -> dict[str, Piege]:
    """The traps by code; the last one of each."""
    return {each.code: each for each in pieges(procedure, vue(entries, au))}


def avec_piece(entry: Entry, number: int = 1) -> Entry:
    """The same fact, citing a document."""
    cited = (Piece(nom="piece.pdf", octets=10, sha256=f"{number:064x}"),)
    return msgspec.structs.replace(entry, fait=entry.fait.model_copy(update={"pieces": cited}))


def carte(au: str = "2025-09-30") -> Entry:
    """A one-year card."""
    return titre(f"{int(au[:4]) - 1}{au[4:]}", au)


def tentative(jour: str) -> Entry:
    """A failed attempt to file."""
    return e("D-1", jour, TentativeDepotEchouee(texte_erreur="E-503"))


def attestation(jour: str) -> Entry:
    """The certificate of filing."""
    return e("D-1", jour, AttestationDepotDelivree(delivree_le=J(jour)))


def au_fond(jour: str) -> Entry:
    """The request for annulment of the implicit refusal."""
    event = RecoursForme(base=BaseRecours.EXCES_DE_POUVOIR, forme_le=J(jour), vise=NatureDecision.REFUS_IMPLICITE)
    return e("D-1", jour, event)


def reclamation(jour: str, recue: str | None = None, **given: Any) -> Entry:
    """The claim for compensation made to the administration."""
    event = RecoursForme(
        base=BaseRecours.DEMANDE_INDEMNITAIRE_PREALABLE, forme_le=J(jour), recu_le=J(recue) if recue else None, **given
    )
    return e("D-1", jour, event)


def rsa(jour: str, **given: Any) -> Entry:
    """A benefit suspended."""
    event = PrestationSuspendue(prestation=Prestation.RSA, organisme="CAF", depuis_le=J(jour), **given)
    return e("RSA-1", jour, event)
