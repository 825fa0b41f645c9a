"""The part of a life that a mandate limited to some dossiers opens: theirs, and what the person has in common to all.

A fact is open when it is attached to a dossier of the mandate, or is of no dossier and of a kind that every dossier is
read with; what is neither is closed, so that a kind of fact that is new here opens nothing. How a fact is attached, the
first of these that says anything deciding:

- a fact of the application belongs to the dossier it is recorded under, whatever else it names; one that is recorded
  under none, as an attempt that failed, is told from its correlation or its cause, as any other;
- a title belongs to the dossiers that it, or the application that names it, ties it to;
- any other fact, to the dossiers that it names; to those of its incident, its effect or its complaint; to that of the
  fact that caused it.

An incident that hit several dossiers is open to who has one of them, an effect or a complaint to who has them all. Of
the facts that are open, what names another dossier is masked. What was corrected by a fact that is closed is closed
too: shown without what replaced it, it would be told as holding.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from msgspec.structs import replace

from ledger.entry import Entry
from ledger.events import personne, titre
from ledger.events.base import Event
from ledger.events.correction import FaitConteste, FaitRetire
from ledger.events.types import Flux
from ledger.mandats import revoque
from ledger.retained import corrections, holding, named
from projections.couverture import couverture
from replay.as_of import Moment
from replay.preuve import preuve
from replay.tiers import ELSEWHERE, LISTS, SINGLES
from replay.vie import touchants

COMMUNS: Final[frozenset[type[Event]]] = frozenset(
    {
        personne.CompteCree, personne.CreationCompteEchouee, personne.ReinitialisationMotDePasseDemandee,
        personne.LienReinitialisationNonRecu, personne.ConnexionReussie, personne.ConnexionEchouee,
        personne.ChangementAdresseDeclare, personne.ChangementAdresseVuPrefecture, personne.CoordonneesModifiees,
        personne.ConsentementNotificationElectroniqueDonne, personne.ConsentementNotificationElectroniqueRetire,
        personne.NumeroEtrangerAttribue, personne.NumeroEtrangerManquant, personne.ProtectionReconnue,
        personne.InstructionsAccesEnvoyees, personne.MajoriteAtteinte,
        titre.TitreRemis, titre.TitreExpire, titre.TitreRetire, titre.TitrePrecedentRestitue,
        titre.RestitutionNonEnregistree, titre.RappelExpirationEnvoye, titre.RappelExpirationOuvert,
        titre.FenetreDepotOuverte, titre.FenetreDepotFermee, titre.AttestationDemandeAsileDelivree,
    }
)  # fmt: skip
"""Of no dossier, and without which no dossier is understood: her right to stay, her protection, her age, by which way
she is reached, whether the service let her in."""
RESERVES: Final[frozenset[type[Event]]] = frozenset(
    {personne.VulnerabiliteSignalee, titre.FabricationCarteCommandee, titre.CartePrete}
)
"""Of no dossier, and closed: what is restricted, and what tells that some other application came through."""
PARTAGES: Final = frozenset({Flux.TITRE, Flux.INCIDENT})
"""Where one dossier of the mandate suffices, whatever others are tied to the same object."""
LIENS: Final = {"titre_precedent": Flux.TITRE, "incident": Flux.INCIDENT}
"""The fields by which a fact of an application ties a title or an incident to it."""
NUMEROTES: Final = (personne.ChangementAdresseDeclare, personne.ChangementAdresseVuPrefecture)
"""Those whose number is that of the procedure by which it was done."""


class _Part(IntEnum):
    FERMEE = 0
    COMMUNE = 1
    RATTACHEE = 2


@dataclass(frozen=True, slots=True)
class Limite:
    """What a representative may read of a person: these dossiers, and no other."""

    dossiers: frozenset[str]
    mandataire: str
    """Who reads: of the mandates of the person, theirs only."""

    @property
    def dits(self) -> tuple[str, ...]:
        """The dossiers, in order."""
        return tuple(sorted(self.dossiers))


def limiter(entries: Sequence[Entry], limite: Limite) -> tuple[Entry, ...]:
    """Of a person's ``entries`` and those of the incidents of nobody that reached her, what ``limite`` opens."""
    return _Tri(entries, limite).ouvertes()


def tient(entier: Sequence[Entry], partie: Sequence[Entry], au: date) -> bool:
    """Whether what the part concludes on the day ``au`` is true of the whole, every day and every duty of it.

    A title that came from elsewhere may cover days that the part alone would call lost: they must not be told.
    """
    return _conclusions(partie, au) <= _conclusions(entier, au)


def _conclusions(entries: Sequence[Entry], au: date) -> set[object]:
    read = preuve(entries, Moment(None, au))
    cover = couverture(holding(entries, on=au), au)
    # Whole, with what shows them and what speaks against: that nothing was found may be false of the whole as well.
    told: set[object] = {*read.attributions, *read.obligations, *read.divergences, *read.journal}
    told |= {*cover.refus_implicites, *cover.effets}
    for gap in cover.lacunes:
        told |= {("lacune", gap.nature, gap.certitude, day) for day in _jours(gap.du, gap.au)}
    for layer, segments in (("droit", cover.droit), ("preuve", cover.preuve)):
        for each in segments:
            told |= {(layer, each.base, each.certitude, each.reference, day) for day in _jours(each.du, each.au)}
    return told


def _jours(du: date, au: date) -> Iterator[int]:
    return iter(range(du.toordinal(), au.toordinal() + 1))


class _Tri:
    def __init__(self, entries: Sequence[Entry], limite: Limite) -> None:
        self._entries, self._limite = entries, limite
        self._hers = [entry for entry in entries if entry.fait.personne is not None]
        self._by_id = {entry.fait.id: entry for entry in self._hers}
        filed = [entry for entry in self._hers if entry.fait.flux is Flux.DOSSIER]
        self._known = {*limite.dossiers, *(entry.fait.objet for entry in filed if entry.fait.objet)}
        self._known |= {each for entry in self._hers for each in _cites(entry.fait.evenement)}
        self._parts: dict[str, _Part] = {}
        self._objets: defaultdict[tuple[Flux, str], set[str]] = defaultdict(set)
        for entry in self._hers:
            if entry.fait.objet:
                self._objets[entry.fait.flux, entry.fait.objet] |= self._nommes(entry)
        for entry in filed:
            for name, flux in LIENS.items():
                tied = entry.fait.evenement.lire_champ(name)
                if tied is not None and entry.fait.objet:
                    self._objets[flux, tied].add(entry.fait.objet)

    def ouvertes(self) -> tuple[Entry, ...]:
        shown = {entry.event_id for entry in self._hers if self._part(entry) is not _Part.FERMEE}
        by = corrections(self._hers)
        replaced = [(entry.event_id, by[named(entry)].event_id) for entry in self._hers if named(entry) in by]
        while gone := {each for each, other in replaced if each in shown and other not in shown}:
            shown -= gone
        kept = [entry for entry in self._entries if entry.fait.personne is None or entry.event_id in shown]
        ids = {entry.fait.id for entry in kept if entry.fait.personne is not None}
        return tuple(self._masquee(entry, ids) for entry in touchants(kept))

    # ------------------------------------------------------------------ which facts are open

    def _part(self, entry: Entry) -> _Part:
        ident = entry.fait.id
        if ident not in self._parts:
            self._parts[ident] = _Part.FERMEE  # facts that cause each other in a circle attach none of them
            self._parts[ident] = self._juger(entry)
        return self._parts[ident]

    def _juger(self, entry: Entry) -> _Part:
        fait = entry.fait
        match fait.evenement:
            case FaitRetire():
                return self._comme(fait.corrige)
            case FaitConteste(faits_contestes=contested):
                opened = contested and all(self._comme(each) for each in contested)
                return _Part.COMMUNE if opened else _Part.FERMEE
            case personne.MandatDonne() | personne.MandatRevoque():
                return _Part.COMMUNE if self._sien(fait.evenement) else _Part.FERMEE
        disputed = fait.evenement.lire_champ("faits_contestes") or ()
        if fait.flux is Flux.ACCES or not all(self._comme(each) for each in disputed):
            return _Part.FERMEE
        if fait.flux is Flux.DOSSIER and fait.objet is not None:
            return _Part.RATTACHEE if fait.objet in self._limite.dossiers else _Part.FERMEE
        return self._rattachee(entry)

    def _rattachee(self, entry: Entry) -> _Part:
        fait = entry.fait
        of_object = self._objets[fait.flux, fait.objet] if fait.objet else set()
        own = self._nommes(entry)
        tied = of_object | own if fait.flux is Flux.TITRE else own or of_object
        if tied:
            opened = tied & self._limite.dossiers if fait.flux in PARTAGES else tied <= self._limite.dossiers
            return _Part.RATTACHEE if opened else _Part.FERMEE
        if (
            type(fait.evenement) in COMMUNS
        ):  # tied to something that the ledger does not know, it is not known to be common
            return _Part.COMMUNE if fait.correlation is None else _Part.FERMEE
        return _Part.RATTACHEE if self._comme(fait.cause) is _Part.RATTACHEE else _Part.FERMEE

    def _comme(self, ident: str | None) -> _Part:
        """As the fact that has this id; closed where the person has none."""
        found = self._by_id.get(ident) if ident is not None else None
        return self._part(found) if found is not None else _Part.FERMEE

    def _sien(self, event: Event) -> bool:
        """Whether a mandate, or its end, is of who reads: of these dossiers, or of all."""
        mine = [
            given
            for entry in self._hers
            if isinstance(given := entry.fait.evenement, personne.MandatDonne)
            and given.mandataire == self._limite.mandataire
            and (not given.dossiers or self._limite.dossiers & set(given.dossiers))
        ]
        if isinstance(event, personne.MandatRevoque):
            return any(revoque(event, each) for each in mine)
        return event in mine

    def _nommes(self, entry: Entry) -> set[str]:
        """The dossiers that a fact is tied to by what it says itself."""
        fait = entry.fait
        said = set(_cites(fait.evenement))
        if fait.objet in self._known:
            said.add(fait.objet)
        return said or {each for each in (fait.correlation,) if each in self._known}

    # ------------------------------------------------------------------ what of them is masked

    def _masquee(self, entry: Entry, ids: set[str]) -> Entry:
        """``entry`` without what names another dossier, nor a fact that is closed."""
        fait = entry.fait
        change: dict[str, object] = {}
        if fait.personne is not None:
            if fait.correlation in self._known - self._limite.dossiers:
                change["correlation"] = None
            for name in ("cause", "corrige"):
                if getattr(fait, name) in self._by_id.keys() - ids:
                    change[name] = None
        fields = self._champs_masques(fait.evenement, hers=fait.personne is not None)
        if fields:
            change["evenement"] = fait.evenement.model_copy(update=fields)
        return replace(entry, fait=fait.model_copy(update=change)) if change else entry

    def _champs_masques(self, event: Event, *, hers: bool) -> dict[str, object]:
        change: dict[str, object] = {}
        for name in LISTS:
            listed = event.lire_champ(name) or ()
            kept = tuple(each for each in listed if each in self._limite.dossiers)
            if len(kept) < len(listed):
                change[name] = kept or (ELSEWHERE,)  # an empty list would say « all », or « none »
        for name in SINGLES:
            said = event.lire_champ(name)
            if said is not None and said not in self._limite.dossiers:
                change[name] = None if hers else ELSEWHERE
        return change


def _cites(event: Event) -> Iterator[str]:
    """The dossiers that an event names by its fields."""
    for name in LISTS:
        yield from event.lire_champ(name) or ()
    for name in SINGLES:
        if (said := event.lire_champ(name)) is not None:
            yield said
    if isinstance(event, NUMEROTES) and event.numero is not None:
        yield event.numero
