"""Both sides of a complaint, side by side: what was asked or found, what was answered, by whom, and what it is worth.

Four parts: the exchanges with the Défenseur des droits and their deadlines (loi organique n° 2011-333, art. 18 and 25),
the facts that a service disputes, what one side could see and the other could not, and, for each run of days lost, what
leads to the answer and what speaks against it. Whether a deadline was kept is read from the duties of the evidence,
never worked out again here. Nothing is judged: an answer stands beside what it answers, with its own grade.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from ledger import canonical
from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import reclamation
from ledger.events.base import Event
from ledger.events.types import NatureActeur
from ledger.francais import jour
from ledger.retained import holding
from projections.imputation.deux_vues import Divergence
from projections.imputation.deux_vues_table import Cote
from projections.imputation.modeles import Attribution, Constat, Imputation, Obligation, Statut
from replay.as_of import plain
from replay.preuve import Preuve
from rules import loi_2011_333_suites
from rules.base import Source

NOM: Final = "contradictoire.json"
FORMAT: Final = "constat/contradictoire/1"
DEFENSEUR: Final = "le Défenseur des droits"
SERVICE: Final = "le service interrogé"


class Etat(StrEnum):
    """Où en est ce qui est attendu, le jour d'observation."""

    REPONDU = "repondu"
    REPONDU_APRES = "repondu_apres_echeance"
    ATTENDU = "attendu"
    SANS_REPONSE = "sans_reponse_apres_echeance"
    SANS_ECHEANCE = "sans_echeance"
    """Nothing was answered, and no day was set."""
    NON_APPRECIE = "non_apprecie"
    """The evidence does not follow this duty: no text held on that day."""


class Dit(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'un côté a dit, et ce que cela vaut."""

    par: str
    textes: tuple[str, ...]
    """As they were written; none when the source gives no text."""
    pas_avant: date
    pas_apres: date
    source: str
    grade: str
    """The grade of this saying, not of what it says."""
    fait: str
    event_id: UUID
    position: int | None


class Echange(msgspec.Struct, frozen=True, kw_only=True):
    """Une demande ou une recommandation du Défenseur des droits, et ce qui y répond."""

    nature: str
    """``explications`` or ``recommandation``."""
    reclamation: str | None
    """The number of the complaint, or the reference of its stream."""
    article: str
    demande: Dit
    constats_proposes: tuple[str, ...]
    echeance: str | None
    """The last day to answer, or the days that it may be (EDTF)."""
    reponses: tuple[Dit, ...]
    suivie: bool | None
    """Whether the authority says that it followed the recommendation; ``None``: it does not say."""
    etat: Etat
    jours_de_retard: int
    """Days after the deadline, up to the answer or to the observation, by the reading that spares the debtor."""


class Touche(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours dont la réponse repose sur le fait contesté."""

    du: date
    au: date
    imputation: Imputation
    statut: Statut


class FaitConteste(msgspec.Struct, frozen=True, kw_only=True):
    """Un fait, et qui le conteste : les deux côte à côte, chacun avec sa force."""

    fait: str
    """Its id at its source."""
    type: str | None
    """``None``: the ledger holds no fact of this id that still holds."""
    dit: Dit | None
    contestation: Dit
    touche: tuple[Touche, ...]


class Regard(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'un côté pouvait voir et l'autre non."""

    code: str
    dossier: str | None
    du: date
    au: date
    ouverte: bool
    certaine: bool
    usager: str
    administration: str
    constat: Constat


class Intervalle(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours perdus : ce qui mène à la réponse, et ce qui s'y oppose."""

    du: date
    au: date
    couche: str
    imputation: Imputation
    statut: Statut
    chaine: tuple[Constat, ...]
    contre: tuple[Constat, ...]
    preuves_manquantes: tuple[str, ...]


class Reclamation(msgspec.Struct, frozen=True, kw_only=True):
    """Une réclamation, telle que la personne l'a portée."""

    numero: str
    ouverture: Dit
    griefs: tuple[str, ...]
    dossiers: tuple[str, ...]


class Contradictoire(msgspec.Struct, frozen=True, kw_only=True):
    """Les deux côtés, vus d'un jour."""

    format: str
    au: date
    reclamations: tuple[Reclamation, ...]
    echanges: tuple[Echange, ...]
    faits_contestes: tuple[FaitConteste, ...]
    regards: tuple[Regard, ...]
    jours_perdus: tuple[Intervalle, ...]


class LigneCote(msgspec.Struct, frozen=True, kw_only=True):
    """Une ligne du tableau : deux colonnes, et ce qui les relie."""

    partie: str
    objet: str
    gauche: tuple[str, ...]
    """What was asked, found, or seen by the person."""
    droite: tuple[str, ...]
    """What was answered, disputed, or seen by the administration."""
    suite: str
    articles: tuple[str, ...]


def contradictoire(entries: Iterable[Entry], preuve: Preuve, numero: str | None = None) -> Contradictoire:
    """Both sides, from the entries of one person and her evidence of the same moment.

    ``numero``: the exchanges and disputes of this complaint only; days and views are hers whatever the complaint.
    """
    held = holding(entries, at=preuve.connu_le, on=preuve.au)
    mine = [each for each in held if numero is None or numero in _noms(each, held)]
    return Contradictoire(
        format=FORMAT,
        au=preuve.au,
        reclamations=tuple(_reclamations(mine)),
        echanges=tuple(_echanges(mine, preuve)),
        faits_contestes=tuple(_contestes(mine, held, preuve.attributions)),
        regards=tuple(_regard(each) for each in preuve.divergences),
        jours_perdus=tuple(_intervalle(each) for each in preuve.attributions),
    )


def en_json(found: Contradictoire) -> bytes:
    """The same as a file of the bundle: canonical JSON, then a line feed."""
    return canonical.encode(plain(found)) + b"\n"


# --------------------------------------------------------------------------- exchanges

_TYPES: Final = (
    (reclamation.ExplicationsDddDemandees, "demandees_le", reclamation.ExplicationsDddFournies, "fournies_le"),
    (reclamation.RecommandationDddEmise, "emise_le", reclamation.SuiteRecommandationRapportee, "rapportee_le"),
)
_SOURCES: Final[dict[type[Event], tuple[str, Source]]] = {
    reclamation.ExplicationsDddDemandees: ("explications", loi_2011_333_suites.EXPLICATIONS),
    reclamation.RecommandationDddEmise: ("recommandation", loi_2011_333_suites.SOURCE),
}
_CODES: Final = {"explications": "explications_ddd", "recommandation": "suites_recommandation"}
_DU_DEFENSEUR: Final = (reclamation.ReclamationDddOuverte, *(each for a, _, b, _ in _TYPES for each in (a, b)))


def _noms(entry: Entry, held: Sequence[Entry]) -> set[str]:
    """By what the complaint of an entry may be called: the numbers of its stream, and its reference."""
    if not isinstance(entry.fait.evenement, _DU_DEFENSEUR):
        return set()
    own = entry.fait.evenement.lire_champ("numero")
    told = [
        each.fait.evenement.lire_champ("numero")
        for each in held
        if each.stream == entry.stream and isinstance(each.fait.evenement, _DU_DEFENSEUR)
    ]
    names = [own] if own is not None else [*told, entry.fait.objet]
    return {each for each in names if each is not None}


def _reclamations(mine: Sequence[Entry]) -> Iterator[Reclamation]:
    for entry in mine:
        event = entry.fait.evenement
        if isinstance(event, reclamation.ReclamationDddOuverte):
            said = _dit(entry, "ouverte_le", "la personne", [event.objet] if event.objet else [])
            yield Reclamation(numero=event.numero, ouverture=said, griefs=event.griefs, dossiers=event.dossiers)


def _echanges(mine: Sequence[Entry], preuve: Preuve) -> Iterator[Echange]:
    for asking, asked_on, answering, answered_on in _TYPES:
        asked = [each for each in mine if isinstance(each.fait.evenement, asking)]
        answers = [each for each in mine if isinstance(each.fait.evenement, answering)]
        for entry in asked:
            since = _jours(entry, asked_on).dernier
            later = [_jours(each, asked_on).dernier for each in asked if _meme(entry, each)]
            until = min((day for day in later if day > since), default=date.max)
            found = sorted(
                (each for each in answers if _meme(entry, each) and _jours(each, answered_on).premier >= since),
                key=lambda each: (_jours(each, answered_on).premier, each.event_id.int),
            )
            own = [each for each in found if _jours(each, answered_on).premier < until] or found[:1]
            yield _echange(entry, asked_on, own, answered_on, preuve)


def _meme(asked: Entry, other: Entry) -> bool:
    """Whether both are of one complaint, as the ledger of duties reads it."""
    numbers = (asked.fait.evenement.lire_champ("numero"), other.fait.evenement.lire_champ("numero"))
    return asked.fait.objet == other.fait.objet and (None in numbers or numbers[0] == numbers[1])


def _echange(entry: Entry, asked_on: str, answers: Sequence[Entry], answered_on: str, preuve: Preuve) -> Echange:
    event = entry.fait.evenement
    nature, source = _SOURCES[type(event)]
    state, late = _etat(entry, nature, preuve.obligations)
    texts = event.lire_champ("questions") or event.lire_champ("recommandations") or ()
    told = [each.fait.evenement.lire_champ("suivie") for each in answers]
    return Echange(
        nature=nature,
        reclamation=event.lire_champ("numero") or entry.fait.objet,
        article=source.citation,
        demande=_dit(entry, asked_on, DEFENSEUR, texts),
        constats_proposes=event.lire_champ("constats_proposes") or (),
        echeance=None if event.lire_champ("echeance") is None else str(event.lire_champ("echeance")),
        reponses=tuple(_reponse(each, answered_on) for each in answers),
        suivie=next((each for each in reversed(told) if each is not None), None),
        etat=state,
        jours_de_retard=late,
    )


def _reponse(entry: Entry, answered_on: str) -> Dit:
    event = entry.fait.evenement
    text = event.lire_champ("explications") or event.lire_champ("suites")
    service = event.lire_champ("service") or entry.fait.acteur.service or SERVICE
    return _dit(entry, answered_on, service, [text] if text else [])


def _etat(entry: Entry, nature: str, obligations: Iterable[Obligation]) -> tuple[Etat, int]:
    """How the duty stands that this request made, and by how many days it is past."""
    for duty in obligations:
        asked = {each for link in duty.prerequis for each in link.entries}
        if duty.code == _CODES[nature] and entry.event_id in asked:
            late = sum((each.au - each.du).days + 1 for each in duty.manquements)
            if duty.satisfaite_par:
                return (Etat.REPONDU_APRES if late else Etat.REPONDU), late
            if late:
                return Etat.SANS_REPONSE, late
            return (Etat.ATTENDU if duty.au is not None else Etat.SANS_ECHEANCE), 0
    return Etat.NON_APPRECIE, 0


def _jours(entry: Entry, champ: str) -> Jours:
    said = entry.fait.evenement.lire_champ(champ)
    return said if isinstance(said, Jours) else entry.fait.survenu.jours


def _dit(entry: Entry, champ: str, par: str, textes: Iterable[str]) -> Dit:
    days = _jours(entry, champ)
    return Dit(
        par=par,
        textes=tuple(textes),
        pas_avant=days.premier,
        pas_apres=days.dernier,
        source=entry.fait.source.value,
        grade=entry.fait.grade.value,
        fait=entry.fait.id,
        event_id=entry.event_id,
        position=entry.position,
    )


# --------------------------------------------------------------------------- disputed facts, views, days


def _contestes(mine: Sequence[Entry], held: Sequence[Entry], lost: Sequence[Attribution]) -> Iterator[FaitConteste]:
    for entry in mine:
        event = entry.fait.evenement
        if not isinstance(event, reclamation.ExplicationsDddFournies):
            continue
        said = _reponse(entry, "fournies_le")
        for reference in dict.fromkeys(event.faits_contestes):
            fact = next((e for e in held if e.subject == entry.subject and e.fait.id == reference), None)
            yield FaitConteste(
                fait=reference,
                type=fact.fait.evenement.nom if fact else None,
                dit=_dit(fact, "", _QUI.get(fact.fait.acteur.nature, ""), [fact.fait.evenement.titre_fr()])
                if fact
                else None,
                contestation=said,
                touche=tuple(_touche(each) for each in lost if fact is not None and _repose(each, fact.event_id)),
            )


_QUI: Final = {NatureActeur.USAGER: "la personne", NatureActeur.DDD: DEFENSEUR}
"""Who acted, where it is one of the parties of the complaint."""


def _repose(lost: Attribution, fact: UUID) -> bool:
    return any(fact in each.entries for each in (*lost.chaine, *lost.contre))


def _touche(lost: Attribution) -> Touche:
    return Touche(du=lost.du, au=lost.au, imputation=lost.imputation, statut=lost.statut)


def _regard(apart: Divergence) -> Regard:
    seen, hidden = f"pouvait le voir depuis le {jour(apart.du)}", "rien au registre ne montre qu'elle l'ait pu"
    hers = apart.vu_par is Cote.USAGER
    return Regard(
        code=apart.code,
        dossier=apart.dossier,
        du=apart.du,
        au=apart.au,
        ouverte=apart.ouverte,
        certaine=apart.certaine,
        usager=seen if hers else hidden,
        administration=hidden if hers else seen,
        constat=apart.constat,
    )


def _intervalle(lost: Attribution) -> Intervalle:
    return Intervalle(
        du=lost.du,
        au=lost.au,
        couche=lost.couche,
        imputation=lost.imputation,
        statut=lost.statut,
        chaine=lost.chaine,
        contre=lost.contre,
        preuves_manquantes=lost.preuves_manquantes,
    )
