"""What is known when an act is asked for: the dossier, the person's other facts, and the incidents that still run.

Built from the facts that hold, once; every guard reads it, none reads the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from commands.base import Acte
from ledger.days import Jours
from ledger.dossier import Dossier, fold
from ledger.entry import Acteur, Entry, Fait
from ledger.events.base import Event
from ledger.events.incident import IncidentOuvert, IncidentResolu, PorteeIncidentFixee
from ledger.events.personne import MandatDonne
from ledger.events.types import Canal, CodeIncident, Flux
from ledger.mandats import en_cours
from ledger.retained import holding

Type = TypeVar("Type", bound=Event)


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Un incident qui n'est pas résolu pour le dossier dont il s'agit."""

    objet: str | None
    code: CodeIncident
    depuis: Jours


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que le registre sait au moment d'un acte."""

    acteur: Acteur
    canal: Canal
    le: Jours
    """Le jour de l'acte."""
    flux: Flux
    personne: str | None = None
    objet: str | None = None
    corrige: str | None = None
    nomme: str | None = None
    """Le dossier dont il s'agit : celui du flux, ou celui que le contenu nomme."""
    dossiers: Mapping[str, Dossier] = {}
    faits: tuple[Fait, ...] = ()
    """Les faits qui tiennent, dans l'ordre où ils se sont produits."""
    ids: frozenset[str] = frozenset()
    """Les identifiants de tous les faits, corrigés compris."""

    @property
    def dossier(self) -> Dossier:
        """The application that the act is about; an empty one when nothing is known of it."""
        return self.dossiers.get(self.nomme or "", Dossier())

    @property
    def deposes(self) -> tuple[Dossier, ...]:
        """The person's applications that were filed."""
        return tuple(each for each in self.dossiers.values() if each.depose)

    def de(self, kind: type[Type]) -> Iterator[Type]:
        """The payloads of one class, in order."""
        return (fait.evenement for fait in self.faits if isinstance(fait.evenement, kind))

    def connait(self, *kinds: type[Event]) -> bool:
        """Whether a fact of one of ``kinds`` holds, in any stream of the person."""
        return any(isinstance(fait.evenement, kinds) for fait in self.faits)

    def ici(self, *kinds: type[Event]) -> bool:
        """Whether a fact of one of ``kinds`` holds in the stream that the act writes to."""
        return any(True for _ in self.du_flux(*kinds))

    def du_flux(self, *kinds: type[Event]) -> Iterator[Fait]:
        """The facts of ``kinds`` in the stream that the act writes to, in order."""
        return (
            fait
            for fait in self.faits
            if fait.objet == self.objet and fait.flux is self.flux and isinstance(fait.evenement, kinds)
        )

    def dernier(self, *kinds: type[Event]) -> Event | None:
        """The last of the facts of ``kinds`` in the stream that the act writes to."""
        found = None
        for fait in self.du_flux(*kinds):
            found = fait.evenement
        return found

    def mandats_donnes(self) -> list[MandatDonne]:
        """The mandates that were given and not revoked, whatever their dates."""
        return list(en_cours(fait.evenement for fait in self.faits))

    def mandats(self, mandataire: str | None) -> list[MandatDonne]:
        """The mandates of one representative that cover the day of the act, and its dossier when they name some."""
        return [
            each
            for each in self.mandats_donnes()
            if (mandataire is None or each.mandataire == mandataire)
            and (each.valide_du is None or each.valide_du.premier <= self.le.dernier)
            and (each.valide_au is None or self.le.premier <= each.valide_au.dernier)
            and (not each.dossiers or self.nomme is None or self.nomme in each.dossiers)
        ]

    def incidents(self) -> list[Incident]:
        """The incidents that still run and touch the dossier, or the person when no dossier is named."""
        return list(_running(self.faits, self.nomme))


def _running(faits: Iterable[Fait], dossier: str | None) -> Iterator[Incident]:
    opened: dict[str | None, tuple[Incident, set[str], bool]] = {}
    for fait in faits:
        event = fait.evenement
        if isinstance(event, IncidentOuvert):
            incident = Incident(objet=fait.objet, code=event.code, depuis=event.depuis.jours)
            opened[fait.objet] = (incident, set(event.dossiers), False)
        elif isinstance(event, PorteeIncidentFixee) and fait.objet in opened:
            incident, touched, general = opened[fait.objet]
            opened[fait.objet] = (incident, touched | set(event.dossiers), general or event.generale)
        elif isinstance(event, IncidentResolu) and (not event.dossiers or dossier in event.dossiers):
            opened.pop(fait.objet, None)
    for incident, touched, general in opened.values():
        if general or not touched or dossier is None or dossier in touched:
            yield incident


def situation(entries: Iterable[Entry], acte: Acte, now: datetime) -> Situation:
    """The situation in which ``acte`` is asked for at ``now``, from all the ``entries`` that concern it.

    The fact that the act corrects no longer counts: the act is judged as if it had been right the first time.
    """
    everything = list(entries)
    held = [entry for entry in holding(everything) if entry.fait.id not in {acte.corrige, acte.id}]
    by_dossier: dict[str, list[Entry]] = defaultdict(list)
    for entry in held:
        if entry.fait.flux is Flux.DOSSIER and entry.fait.objet is not None:
            by_dossier[entry.fait.objet].append(entry)
    named: Any = acte.objet if acte.flux is Flux.DOSSIER else getattr(acte.evenement, "dossier", None)
    return Situation(
        acteur=acte.acteur,
        canal=acte.canal,
        le=acte.moment(now).jours,
        flux=acte.flux,
        personne=acte.personne,
        objet=acte.objet,
        corrige=acte.corrige,
        nomme=named,
        dossiers={objet: fold(each) for objet, each in by_dossier.items()},
        faits=tuple(entry.fait for entry in held),
        ids=frozenset(entry.fait.id for entry in everything) - {acte.id},
    )
