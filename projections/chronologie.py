"""La chronologie d'une personne, telle qu'on la lit : années, faits, répétitions, silences ; et le filtre, un seul.

The page, the API and the export read the same function with the same filter: what one shows, the others hold. Nothing
is left out but what the filter leaves out, and the counts say how much that is.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from ledger.days import JourRegarde, paris_day
from ledger.entry import Entry
from ledger.events.types import Flux, NatureActeur
from ledger.francais import jour
from projections.francais import compte
from projections.historique import Ligne, lignes
from rules.base import sans_accents

SILENCE: Final = 30
"""Days without any act of the administration from which the silence is told (a convention of display)."""
REPETES: Final = 3
"""So many facts that say the same, one after the other, are told once."""
TEXTE: Final = 200
PRECEDENTS: Final = 10
"""So many of the person's last actions are told of each failure."""


class Origine(StrEnum):
    """De qui vient un fait."""

    USAGER = "usager"
    PREFECTURE = "prefecture"
    TELESERVICE = "teleservice"
    TIERS = "tiers"
    DECISION = "decision"

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return _LIBELLES[self]


_LIBELLES: Final = {
    Origine.USAGER: "usager",
    Origine.PREFECTURE: "préfecture",
    Origine.TELESERVICE: "téléservice",
    Origine.TIERS: "tiers",
    Origine.DECISION: "décision",
}
_ACTEURS: Final = {
    NatureActeur.USAGER: Origine.USAGER,
    NatureActeur.REPRESENTANT: Origine.USAGER,
    NatureActeur.ACCOMPAGNANT: Origine.USAGER,
    NatureActeur.AGENT: Origine.PREFECTURE,
    NatureActeur.PREFECTURE: Origine.PREFECTURE,
    NatureActeur.CCC: Origine.PREFECTURE,
    NatureActeur.PAN: Origine.PREFECTURE,
    NatureActeur.DGEF: Origine.PREFECTURE,
    NatureActeur.SYSTEME: Origine.TELESERVICE,
    NatureActeur.ANTS: Origine.TELESERVICE,
}
"""Any other actor is a third party."""
_DECISIONS: Final = frozenset(
    {
        "refus_implicite_ne", "decision_favorable_prise", "refus_decide", "refus_notifie", "decision_retiree",
        "titre_remis", "titre_retire", "attestation_prolongation_delivree", "attestation_prolongation_renouvelee",
        "attestation_decision_favorable_delivree", "attestation_demande_asile_delivree", "recepisse_delivre",
        "recepisse_renouvele", "dossier_clos_automatiquement", "dossier_clos_par_agent", "enregistrement_refuse",
    }
)  # fmt: skip
"""Acts that decide, or give a document that proves the stay."""
_ADMINISTRATION: Final = frozenset({Origine.PREFECTURE, Origine.DECISION})
_ECHECS: Final = frozenset(
    {
        "creation_compte_echouee", "lien_reinitialisation_non_recu", "connexion_echouee", "tentative_depot_echouee",
        "versement_echoue", "renouvellement_attestation_echoue", "rendez_vous_pan_indisponible",
    }
)  # fmt: skip
"""Facts that say that something the person was doing did not work."""


class Filtre(BaseModel):
    """Ce qui est montré de la chronologie. Vide, il montre tout."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    origine: Annotated[tuple[Origine, ...], Field(max_length=len(Origine))] = ()
    """De qui viennent les faits ; vide : de tous."""
    piece: bool = False
    """Seulement les faits qui citent une pièce."""
    texte: Annotated[str, Field(max_length=TEXTE)] = ""
    """Des mots à trouver dans le fait, sans distinction d'accents ni de majuscules."""
    du: JourRegarde | None = None
    """Premier jour, inclus."""
    au: JourRegarde | None = None
    """Dernier jour, inclus."""

    @property
    def vide(self) -> bool:
        """Whether everything is shown."""
        return self == Filtre()

    @property
    def dit(self) -> str:
        """The filter in words, as what is handed over prints it."""
        said = [f"de : {', '.join(each.libelle for each in self.origine)}"] if self.origine else []
        said += ["avec une pièce"] if self.piece else []
        said += [f"à partir du {jour(self.du)}"] if self.du else []
        said += [f"jusqu'au {jour(self.au)}"] if self.au else []
        said += [f"mots cherchés : « {self.texte} »"] if self.texte else []
        return " ; ".join(said) or "aucun filtre, tous les faits"

    def garde(self, fait: "Evenement") -> bool:
        """Whether a fact is shown; one of unsure date, when one of its days is asked for."""
        return (
            (not self.origine or fait.origine in self.origine)
            and (not self.piece or bool(fait.ligne.pieces))
            and (self.du is None or fait.jusqu_au >= self.du)
            and (self.au is None or fait.le <= self.au)
            and (not self.texte or _contient(fait.ligne, self.texte))
        )


def _contient(ligne: Ligne, texte: str) -> bool:
    told = [ligne.phrase, ligne.type, ligne.objet or "", *(piece.nom for piece in ligne.pieces)]
    told += [f"{name} {value}" for name, value in ligne.details]
    here = sans_accents(" ".join(told))
    return all(word in here for word in sans_accents(texte).split())


class _Bloc(msgspec.Struct, frozen=True, kw_only=True, tag_field="genre", tag=str.lower):
    pass


class Evenement(_Bloc, frozen=True, kw_only=True):
    """Un fait, à sa place."""

    ligne: Ligne
    origine: Origine
    le: date
    """The day by which it is placed: the first on which it may have happened."""
    jusqu_au: date
    """The last on which it may have."""
    tardif: bool
    """Recorded on another civil day than the one on which it happened."""

    @property
    def echec(self) -> bool:
        """Whether it says that something the person was doing did not work."""
        return self.ligne.type in _ECHECS


class Repetition(_Bloc, frozen=True, kw_only=True):
    """Des faits qui disent la même chose, à la suite : racontés une fois, chacun avec son numéro."""

    faits: tuple[Evenement, ...]

    @property
    def texte(self) -> str:
        """« 12 échecs identiques », « 3 faits identiques »."""
        failed = self.faits[0].echec
        return compte(len(self.faits), "échec identique" if failed else "fait identique")


class Silence(_Bloc, frozen=True, kw_only=True):
    """Des jours sans aucun acte de l'administration, bornes incluses."""

    du: date
    au: date
    jours: int

    @property
    def texte(self) -> str:
        """« 71 jours sans acte de l'administration, du … au … »."""
        days = compte(self.jours, "jour")
        return f"{days} sans acte de l'administration, du {jour(self.du)} au {jour(self.au)}"


Bloc = Evenement | Repetition | Silence


class Annee(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui est arrivé dans une année civile."""

    annee: int
    blocs: tuple[Bloc, ...]

    @property
    def faits(self) -> tuple[Evenement, ...]:
        """Its facts, in their order."""
        return tuple(fait for bloc in self.blocs for fait in _faits(bloc))

    @property
    def montres(self) -> int:
        """How many facts it shows."""
        return len(self.faits)


class Chronologie(msgspec.Struct, frozen=True, kw_only=True):
    """La chronologie, filtrée ou non."""

    total: int
    """Faits de la chronologie entière."""
    montres: int
    par_origine: dict[Origine, int]
    """De la chronologie entière."""
    annees: tuple[Annee, ...]
    precedents: Mapping[str, tuple[Evenement, ...]]
    """By the id of each failure, the person's last actions before it, filtered or not, the last one last."""

    @property
    def faits(self) -> tuple[Evenement, ...]:
        """The facts that are shown, in their order."""
        return tuple(fait for annee in self.annees for fait in annee.faits)

    @property
    def silences(self) -> tuple[Silence, ...]:
        """The silences that are told, in their order."""
        return tuple(bloc for annee in self.annees for bloc in annee.blocs if isinstance(bloc, Silence))

    @property
    def numeros(self) -> tuple[int, ...]:
        """The numbers of the facts that are shown, in their order: what page, API and export must agree on."""
        return tuple(each.ligne.numero for each in self.faits if each.ligne.numero is not None)


def _faits(bloc: Bloc) -> tuple[Evenement, ...]:
    match bloc:
        case Evenement():
            return (bloc,)
        case Repetition():
            return bloc.faits
        case Silence():
            return ()


def origine(entry: Entry) -> Origine:
    """From whom a fact comes; what decides, or gives a document, is a decision whoever carried it out."""
    if entry.fait.evenement.nom in _DECISIONS:
        return Origine.DECISION
    return _ACTEURS.get(entry.fait.acteur.nature, Origine.TIERS)


def chronologie(entries: Sequence[Entry], filtre: Filtre, au: date, *, entiere: bool = True) -> Chronologie:
    """The timeline that ``entries`` (in order of arrival) tell, seen from the civil day ``au``.

    Who looked is not part of it: consultations and exports have a page of their own. Silences are told of a whole
    timeline only: a filter makes some of its own, and so does what is left out of ``entries`` where they are not
    ``entiere``.
    """
    events = [_evenement(entry, ligne) for entry, ligne in lignes(entries) if entry.fait.flux is not Flux.ACCES]
    kept = events if filtre.vide else [each for each in events if filtre.garde(each)]
    silences = list(_silences(events, au)) if filtre.vide and entiere else []
    return Chronologie(
        total=len(events),
        montres=len(kept),
        par_origine=dict(Counter(each.origine for each in events)),
        annees=tuple(
            Annee(annee=year, blocs=tuple(blocs))
            for year, blocs in groupby(_blocs(kept, silences), key=lambda bloc: _le(bloc).year)
        ),
        precedents=dict(_precedents(events)),
    )


def _precedents(events: Iterable[Evenement]) -> Iterator[tuple[str, tuple[Evenement, ...]]]:
    """What the person did before each failure, other failures included; what does not hold any more counts for nothing.

    ``events`` in the order of the facts: of two of one unsure day, the one that the timeline places before.
    """
    last: deque[Evenement] = deque(maxlen=PRECEDENTS)
    for each in events:
        if each.ligne.remplacee:
            continue
        if each.echec and last:
            yield each.ligne.id, tuple(last)
        if each.echec or each.origine is Origine.USAGER:
            last.append(each)


def _evenement(entry: Entry, ligne: Ligne) -> Evenement:
    days = entry.fait.survenu.jours
    late = not days.premier <= paris_day(entry.recorded_at) <= days.dernier
    return Evenement(ligne=ligne, origine=origine(entry), le=days.premier, jusqu_au=days.dernier, tardif=late)


def _silences(events: Iterable[Evenement], au: date) -> Iterator[Silence]:
    """Between two acts of the administration, and from the last one to ``au``, once something was asked of it.

    Facts that do not hold any more count for nothing.
    """
    last: date | None = None
    for each in events:
        if each.ligne.remplacee:
            continue
        if each.origine in _ADMINISTRATION:
            if last is not None:
                yield from _silence(last, each.le)
            last = max(last, each.jusqu_au) if last is not None else each.jusqu_au
        elif last is None and each.origine is Origine.USAGER:
            last = each.jusqu_au
    if last is not None:
        yield from _silence(last, au + timedelta(days=1))


def _silence(last: date, following: date) -> Iterator[Silence]:
    du, au = last + timedelta(days=1), following - timedelta(days=1)
    days = (au - du).days + 1
    if days >= SILENCE:
        yield Silence(du=du, au=au, jours=days)


def _blocs(events: Iterable[Evenement], silences: Sequence[Silence]) -> Iterator[Bloc]:
    """Facts and silences in the order of days; a silence stands before the act that ends it."""
    waiting = list(silences)
    for _, same in groupby(events, key=_dit):
        run = tuple(same)
        while waiting and waiting[0].au < run[0].le:
            yield waiting.pop(0)
        if len(run) >= REPETES:
            yield Repetition(faits=run)
        else:
            yield from run
    yield from waiting


def _dit(event: Evenement) -> tuple[object, ...]:
    """All that a fact says but its number and its moments; one that was corrected, or cites pieces, is told alone."""
    ligne = event.ligne
    alone = ligne.id if ligne.remplacee or ligne.corrige or ligne.pieces else None
    return ligne.phrase, ligne.type, ligne.objet, ligne.details, ligne.grade, ligne.source, event.le.year, alone


def _le(bloc: Bloc) -> date:
    match bloc:
        case Evenement():
            return bloc.le
        case Repetition():
            return bloc.faits[0].le
        case Silence():
            return bloc.au
