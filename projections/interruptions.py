"""Les jours perdus de toutes les personnes (async) : à qui ils tiennent, ce qui les a touchées, ce qui presse.

Tables to search and count in SQL: what statistics, incidents and the priority queue are read from. Everything is seen
from the last day of the calendar: what is open ends there, so a reader cuts at the day it asks about, and gets the
answer of that day. One person is better read live, from the ledger.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Composed, Identifier

from ledger.coffre import Id
from ledger.days import LAST_DAY
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.correction import FaitRetire
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.types import Flux
from projections.imputation import mesures, signaux
from projections.imputation.calcul import Lue, imputer, lire, rejouees
from projections.imputation.contradictions import LUS_EN_LITIGE
from projections.imputation.exigences import REJOUES
from projections.imputation.incidents import Declares, Dossiers, Genre, Incident, Touche, incidents
from projections.imputation.matiere import Matiere, atteintes, cartes, depots, lus
from projections.imputation.modeles import Attribution
from projections.imputation.prevision import Acte, actes, dues
from projections.vue import Cells, PersonView

_LUS: Final[tuple[type[Event], ...]] = (*REJOUES, *LUS_EN_LITIGE, *mesures.LUS, *signaux.LUS, FaitRetire)
PERTINENTS: Final = frozenset(each.nom for each in _LUS)

ATTEINTES: Final = """
SELECT i.subject AS incident_subject, i.reference, i.code AS incident_code, i.du AS incident_du, i.au AS incident_au,
       i.partage, t.*,
       CASE WHEN t.incident IS NOT NULL THEN 'nomme' WHEN t.dossier = ANY (i.dossiers) THEN 'liste' ELSE 'portee' END
       AS lien
FROM {schema}.incident AS i JOIN {schema}.touche AS t ON (i.partage OR i.subject = t.subject) AND (
    CASE
    WHEN t.genre = 'fenetre' THEN i.code IS NULL AND i.du <= t.au AND t.au <= i.au
    WHEN t.incident IS NOT NULL THEN t.incident = i.reference
    ELSE i.du <= t.du AND t.au <= i.au
    END
) AND (
    t.incident IS NOT NULL OR t.dossier = ANY (i.dossiers) OR (
        t.code IS NOT DISTINCT FROM i.code AND (i.generale OR (
            (i.prefectures <> '{{}}' OR i.demarches <> '{{}}')
            AND (i.prefectures = '{{}}' OR t.prefecture = ANY (i.prefectures))
            AND (i.demarches = '{{}}' OR i.demarches && t.demarches)
        ))
    )
)
"""
"""Which incident hit what: :func:`projections.imputation.incidents.atteint`, for all persons at once."""


def atteintes_sql(schema: str) -> Composed:
    """The query of what incidents hit, over the tables of ``schema``."""
    return SQL(ATTEINTES).format(schema=Identifier(schema))


_DAYS: Final = "du date, au date"
_PLACE: Final = "dossier text, prefecture text, titre text"
_SCOPE: Final = "dossiers text[], prefectures text[], demarches text[]"
_ANSWER: Final = "couche text, nature text, imputation text, statut text"


class Interruptions(PersonView):
    """All intervals are inclusive civil days; what has no end yet ends on the last day of the calendar."""

    name: ClassVar[str] = "interruptions"
    pertinents: ClassVar[frozenset[str]] = PERTINENTS
    partage: ClassVar[Flux | None] = Flux.INCIDENT
    tables: ClassVar[tuple[tuple[str, str], ...]] = (
        ("incident", f"reference text, code text, {_DAYS}, generale boolean, partage boolean, {_SCOPE}"),
        ("touche", f"genre text, incident text, code text, demarches text[], event_id uuid, {_DAYS}, {_PLACE}"),
        ("perdu", f"{_DAYS}, {_ANSWER}, codes text[], causes text[], actes jsonb, {_PLACE}"),
        ("unite", f"mesure text, le date, fait_le date, oui boolean, codes text[], {_PLACE}"),
        ("signal", f"code text, {_DAYS}, echeance date, reference text, {_PLACE}"),
    )

    def share(self, entries: Sequence[Entry]) -> Declares:
        """The incidents of nobody, found by what they may be known by."""
        return Declares(entries)

    def reached(self, conn: psycopg.Connection[Any], schema: str, subjects: Sequence[Id]) -> None:
        """Mark the persons whom the incidents of these subjects hit, as the tables stand."""
        conn.execute(
            SQL(
                "INSERT INTO {} SELECT DISTINCT subject FROM ({}) AS hit WHERE incident_subject = ANY(%b)"
                " ON CONFLICT DO NOTHING"
            ).format(Identifier(schema, "unsettled"), atteintes_sql(schema)),
            (list(subjects),),
        )

    def rows(self, entries: Sequence[Entry], shared: Declares | None = None) -> Iterable[tuple[str, Cells]]:
        """The rows of one person, or of one incident that is nobody's."""
        for each in incidents(entries):
            yield "incident", _incident(each)
        if entries and entries[0].fait.personne is not None:
            yield from _rows(_lire(entries, shared))


def _lire(entries: Sequence[Entry], shared: Declares | None) -> Lue:
    lue = lire(entries, LAST_DAY)
    met = shared.entries(atteintes(lue.m)) if shared is not None else ()
    return lire((*entries, *met), LAST_DAY) if met else lue


def _rows(lue: Lue) -> Iterator[tuple[str, Cells]]:
    m, duties = lue.m, lue.exigences
    hit = atteintes(m)
    where = _Ou(m, hit)
    for touche in hit:
        yield "touche", (*_touche(touche), *where.place(touche.dossier))
    lost = imputer(lue)
    owed = dues(rejouees(lue))
    for each in lost:
        dossier = next((cause.dossier for cause in each.causes if cause.dossier), None)
        acts = _actes(each, actes(each, owed))
        yield "perdu", (*_perdu(each), where.codes(dossier), _causes(each), acts, *where.place(dossier))
    read = mesures.Lu(m, duties, lost)
    for mesure in mesures.MESURES:
        for unit in mesure.unites(read):
            done = None if unit.fait_le is None else date.fromordinal(unit.fait_le)
            told = (mesure.code, date.fromordinal(unit.le), done, unit.oui, where.codes(unit.dossier))
            yield "unite", (*told, *where.place(unit.dossier))
    for signal in signaux.signaux(m, duties):
        due = None if signal.echeance is None else date.fromordinal(signal.echeance)
        cells = (signal.code, *_jours(signal.du, signal.au), due, signal.reference)
        yield "signal", (*cells, *where.place(signal.dossier))


class _Ou:
    """To which préfecture, title and malfunctions a dossier belongs, for all that is counted of it."""

    def __init__(self, m: Matiere, hit: Iterable[Touche]) -> None:
        self._dossiers = Dossiers(m.faits)
        self._titres = {
            e.fait.objet: v.titre_demande.value for e, v in lus(m, TentativeDepotEchouee) if v.titre_demande
        }
        self._titres |= {d.dossier: d.evenement.titre_demande.value for d in depots(m)}
        held = max(cartes(m), key=lambda d: d.droit, default=None)
        self._tenu = held.evenement.type_titre.value if held else None
        self._codes: dict[str | None, set[str]] = {}
        for touche in hit:
            if touche.genre is not Genre.FENETRE and touche.code is not None:
                self._codes.setdefault(touche.dossier, set()).add(touche.code.value)

    def place(self, dossier: str | None) -> tuple[str | None, str | None, str | None]:
        """The dossier, its préfecture as scopes write it, and the title: the one asked for, or else the one held."""
        asked = set(self._titres.values())
        only = asked.pop() if len(asked) == 1 else None
        return dossier, self._dossiers.prefecture(dossier), self._titres.get(dossier) or only or self._tenu

    def codes(self, dossier: str | None) -> list[str]:
        """The malfunctions met in the dossier, or in none in particular."""
        if dossier is None:
            return sorted({code for codes in self._codes.values() for code in codes})
        return sorted(self._codes.get(dossier, set()) | self._codes.get(None, set()))


def _incident(each: Incident) -> Cells:
    return (
        each.reference,
        each.code.value if each.code else None,
        *_jours(each.du, each.au),
        each.generale,
        each.partage,
        sorted(each.dossiers),
        sorted(each.prefectures),
        sorted(each.demarches),
    )


def _touche(touche: Touche) -> Cells:
    code = touche.code.value if touche.code else None
    asked, days = sorted(touche.demarches), _jours(touche.du, touche.au)
    return touche.genre.value, touche.incident, code, asked, touche.entry.event_id, *days


def _perdu(lost: Attribution) -> Cells:
    return lost.du, lost.au, lost.couche, lost.nature, lost.imputation.value, lost.statut.value


def _causes(lost: Attribution) -> list[str]:
    return list(dict.fromkeys(cause.code for cause in lost.causes))


def _jours(du: int, au: int) -> tuple[date, date]:
    return date.fromordinal(du), date.fromordinal(min(au, LAST_DAY.toordinal()))


def _actes(lost: Attribution, found: Iterable[Acte]) -> str | None:
    """The single acts that prevent the loss, as JSON; only days without proof are prevented."""
    if lost.couche != "preuve":
        return None
    told = [msgspec.structs.replace(each, suppose=()) for each in found]
    return msgspec.json.encode(told).decode().replace("\\u0000", "\\ufffd")
