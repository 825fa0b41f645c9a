"""Qui a regardé le dossier d'une personne : chaque regard qui peut être dit, ce qui s'en dégage, et le filtre, un seul.

What may be told is decided by :mod:`projections.divulgation`; what is told says no more of who looked than its public
may know. The page and the file of the same filter hold the same rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from ledger.days import PARIS, JourRegarde, paris_day
from ledger.entry import Acteur, Entry
from ledger.events import acces
from ledger.events.base import Event
from ledger.events.listes import ActeCompte, FondementAcces
from ledger.events.types import NatureActeur
from projections.attaches import service as service_compare
from projections.divulgation import Public
from rules.jours_ouvres import est_ouvre

OUVERTURE: Final = (7, 20)
"""Hours of the day, in Paris, outside of which a look is pointed out. [I]"""
SERIE: Final = 30
"""Looks of one account within :data:`EN` from which they are pointed out. [I]"""
EN: Final = timedelta(hours=1)


class Genre(StrEnum):
    """Ce qui a été fait."""

    CONSULTATION = "consultation"
    RECHERCHE = "recherche"
    EXPORT = "export"
    COMPTE = "compte"

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return {
            "consultation": "a regardé",
            "recherche": "a cherché",
            "export": "a reçu une copie",
            "compte": "a changé un compte qui ouvre ce dossier",
        }[self.value]


class Inhabituel(StrEnum):
    """Ce qui sort de l'ordinaire ; ce n'est pas la preuve d'un abus."""

    SERVICE = "service"
    HEURE = "heure"
    SERIE = "serie"

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return {
            "service": "par un service qui n'a pas le dossier",
            "heure": "en dehors des heures de travail",
            "serie": "beaucoup de fois en une heure",
        }[self.value]


FONDEMENTS: Final = {
    FondementAcces.INSTRUCTION: "Instruction de la demande",
    FondementAcces.PERSONNE_CONCERNEE: "La personne elle-même",
    FondementAcces.MANDAT: "Mandat donné par la personne",
    FondementAcces.SUPPORT_USAGER: "Assistance demandée par la personne",
    FondementAcces.RECLAMATION_DDD: "Réclamation devant le Défenseur des droits",
    FondementAcces.JURIDICTION: "Procédure devant une juridiction",
    FondementAcces.CONTROLE: "Contrôle interne",
    FondementAcces.STATISTIQUE: "Statistiques",
    FondementAcces.EXPLOITATION: "Fonctionnement du registre",
}
ACTES_COMPTE: Final = {
    ActeCompte.OUVERTURE: "Compte ouvert",
    ActeCompte.ROLE: "Rôle, service ou périmètre du compte changés",
    ActeCompte.MOT_DE_PASSE: "Mot de passe du compte changé",
    ActeCompte.SECOND_FACTEUR: "Second facteur du compte effacé",
    ActeCompte.INVITATION: "Code d'invitation remis pour le compte",
    ActeCompte.FERMETURE: "Compte fermé",
    ActeCompte.REOUVERTURE: "Compte rouvert",
}
_SANS_SERVICE: Final = {
    NatureActeur.USAGER: "La personne",
    NatureActeur.REPRESENTANT: "Son représentant",
    NatureActeur.ADMINISTRATEUR: "Le registre lui-même",
    NatureActeur.DDD: "Le Défenseur des droits",
}
_SURVEILLES: Final = frozenset(
    {NatureActeur.AGENT, NatureActeur.PREFECTURE, NatureActeur.CCC, NatureActeur.PAN, NatureActeur.DDD}
)
"""Those whose hours are those of a service."""
_EN_CHARGE: Final = frozenset({NatureActeur.AGENT, NatureActeur.PREFECTURE})
SIENS: Final = frozenset({FondementAcces.PERSONNE_CONCERNEE, FondementAcces.MANDAT})


class FiltreAcces(BaseModel):
    """Ce qui est montré de qui a regardé. Vide, il montre tout ce qui peut être dit."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    du: JourRegarde | None = None
    """Premier jour, inclus."""
    au: JourRegarde | None = None
    """Dernier jour, inclus."""
    organisation: Annotated[str, Field(max_length=16)] = ""
    """Le service, par son code : une adresse ne porte aucun nom."""
    genre: Annotated[tuple[Genre, ...], Field(max_length=len(Genre))] = ()
    """Ce qui a été fait ; vide : tout."""
    inhabituel: bool = False
    """Seulement ce qui sort de l'ordinaire."""

    @property
    def vide(self) -> bool:
        """Whether everything is shown."""
        return self == FiltreAcces()

    def garde(self, each: "Regard") -> bool:
        """Whether a look is shown."""
        return (
            (self.du is None or each.le >= self.du)
            and (self.au is None or each.le <= self.au)
            and (not self.organisation or code_de(each.service) == self.organisation)
            and (not self.genre or each.genre in self.genre)
            and (not self.inhabituel or bool(each.inhabituel))
        )


class Regard(msgspec.Struct, frozen=True, kw_only=True):
    """Un regard, ou ceux d'un jour qui se disent pareil ; rien de plus que ce que son lecteur peut savoir."""

    le: date
    service: str
    motif: str
    genre: Genre
    sien: bool
    """By the person herself, or who she mandated."""
    fois: int = 1
    inhabituel: tuple[Inhabituel, ...] = ()
    instant: datetime | None = None
    reference: str | None = None
    objet: str | None = None
    compte: str | None = None
    """The pseudonym of who looked, where it may be told."""


class ParService(msgspec.Struct, frozen=True, kw_only=True):
    """Un service, combien de fois il a regardé, et la dernière."""

    service: str
    fois: int
    dernier: date
    sien: bool

    @property
    def code(self) -> str:
        """By what a filter names it."""
        return code_de(self.service)


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """Qui a regardé, le plus récent d'abord."""

    total: int
    """Looks that may be told."""
    montres: int
    tus: int
    """Looks that may not be told yet; a filter does not change it."""
    lignes: tuple[Regard, ...]
    services: tuple[ParService, ...]
    """Those that looked, of all that may be told: no filter changes it."""
    inhabituels: dict[Inhabituel, int]


def journal(
    told: Sequence[Entry],
    tus: int,
    public: Public,
    filtre: FiltreAcces,
    *,
    en_charge: frozenset[str] = frozenset(),
    service: str = "",
) -> Journal:
    """What ``told`` (looks that may be told, of which ``tus`` others may not) says to ``public``.

    ``en_charge``: the services in charge, as :func:`projections.attaches.service` writes them; ``service``: that
    of who reads.
    """
    strange = _inhabituels(told, en_charge)
    looks = [_regard(entry, public, strange.get(place, ()), service) for place, entry in enumerate(told)]
    looks.sort(key=lambda each: each[0], reverse=True)
    seen = [look for _, look in looks]
    kept = [each for each in seen if filtre.garde(each)]
    return Journal(
        total=len(seen),
        montres=len(kept),
        tus=tus,
        lignes=tuple(_groupes(kept) if public is Public.PERSONNE else kept),
        services=_services([each for each in seen if each.genre is not Genre.COMPTE]),
        inhabituels=dict(Counter(each for look in seen for each in look.inhabituel)),
    )


def _regard(entry: Entry, public: Public, strange: tuple[Inhabituel, ...], service: str) -> tuple[datetime, Regard]:
    fait, event = entry.fait, entry.fait.evenement
    fondement = getattr(event, "fondement", None)
    at = fait.survenu.debut
    told = Regard(
        le=paris_day(at),
        service=_service(fait.acteur),
        motif=_motif(event),
        genre=_genre(entry),
        sien=fondement in SIENS and fait.acteur.nature in {NatureActeur.USAGER, NatureActeur.REPRESENTANT},
        inhabituel=strange,
    )
    if public is Public.PERSONNE:
        return at, told
    own = public is Public.RESPONSABLE and service_compare(told.service) == service_compare(service)
    named = own or public is Public.CONTROLE
    return at, msgspec.structs.replace(
        told,
        instant=at,
        reference=getattr(event, "reference", None),
        objet=getattr(event, "perimetre", None) or getattr(event, "profil", None),
        compte=fait.acteur.id if named else None,
    )


def _motif(event: Event) -> str:
    fondement: FondementAcces | None = event.lire_champ("fondement")
    if isinstance(event, acces.CompteChange):
        return ACTES_COMPTE[event.acte]
    return FONDEMENTS[fondement] if fondement else "Preuve mise sous scellé"


def _service(acteur: Acteur) -> str:
    if acteur.nature is NatureActeur.USAGER:
        return _SANS_SERVICE[NatureActeur.USAGER]
    return acteur.service or _SANS_SERVICE.get(acteur.nature) or "Service non précisé"


def _genre(entry: Entry) -> Genre:
    match entry.fait.evenement:
        case acces.DossierConsulte():
            return Genre.CONSULTATION
        case acces.RechercheEffectuee():
            return Genre.RECHERCHE
        case acces.CompteChange():
            return Genre.COMPTE
        case _:
            return Genre.EXPORT


def _groupes(looks: Iterable[Regard]) -> Iterable[Regard]:
    """Those of one day that say the same, once, with how many they are."""
    for _, same in groupby(looks, key=lambda each: each.le):
        by: dict[tuple[object, ...], list[Regard]] = defaultdict(list)
        for each in same:
            by[each.service, each.motif, each.genre].append(each)
        for run in by.values():
            strange = tuple(each for each in Inhabituel if any(each in look.inhabituel for look in run))
            yield msgspec.structs.replace(run[0], fois=len(run), inhabituel=strange)


def _services(looks: Sequence[Regard]) -> tuple[ParService, ...]:
    """The others first, the most frequent first; ``looks`` from the latest on."""
    count = Counter(each.service for each in looks)
    last: dict[str, Regard] = {}
    for each in looks:
        last.setdefault(each.service, each)
    found = [ParService(service=name, fois=count[name], dernier=each.le, sien=each.sien) for name, each in last.items()]
    return tuple(sorted(found, key=lambda each: (each.sien, -each.fois, each.service)))


def code_de(service: str) -> str:
    """A service in an address: the first digits of its digest."""
    return sha256(service.encode()).hexdigest()[:12]


def _inhabituels(entries: Sequence[Entry], en_charge: frozenset[str]) -> dict[int, tuple[Inhabituel, ...]]:
    """By its place, what is out of the ordinary of a look."""
    found: dict[int, list[Inhabituel]] = defaultdict(list)
    by_account: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        actor, at = entry.fait.acteur, entry.fait.survenu.debut
        if actor.nature not in _SURVEILLES:
            continue
        if en_charge and actor.nature in _EN_CHARGE and service_compare(actor.service or "") not in en_charge:
            found[place].append(Inhabituel.SERVICE)
        if entry.fait.survenu.exact and not heure_de_travail(at):
            found[place].append(Inhabituel.HEURE)
        if actor.id is not None:
            by_account[actor.id].append((at, place))
    for looks in by_account.values():
        for place in _en_serie(sorted(looks)):
            found[place].append(Inhabituel.SERIE)
    return {place: tuple(each) for place, each in found.items()}


def heure_de_travail(at: datetime) -> bool:
    """Whether an instant is within the hours of a service: a working day in France, from 7 to 20 in Paris. [I]"""
    local = at.astimezone(PARIS)
    return est_ouvre(local.date()) and OUVERTURE[0] <= local.hour < OUVERTURE[1]


def _en_serie(looks: Sequence[tuple[datetime, int]]) -> set[int]:
    """The places of the looks that stand in a run of :data:`SERIE` within :data:`EN`; ``looks`` in order of time."""
    found: set[int] = set()
    begins = 0
    for ends, (at, _) in enumerate(looks):
        while at - looks[begins][0] > EN:
            begins += 1
        if ends - begins + 1 >= SERIE:
            found |= {place for _, place in looks[begins : ends + 1]}
    return found
