"""The queries behind the figures, in the SQL of DuckDB over the published Parquet files, ready to be pasted.

What is masked stands in the query by name: whoever runs it on the same files gets the published figures, and sees what
was left out.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

from evidence.masse_colonnes import APART
from projections.imputation.mesures import Mesure
from projections.masquage import TOTAL, TOUT
from projections.statistiques import Par

UNITES: Final = ("cellule", "masquee", "unites", "personnes", "oui", "faits", "mediane", "p90")
JOURS: Final = ("cellule", "imputation", "masquee", "jours", "personnes")
_JAMAIS: Final = 2147483647
_CLES: Final = {
    Par.ENSEMBLE: f"'{TOUT}'",
    Par.PREFECTURE: "coalesce(prefecture, 'inconnue')",
    Par.TITRE: "coalesce(titre, 'inconnu')",
    Par.INCIDENT: "unnest(string_split(coalesce(codes, 'aucun'), ';'))",
    Par.MOIS: "strftime({jour}, '%Y-%m')",
}


def ventilations(mesure: Mesure) -> tuple[Par, ...]:
    """By what a measure is given: of protected persons, neither préfecture nor title nor malfunction leaves."""
    return (Par.ENSEMBLE, Par.MOIS) if mesure.code in APART else tuple(Par)


def unites(mesure: Mesure, par: Par, du: date, au: date, masquees: Collection[str] = ()) -> str:
    """What a measure counts, cell by cell."""
    return f"""WITH u AS (
  SELECT {_CLES[par].format(jour="le")} AS cellule, personne, oui, fait_le <= DATE '{au}' AS venu, delai
  FROM 'unites.parquet'
  WHERE mesure = '{mesure.code}' AND le BETWEEN DATE '{du}' AND DATE '{au}'
), c AS (
  SELECT cellule, cellule IN ({_liste(masquees)}) AS masquee, count(*) AS unites, count(DISTINCT personne) AS personnes,
    count(*) FILTER (WHERE oui) AS oui, count(*) FILTER (WHERE venu) AS faits,
    {_quantile("0.5")} AS mediane,
    {_quantile("0.9")} AS p90
  FROM u GROUP BY cellule
)
SELECT cellule, masquee, {", ".join(_tue(each) for each in (UNITES[2:] if mesure.delai else UNITES[2:5]))}
FROM c ORDER BY cellule"""


def jours(par: Par, du: date, au: date, masquees: Collection[tuple[str, str]] = ()) -> str:
    """The days lost, cell by cell, by attribution and in all."""
    pairs = [f"{cell}|{answer}" for cell, answer in masquees]
    return f"""WITH j AS (
  SELECT {_CLES[par].format(jour="mois")} AS cellule, imputation, personne, jours
  FROM 'intervalles.parquet'
  WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION' AND mois BETWEEN DATE '{du}' AND DATE '{au}'
), s AS (
  SELECT cellule, coalesce(imputation, '{TOTAL}') AS imputation, sum(jours)::BIGINT AS jours,
    count(DISTINCT personne) AS personnes
  FROM j GROUP BY GROUPING SETS ((cellule, imputation), (cellule))
), c AS (SELECT *, cellule || '|' || imputation IN ({_liste(pairs)}) AS masquee FROM s)
SELECT cellule, imputation, masquee, {", ".join(map(_tue, JOURS[3:]))}
FROM c ORDER BY cellule, imputation"""


def personnes_unites(mesure: Mesure, par: Par, du: date, au: date, cellules: Collection[str]) -> str:
    """How many persons some cells of a measure hold together."""
    return (
        f"SELECT count(DISTINCT personne) FROM (SELECT personne, {_CLES[par].format(jour='le')} AS cellule"
        f" FROM 'unites.parquet' WHERE mesure = '{mesure.code}' AND le BETWEEN DATE '{du}' AND DATE '{au}')"
        f" WHERE cellule IN ({_liste(cellules)})"
    )


def personnes_jours(par: Par, du: date, au: date, cellules: Collection[tuple[str, str]]) -> str:
    """The same of days lost; ``TOTAL`` is every attribution."""
    pairs = _liste(f"{cell}|{answer}" for cell, answer in cellules if answer != TOTAL)
    whole = _liste(cell for cell, answer in cellules if answer == TOTAL)
    key = _CLES[par].format(jour="mois")
    return (
        f"SELECT count(DISTINCT personne) FROM (SELECT personne, imputation, {key} AS cellule"
        " FROM 'intervalles.parquet' WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION'"
        f" AND mois BETWEEN DATE '{du}' AND DATE '{au}')"
        f" WHERE cellule || '|' || imputation IN ({pairs}) OR cellule IN ({whole})"
    )


def _quantile(part: str) -> str:
    value = f"CASE WHEN venu THEN delai ELSE {_JAMAIS} END"
    return f"NULLIF(percentile_disc({part}) WITHIN GROUP (ORDER BY {value}), {_JAMAIS})"


def _tue(colonne: str) -> str:
    return f"CASE WHEN masquee THEN NULL ELSE {colonne} END AS {colonne}"


def _liste(valeurs: Iterable[str]) -> str:
    """Texts as a list of SQL; one that holds nothing, when there are none."""
    return ", ".join(sorted("'" + each.replace("'", "''") + "'" for each in valeurs)) or "''"
