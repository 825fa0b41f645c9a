"""Ce qui peut être dit, et à qui, de qui a regardé un dossier : une règle, une fonction, et le compte de ce qui est tu.

Source      RGPD, art. 15 (qui a reçu ses données) et art. 23 (limites posées par la loi), de mémoire. [M] Le délai est
            une convention de ce registre : aucun texte lu ne le fixe. [I]
Résumé      La personne et qui la représente apprennent le service, le jour et la raison de chaque regard, jamais qui
            l'a porté. Trois regards ne sont dits qu'après :data:`DELAI`, ou dès que l'affaire est close : ceux d'un
            contrôle interne, ceux d'une juridiction, ceux d'une réclamation qui n'est pas la sienne. Les dire aussitôt
            avertirait ceux sur qui porte l'enquête. L'agent n'en sait pas plus que la personne ; le responsable voit
            aussi ce que son propre service a fait ; le Défenseur des droits voit tout.
            Ce qui est tu est compté, et le compte ne dépend d'aucun filtre.
Non codé    La fin d'un contrôle : aucun fait du vocabulaire ne la dit, le délai seul la fait dire.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events import reclamation, recours
from ledger.events.acces import REGARDS
from ledger.events.listes import FondementAcces
from projections.attaches import service as service_compare

DELAI: Final = timedelta(days=183)
"""From the look on, until it is told where nothing says that its file is closed. [I]"""
RESERVES: Final = frozenset({FondementAcces.CONTROLE, FondementAcces.JURIDICTION, FondementAcces.RECLAMATION_DDD})
"""The grounds that may be those of an inquiry."""


class Public(StrEnum):
    """À qui l'on dit qui a regardé."""

    PERSONNE = "personne"
    """Elle-même, ou qui la représente."""
    SERVICE = "service"
    """Un agent du service en charge."""
    RESPONSABLE = "responsable"
    """Le responsable de ce service."""
    CONTROLE = "controle"
    """Le Défenseur des droits."""


class Affaires(NamedTuple):
    """The files of a person: those that are hers, and those that are known to be closed."""

    siennes: frozenset[str] = frozenset()
    closes: frozenset[str] = frozenset()


def affaires(entries: Iterable[Entry]) -> Affaires:
    """The files that the ``entries`` of one person tell of: her complaints and her cases, and those that have ended."""
    hers, ended = set[str](), set[str]()
    for entry in entries:
        match entry.fait.evenement:
            case reclamation.ReclamationDddOuverte(numero=numero):
                hers.add(numero)
            case recours.RecoursForme(numero=str(numero)) | recours.RefereForme(numero=str(numero)):
                hers.add(numero)
            case (
                recours.JugementRendu(numero=str(numero))
                | recours.OrdonnanceRendue(numero=str(numero))
                | reclamation.SuiteRecommandationRapportee(numero=str(numero))
            ):
                ended.add(numero)
            case _:
                pass
    return Affaires(frozenset(hers), frozenset(ended))


def regards(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those of ``entries`` that say that somebody looked."""
    return tuple(entry for entry in entries if isinstance(entry.fait.evenement, REGARDS))


def dit(entry: Entry, public: Public, connues: Affaires, now: datetime, service: str = "") -> bool:
    """Whether a look may be told to ``public`` at ``now``. ``service``: that of who reads."""
    fondement = getattr(entry.fait.evenement, "fondement", None)
    if public is Public.CONTROLE or fondement not in RESERVES:
        return True
    reference = getattr(entry.fait.evenement, "reference", None)
    hers = frozenset[str]() if fondement is FondementAcces.CONTROLE else connues.siennes
    if reference in hers | connues.closes:
        return True
    if public is Public.RESPONSABLE and service and meme_service(entry.fait.acteur.service, service):
        return True
    return now - max(entry.recorded_at, entry.fait.survenu.fin) >= DELAI


def divulguer(
    entries: Sequence[Entry], public: Public, connues: Affaires, now: datetime, service: str = ""
) -> tuple[tuple[Entry, ...], int]:
    """Those of the looks that may be told to ``public`` at ``now``, and how many may not yet."""
    told = tuple(entry for entry in entries if dit(entry, public, connues, now, service))
    return told, len(entries) - len(told)


def meme_service(un: str | None, autre: str) -> bool:
    """Whether two names are of one service, without case or accents."""
    return un is not None and service_compare(un) == service_compare(autre)
