"""The figures of a year as pages and programs ask for them: one filter, and what of it is given (ADR 0014).

A period is a calendar year or one of its months, never beyond the last whole month: two periods are one inside the
other or apart, so that the month is one more axis of :mod:`projections.croisements`. Seen on the last day of the year.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ledger.days import FIRST_DAY, LAST_LOOK
from ledger.events.types import CodeIncident, TypeTitre
from projections.croisements import Atome, Cellule, Croisement, croiser
from projections.effectifs import JOURS, LOST, PLACE, Par
from projections.imputation.modeles import Imputation
from projections.masquage import TOTAL, Case
from projections.statistiques import Cellule as Chiffre
from projections.statistiques import JoursPerdus, Portee, Statistiques, Tableau, compter
from rules.base import quantieme

Compte = TypeVar("Compte", Chiffre, JoursPerdus)

AUCUN: Final = "aucun"
"""No malfunction."""
AUTRES: Final = "*"
"""Under this key stands, masked, everything on an axis that is not given: the values are not named."""
AXES: Final = (Par.PREFECTURE, Par.TITRE, Par.INCIDENT, Par.MOIS)
"""The axes of what is counted; lost days have one more, to what they are due."""
_ATOMES_UNITES: Final = f"""
SELECT mesure, NULL, prefecture, titre, codes, mois, count(DISTINCT subject),
       (array_agg(DISTINCT subject))[1:%(minimum)s]
FROM (SELECT subject, mesure, codes, {PLACE}, to_char(le, 'YYYY-MM') AS mois FROM {{table}}
      WHERE le BETWEEN %(du)s AND %(au)s AND (%(prefecture)s::text IS NULL OR prefecture = %(prefecture)s)) AS counted
GROUP BY mesure, prefecture, titre, codes, mois
"""
_ATOMES_JOURS: Final = f"""
SELECT '{JOURS}', imputation, prefecture, titre, codes, mois, count(DISTINCT subject),
       (array_agg(DISTINCT subject))[1:%(minimum)s]
FROM (SELECT subject, imputation, codes, {PLACE}, to_char(month, 'YYYY-MM') AS mois
      FROM {LOST} CROSS JOIN LATERAL
           generate_series(date_trunc('month', first), date_trunc('month', last), interval '1 month') AS month
     ) AS counted
GROUP BY imputation, prefecture, titre, codes, mois
"""
_AMPLEUR: Final = f"""
SELECT count(DISTINCT (subject, dossier)), count(*) FROM {LOST}
WHERE (%(titre)s::text IS NULL OR titre = %(titre)s) AND (%(rupture)s::text IS NULL OR imputation = %(rupture)s)
      AND (%(incident)s::text IS NULL
           OR %(incident)s = ANY (CASE codes WHEN '{{{{}}}}' THEN '{{{{{AUCUN}}}}}' ELSE codes END))
"""
_PREMIERE: Final = "SELECT least((SELECT min(du) FROM {perdu}), (SELECT min(le) FROM {unite}))"


def _des_jours(imputation: Imputation | None) -> Imputation | None:
    if imputation in {Imputation.THIRD_PARTY, Imputation.END_OF_RIGHT_BY_DECISION}:
        msg = "aucun jour sans preuve n'est compté sous cette réponse"
        raise ValueError(msg)
    return imputation


class Filtre(BaseModel):
    """Ce que l'on demande aux chiffres, d'une page, d'un fichier ou d'un programme ; rien : la dernière année."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    annee: Annotated[int, Field(ge=FIRST_DAY.year, le=LAST_LOOK.year)] | None = None
    """L'année civile ; le mois en cours n'est pas compté."""
    mois: Annotated[int, Field(ge=1, le=12)] | None = None
    """Un mois de cette année ; absent : tous."""
    par: Par = Par.ENSEMBLE
    """Selon quoi on ventile."""
    prefecture: Annotated[str, Field(max_length=200)] = ""
    """Telle qu'une ventilation par préfecture l'écrit."""
    titre: TypeTitre | None = None
    """Le titre demandé, ou à défaut détenu."""
    incident: CodeIncident | Literal["aucun"] | None = None
    """Le dysfonctionnement rencontré ; « aucun » : aucun qui soit reconnu."""
    rupture: Annotated[Imputation | None, AfterValidator(_des_jours)] = None
    """À quoi tiennent les jours sans preuve ; ce qui est arrivé aux démarches n'en a pas."""

    def pose(self, axe: Par) -> str | None:
        """The value that is asked for on an axis."""
        match axe:
            case Par.PREFECTURE:
                return self.prefecture or None
            case Par.TITRE:
                return self.titre.value if self.titre else None
            case Par.INCIDENT:
                return str(self.incident) if self.incident else None
            case Par.MOIS:
                return f"{self.annee}-{self.mois:02}" if self.mois else None
            case Par.ENSEMBLE:
                return None

    def au_jour(self, aujourd_hui: date) -> "Filtre":
        """The same with its year, no later than that of the last whole month; broken down by what is left open."""
        last = aujourd_hui.replace(day=1) - timedelta(days=1)
        year = min(self.annee or last.year, last.year)
        par = Par.ENSEMBLE if self.pose(self.par) is not None else self.par
        return self.model_copy(update={"annee": year, "par": par})

    def portee(self, aujourd_hui: date) -> Portee:
        """What is counted, of a filter whose year is known."""
        year = self.annee or aujourd_hui.year
        first, whole = date(year, self.mois or 1, 1), aujourd_hui.replace(day=1) - timedelta(days=1)
        last = quantieme(first, 1 if self.mois else 12) - timedelta(days=1)
        return Portee(
            du=first,
            au=min(last, whole),
            prefecture=self.prefecture or None,
            titre=self.pose(Par.TITRE),
            incident=self.pose(Par.INCIDENT),
            rupture=self.rupture.value if self.rupture else None,
            vu=min(date(year, 12, 31), whole),
        )


class Chiffres(msgspec.Struct, frozen=True, kw_only=True):
    """Les chiffres d'une année ou d'un mois, vus le dernier jour de cette année."""

    annee: int
    mois: int | None
    titre: TypeTitre | None
    incident: str | None
    rupture: Imputation | None
    vu: date
    """The day from which all is seen: what came later is not counted."""
    dossiers: int | None
    """How many dossiers hold the interruptions, rounded down to the minimum; ``None``: not given."""
    ruptures: int | None
    """How many intervals of days without proof, rounded down likewise."""
    statistiques: Statistiques
    """Persons are rounded down to the minimum; under the key « * », masked: whatever is not given."""


def regle(minimum: int) -> str:
    """What is given and what is not, in French."""
    return (
        f"Un chiffre de moins de {minimum} personnes, ou d'aucune, n'est pas donné, ni rien de plus précis."
        " Dans un tableau où une case manque, les valeurs les moins nombreuses de chaque critère, deux au moins et"
        f" {minimum} personnes ensemble, manquent aussi : ce qui manque ne se déduit d'aucune somme."
        f" Deux chiffres dont l'un contient l'autre sont égaux, ou diffèrent de {minimum} personnes au moins."
        " C'est pourquoi une période est une année ou un de ses mois, entiers, et pourquoi personnes, dossiers et"
        f" ruptures, qui peuvent compter dans plusieurs cases, sont arrondis à un multiple de {minimum}, par défaut."
    )


def atomes(
    conn: psycopg.Connection[Any], schema: str, filtre: Filtre, service: str | None, aujourd_hui: date, minimum: int
) -> dict[str, list[Atome]]:
    """By measure, and for :data:`JOURS`, what is counted in the year of ``filtre``, in order.

    ``service``: nothing else is counted, for who sees one préfecture only: her figures are then a publication apart.
    """
    asked = Filtre(annee=filtre.annee).portee(aujourd_hui)
    given = {**asked.donnees(), "prefecture": service, "minimum": minimum}
    atoms: defaultdict[str, list[Atome]] = defaultdict(list)
    for query, table in ((_ATOMES_UNITES, "unite"), (_ATOMES_JOURS, "perdu")):
        for mesure, answer, where, title, codes, month, people, some in conn.execute(
            SQL(query).format(table=Identifier(schema, table)), given
        ):
            values = ((where,), (title,), tuple(codes) or (AUCUN,), (month,), *([(answer,)] if answer else []))
            atoms[mesure].append(Atome(values, frozenset(some), people))
    return {mesure: sorted(found) for mesure, found in sorted(atoms.items())}


def empreinte(atoms: Mapping[str, Sequence[Atome]]) -> bytes:
    """SHA-256 of all that decides which cells are given."""
    told = sha256()
    for mesure, found in atoms.items():
        told.update(mesure.encode())
        for each in found:
            told.update(repr((each.valeurs, sorted(each.sujets), each.personnes)).encode())
    return told.digest()


def croisements(atoms: Mapping[str, Sequence[Atome]], minimum: int) -> dict[str, Croisement]:
    """By measure, which cells of a year are given."""
    return {
        mesure: croiser(found, len(AXES) + (1 if mesure == JOURS else 0), minimum) for mesure, found in atoms.items()
    }


def chiffres(
    conn: psycopg.Connection[Any],
    schema: str,
    filtre: Filtre,
    choisis: Mapping[str, Croisement],
    aujourd_hui: date,
    minimum: int,
) -> Chiffres:
    """What ``filtre``, whose year is known, is answered. ``choisis``: see :func:`croisements`."""
    asked = filtre.portee(aujourd_hui)
    given = _Donnes(filtre, choisis)
    told = compter(conn, schema, asked, filtre.par, minimum, given.masque, regle(minimum))
    files, losses = None, None
    if given.donne(JOURS, given.cellule(JOURS, None, None)):
        query = SQL(_AMPLEUR).format(table=Identifier(schema, "perdu"))
        files, losses = conn.execute(query, asked.donnees()).fetchall()[0]
    return Chiffres(
        annee=asked.du.year,
        mois=filtre.mois,
        titre=filtre.titre,
        incident=filtre.pose(Par.INCIDENT),
        rupture=filtre.rupture,
        vu=asked.vu or asked.au,
        dossiers=_arrondi(files, minimum),
        ruptures=_arrondi(losses, minimum),
        statistiques=msgspec.structs.replace(
            told,
            tableaux=() if filtre.rupture else tuple(given.tableau(each, minimum) for each in told.tableaux),
            jours_perdus=tuple(given.jours(told.jours_perdus, minimum)),
        ),
    )


def premiere_annee(conn: psycopg.Connection[Any], schema: str) -> int | None:
    """The year of the first thing that is counted."""
    query = SQL(_PREMIERE).format(perdu=Identifier(schema, "perdu"), unite=Identifier(schema, "unite"))
    [(first,)] = conn.execute(query).fetchall()
    return first.year if first else None


class _Donnes:
    """What of the answer to a filter is given."""

    def __init__(self, filtre: Filtre, choisis: Mapping[str, Croisement]) -> None:
        self._filtre = filtre
        self._choisis = choisis

    def cellule(self, mesure: str, cle: str | None, reponse: str | None) -> Cellule:
        """The cell of a row of the table, and of one answer of it."""
        at = [cle if axis is self._filtre.par and cle is not None else self._filtre.pose(axis) for axis in AXES]
        if mesure != JOURS:
            return tuple(at)
        asked = self._filtre.rupture
        return (*at, reponse or (asked.value if asked else None))

    def donne(self, mesure: str, cellule: Cellule) -> bool:
        """Whether its figures are given."""
        return mesure in self._choisis and self._choisis[mesure].donne(cellule)

    def masque(self, mesure: str, case: Case) -> bool:
        """Whether the figures of a case of the table are not given."""
        key, answer = case
        named = None if self._filtre.par is Par.ENSEMBLE else key
        return not self.donne(mesure, self.cellule(mesure, named, None if answer == TOTAL else answer))

    def tableau(self, found: Tableau, minimum: int) -> Tableau:
        """The table with what is given, and one case for all that is not."""
        kept = [_arrondie(each, minimum) for each in found.cellules if not each.masquee]
        if self._manque(found.mesure, len(kept)):
            kept.append(Chiffre(cle=AUTRES, masquee=True))
        return msgspec.structs.replace(found, cellules=tuple(kept))

    def jours(self, found: tuple[JoursPerdus, ...], minimum: int) -> list[JoursPerdus]:
        """The same, of lost days."""
        kept = [_arrondie(each, minimum) for each in found if not each.masquee]
        if self._filtre.rupture:
            kept = [msgspec.structs.replace(each, indeterminee=None) for each in kept]
        if self._manque(JOURS, len(kept)):
            kept.append(JoursPerdus(cle=AUTRES, masquee=True))
        return kept

    def _manque(self, mesure: str, given: int) -> bool:
        """Whether the axis has other values, or the whole is not given: nothing counted at all misses nothing."""
        if mesure not in self._choisis:
            return False
        par = self._filtre.par
        return given < (1 if par is Par.ENSEMBLE else len(self._choisis[mesure].valeurs[AXES.index(par)]))


def _arrondie(each: Compte, minimum: int) -> Compte:
    return msgspec.structs.replace(each, personnes=_arrondi(each.personnes, minimum))


def _arrondi(count: int | None, minimum: int) -> int | None:
    return None if count is None else count - count % minimum
