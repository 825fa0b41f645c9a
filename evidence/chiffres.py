"""Figures that anybody redoes: each with its question, its query, its result, and of which files at which checkpoint.

They are made from the published files alone, by DuckDB alone, never from the ledger: what a reader is given is all that
there is to know. Cells of few persons are masked, and so are those that would give them away, in every table of the
publication taken together (:mod:`projections.masquage`). Periods are whole months, so that files whose days were
brought to the month give the same figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, Self

import duckdb
import msgspec

from evidence import chiffres_requetes as requetes
from evidence.chiffres_requetes import JOURS, UNITES
from evidence.masse import POINT, RAPPORT, Bilan, empreinte
from evidence.masse_masque import connexion
from ledger.errors import ConstatError
from projections.imputation.mesures import MESURES, Mesure
from projections.masquage import TOTAL, Case, masquer, regle
from projections.statistiques import ADDITIFS, PLANCHER, Par
from rules.base import quantieme

FORMAT: Final = "constat/chiffres/1"
NOM: Final = "statistiques.json"
ENTREES: Final = ("unites.parquet", "intervalles.parquet")
MEMOIRE: Final = "256MB"
JOURS_PERDUS: Final = "jours_perdus"


class Chiffre(msgspec.Struct, frozen=True, kw_only=True):
    """Un tableau publié."""

    chiffre: str
    """What is counted, and by what: « complement/prefecture »."""
    question: str
    denominateur: str
    delai: str | None
    articles: tuple[str, ...]
    requete: str
    """SQL for DuckDB, run in the folder of the published files."""
    colonnes: tuple[str, ...]
    resultat: tuple[tuple[Any, ...], ...]
    masquees: int
    """How many cells are not shown."""
    masquage: str
    point: dict[str, Any]
    entrees: dict[str, str]
    """SHA-256 of the files that the query reads."""


class Chiffres(msgspec.Struct, frozen=True, kw_only=True):
    """Les chiffres d'une période, vus d'un jour, tirés des fichiers publiés."""

    format: str
    registre: str
    du: date
    au: date
    minimum: int
    chiffres: tuple[Chiffre, ...]


class Fichiers:
    """The published files of a folder, as figures are drawn from them. A context manager."""

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier
        self.bilan = _bilan(dossier)
        self.entrees = {nom: empreinte(dossier / nom) for nom in ENTREES}
        self._db = connexion(":memory:", memoire=MEMOIRE)
        try:
            self._enfermer(str(dossier.absolute()))
        except duckdb.Error as error:
            self._db.close()
            raise _illisibles(dossier) from error

    def _enfermer(self, where: str) -> None:
        """Give the queries the two files by their names, and nothing else to read or to write."""
        self._db.execute(f"SET allowed_directories = [{_texte(where)}]")
        for nom in ENTREES:
            # A view, in place of the file of that name that DuckDB would look for where it was started.
            self._db.execute(f'CREATE VIEW "{nom}" AS SELECT * FROM read_parquet({_texte(f"{where}/{nom}")})')
        self._db.execute("SET enable_external_access = false; SET lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def lire(self, requete: str) -> tuple[tuple[Any, ...], ...]:
        """The rows of a query.

        :raises ConstatError: the files do not answer it.
        """
        try:
            return tuple(self._db.execute(requete).fetchall())
        except duckdb.Error as error:
            raise _illisibles(self.dossier) from error


def _illisibles(dossier: Path) -> ConstatError:
    return ConstatError(f"« {dossier.name} » ne répond pas à la requête : ce ne sont pas des tables de ce format")


def _texte(valeur: str) -> str:
    return "'" + valeur.replace("'", "''") + "'"


def _bilan(dossier: Path) -> Bilan:
    missing = [nom for nom in (*ENTREES, RAPPORT, POINT) if not (dossier / nom).is_file()]
    if missing:
        msg = f"« {dossier.name} » n'est pas un export en masse : il y manque {', '.join(missing)}"
        raise ConstatError(msg)
    try:
        return msgspec.json.decode((dossier / RAPPORT).read_bytes(), type=Bilan)
    except msgspec.DecodeError as error:
        msg = f"{RAPPORT} ne se lit pas : ce n'est pas un export de ce format"
        raise ConstatError(msg) from error


def periode(observe_le: date, du: date | None, au: date | None) -> tuple[date, date]:
    """The days counted, both included: by default the twelve whole months before that of the observation, and it.

    :raises ConstatError: these are no whole months, or they go beyond the observation.
    """
    last = au or observe_le
    first = du or quantieme(last.replace(day=1), -12)
    if first.day != 1 or (last != observe_le and (last + timedelta(days=1)).day != 1):
        msg = "une période va du premier jour d'un mois au dernier jour d'un mois, ou au jour d'observation"
        raise ConstatError(msg)
    if not first <= last <= observe_le:
        msg = f"la période du {first} au {last} n'est pas dans ce que l'export voit, jusqu'au {observe_le}"
        raise ConstatError(msg)
    return first, last


def chiffres(fichiers: Fichiers, du: date, au: date, minimum: int) -> Chiffres:
    """Every figure of the period, cells of fewer than ``minimum`` persons masked.

    :raises ConstatError: ``minimum`` is below what keeps a person from being recognised.
    """
    if minimum < PLANCHER:
        msg = f"une case de moins de {PLANCHER} personnes peut en désigner une"
        raise ConstatError(msg)
    made = (*_unites(fichiers, du, au, minimum), *_jours(fichiers, du, au, minimum))
    return Chiffres(
        format=FORMAT, registre=fichiers.bilan.registre, du=du, au=au, minimum=minimum, chiffres=tuple(made)
    )


def refaire(fichiers: Fichiers, published: Chiffres) -> Iterator[str]:
    """What differs, in French, between published figures and those that the files give; nothing when all agree.

    A published query is compared with the one that the rule gives, and never run: it comes with the folder.
    """
    again = chiffres(fichiers, published.du, published.au, published.minimum)
    told, found = ({each.chiffre: each for each in one.chiffres} for one in (published, again))
    for nom in sorted({*told, *found}):
        if nom not in told or nom not in found or told[nom].requete != found[nom].requete:
            yield f"{nom} : ce n'est pas la requête, ou le masquage, que la règle donne"
        elif (told[nom].point, told[nom].entrees) != (found[nom].point, found[nom].entrees):
            yield f"{nom} : les fichiers ne sont pas ceux dont le chiffre a été tiré"
        elif _plat(told[nom].resultat) != _plat(found[nom].resultat):
            yield f"{nom} : la requête donne un autre résultat"


def _plat(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(row) for row in rows]


# --------------------------------------------------------------------------- what is counted


class _Compte(Protocol):
    """What the cells of a table hold, whatever it is given by."""

    def personnes(self, par: Par) -> dict[Case, int]:
        """How many persons each cell holds."""

    def ensemble(self, par: Par, cases: Sequence[Case]) -> int:
        """How many persons these cells hold together."""


class _Unites(NamedTuple):
    """The units of one measure."""

    fichiers: Fichiers
    mesure: Mesure
    du: date
    au: date

    def requete(self, par: Par, masquees: Iterable[Case]) -> str:
        """The query of its table."""
        return requetes.unites(self.mesure, par, self.du, self.au, [cell for cell, _ in masquees])

    def personnes(self, par: Par) -> dict[Case, int]:
        """How many persons each cell holds."""
        return {(row[0], TOTAL): row[3] for row in self.fichiers.lire(self.requete(par, ()))}

    def ensemble(self, par: Par, cases: Sequence[Case]) -> int:
        """How many persons these cells hold together."""
        cells = [cell for cell, _ in cases]
        [(people,)] = self.fichiers.lire(requetes.personnes_unites(self.mesure, par, self.du, self.au, cells))
        return int(people)


class _Jours(NamedTuple):
    """The days lost."""

    fichiers: Fichiers
    du: date
    au: date

    def requete(self, par: Par, masquees: Iterable[Case]) -> str:
        """The query of their table."""
        return requetes.jours(par, self.du, self.au, tuple(masquees))

    def personnes(self, par: Par) -> dict[Case, int]:
        """How many persons each cell holds."""
        return {(row[0], row[1]): row[4] for row in self.fichiers.lire(self.requete(par, ()))}

    def ensemble(self, par: Par, cases: Sequence[Case]) -> int:
        """How many persons these cells hold together."""
        [(people,)] = self.fichiers.lire(requetes.personnes_jours(par, self.du, self.au, cases))
        return int(people)


def _unites(fichiers: Fichiers, du: date, au: date, minimum: int) -> Iterator[Chiffre]:
    for mesure in MESURES:
        compte = _Unites(fichiers, mesure, du, au)
        for par, hidden in _masquer(compte, requetes.ventilations(mesure), minimum).items():
            query = compte.requete(par, hidden)
            yield Chiffre(
                chiffre=f"{mesure.code}/{par.value}",
                question=mesure.question,
                denominateur=f"unites : {mesure.unite}",
                delai=mesure.delai,
                articles=tuple(each.citation for each in mesure.sources),
                requete=query,
                colonnes=UNITES if mesure.delai else UNITES[:5],
                resultat=fichiers.lire(query),
                masquees=len(hidden),
                masquage=regle(minimum),
                **_origine(fichiers, ENTREES[0]),
            )


def _jours(fichiers: Fichiers, du: date, au: date, minimum: int) -> Iterator[Chiffre]:
    compte = _Jours(fichiers, du, au)
    for par, hidden in _masquer(compte, tuple(Par), minimum).items():
        query = compte.requete(par, hidden)
        yield Chiffre(
            chiffre=f"{JOURS_PERDUS}/{par.value}",
            question="à quoi ils tiennent ; la part d'UNDETERMINED mesure la qualité du registre lui-même",
            denominateur=f"ligne {TOTAL} de la case : jours sans preuve du séjour, fins de droit par décision exclues",
            delai=None,
            articles=(),
            requete=query,
            colonnes=JOURS,
            resultat=fichiers.lire(query),
            masquees=len(hidden),
            masquage=regle(minimum),
            **_origine(fichiers, ENTREES[1]),
        )


def _origine(fichiers: Fichiers, nom: str) -> dict[str, Any]:
    point = {"taille": fichiers.bilan.taille, "racine": fichiers.bilan.racine}
    return {"point": point, "entrees": {nom: fichiers.entrees[nom]}}


# --------------------------------------------------------------------------- masking


def _masquer(compte: _Compte, pars: Sequence[Par], minimum: int) -> dict[Par, frozenset[Case]]:
    """The masked cells of each table, all tables sharing the totals of the whole."""
    counts = {par: compte.personnes(par) for par in pars}
    return masquer(counts, Par.ENSEMBLE, ADDITIFS, minimum, compte.ensemble)
