"""What is made coarser before bulk rows leave, so that no préfecture and title together point at too few persons.

The rule, in the order in which it is applied; a person counts in each of her préfectures with each of her titles:

1. a type of fact of too few persons becomes « rare », and its content is left out;
2. a préfecture of too few persons becomes « autre »; when « autre » would hold too few, the smallest others join it;
3. where a préfecture and a title hold too few persons, and for a title that too few hold in all, the title of these
   persons becomes « autre » in all their rows; when « autre » then holds too few in a préfecture, its smallest other
   title joins it, until none is small;
4. any other value of a closed list that too few persons bear becomes « rare ».

What is of no person (an incident declared for all) keeps its values. The check is made anew on the rows as they leave.
"""

from collections.abc import Iterable
from typing import Any, Final

import duckdb
import msgspec

from evidence.masse_colonnes import AUTRE, ENVELOPPE, PREFECTURES, RARE, TABLES, TITRES, Colonne, Sorte

_PAYLOAD_FROM: Final = len(ENVELOPPE)
_COMPTES: Final = "SELECT prefecture, count(DISTINCT personne) AS n FROM lieux GROUP BY ALL ORDER BY n, prefecture"
_PETITES: Final = """
SELECT prefecture, titre FROM cases GROUP BY ALL HAVING count(DISTINCT personne) < $minimum ORDER BY ALL
"""
_VOISINE: Final = """
SELECT prefecture, arg_min(titre, (n, titre)) FROM (
    SELECT prefecture, titre, count(DISTINCT personne) AS n FROM cases WHERE titre <> $autre GROUP BY ALL
) WHERE prefecture IN (SELECT unnest($prefectures)) GROUP BY ALL ORDER BY ALL
"""
_APPLIQUER: Final = """
CREATE OR REPLACE TABLE cases AS
SELECT DISTINCT personne, prefecture,
       CASE WHEN (personne, titre) IN (SELECT personne, titre FROM generalises) THEN $autre ELSE titre END AS titre
FROM cases
"""


class Verifiee(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que l'on compte sur les lignes telles qu'elles partent."""

    cases: int
    """How many couples of préfecture and title are borne by somebody."""
    plus_petite: int | None
    """How many persons the smallest of them holds; ``None``: nobody has both."""
    personnes: int
    uniques: int
    """Persons who are alone with their préfectures, titles and the month of their first fact: what dates still tell."""


class Masques(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui a été généralisé."""

    minimum: int
    prefectures: int
    """How many préfectures became « autre »."""
    titres: int
    """How many persons had a title generalised."""
    valeurs: dict[str, int]
    """By column, how many values became « rare » or « autre »."""


class Masqueur:
    """Works on the raw tables ``brut_faits``, ``brut_intervalles`` and ``brut_unites`` of ``db``."""

    def __init__(self, db: duckdb.DuckDBPyConnection, minimum: int, *, mois: bool) -> None:
        self._db = db
        self._minimum = minimum
        self._mois = mois
        self._prefectures: list[str] = []
        self._rares: dict[tuple[str, str], list[str]] = {}

    def generaliser(self) -> Masques:
        """Find what has to be made coarser."""
        types = self._types()
        self._prefectures = self._peu_de_personnes()
        self._titres()
        for table, columns in TABLES.items():
            for colonne in columns:
                if colonne.sorte is Sorte.CATEGORIE and colonne.nom not in _ENTIERES | TITRES:
                    self._rares[table, colonne.nom] = self._valeurs_rares(table, colonne.nom)
        titles = self._db.execute("SELECT count(DISTINCT personne) FROM generalises").fetchall()
        return Masques(
            minimum=self._minimum,
            prefectures=len(self._prefectures),
            titres=titles[0][0],
            valeurs={f"{table}.{nom}": len(found) for (table, nom), found in self._rares.items() if found}
            | ({"faits.type": types} if types else {}),
        )

    def _types(self) -> int:
        """Rule 1, at once: what is left out tells no préfecture or title either. How many types are concerned."""
        found = self._valeurs_rares("faits", "type")
        if found:
            payload = ", ".join(f"{each.nom} = NULL" for each in TABLES["faits"][_PAYLOAD_FROM:])
            self._db.execute(f"UPDATE brut_faits SET {payload}, type = '{RARE}' WHERE {_de(found, 'type')}")
        return len(found)

    def _peu_de_personnes(self) -> list[str]:
        self._db.execute(f"CREATE TABLE lieux AS SELECT DISTINCT * FROM ({_de_personne(PREFECTURES, 'prefecture')})")
        counts: list[tuple[str, int]] = self._db.execute(_COMPTES).fetchall()
        few = [name for name, people in counts if people < self._minimum]
        rest = [name for name, people in counts if people >= self._minimum]
        together = "SELECT count(DISTINCT personne) FROM lieux WHERE prefecture IN (SELECT unnest($few))"
        while few and rest and self._db.execute(together, {"few": few}).fetchall()[0][0] < self._minimum:
            few.append(rest.pop(0))
        return few

    def _titres(self) -> None:
        """Rule 3: fill the table ``generalises`` with the persons and the titles that become « autre »."""
        theirs = _de_personne(TITRES, "titre")
        self._db.execute(
            f"CREATE TABLE generalises AS WITH t AS (SELECT DISTINCT * FROM ({theirs})) SELECT personne, titre FROM t"
            " WHERE titre IN (SELECT titre FROM t GROUP BY titre HAVING count(*) < $minimum)",
            {"minimum": self._minimum},
        )
        self._db.execute(
            f"CREATE TABLE cases AS SELECT DISTINCT personne, {_mis('prefecture', self._prefectures, AUTRE)}"
            f" AS prefecture, titre FROM lieux JOIN ({theirs}) USING (personne)"
        )
        self._db.execute(_APPLIQUER, {"autre": AUTRE})
        while chosen := self._a_generaliser():
            self._db.executemany(
                "INSERT INTO generalises SELECT DISTINCT personne, titre FROM cases WHERE prefecture = ? AND titre = ?",
                chosen,
            )
            self._db.execute(_APPLIQUER, {"autre": AUTRE})

    def _a_generaliser(self) -> list[list[str]]:
        """The cells whose persons have their title generalised next; none when all is well or nothing can be done."""
        small: list[tuple[str, str]] = self._db.execute(_PETITES, {"minimum": self._minimum}).fetchall()
        named = [[where, title] for where, title in small if title != AUTRE]
        if named or not small:
            return named
        where = [each for each, _ in small]
        found = self._db.execute(_VOISINE, {"autre": AUTRE, "prefectures": where}).fetchall()
        return [list(each) for each in found]

    def _valeurs_rares(self, table: str, colonne: str) -> list[str]:
        value = f"unnest(string_split({colonne}, ';'))" if colonne in _LISTES else colonne
        found = self._db.execute(
            f"SELECT v FROM (SELECT personne, {value} AS v FROM brut_{table} WHERE personne IS NOT NULL)"
            " WHERE v IS NOT NULL GROUP BY v HAVING count(DISTINCT personne) < $minimum ORDER BY v",
            {"minimum": self._minimum},
        ).fetchall()
        return [each for (each,) in found if each not in {RARE, AUTRE}]

    def select(self, table: str) -> str:
        """The query that gives the rows of ``table`` as they leave, in an order that says nothing of the ledger's."""
        columns = TABLES[table]
        told = ", ".join(f"{self._valeur(table, each)} AS {each.nom}" for each in columns)
        return f"SELECT {told} FROM brut_{table} ORDER BY {', '.join(_ordre(table, columns))}"

    def _valeur(self, table: str, colonne: Colonne) -> str:
        nom, rares = colonne.nom, self._rares.get((table, colonne.nom), [])
        if nom == "corrige_par_un_autre":
            return "fait IN (SELECT corrige FROM brut_faits WHERE corrige IS NOT NULL)"
        if colonne.sorte is Sorte.JOUR:
            return f"CAST(date_trunc('month', {nom}) AS DATE)" if self._mois else nom
        if nom in TITRES:
            small = f"(personne, {nom}) IN (SELECT personne, titre FROM generalises)"
            return f"CASE WHEN {small} THEN '{AUTRE}' ELSE {nom} END"
        if colonne.sorte is Sorte.LIEU:
            return _mis(nom, self._prefectures, AUTRE)
        if nom in _LISTES:
            each = f"[{_mis('x', rares, RARE)} FOR x IN string_split({nom}, ';')]"
            return f"list_aggregate(list_sort(list_distinct({each})), 'string_agg', ';')"
        return _mis(nom, rares, RARE) if rares else nom

    def verifier(self) -> Verifiee:
        """Count again, on the tables ``faits``, ``intervalles`` and ``unites`` as they leave."""
        where = _de_personne(PREFECTURES, "prefecture", "")
        titles = _de_personne(TITRES, "titre", "")
        cells = (
            f"SELECT prefecture, titre, count(DISTINCT personne) AS n FROM ({where}) JOIN ({titles}) USING (personne)"
        )
        [(count, least)] = self._db.execute(f"SELECT count(*), min(n) FROM ({cells} GROUP BY ALL)").fetchall()
        [(people, alone)] = self._db.execute(_uniques(where, titles)).fetchall()
        return Verifiee(cases=count, plus_petite=least, personnes=people, uniques=alone)


_ENTIERES: Final = frozenset({"couche", "imputation", "statut", "mesure", "nature_flux", "type"})
"""Closed lists that tell what is counted, and are never masked; and the types of facts, which were before."""
_LISTES: Final = frozenset({"codes"})


def _uniques(where: str, titles: str) -> str:
    return f"""
    WITH premier AS (
        SELECT personne, date_trunc('month', min(survenu_pas_avant)) AS mois
        FROM faits WHERE personne IS NOT NULL GROUP BY ALL
    ), l AS (SELECT personne, list(DISTINCT prefecture ORDER BY prefecture) AS l FROM ({where}) GROUP BY ALL),
    t AS (SELECT personne, list(DISTINCT titre ORDER BY titre) AS t FROM ({titles}) GROUP BY ALL),
    profil AS (SELECT count(*) AS n FROM premier LEFT JOIN l USING (personne) LEFT JOIN t USING (personne)
               GROUP BY mois, l, t)
    SELECT coalesce(sum(n), 0)::BIGINT, count(*) FILTER (WHERE n = 1) FROM profil
    """


def _de_personne(colonnes: Iterable[str], nom: str, prefixe: str = "brut_") -> str:
    """Every person with every value that these columns give of her, in any table."""
    return " UNION ALL ".join(
        f"SELECT personne, {each.nom} AS {nom} FROM {prefixe}{table}"
        f" WHERE personne IS NOT NULL AND {each.nom} IS NOT NULL"
        for table, columns in TABLES.items()
        for each in columns
        if each.nom in colonnes
    )


def _litteral(valeur: str) -> str:
    return "'" + valeur.replace("'", "''") + "'"


def _de(valeurs: Iterable[str], colonne: str) -> str:
    listed = ", ".join(_litteral(each) for each in valeurs)
    return f"(personne IS NOT NULL AND {colonne} IN ({listed}))" if listed else "FALSE"


def _mis(colonne: str, valeurs: Iterable[str], pour: str) -> str:
    listed = ", ".join(_litteral(each) for each in valeurs)
    if not listed:
        return colonne
    return f"CASE WHEN personne IS NOT NULL AND {colonne} IN ({listed}) THEN '{pour}' ELSE {colonne} END"


def _ordre(table: str, columns: Iterable[Colonne]) -> list[str]:
    if table == "faits":
        return ["personne NULLS FIRST", "survenu_pas_avant NULLS FIRST", "survenu_pas_apres NULLS FIRST", "fait"]
    return [f"{each.nom} NULLS FIRST" for each in columns]


def connexion(fichier: str, *, memoire: str) -> duckdb.DuckDBPyConnection:
    """A database that fetches nothing from anywhere, and holds no more than ``memoire`` at once."""
    options: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": memoire,
        "threads": 1,
    }
    return duckdb.connect(fichier, config=options)
