"""Who holds a day of a dossier, of all that is read of it: the order of precedence that the day ledger follows."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from projections.imputation.modeles import Partie


class TenuPar(StrEnum):
    """Entre les mains de qui est le dossier."""

    USAGER = "usager"
    ADMINISTRATION = "administration"
    TIERS = "tiers"
    PERSONNE = "personne"
    """Rien n'est dû par quiconque."""
    DISPUTE = "dispute"


class Tenue(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours qui se suivent pendant lesquels un dossier est entre les mêmes mains, pour la même raison."""

    dossier: str | None
    """``None``: la demande à venir, sans référence encore."""
    du: date
    avant: date
    """Le premier jour qui n'en est plus."""
    tenu_par: TenuPar
    motif: str
    articles: tuple[str, ...]
    entries: tuple[UUID, ...]


class Rang(StrEnum):
    """The kinds of pieces; the precedence of the kinds that are not breaches is their order here."""

    DATE_INEXACTE = "date_inexacte"
    MANQUEMENT = "manquement"
    TIERS = "tiers"
    TICKET = "ticket"
    USAGER = "usager"
    INSTRUCTION = "instruction"
    DECISION = "decision"
    TITRE = "titre"


TENU: Final = {
    Rang.TIERS: TenuPar.TIERS,
    Rang.TICKET: TenuPar.TIERS,
    Rang.USAGER: TenuPar.USAGER,
    Rang.INSTRUCTION: TenuPar.ADMINISTRATION,
    Rang.DECISION: TenuPar.PERSONNE,
    Rang.TITRE: TenuPar.PERSONNE,
}
EN_DEFAUT: Final = {Partie.ADMINISTRATION: TenuPar.ADMINISTRATION, Partie.USAGER: TenuPar.USAGER}


class Morceau(NamedTuple):
    """Days of one dossier and what they are held for; both ends included."""

    du: int
    au: int
    rang: Rang
    motif: str
    sources: tuple[str, ...]
    entries: tuple[UUID, ...]
    debiteur: Partie | None = None
    etabli: bool = True


def memes(first: Tenue, second: Tenue) -> bool:
    """Whether both are in the same hands for the same reason: days that follow one another are then one interval."""
    return (first.tenu_par, first.motif, first.articles, first.entries) == (
        second.tenu_par,
        second.motif,
        second.articles,
        second.entries,
    )


_Main = tuple[TenuPar, str, tuple[str, ...], tuple[UUID, ...]]


def qui_tient(pieces: Sequence[Morceau]) -> _Main:
    """Who holds a day, of all that is read of it."""
    breaches = [each for each in pieces if each.rang is Rang.MANQUEMENT]
    sides = {each.debiteur for each in breaches}
    doubt = [each for each in pieces if each.rang is Rang.DATE_INEXACTE]
    sure = [each for each in breaches if each.etabli]
    if len(sides) > 1:
        return _dire(TenuPar.DISPUTE, breaches, "Les deux parties sont en défaut ce jour-là. ")
    if breaches and not sure:
        return _dire(TenuPar.DISPUTE, breaches, "Un maillon n'est pas établi. ")
    if doubt:
        return _dire(TenuPar.DISPUTE, doubt, "")
    if sure and sure[0].debiteur is not None:
        return _dire(EN_DEFAUT[sure[0].debiteur], sure, "")
    for rang, holder in TENU.items():
        found = [each for each in pieces if each.rang is rang]
        if found:
            return _dire(holder, found, "")
    return TenuPar.PERSONNE, "Rien n'est dû par quiconque.", (), ()


def _dire(holder: TenuPar, pieces: Iterable[Morceau], before: str) -> _Main:
    found = sorted(set(pieces), key=lambda each: (each.du, each.motif, each.entries))
    motif = before + " ".join(dict.fromkeys(each.motif for each in found))
    articles = tuple(dict.fromkeys(each for piece in found for each in piece.sources))
    return holder, motif, articles, tuple(dict.fromkeys(each for piece in found for each in piece.entries))
