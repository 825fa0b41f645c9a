"""What is read across persons: the rows say what the pure functions say, and the queries add them up rightly."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from bench.dossiers import lines
from ledger.days import Jours, Quand
from ledger.entry import Entry, Fait
from ledger.events.depot import TentativeDepotEchouee, VersementEchoue
from ledger.events.effet import EmploiSuspendu
from ledger.events.incident import IncidentOuvert, IncidentResolu, PannePlateformeConstatee, PorteeIncidentFixee
from ledger.events.types import CodeIncident, Flux, Grade, Source
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line
from ledger.retained import holding
from ledger.store import Ledger
from projections import incidents, priorites
from projections.imputation.calcul import attributions
from projections.imputation.incidents import Declares, atteint
from projections.imputation.incidents import incidents as declared
from projections.imputation.matiere import atteintes, matiere
from projections.imputation.prevision import previsions
from projections.interruptions import Interruptions, atteintes_sql
from projections.statistiques import Par, statistiques
from replay.vie import vie
from tests.faits import fait

VUE = Interruptions()
SCHEMA = live_schema(VUE)
AU = date(2025, 6, 15)
FEVRIER = date(2025, 2, 5)
CODES = (CodeIncident.APPLICATION_ALREADY_PENDING, CodeIncident.PROCEDURE_NOT_SELECTABLE)


def lives(ledger: Ledger, persons: int = 12) -> list[str]:
    """The facts of invented lives, sealed; the references of their persons."""
    ledger.append([read_line(line) for line in lines(30 * persons)])
    ledger.sequence()
    return [f"fictif-{number}" for number in range(persons)]


def follow(ledger: Ledger) -> None:
    """Bring the projection up to date."""
    with Follower(ledger, VUE) as follower:
        follower.catch_up()


def shared(number: int, event: Any, day: str = "2025-01-01", **given: Any) -> Fait:
    """A fact of an incident that is nobody's."""
    return fait(**{
        "id": f"I-{number}-{event.nom}-{day}", "personne": None, "objet": f"I-{number}", "survenu": day,
        "source": Source.ANEF, "grade": Grade.A, "evenement": event, **given,
    })  # fmt: skip


def declare(rng: random.Random, number: int) -> list[Fait]:
    """One incident of nobody: an outage or a malfunction, with a scope or none, over or not."""
    start = date(2024, 8, 1) + timedelta(days=rng.randrange(500))
    facts: list[Fait] = []
    if rng.random() < 0.4:
        end = start + timedelta(days=rng.randrange(60)) if rng.random() < 0.7 else None
        scope = rng.choice([None, "nationale", "Préfecture fictive", "ailleurs"])
        outage = PannePlateformeConstatee(
            debut=Quand.lire(str(start)), fin=Quand.lire(str(end)) if end else None, portee=scope
        )
        facts.append(shared(number, outage, str(start)))
    else:
        listed = tuple(f"D-{rng.randrange(12)}" for _ in range(rng.randrange(3)))
        opened = IncidentOuvert(code=rng.choice(CODES), depuis=Quand.lire(str(start)), dossiers=listed)
        facts.append(shared(number, opened, str(start)))
    if rng.random() < 0.5:
        scope_set = PorteeIncidentFixee(
            generale=rng.random() < 0.3,
            prefectures=tuple(rng.sample(["Préfecture Fictive", "ailleurs"], rng.randrange(3))),
            demarches=tuple(rng.sample(["cst", "renouvellement", "csp"], rng.randrange(3))),
            dossiers=tuple(f"D-{rng.randrange(12)}" for _ in range(rng.randrange(2))),
        )
        facts.append(shared(number, scope_set, str(start)))
    if rng.random() < 0.4:
        over = start + timedelta(days=rng.randrange(100))
        facts.append(shared(number, IncidentResolu(resolu_le=Jours.lire(str(over))), str(over)))
    return facts


def failures(rng: random.Random, number: int) -> list[Fait]:
    """Attempts and uploads that failed, some with a malfunction, some naming an incident."""
    facts = []
    for rank in range(rng.randrange(5)):
        day = date(2024, 8, 1) + timedelta(days=rng.randrange(500))
        kind = rng.choice([TentativeDepotEchouee, VersementEchoue])
        event = kind(
            code_incident=rng.choice([None, *CODES]),
            incident=f"I-{rng.randrange(8)}" if rng.random() < 0.3 else None,
        )
        facts.append(
            fait(
                id=f"E-{number}-{rank}",
                personne=f"fictif-{number}",
                objet=f"D-{number}",
                survenu=str(day),
                evenement=event,
            )
        )
    return facts


def hits_by_query(ledger: Ledger) -> set[tuple[str, str, str, str]]:
    """What the query finds: person, incident, kind, link."""
    with ledger.connection() as conn:
        rows = conn.execute(
            SQL("SELECT uuid_send(subject), reference, event_id::text, genre, lien, incident_du FROM ({}) AS h").format(
                atteintes_sql(SCHEMA)
            )
        ).fetchall()
        keys = ledger.coffre.of_subjects(conn, {bytes(row[0]) for row in rows})
    return {(keys[bytes(row[0])].reference, *(str(each) for each in row[1:])) for row in rows}


def hits_by_reading(ledger: Ledger, persons: Sequence[str]) -> set[tuple[str, ...]]:
    """The same, person by person."""
    known = declared(holding(ledger.shared(Flux.INCIDENT)))
    found = set()
    for person in persons:
        for touche in atteintes(matiere(holding(ledger.life(person)), date(2199, 12, 31))):
            for each in known:
                link = atteint(each, touche)
                if link is not None:
                    day = str(date.fromordinal(each.du))
                    found.add((person, each.reference, str(touche.entry.event_id), touche.genre.value, link.value, day))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_one_query_finds_what_reading_person_by_person_finds(ledger: Ledger, seed: int) -> None:
    """Every hit of every incident, with its link: the query and the reading agree on incidents drawn at random."""
    rng = random.Random(seed)  # noqa: S311 - seeded on purpose
    persons = lives(ledger)
    for number in range(len(persons)):
        ledger.append(failures(rng, number))
    for number in range(8):
        ledger.append(declare(rng, number))
    ledger.sequence()
    follow(ledger)
    found = hits_by_query(ledger)
    assert found == hits_by_reading(ledger, persons)
    assert {each[4] for each in found} >= {"portee"}


@pytest.mark.parametrize("seed", range(4))
def test_incidents_that_come_late_move_the_rows_of_whom_they_reach(ledger: Ledger, seed: int) -> None:
    """Declared, resolved or withdrawn after the lives were drawn, an incident gives the rows that a rebuild gives."""
    rng = random.Random(seed)  # noqa: S311 - seeded on purpose
    lives(ledger)
    for number in range(12):
        ledger.append(failures(rng, number))
    ledger.sequence()
    follow(ledger)
    for number in range(8):
        for each in declare(rng, number):
            ledger.append([each])
            ledger.sequence()
            follow(ledger)
    with Follower(ledger, VUE, schema="vue_d_un_coup") as whole:
        whole.catch_up()
    assert rows(ledger, SCHEMA) == rows(ledger, "vue_d_un_coup")


def rows(ledger: Ledger, schema: str) -> dict[str, list[str]]:
    """The rows of each table, as text, in one order."""
    with ledger.connection() as conn:
        return {
            table: sorted(
                row for (row,) in conn.execute(SQL("SELECT t::text FROM {} AS t").format(Identifier(schema, table)))
            )
            for table, _ in VUE.tables
        }


def cut(found: Sequence[tuple[Any, ...]], au: date) -> list[tuple[Any, ...]]:
    """Rows of lost days up to a day."""
    return [(du, min(end, au), *rest) for du, end, *rest in found if du <= au]


@pytest.mark.parametrize("au", [date(2024, 12, 1), AU, date(2026, 3, 1)])
def test_lost_days_cut_at_a_day_are_those_of_that_day(ledger: Ledger, au: date) -> None:
    """The rows, cut at any day, say of each person what the live reading says on that day."""
    persons = lives(ledger)
    ledger.append(declare(random.Random(5), 1))  # noqa: S311 - seeded on purpose
    ledger.sequence()
    follow(ledger)
    with ledger.connection() as conn:
        stored = conn.execute(
            SQL("SELECT uuid_send(subject), du, au, imputation, statut, causes FROM {} WHERE couche = 'preuve'").format(
                Identifier(SCHEMA, "perdu")
            )
        ).fetchall()
        keys = ledger.coffre.find(conn, persons)
    seen = 0
    for person in persons:
        mine = [tuple(row[1:]) for row in stored if bytes(row[0]) == keys[person].subject]
        live = attributions(vie_on(ledger, person), au)
        told = [
            (a.du, a.au, a.imputation.value, a.statut.value, list(dict.fromkeys(c.code for c in a.causes)))
            for a in live
            if a.couche == "preuve"
        ]
        assert sorted(cut(mine, au)) == sorted(told)
        seen += len(told)
    assert seen or au < date(2025, 1, 1)


def vie_on(ledger: Ledger, person: str) -> list[Entry]:
    """The entries of a person that hold, those of incidents included, whenever they are."""
    return holding(vie(ledger, person))


def test_the_queue_holds_whom_the_forecast_names_and_says_why(ledger: Ledger) -> None:
    """Everybody who is, or will be within thirty days, without proof; first who is already, the longest first."""
    persons = lives(ledger, 40)
    hurt = EmploiSuspendu(depuis_le=Jours.lire("2025-01-20"))
    ledger.append([fait(id="H-1", personne="fictif-7", objet="E-7", survenu="2025-01-20", evenement=hurt)])
    ledger.sequence()
    follow(ledger)
    with ledger.connection() as conn:
        found = priorites.lignes(conn, SCHEMA, FEVRIER, jours=30, limite=1_000)
        names = {key.subject: name for name, key in ledger.coffre.find(conn, persons).items()}
    queue = [priorites.priorite(rank, names[row[0]], row, FEVRIER) for rank, row in enumerate(found, start=1)]
    expected = {p: previsions(holding(ledger.life(p)), FEVRIER, 30) for p in persons}
    assert {each.personne for each in queue if each.pertes} == {p for p, found in expected.items() if found}
    for each in queue:
        assert [lost.du for lost in each.pertes] == [lost.du for lost in expected[each.personne]]
        assert each.raisons
    order = [
        (each.sans_preuve_depuis is None, not any(w.code == "effet" for w in each.attentes),
         each.sans_preuve_depuis or date.max)
        for each in queue
    ]  # fmt: skip
    assert order == sorted(order)
    assert any(not first for first, *_ in order)


def test_the_queue_of_one_prefecture(ledger: Ledger) -> None:
    """A préfecture sees its own dossiers, whichever way it is written in the facts."""
    lives(ledger)
    follow(ledger)
    with ledger.connection() as conn:
        every = priorites.lignes(conn, SCHEMA, FEVRIER)
        assert priorites.lignes(conn, SCHEMA, FEVRIER, prefecture="prefecture fictive") == every != []
        assert priorites.lignes(conn, SCHEMA, FEVRIER, prefecture="ailleurs") == []
        assert len(priorites.lignes(conn, SCHEMA, FEVRIER, limite=2)) == 2


def test_statistics_are_what_counting_person_by_person_gives(ledger: Ledger) -> None:
    """Lost days by attribution, and the certificates given on the day, are those of each person added up."""
    persons = lives(ledger, 60)
    follow(ledger)
    du = date(2025, 1, 1)
    days: dict[str, int] = defaultdict(int)
    for person in persons:
        for a in attributions(holding(ledger.life(person)), AU):
            if a.couche == "preuve" and a.au >= du:
                days[a.imputation.value] += (a.au - max(a.du, du)).days + 1
    with ledger.connection() as conn:
        whole = statistiques(conn, SCHEMA, du=du, au=AU)
        months = statistiques(conn, SCHEMA, du=du, au=AU, par=Par.MOIS, minimum=5)
    (lost,) = whole.jours_perdus
    assert lost.total == sum(days.values()) > 0
    assert {answer: n for answer, n in (lost.jours or {}).items() if n is not None}.items() <= days.items()
    shown = [each.total for each in months.jours_perdus if each.total is not None]
    assert 0 < sum(shown) <= sum(days.values())
    given = next(table for table in whole.tableaux if table.mesure == "attestation_prolongation")
    (cell,) = given.cellules
    expiries = [date(2025, 1, 1) + timedelta(days=number % 365) for number in range(60)]
    due = [(n, day + timedelta(days=1)) for n, day in enumerate(expiries) if day + timedelta(days=1) <= AU]
    assert (cell.unites, cell.oui) == (len(due), sum(n % 3 != 0 for n, _ in due))
    assert (cell.mediane, cell.p90) == (0, 39)


def test_a_figure_that_has_not_come_is_longer_than_any(ledger: Ledger) -> None:
    """Seen before most certificates were given, the median is not reached, and the count says how many were."""
    lives(ledger, 60)
    follow(ledger)
    with ledger.connection() as conn:
        early = statistiques(conn, SCHEMA, du=date(2025, 1, 1), au=FEVRIER)
    (cell,) = next(table for table in early.tableaux if table.mesure == "attestation_prolongation").cellules
    assert cell.unites == 35
    assert cell.p90 is None
    assert (cell.faits or 35) < 35


def test_small_cells_are_refused_or_masked(ledger: Ledger) -> None:
    """Three persons give no figure, and a minimum under which one could be known is refused."""
    lives(ledger, 3)
    follow(ledger)
    with ledger.connection() as conn:
        found = statistiques(conn, SCHEMA, du=date(2024, 1, 1), au=AU, minimum=5)
        with pytest.raises(ValueError, match="moins de 5"):
            statistiques(conn, SCHEMA, du=date(2024, 1, 1), au=AU, minimum=4)
    assert all(cell.masquee and cell.unites is None for table in found.tableaux for cell in table.cellules)
    assert all(each.masquee and each.total is None for each in found.jours_perdus)


def test_incidents_are_listed_with_what_they_hit(ledger: Ledger) -> None:
    """An incident for all, the three attempts of two persons, and nothing of a third."""
    opened = IncidentOuvert(code=CODES[0], depuis=Quand.lire("2025-01-01"))
    scope = PorteeIncidentFixee(generale=True)
    tried = [
        fait(id=f"T-{n}", personne=f"P-{n % 2}", objet=f"D-{n % 2}", survenu=f"2025-01-0{n + 2}",
             evenement=TentativeDepotEchouee(code_incident=CODES[0]))
        for n in range(3)
    ]  # fmt: skip
    other = fait(id="T-9", personne="P-9", objet="D-9", survenu="2025-01-02", evenement=TentativeDepotEchouee())
    ledger.append([shared(1, opened), shared(1, scope), *tried, other])
    ledger.sequence()
    follow(ledger)
    with ledger.connection() as conn:
        (one,) = incidents.resumes(conn, SCHEMA, AU)
        hit = incidents.lignes(conn, SCHEMA, "I-1", AU)
        assert incidents.resumes(conn, SCHEMA, date(2024, 12, 31)) == ()
        assert incidents.lignes(conn, SCHEMA, "I-2", AU) == []
    assert (one.personnes, one.dossiers, one.tentatives, one.partage, one.au) == (2, 2, 3, True, None)
    assert len(hit) == 3


def test_an_unknown_person_has_no_life_though_incidents_are_known(ledger: Ledger) -> None:
    """What is nobody's makes nobody known."""
    ledger.append([shared(1, IncidentOuvert(code=CODES[0], depuis=Quand.lire("2025-01-01")))])
    assert vie(ledger, "inconnue") == ()
    assert Declares(holding(ledger.shared(Flux.INCIDENT))).atteignent([]) == {}
