"""What ties a person to who may see her: the same in the tables of everybody as live; nobody else is found or queued."""

from datetime import date
from uuid import UUID

import pytest

from bench.dossiers import lines
from ledger.days import Jours
from ledger.entry import Acteur, Fait
from ledger.events.acces import ExportProduit
from ledger.events.depot import DemandeDeposee
from ledger.events.instruction import DemandeTransmise
from ledger.events.listes import FondementAcces, NatureExport, PorteeMandat
from ledger.events.personne import MandatDonne, MandatRevoque
from ledger.events.reclamation import ReclamationDddOuverte
from ledger.events.support import CccContacte, PanVisite
from ledger.events.titre import TitreRemis
from ledger.events.types import NatureActeur, NatureDemande, TypeTitre
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line
from ledger.retained import holding
from ledger.store import Ledger
from projections.attaches import Attache, AttachesDeTous, attaches, chercher, dossiers_de, fichiers, mandantes, services
from projections.interruptions import Interruptions
from projections.priorites import FiltreFile, Situation, feuille, lignes, priorite
from replay.rebuild import rebuild
from tests.cles import detruire
from tests.faits import fait

VIEW, LOST = AttachesDeTous(), Interruptions()
SCHEMA = live_schema(VIEW)
LE = date(2025, 1, 20)
SHA = "ab" * 32


def of(person: str, number: int, event: object, **given: object) -> Fait:
    """One fact of a person."""
    return fait(**{"id": f"{person}-{number}", "personne": person, "objet": None, "evenement": event, **given})


def filed(person: str, where: str | None, dossier: str) -> Fait:
    """An application."""
    return of(
        person,
        1,
        DemandeDeposee(
            titre_demande=TypeTitre.CST,
            nature=NatureDemande.RENOUVELLEMENT,
            deposee_le=Jours.lire("2025-01-10"),
            prefecture=where,
        ),
        objet=dossier,
    )


def facts() -> list[Fait]:
    """Persons tied in every way: by a dossier moved elsewhere, by a title alone, by mandates given and taken back."""
    agent = Acteur(nature=NatureActeur.AGENT, service="Préfecture du Nord")
    day = Jours.lire("2024-01-01")
    title = TitreRemis(type_titre=TypeTitre.CST, valide_du=day, valide_au=Jours.lire("2025-01-01"))
    return [
        filed("a", "Préfecture du Nord", "D-a"),
        of("a", 2, DemandeTransmise(vers_prefecture="PREFECTURE de l'Isère"), objet="D-a", survenu="2025-02-01"),
        of("b", 1, title, acteur=agent),
        filed("c", "Préfecture du Nord", "D-c\0é"),
        of("c", 2, MandatDonne(mandat="M-1", mandataire="x", valide_du=Jours.lire("2025-01"))),
        of("c", 3, MandatDonne(mandat="M-2", mandataire="x", portee=(PorteeMandat.EXPORTER,))),
        of("c", 4, MandatRevoque(mandat="M-2")),
        of("c", 5, ReclamationDddOuverte(numero="26-1", ouverte_le=day)),
        of("c", 6, CccContacte(ticket="T-1", contacte_le=day)),
        of("c", 7, PanVisite(), objet="P-1"),
        of(
            "c",
            8,
            ExportProduit(nature=NatureExport.HISTORIQUE, fondement=FondementAcces.PERSONNE_CONCERNEE, sha256=SHA),
        ),
        filed("d", None, "D-d"),
    ]


@pytest.fixture
def tied(ledger: Ledger) -> Ledger:
    """These persons, and ten lives, followed."""
    ledger.append([*facts(), *(read_line(line) for line in lines(300))])
    ledger.sequence()
    for view in (VIEW, LOST):
        with Follower(ledger, view) as follower:
            follower.catch_up()
    return ledger


def subject(ledger: Ledger, person: str) -> bytes:
    """Of whom the tables speak."""
    with ledger.connection() as conn:
        return bytes(ledger.coffre.find(conn, [person])[person].subject)


def test_the_tables_say_of_everybody_what_access_is_decided_by(tied: Ledger) -> None:
    """Each set of ties, person by person, is that of the live function, which reads who acted too."""
    seen = 0
    for person in [*"abcd", *(f"fictif-{number}" for number in range(10))]:
        found, key = attaches(holding(tied.life(person))), subject(tied, person)
        with tied.connection() as conn:
            rows = {
                table: conn.execute(f"SELECT * FROM {SCHEMA}.{table} WHERE uuid_send(subject) = %b", (key,)).fetchall()
                for table in ("en_charge", "mandat", "assistance", "reclamation")
            }
        assert {row[1] for row in rows["en_charge"]} == found.prefectures
        assert {(row[1], row[2]) for row in rows["mandat"]} == {(m.mandataire, m.mandat) for m in found.mandats}
        assert {row[1] for row in rows["assistance"]} == found.assistances
        assert {row[1] for row in rows["reclamation"]} == found.reclamations
        seen += sum(map(len, rows.values()))
    assert seen > 14
    assert attaches(holding(tied.life("a"))).prefectures == {"prefecture de l'isere"}
    assert attaches(holding(tied.life("b"))).prefectures == {"prefecture du nord"}


def test_filled_again_the_tables_are_the_same(tied: Ledger) -> None:
    """From position zero, row by row, what was read beside a batch included."""
    assert rebuild(tied, VIEW).differences == ()


NORD, ISERE = (Attache("en_charge", "service", f"prefecture {each}") for each in ("du nord", "de l'isere"))
CASES: tuple[tuple[str, str | None, Attache, str | None], ...] = (
    ("D-c\0é", None, NORD, "c"),
    ("  D-c\0e\u0301 ", None, NORD, "c"),
    ("c", "c", NORD, "c"),
    ("c", "c", ISERE, None),
    ("D-a", None, NORD, None),
    ("D-a", None, ISERE, "a"),
    ("d", "d", Attache("en_charge", "service", ""), None),
    ("26-1", None, Attache("reclamation"), "c"),
    ("26-1", None, NORD, None),
    ("a", "a", Attache("reclamation"), None),
    ("c", "c", Attache("assistance", "reference", "T-1"), "c"),
    ("c", "c", Attache("assistance", "reference", "P-1"), "c"),
    ("c", "c", Attache("assistance", "reference", "T-2"), None),
    ("D-%", None, Attache("reclamation"), None),
)


def test_a_person_is_found_by_her_exact_reference_and_her_tie(tied: Ledger) -> None:
    """Written in other letters of the same form too; without the tie, as if she were not there."""
    for text, own, tie, found in CASES:
        key = subject(tied, own) if own else None
        with tied.connection() as conn:
            got = chercher(conn, SCHEMA, text, key, tie)
        assert got == ([subject(tied, found)] if found else []), (text, tie)


def test_mandates_are_those_that_run_on_the_day(tied: Ledger) -> None:
    """One of an unsure first day runs from the last it can be; one taken back never does."""
    with tied.connection() as conn:
        for day, count in ((date(2025, 1, 30), 0), (date(2025, 1, 31), 1), (date(2030, 1, 1), 1)):
            rows, total = mandantes(conn, SCHEMA, "x", day, depuis=0, limite=5)
            assert ([row.mandat for row in rows], total) == (["M-1"] * count, count)
        assert mandantes(conn, SCHEMA, "y", LE, depuis=0, limite=5) == ([], 0)


def test_a_file_is_known_by_its_digest_and_names_nobody(tied: Ledger) -> None:
    """What it is and where its line stands."""
    with tied.connection() as conn:
        [known] = fichiers(conn, SCHEMA, SHA)
        assert known.nature == "export_produit"
        assert fichiers(conn, SCHEMA, "cd" * 32) == []
        assert services(conn, SCHEMA, 10)["prefecture de l'isere"] == "PREFECTURE de l'Isère"
        key = subject(tied, "c")
        assert dossiers_de(conn, SCHEMA, [key]) == {key: ("D-c\ufffdé",)}


def test_who_was_erased_is_found_no_more(tied: Ledger) -> None:
    """Her rows leave with her key."""
    key = subject(tied, "c")
    detruire(tied, UUID(bytes=key))
    with Follower(tied, VIEW) as follower:
        follower.catch_up()
    rebuild(tied, VIEW)
    with tied.connection() as conn:
        assert chercher(conn, SCHEMA, "D-c\0é", None, Attache("reclamation")) == []
        assert chercher(conn, SCHEMA, "c", key, Attache("reclamation")) == []
        assert fichiers(conn, SCHEMA, SHA) == []


def queue(ledger: Ledger, service: str, filtre: FiltreFile, par: int = 100) -> tuple[list[bytes], dict[Situation, int]]:
    """The persons of a queue, in order, and how many the whole holds."""
    with ledger.connection() as conn:
        found = feuille(conn, live_schema(LOST), SCHEMA, service, LE, filtre, par)
    return [bytes(row[0]) for row in found.lignes], found.effectifs


def test_a_queue_holds_those_of_its_service_alone(tied: Ledger) -> None:
    """In the order of the whole queue; the queues of all services share nobody."""
    mine, counts = queue(tied, "prefecture fictive", FiltreFile(jours=90))
    with tied.connection() as conn:
        whole = [bytes(row[0]) for row in lignes(conn, live_schema(LOST), LE, jours=90)]
        charged = {
            bytes(each)
            for (each,) in conn.execute(
                f"SELECT uuid_send(subject) FROM {SCHEMA}.en_charge WHERE service = 'prefecture fictive'"
            )
        }
    assert mine == [each for each in whole if each in charged]
    assert len(mine) == sum(counts.values()) > 3
    others, _ = queue(tied, "prefecture du nord", FiltreFile(jours=90))
    assert others
    assert not set(others) & set(mine)
    assert queue(tied, "", FiltreFile(jours=90))[0] == []


def test_pages_and_situations_share_the_queue_out(tied: Ledger) -> None:
    """Page after page, and situation after situation, each person once."""
    mine, counts = queue(tied, "prefecture fictive", FiltreFile(jours=90))
    paged = [
        each
        for page in (1, 2, 3, 4)
        for each in queue(tied, "prefecture fictive", FiltreFile(jours=90, page=page), 3)[0]
    ]
    assert paged == mine[:12]
    by = {each: queue(tied, "prefecture fictive", FiltreFile(jours=90, situation=each))[0] for each in Situation}
    assert {each: len(found) for each, found in by.items()} == counts
    assert [each for found in by.values() for each in found] == mine


def test_a_queue_is_filtered_by_what_waits_and_by_title(tied: Ledger) -> None:
    """Each person that is left has the signal that was asked for; a title that nobody has leaves nobody."""
    with tied.connection() as conn:
        found = feuille(conn, live_schema(LOST), SCHEMA, "prefecture fictive", LE, FiltreFile(jours=90), 100).lignes
    codes = {bytes(row[0]): {each.code for each in priorite(1, "p", row, LE).attentes} for row in found}
    assert len(set().union(*codes.values())) > 1
    for code in set().union(*codes.values()):
        filtered, _ = queue(tied, "prefecture fictive", FiltreFile(jours=90, motif=code))
        assert filtered == [each for each in codes if code in codes[each]]
    assert queue(tied, "prefecture fictive", FiltreFile(jours=90, titre=TypeTitre.TITRE_VOYAGE))[0] == []
    assert len(queue(tied, "prefecture fictive", FiltreFile(jours=90, titre=TypeTitre.CST))[0]) > 3
