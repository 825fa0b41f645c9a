"""The figures of a filter, counted again one row after the other; and what is given of them, whoever asks for which."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from pydantic import ValidationError

from ledger.events.types import CodeIncident, TypeTitre
from ledger.store import Ledger
from projections.chiffres_filtres import AUTRES, Chiffres, Filtre, atomes, chiffres, croisements
from projections.effectifs import Par
from projections.imputation.modeles import Imputation
from projections.interruptions import Interruptions

TODAY, MINIMUM = date(2026, 8, 20), 5
TITLES = ("cst", "carte_resident", "csp")
PLACES = ("nord", "rhone", "creuse")
ANSWERS = (Imputation.ADMINISTRATION, Imputation.APPLICANT, Imputation.UNDETERMINED)
Loss = tuple[UUID, date, date, Imputation, str, str, list[str]]


def losses(seed: int) -> list[Loss]:
    """Losses of many persons, most alike, some across the end of a month or of the year."""
    rng = Random(seed)  # noqa: S311 - no secret
    found: list[Loss] = []
    for person in range(160):
        usual = rng.random() < 0.6
        start = date(2025, 1, 1) + timedelta(days=rng.randrange(330, 400) if usual else rng.randrange(500))
        where = "nord" if usual else rng.choice(PLACES)
        title = TITLES[0] if usual else rng.choice(TITLES)
        codes = [] if usual else rng.choice((["B02"], ["B07"], ["B02", "B07"], []))
        answer = ANSWERS[0] if usual else rng.choice(ANSWERS)
        found.append((UUID(int=person), start, start + timedelta(days=rng.randrange(70)), answer, where, title, codes))
    return found


@contextmanager
def tables(ledger: Ledger, rows: list[Loss]) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """The tables of the projection, holding these losses and a unit for each, for the time of the block."""
    view, schema = Interruptions(), "vue_filtre"
    with ledger.connection() as conn, conn.transaction(force_rollback=True):
        conn.execute("CREATE SCHEMA vue_filtre")
        view.create(conn, schema)
        for subject, du, au, answer, where, title, codes in rows:
            conn.execute(
                SQL(
                    "INSERT INTO {} (subject, du, au, couche, imputation, codes, prefecture, titre)"
                    " VALUES (%s, %s, %s, 'preuve', %s, %s, %s, %s)"
                ).format(Identifier(schema, "perdu")),
                (subject, du, au, answer.value, codes, where, title),
            )
            conn.execute(
                SQL(
                    "INSERT INTO {} (subject, mesure, le, oui, codes, prefecture, titre)"
                    " VALUES (%s, 'complement', %s, true, %s, %s, %s)"
                ).format(Identifier(schema, "unite")),
                (subject, du, codes, where, title),
            )
        yield conn, schema


def ask(conn: psycopg.Connection[Any], schema: str, filtre: Filtre) -> Chiffres:
    """What is answered."""
    asked = filtre.au_jour(TODAY)
    return chiffres(
        conn, schema, asked, croisements(atomes(conn, schema, asked, None, TODAY, MINIMUM), MINIMUM), TODAY, MINIMUM
    )


def counted(rows: list[Loss], filtre: Filtre) -> tuple[int, int, set[UUID]]:
    """The days, the interruptions and the persons of a filter, one day after the other."""
    days, found, who = 0, 0, set()
    for subject, du, au, answer, where, title, codes in rows:
        mine = [du + timedelta(days=each) for each in range((au - du).days + 1)]
        mine = [d for d in mine if d.year == filtre.annee and d <= date(2026, 7, 31) and filtre.mois in {None, d.month}]
        if (
            mine
            and filtre.prefecture in {"", where}
            and (filtre.titre is None or filtre.titre.value == title)
            and (filtre.incident is None or str(filtre.incident) in (codes or ["aucun"]))
            and filtre.rupture in {None, answer}
        ):
            days, found = days + len(mine), found + 1
            who.add(subject)
    return days, found, who


FILTERS = [
    Filtre(annee=annee, mois=mois, titre=titre, incident=incident, rupture=rupture, prefecture=prefecture)
    for annee, mois, titre, incident, rupture, prefecture in product(
        (2025, 2026),
        (None, 1, 12),
        (None, TypeTitre.CST, TypeTitre.CARTE_RESIDENT),
        (None, "aucun", CodeIncident.APPLICATION_ALREADY_PENDING),
        (None, Imputation.ADMINISTRATION, Imputation.APPLICANT),
        ("", "nord"),
    )
]


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_given_is_what_the_rows_add_up_to(ledger: Ledger, seed: int) -> None:
    """Days, interruptions and persons of every filter; of too few persons, nothing; and many filters are answered."""
    rows, given = losses(seed), 0
    with tables(ledger, rows) as (conn, schema):
        units = {year: atomes(conn, schema, Filtre(annee=year), None, TODAY, MINIMUM) for year in (2025, 2026)}
        chosen = {year: croisements(found, MINIMUM) for year, found in units.items()}
        for filtre in FILTERS:
            told = chiffres(conn, schema, filtre, chosen[filtre.annee or 0], TODAY, MINIMUM)
            [lost] = told.statistiques.jours_perdus
            days, found, who = counted(rows, filtre)
            if lost.masquee:
                assert (told.ruptures, told.dossiers, lost.total) == (None, None, None)
                continue
            given += 1
            assert len(who) >= MINIMUM
            assert lost.total == days
            assert told.ruptures == found - found % MINIMUM
            assert lost.personnes == len(who) - len(who) % MINIMUM
            assert told.statistiques.tableaux == () or filtre.rupture is None
    assert given > 20


def test_a_bar_and_the_filter_that_it_leads_to_say_the_same(ledger: Ledger) -> None:
    """A month, a title, a malfunction: the cell of the breakdown is the whole of the filtered table, given or not."""
    with tables(ledger, losses(3)) as (conn, schema):
        for par, field in ((Par.MOIS, "mois"), (Par.TITRE, "titre"), (Par.INCIDENT, "incident")):
            shown = ask(conn, schema, Filtre(annee=2025, par=par)).statistiques.jours_perdus
            cells = {each.cle: each for each in shown if each.cle != AUTRES}
            assert cells or par is not Par.MOIS
            for key in ("2025-12", "2025-03", *TITLES, "B02", "aucun"):
                value = int(key[5:]) if par is Par.MOIS and key[:4] == "2025" else key
                try:
                    alone = Filtre.model_validate({"annee": 2025, field: value})
                except ValidationError:
                    continue
                [lost] = ask(conn, schema, alone).statistiques.jours_perdus
                same = cells.get(key)
                assert lost.masquee == (same is None)
                assert same is None or (same.total, same.personnes, same.jours) == (
                    lost.total,
                    lost.personnes,
                    lost.jours,
                )


def test_the_running_month_is_not_counted() -> None:
    """A year ends with the last whole month; nothing beyond is counted, nor seen."""
    assert Filtre().au_jour(date(2026, 1, 15)).annee == 2025
    assert Filtre(annee=2140).au_jour(TODAY).annee == 2026
    seen = Filtre(annee=2026, mois=3).portee(TODAY)
    assert (seen.du, seen.au, seen.vu) == (date(2026, 3, 1), date(2026, 3, 31), date(2026, 7, 31))
    assert Filtre(annee=2026).portee(TODAY).au == date(2026, 7, 31)
    assert Filtre(annee=2024).portee(TODAY).vu == date(2024, 12, 31)
