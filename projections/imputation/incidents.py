"""Which incident hit what of whom: an incident is declared once, and reaches a person only through what is hers.

What is hers: an attempt, an upload or a session that failed, a message that could not be read, a filing window whose
last day an outage covered. The scope that an incident was given never presumes more than that (CESEDA R.431-5,
R.431-2 al. 3). An incident of nobody reaches her in one of three ways, in this order: a fact of hers names it; its
scope lists her dossier; or its scope holds her préfecture and her procedure while she met the same malfunction. Days
are ordinals, both ends included.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events import depot, incident, instruction, personne, provisoire
from ledger.events.base import Event
from ledger.events.types import CodeIncident, Flux
from projections.couverture.documents import SANS_FIN
from projections.couverture.faits import Lu, ParType, bornes, bornes_ou, tous
from rules.base import sans_accents


class Genre(StrEnum):
    """Ce qu'un incident peut toucher chez une personne."""

    TENTATIVE = "tentative"
    VERSEMENT = "versement"
    SESSION = "session"
    MESSAGE = "message"
    ATTESTATION = "attestation"
    FENETRE = "fenetre"

    @property
    def libelle(self) -> str:
        """The French wording."""
        return _GENRES[self]


_GENRES: Final = {
    Genre.TENTATIVE: "tentative de dépôt échouée",
    Genre.VERSEMENT: "versement de pièce échoué",
    Genre.SESSION: "accès au compte empêché",
    Genre.MESSAGE: "message illisible",
    Genre.ATTESTATION: "renouvellement d'attestation empêché",
    Genre.FENETRE: "dernier jour de la fenêtre de dépôt",
}


class Lien(StrEnum):
    """Par quoi un incident se rattache à ce qu'il touche."""

    NOMME = "nomme"
    """Le fait de la personne nomme l'incident."""
    LISTE = "liste"
    """La portée de l'incident nomme le dossier."""
    PORTEE = "portee"
    """La portée comprend la préfecture et la démarche, et le dysfonctionnement est le même."""


class Touche(NamedTuple):
    """Something of a person's that an incident may have hit."""

    genre: Genre
    dossier: str | None
    incident: str | None
    """The incident that the fact names."""
    code: CodeIncident | None
    prefecture: str | None
    demarches: frozenset[str]
    """What was asked for, in the words a scope may use: small letters, no accents."""
    du: int
    au: int
    entry: Entry


class Incident(NamedTuple):
    """One period of an incident, with the scope that it was given."""

    reference: str
    code: CodeIncident | None
    """``None`` for an outage."""
    du: int
    au: int
    """The last day of the incident, that of its end; after the calendar while none is known."""
    generale: bool
    dossiers: frozenset[str]
    prefectures: frozenset[str]
    demarches: frozenset[str]
    partage: bool
    """Declared of nobody, for all."""
    entries: tuple[Entry, ...]

    @property
    def panne(self) -> bool:
        """Whether it is an outage of the téléservice."""
        return self.code is None


_DE_GENRE: Final[dict[type[Event], Genre]] = {
    depot.TentativeDepotEchouee: Genre.TENTATIVE,
    depot.VersementEchoue: Genre.VERSEMENT,
    personne.CreationCompteEchouee: Genre.SESSION,
    personne.LienReinitialisationNonRecu: Genre.SESSION,
    personne.ConnexionEchouee: Genre.SESSION,
    personne.NumeroEtrangerManquant: Genre.SESSION,
    instruction.ComplementMisADisposition: Genre.MESSAGE,
    provisoire.RenouvellementAttestationEchoue: Genre.ATTESTATION,
}
SESSIONS: Final = tuple(kind for kind, genre in _DE_GENRE.items() if genre is Genre.SESSION)
"""What keeps a person out of the account that filing needs."""
TOUCHABLES: Final = tuple(_DE_GENRE)
"""The facts that an incident may have caused."""
DECLARES: Final = (
    incident.IncidentOuvert,
    incident.PorteeIncidentFixee,
    incident.PannePlateformeConstatee,
    incident.IncidentResolu,
)
"""The facts that an incident is read from."""
_GENERALES: Final = frozenset({"", "generale", "nationale", "toutes", "tous", "france", "france entiere"})


def lire(texte: str) -> str:
    """A word of a scope, or of a dossier, written one way."""
    return sans_accents(texte).strip()


def incidents(entries: Iterable[Entry]) -> list[Incident]:
    """The incidents that ``entries`` declare, each period of each, in the order of days."""
    streams: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry.fait.evenement, DECLARES):
            streams[entry.stream].append(entry)
    found = [each for stream in streams.values() for each in _periodes(stream)]
    return sorted(found, key=lambda each: (each.du, each.reference))


def _periodes(stream: Sequence[Entry]) -> Iterator[Incident]:
    scopes = [e.fait.evenement for e in stream if isinstance(e.fait.evenement, incident.PorteeIncidentFixee)]
    for entry in stream:
        event = entry.fait.evenement
        code: CodeIncident | None = None
        named: tuple[str, ...] = ()
        spoken: str | None = None
        match event:
            case incident.IncidentOuvert():
                start, code, named = event.depuis.jours.dernier.toordinal(), event.code, event.dossiers
                until = _fin(stream, start)
            case incident.PannePlateformeConstatee():
                start, spoken = event.debut.jours.dernier.toordinal(), lire(event.portee or "")
                until = event.fin.jours.premier.toordinal() if event.fin else _fin(stream, start)
            case _:
                continue
        yield Incident(
            reference=entry.fait.objet or entry.fait.id,
            code=code,
            du=start,
            au=max(start, until),
            generale=any(each.generale for each in scopes) or (not scopes and spoken in _GENERALES),
            dossiers=frozenset([*named, *(d for each in scopes for d in each.dossiers)]),
            prefectures=frozenset(
                [lire(p) for each in scopes for p in each.prefectures]
                + ([spoken] if spoken and not scopes and spoken not in _GENERALES else [])
            ),
            demarches=frozenset(lire(d) for each in scopes for d in each.demarches),
            partage=entry.fait.personne is None,
            entries=tuple(stream),
        )


def _fin(stream: Iterable[Entry], start: int) -> int:
    """The day from which the incident was solved for everyone."""
    days = [
        bornes_ou(event.resolu_le, entry)[0]
        for entry in stream
        if isinstance(event := entry.fait.evenement, incident.IncidentResolu) and not event.dossiers
    ]
    return min((day for day in days if day >= start), default=SANS_FIN)


def touches(faits: ParType, fenetres: Iterable[tuple[Entry, str | None, int, int]]) -> list[Touche]:
    """What an incident may have hit in one person's facts, and in the ``fenetres`` of her cards.

    A window is the entry of its card, the dossier, its first and its last day.
    """
    found = []
    dossiers = Dossiers(faits)
    for kind, genre in _DE_GENRE.items():
        for entry, event in faits.get(kind, ()):
            if genre is Genre.MESSAGE and event.lisible is not False:
                continue
            dossier = entry.fait.objet if entry.fait.flux is Flux.DOSSIER else event.lire_champ("dossier")
            days = entry.fait.survenu.jours
            code = CodeIncident.MESSAGES_NOT_READABLE if genre is Genre.MESSAGE else event.lire_champ("code_incident")
            wanted = {event.lire_champ("titre_demande"), event.lire_champ("demarche")} - {None}
            found.append(
                Touche(
                    genre,
                    dossier,
                    event.lire_champ("incident"),
                    code,
                    dossiers.prefecture(dossier),
                    dossiers.demarches(dossier) | {lire(str(each)) for each in wanted},
                    days.premier.toordinal(),
                    days.dernier.toordinal(),
                    entry,
                )
            )
    for card, dossier, first, last in fenetres:
        asked = dossiers.demarches(dossier) | {lire(str(card.fait.evenement.lire_champ("type_titre")))}
        found.append(Touche(Genre.FENETRE, dossier, None, None, dossiers.prefecture(dossier), asked, first, last, card))
    return found


class Dossiers:
    """What the facts say of each dossier's préfecture and procedure."""

    def __init__(self, faits: ParType) -> None:
        self.prefectures: dict[str | None, str] = {}
        self.asked: dict[str | None, set[str]] = defaultdict(set)
        for entry, event in _dates(tous(faits, depot.DemandeDeposee, depot.DemandePapierEnregistree)):
            if event.prefecture is not None:
                self.prefectures[entry.fait.objet] = lire(event.prefecture)
            self.asked[entry.fait.objet] |= {
                lire(str(each)) for each in (event.titre_demande, event.motif_sejour, event.nature) if each is not None
            }
        for entry, event in _dates(tous(faits, instruction.DemandeTransmise)):
            if event.vers_prefecture is not None:
                self.prefectures[entry.fait.objet] = lire(event.vers_prefecture)

    def prefecture(self, dossier: str | None) -> str | None:
        """The dossier's, or the only one that the facts name."""
        known = set(self.prefectures.values())
        return self.prefectures.get(dossier) or (known.pop() if len(known) == 1 else None)

    def demarches(self, dossier: str | None) -> frozenset[str]:
        """What the dossier asks for."""
        return frozenset(self.asked.get(dossier, ()))


def _dates(found: Iterable[Lu]) -> list[Lu]:
    return sorted(found, key=lambda each: bornes(each[0].fait.survenu.jours))


def atteint(each: Incident, touche: Touche) -> Lien | None:
    """How ``each`` reached ``touche``; ``None`` when nothing says that it did."""
    if touche.genre is Genre.FENETRE:
        if not (each.panne and each.du <= touche.au <= each.au):
            return None
    elif touche.incident is not None:
        return Lien.NOMME if touche.incident == each.reference else None
    elif not (each.du <= touche.du and touche.au <= each.au):
        return None
    if touche.dossier in each.dossiers:
        return Lien.LISTE
    same = touche.code is None if each.panne else touche.code is each.code
    return Lien.PORTEE if same and _comprend(each, touche) else None


def _comprend(each: Incident, touche: Touche) -> bool:
    if each.generale:
        return True
    if not (each.prefectures or each.demarches):
        return False
    return (not each.prefectures or touche.prefecture in each.prefectures) and (
        not each.demarches or bool(each.demarches & touche.demarches)
    )


class Declares:
    """The incidents of nobody, found by what a touched fact may know them by."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._nommes: dict[str, list[Incident]] = defaultdict(list)
        self._listes: dict[str | None, list[Incident]] = defaultdict(list)
        self._codes: dict[CodeIncident | None, list[Incident]] = defaultdict(list)
        for each in incidents(entries):
            if each.partage:
                self._nommes[each.reference].append(each)
                self._codes[each.code].append(each)
                for dossier in each.dossiers:
                    self._listes[dossier].append(each)

    def atteignent(self, hers: Iterable[Touche]) -> dict[UUID, frozenset[UUID]]:
        """Those that hit something of ``hers``: by stream, the event ids of what each hit."""
        return {stream: frozenset(hit) for stream, (hit, _) in self._trouver(hers).items()}

    def entries(self, hers: Iterable[Touche]) -> tuple[Entry, ...]:
        """The entries of those."""
        return tuple(entry for _, entries in self._trouver(hers).values() for entry in entries)

    def _trouver(self, hers: Iterable[Touche]) -> dict[UUID, tuple[set[UUID], tuple[Entry, ...]]]:
        found: dict[UUID, tuple[set[UUID], tuple[Entry, ...]]] = {}
        for touche in hers:
            for each in self._candidats(touche):
                if atteint(each, touche) is not None:
                    hit, _ = found.setdefault(each.entries[0].stream, (set(), each.entries))
                    hit.add(touche.entry.event_id)
        return found

    def _candidats(self, touche: Touche) -> Iterator[Incident]:
        if touche.incident is not None:
            yield from self._nommes.get(touche.incident, ())
            return
        yield from self._listes.get(touche.dossier, ())
        yield from self._codes.get(None if touche.genre is Genre.FENETRE else touche.code, ())
