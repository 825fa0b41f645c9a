"""Erasure: nothing or all, by the same command; what it cost is told, and a person who is held stays."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from obstore.store import LocalStore
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from app import erase as erasing
from app.embedded import EmbeddedServer
from app.erase import Done, Request, erase, handed_over, preview
from app.open import Opened
from bench.dossiers import lines
from commands.base import Refused
from commands.importer import import_file
from commands.record import record
from ledger import coffre as coffre_module
from ledger import erasure
from ledger.coffre import Id
from ledger.database import KEEPER, Database, prepare
from ledger.documents import DocumentStore
from ledger.entry import Piece
from ledger.erasure import HeldError, MovedError, register
from ledger.errors import ConstatError
from ledger.events import acces
from ledger.events.correction import FaitRetire
from ledger.events.listes import DroitPersonne
from ledger.events.types import Flux
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line, write_line
from ledger.kek import DeploymentKeys
from ledger.rotation import retire, rotate
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from replay.effacement import ReceiptError, en_francais, lire
from replay.rebuild import rebuild
from replay.verify import verify
from tests.faits import fait

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
WHO = "fictif-3"
BY_RULE = Request(WHO, "fin de conservation, Mme Secrète", rule="rgpd_art17_effacement")
GEL = acces.GelConservationPose(gel="G-1", fondement="réclamation DDD")
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def opened(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """A ledger of eight invented lives with documents, every projection current; verified when the test is over."""
    return fill(ledger, keys, tmp_path)


def fill(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """Eight invented lives, the documents of two of them, every projection current."""
    kept, given = tmp_path / "documents", tmp_path / "pieces"
    kept.mkdir()
    given.mkdir()
    ledger.append([read_line(line) for line in lines(240)])
    documents = DocumentStore(LocalStore(kept))
    for person in (WHO, "fictif-4"):
        for n in range(3):
            content = f"{person} {n}".encode() * 100
            digest = sha256(content).hexdigest()
            (given / digest).write_bytes(content)
            piece = Piece(nom=f"piece-{n}.pdf", octets=len(content), sha256=digest)
            ledger.append([fait(id=f"PJ-{n}", personne=person, objet=None, pieces=(piece,))])
            with ledger.connection() as conn:
                assert documents.take(ledger.coffre.find(conn, [person])[person], piece, given)
    follow(ledger)
    return Opened(ledger, keys, documents)


def follow(ledger: Ledger) -> None:
    """Bring every projection up to date."""
    for view in PROJECTIONS.values():
        with Follower(ledger, view) as follower:
            follower.catch_up()


def subject_of(ledger: Ledger, person: str = WHO) -> UUID:
    """The random id of a person."""
    return ledger.life(person)[0].subject


def in_views(ledger: Ledger, subject: UUID) -> int:
    """How many rows the projections' tables hold of a person."""
    total = 0
    with ledger.connection() as conn:
        tables = conn.execute(erasure.VIEWS, {"name": "", "column": "subject"}).fetchall()
        for schema, table in tables:
            query = SQL("SELECT count(*) FROM {} WHERE subject = %s").format(Identifier(schema, table))
            row = conn.execute(query, (subject,)).fetchone()
            total += row[0] if row else 0
    return total


def stored(tmp_path: Path) -> int:
    """How many documents the store holds."""
    return len([path for path in (tmp_path / "documents").iterdir() if path.is_file()])


def finished(opened: Opened, request: Request = BY_RULE) -> Done:
    """An erasure, its receipt handed over."""
    done = erase(opened, request, NOW)
    handed_over(opened, request.person)
    return done


def intact(opened: Opened) -> bool:
    """Whether the ledger is."""
    opened.ledger.sequence()
    return verify(opened.ledger).intact


def destroy_as(ledger: Ledger, role: str | None, subject: UUID) -> None:
    """Call the function that destroys, past every line of this program."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        if role is not None:
            conn.execute(SQL("SET ROLE {}").format(Identifier(role)))
        conn.execute("SET session_replication_role = replica") if role is None else None
        count = len(ledger.life(WHO))
        conn.execute("SELECT ledger.destroy_key(%s, %s, sha256('a'), sha256('b'))", (subject, count))


# ---------------------------------------------------------------------- what goes and what stays


def test_all_that_can_be_read_is_gone(opened: Opened, tmp_path: Path) -> None:
    """The key, her documents and her rows in every table are gone at once; her lines stay, and the ledger is intact."""
    ledger = opened.ledger
    subject, facts = subject_of(ledger), len(ledger.life(WHO))
    with ledger.connection() as conn:
        kept = conn.execute("SELECT line, leaf_hash FROM ledger.entry WHERE subject = %s", (subject,)).fetchall()
    assert in_views(ledger, subject) > 10
    assert stored(tmp_path) == 6
    done = finished(opened)
    assert (done.documents, done.resumed, done.receipt.faits) == (3, False, facts + 1)
    assert ledger.life(WHO) == ()
    assert in_views(ledger, subject) == 0
    assert stored(tmp_path) == 3
    with ledger.connection() as conn:
        rows = conn.execute("SELECT line, leaf_hash FROM ledger.entry WHERE subject = %s", (subject,)).fetchall()
        assert set(kept) < set(rows)
        assert len(rows) == facts + 1
    with ledger.database.as_owner() as conn:
        left = "SELECT (SELECT count(*) FROM ledger.person_key WHERE subject = %s), (SELECT count(*) FROM work.erasure)"
        assert conn.execute(left, (subject,)).fetchone() == (0, 0)
    assert len(ledger.life("fictif-4")) > 3
    report = verify(ledger)
    assert report.intact
    assert report.unreadable == facts + 1


def test_projections_stay_without_her(opened: Opened) -> None:
    """Followers go on, and a rebuild of every projection finds the same rows: none of hers comes back."""
    subject = subject_of(opened.ledger)
    opened.ledger.append([fait(id="apres", personne=WHO), fait(id="apres", personne="fictif-4")])
    finished(opened)
    follow(opened.ledger)
    assert in_views(opened.ledger, subject) == 0
    for view in PROJECTIONS.values():
        differences = {each.table: each for each in rebuild(opened.ledger, view).differences}
        assert differences.keys() <= {"set_aside"}, differences
    assert in_views(opened.ledger, subject) == 0


def test_other_processes_close_her_key(opened: Opened, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that had her key open reads nothing of hers: at once where it reads many, soon where it reads one."""
    monkeypatch.setattr(coffre_module, "LEASE_SECONDS", 0.3)
    with Ledger(opened.ledger.database, keys) as other:
        assert other.life(WHO)
        subject = Id(subject_of(other).bytes)
        finished(opened)
        assert other.lives([subject]) == {}
        time.sleep(0.35)
        assert other.life(WHO) == ()


def test_a_follower_that_had_her_key_adds_nothing(opened: Opened, keys: DeploymentKeys) -> None:
    """A follower in another process, her key open and facts of hers unread, writes no row of hers after the erasure."""
    view = PROJECTIONS["etat"]
    with Ledger(opened.ledger.database, keys) as other, Follower(other, view) as follower:
        other.life(WHO)
        opened.ledger.append(
            [read_line(line).model_copy(update={"id": f"bis-{n}"}) for n, line in enumerate(lines(240))]
        )
        subject = subject_of(opened.ledger)
        finished(opened)
        assert follower.catch_up() > 200
    assert in_views(opened.ledger, subject) == 0


def test_she_may_come_back(opened: Opened) -> None:
    """Facts of the same reference that come later are another life: a new key, a new subject, nothing of before."""
    subject = subject_of(opened.ledger)
    finished(opened)
    [entry] = opened.ledger.append([fait(id="PJ-0", personne=WHO)])
    assert entry.subject != subject
    assert len(opened.ledger.life(WHO)) == 1
    assert [each.subject.hex() for each in register(opened.ledger)] == [subject.hex]


# ---------------------------------------------------------------------- the receipt


def test_the_receipt_names_nobody(opened: Opened) -> None:
    """The receipt holds the reference that was given, days, counts and hashes: no text, no name, not the person's reference."""
    record(opened.ledger, write_line(fait(id="D-1", personne=WHO, objet=None, evenement=DEMANDE)))
    lost = preview(opened, BY_RULE, NOW)[0].constats
    done = finished(opened, BY_RULE._replace(reference="R-77"))
    assert done.receipt.constats == lost
    assert done.receipt.reference == "R-77"
    for text in (done.text, en_francais(done.receipt, None)):
        assert "R-77" in text
        for secret in (WHO, "Secrète", "conservation, Mme", "D-fictif", "piece-0"):
            assert secret not in text
    assert lire(done.text) == done.receipt
    with opened.ledger.connection() as conn:
        leaves = {bytes(row[0]).hex() for row in conn.execute("SELECT leaf_hash FROM ledger.entry")}
    cited = {leaf for each in done.receipt.constats for leaf in each.feuilles}
    assert cited <= leaves
    assert all(each.faits == len(each.feuilles) for each in done.receipt.constats)


DEMANDE = acces.DemandeDroitsRecue(
    demande="R-77", droit=DroitPersonne.EFFACEMENT, recue_le=acces.Jours.lire("2026-11-01")
)


def test_lost_days_and_their_proof_are_told(opened: Opened) -> None:
    """Each attribution of lost days is in the receipt with its days, its answer and the leaves of the facts that bore it."""
    who = next(
        person
        for person in (f"fictif-{n}" for n in range(8))
        if preview(opened, BY_RULE._replace(person=person), NOW)[0].constats
    )
    receipt = finished(opened, BY_RULE._replace(person=who)).receipt
    assert all(each.jours == (each.au - each.du).days + 1 for each in receipt.constats)
    assert any(each.feuilles for each in receipt.constats)
    assert "perdent leur preuve" in en_francais(receipt, None)


def test_the_ledger_keeps_the_receipt_s_digest(opened: Opened) -> None:
    """The register says when, which KEK, which key, how many entries and the digest of the receipt, and names nobody."""
    subject, facts = subject_of(opened.ledger), len(opened.ledger.life(WHO))
    done = finished(opened)
    [row] = register(opened.ledger)
    assert (row.subject, row.entries, row.kek_id) == (subject.bytes, facts + 1, opened.keys.current)
    assert row.receipt == sha256(done.text.encode()).digest()
    assert row.key_digest.hex() == done.receipt.empreinte_cle
    assert row.final_at is None


@pytest.mark.parametrize("change", [" ", "x", '{"format"', None])
def test_a_receipt_that_was_changed_is_none(opened: Opened, change: str | None) -> None:
    """A receipt in any other form than its one form is refused."""
    text = preview(opened, BY_RULE, NOW)[0].text()
    broken = text.replace('"faits"', ' "faits"') if change is None else change + text
    with pytest.raises(ReceiptError):
        lire(broken)


def test_final_once_the_old_key_is_gone(database: Database, tmp_path: Path) -> None:
    """Backups keep key rows: the erasure is final on the day when the KEK that wrapped the key is destroyed, not before."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    keys = DeploymentKeys.load(path)
    (tmp_path / "documents").mkdir()
    with Ledger(database, keys) as ledger:
        opened = Opened(ledger, keys, DocumentStore(LocalStore(tmp_path / "documents")))
        ledger.append([fait(personne=WHO), fait(personne="autre")])
        receipt = finished(opened).receipt
        assert "pas encore définitif" in en_francais(receipt, None)
        rotate(database, keys)
        assert register(ledger)[0].final_at is None
        retire(database, DeploymentKeys.load(path), keys.current)
        final = register(ledger)[0].final_at
        assert final is not None
        assert "Effacement définitif le " in en_francais(receipt, final)
        assert len(ledger.life("autre")) == 1


# ---------------------------------------------------------------------- what is refused


def test_before_its_term_it_takes_a_request_or_a_rule(opened: Opened) -> None:
    """Without a request of hers nor a rule that applies, the erasure is refused before the term, with all reasons."""
    for request, codes in (
        (Request(WHO, "x"), {"conservation_non_echue"}),
        (Request(WHO, "x", reference="R-0"), {"demande_inconnue", "conservation_non_echue"}),
        (Request(WHO, "x", rule="autre"), {"regle_sans_effacement", "conservation_non_echue"}),
    ):
        with pytest.raises(Refused) as refused:
            erase(opened, request, NOW)
        assert {motif.code for motif in refused.value.motifs} == codes
    assert opened.ledger.life(WHO)


@pytest.mark.parametrize("reference", ["R-77", "D-1"])
def test_her_own_request_is_enough(opened: Opened, reference: str) -> None:
    """A request for erasure that she made, named by its reference or its fact, applies; one that was refused does not."""
    record(opened.ledger, write_line(fait(id="D-1", personne=WHO, objet=None, evenement=DEMANDE)))
    request = Request(WHO, "à sa demande", reference=reference)
    weighed = preview(opened, request, NOW)[1]
    assert "archivage" in {each.code for each in weighed}
    no = acces.DemandeDroitsRepondue(demande=reference, repondue_le=DEMANDE.recue_le, accordee=False)
    record(opened.ledger, write_line(fait(id="D-2", personne=WHO, objet=None, evenement=no, survenu="2026-11-20")))
    with pytest.raises(Refused, match="non refusée"):
        erase(opened, request, NOW)
    record(
        opened.ledger,
        write_line(
            fait(
                id="D-3",
                personne=WHO,
                objet=None,
                evenement=FaitRetire(motif="erreur"),
                flux_choisi=Flux.ACCES,
                corrige="D-2",
            )
        ),
    )
    assert finished(opened, request).receipt.reference == reference


@pytest.mark.parametrize(
    "request_", [Request(WHO, "x" * 100_001), Request(WHO, "x", rule=""), Request(WHO, "x", reference="r" * 201)]
)
def test_what_is_asked_is_bounded(opened: Opened, request_: Request) -> None:
    """A reason, a rule or a reference that no fact could hold is refused by its option."""
    with pytest.raises(ConstatError, match=r"--re|--rule"):
        erase(opened, request_, NOW)
    assert opened.ledger.life(WHO)


def test_nobody_by_that_name(opened: Opened) -> None:
    """An unknown person is said to be unknown, before and after an erasure."""
    for _ in range(2):
        with pytest.raises(ConstatError, match="aucune entrée"):
            erase(opened, BY_RULE._replace(person="inconnue"), NOW)
    finished(opened)
    with pytest.raises(ConstatError, match="aucune entrée"):
        erase(opened, BY_RULE, NOW)


# ---------------------------------------------------------------------- holds


def by_append(opened: Opened, line: bytes, _: Path) -> None:
    """Record a line as another system's, alone."""
    opened.ledger.append([read_line(line)])


def by_import(opened: Opened, line: bytes, folder: Path) -> None:
    """Record a line from a file."""
    path = folder / "gel.jsonl"
    path.write_bytes(line + b"\n")
    assert import_file(opened.ledger, opened.keys, path).progress.recorded == 1


@pytest.mark.parametrize("way", [by_append, by_import])
@pytest.mark.parametrize("role", [KEEPER, None])
def test_a_held_key_is_destroyed_by_no_way(
    opened: Opened, tmp_path: Path, way: Callable[[Opened, bytes, Path], None], role: str | None
) -> None:
    """However the hold was recorded, neither the command, nor the function, nor a superuser's DELETE takes the key away."""
    way(opened, write_line(fait(id="G-1", personne=WHO, objet=None, evenement=GEL)), tmp_path)
    ledger = opened.ledger
    subject = subject_of(ledger)
    with pytest.raises(Refused) as refused:
        erase(opened, BY_RULE._replace(rule=None), NOW)
    assert {motif.code for motif in refused.value.motifs} == {"gel_en_cours", "conservation_non_echue"}
    with pytest.raises(psycopg.errors.RestrictViolation, match="hold"):
        destroy_as(ledger, role, subject)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation, match="hold"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
    assert ledger.life(WHO)


def test_a_key_leaves_by_an_erasure_only(unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Not held, a key is not deleted either without its row in the register, nor by one of another transaction."""
    opened = fill(unchecked_ledger, keys, tmp_path)
    with psycopg.connect(opened.ledger.database.conninfo, autocommit=True) as conn:
        subject = subject_of(opened.ledger)
        insert = "INSERT INTO ledger.erasure (subject, kek_id, key_digest, entries, receipt) VALUES (%s, 'x', sha256(''), 0, sha256(''))"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="without an erasure"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
        conn.execute(insert.encode(), (subject,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="without an erasure"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
    assert opened.ledger.life(WHO)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_sight_of_the_holds_is_not_trusted(opened: Opened, isolation: str) -> None:
    """In a transaction that could not see a hold placed meanwhile, no key is destroyed."""
    subject = subject_of(opened.ledger)
    count = len(opened.ledger.life(WHO))
    with psycopg.connect(opened.ledger.database.conninfo) as conn:
        conn.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
        with pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute("SELECT ledger.destroy_key(%s, %s, sha256('a'), sha256('b'))", (subject, count))


def lift(opened: Opened, gel: str | None, number: int = 1) -> None:
    """Record that holds are over."""
    evenement = acces.GelConservationLeve(gel=gel)
    opened.ledger.append([fait(id=f"L-{number}", personne=WHO, objet=None, evenement=evenement, survenu="2026-11-02")])


@pytest.mark.parametrize("gel", ["G-1", None])
def test_a_lifted_hold_holds_no_more(opened: Opened, gel: str | None) -> None:
    """Lifted by its reference, or with all others, the hold is over; lifted by another reference, it is not."""
    opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    lift(opened, "G-autre", 0)
    with pytest.raises(Refused, match="gel de conservation court"):
        erase(opened, BY_RULE, NOW)
    lift(opened, gel)
    assert finished(opened).receipt.faits > 3


def test_a_hold_that_was_a_mistake(opened: Opened) -> None:
    """A hold whose fact was withdrawn is over; one whose fact was corrected to another day follows that day."""
    until = GEL.model_copy(update={"jusqu_au": acces.Jours.lire("2026-11-26")})
    opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    with pytest.raises(Refused):
        erase(opened, BY_RULE, NOW)
    opened.ledger.append([fait(id="G-2", personne=WHO, objet=None, evenement=until, corrige="G-1")])
    assert preview(opened, BY_RULE, NOW)
    with opened.ledger.connection() as conn:
        acts = conn.execute(
            "SELECT act, until IS NULL, count(*) FROM ledger.hold GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    assert acts == [("lifted", True, 1), ("placed", False, 1), ("placed", True, 1)]


def test_a_hold_ends_with_its_last_day(opened: Opened) -> None:
    """A hold holds through its last civil day in Paris by the database's clock, and no longer."""
    subject = Id(subject_of(opened.ledger).bytes)
    with opened.ledger.connection() as conn:
        for n, (day, held) in enumerate(((-1, False), (0, True), (1, True)), start=1):
            conn.execute(
                "SELECT ledger.place_hold(%b, %b, (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date + %s)",
                (subject, Id(bytes([n] * 16)), day),
            )
            assert conn.execute("SELECT ledger.held(%b)", (subject,)).fetchone() == (held,)
            conn.execute("SELECT ledger.lift_hold(%b, %b)", (subject, Id(bytes([n] * 16))))


def test_a_hold_without_its_fact_yet(opened: Opened) -> None:
    """A hold that the database knows before its fact is written blocks; reading her facts does not take it away."""
    subject = subject_of(opened.ledger)
    with opened.ledger.connection() as conn:
        conn.execute("SELECT ledger.place_hold(%s, gen_random_uuid(), NULL)", (subject,))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            erase(opened, BY_RULE, NOW)
        assert [motif.code for motif in refused.value.motifs] == ["gel_en_base"]
    lift(opened, None)
    assert preview(opened, BY_RULE, NOW)


def test_a_hold_placed_at_the_last_moment(opened: Opened) -> None:
    """A hold that is being placed while the key is about to go is waited for, and wins."""
    ledger = opened.ledger
    subject = subject_of(ledger)
    done: list[object] = []

    def destroy() -> None:
        try:
            destroy_as(ledger, KEEPER, subject)
        except psycopg.errors.RestrictViolation as error:
            done.append(error)

    with psycopg.connect(ledger.database.conninfo) as conn:
        conn.execute("SELECT ledger.place_hold(%s, gen_random_uuid(), NULL)", (subject,))
        waiting = threading.Thread(target=destroy)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        conn.commit()
        waiting.join(10)
    assert len(done) == 1
    assert ledger.life(WHO)


def test_a_hold_that_comes_too_late_begins_another_life(opened: Opened) -> None:
    """A hold recorded by a process that had the destroyed key open is not lost: it is the first fact of a new life."""
    finished(opened)
    [entry] = opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    assert [each.event_id for each in opened.ledger.life(WHO)] == [entry.event_id]
    with pytest.raises(Refused, match="gel de conservation court"):
        erase(opened, BY_RULE, NOW)


def test_only_a_person_is_erased(opened: Opened) -> None:
    """The key of an incident that is nobody's is not destroyed as a person's."""
    incident = next(line for line in lines(1))
    with opened.ledger.connection() as conn:
        opened.ledger.coffre.ensure(conn, ["\0incident\0I-1"])
        row = conn.execute("SELECT subject FROM ledger.shared_subject").fetchone()
        assert row is not None
    with (
        psycopg.connect(opened.ledger.database.conninfo, autocommit=True) as conn,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        conn.execute("SELECT ledger.destroy_key(%s, 0, sha256('a'), sha256('b'))", (row[0],))
    assert incident


# ---------------------------------------------------------------------- crashes and races


def test_facts_that_come_meanwhile_are_judged_too(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact, and even a hold, that arrives between the reading and the destruction is read before anything is destroyed."""
    whole, ledger = erasing._order, opened.ledger  # noqa: SLF001 - the moment between reading and destroying
    given = iter([fait(id="X-1", personne=WHO), fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])

    def order(*args: Any) -> erasure.Order:
        made = whole(*args)
        if (late := next(given, None)) is not None:
            ledger.append([late])
        return made

    monkeypatch.setattr(erasing, "_order", order)
    with pytest.raises(Refused, match="gel"):
        erase(opened, BY_RULE, NOW)
    assert "X-1" in {entry.fait.id for entry in ledger.life(WHO)}
    assert not any(isinstance(entry.fait.evenement, acces.ClePersonnelleDetruite) for entry in ledger.life(WHO))


def test_another_number_of_entries_is_not_destroyed(opened: Opened) -> None:
    """Told another number of entries than she has, the database destroys nothing; told a key that is gone, neither."""
    ledger = opened.ledger
    key_digest, subject = bytes(32), subject_of(ledger)
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [WHO])[WHO]
    told = ledger.draft(
        key, fait(id="fin", personne=WHO, objet=None, evenement=acces.ClePersonnelleDetruite(motif="x"))
    )
    order = erasure.Order(told, 1, opened.keys.current, key_digest, "{}", ())
    with pytest.raises(MovedError):
        erasure.destroy(ledger, order)
    assert "fin" not in {entry.fait.id for entry in ledger.life(WHO)}
    finished(opened)
    with pytest.raises(MovedError):
        erasure.destroy(ledger, order)
    assert [each.subject.hex() for each in register(ledger)] == [subject.hex]


@pytest.mark.parametrize("where", ["delete_documents", "lire"])
def test_what_a_crash_left_is_finished(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Cut off once the key is gone, the same call deletes what is left and gives the very same receipt; then nobody is known."""
    with monkeypatch.context() as cut:
        target = erasure if where == "delete_documents" else erasing
        cut.setattr(target, where, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(opened, BY_RULE, NOW)
    assert opened.ledger.life(WHO) == ()
    first = erase(opened, BY_RULE, NOW)
    again = erase(opened, Request(WHO, "un autre motif"), datetime(2027, 1, 1, tzinfo=UTC))
    assert first.resumed
    assert again.resumed
    assert first.text == again.text
    assert stored(tmp_path) == 3
    handed_over(opened, WHO)
    with pytest.raises(ConstatError, match="aucune entrée"):
        erase(opened, BY_RULE, NOW)


ERASE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from obstore.store import LocalStore
from app.erase import Request, erase, handed_over
from app.open import Opened
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.kek import DeploymentKeys
from ledger.store import Ledger

keys = DeploymentKeys.load(Path(sys.argv[2]))
opened = Opened(Ledger(Database(sys.argv[1], role="constat_app"), keys), keys, DocumentStore(LocalStore(Path(sys.argv[3]))))
print("on y va", flush=True)
done = erase(opened, Request(sys.argv[4], "fin", rule="rgpd_art17_effacement"), datetime.now(UTC))
handed_over(opened, sys.argv[4])
"""


def test_killed_at_any_moment(database: Database, tmp_path: Path) -> None:
    """Killed at moments of chance, an erasure has done nothing or is finished by the same command: never half of it."""
    path, kept, given = tmp_path / "keys.json", tmp_path / "documents", tmp_path / "pieces"
    kept.mkdir()
    given.mkdir()
    DeploymentKeys.generate().save(path)
    keys = DeploymentKeys.load(path)
    chance = random.Random(2)  # noqa: S311 - seeded on purpose
    outcomes: set[str] = set()
    with Ledger(database, keys) as ledger:
        documents = DocumentStore(LocalStore(kept))
        for number in range(6):
            person = f"P-{number}"
            pieces = [_document(given, f"{person}-{n}") for n in range(40)]
            ledger.append([fait(id=f"F-{n}", personne=person, pieces=(piece,)) for n, piece in enumerate(pieces)])
            with ledger.connection() as conn:
                key = ledger.coffre.find(conn, [person])[person]
            assert all(documents.take(key, piece, given) for piece in pieces)
            _kill(database.conninfo, path, kept, person, chance.uniform(0.02, 0.25))
            ledger.coffre.forget()
            if ledger.life(person):
                outcomes.add("rien")
                assert len(ledger.life(person)) == 40
                assert all(b"".join(documents.read(key, piece)) for piece in pieces)
            else:
                outcomes.add("tout")
            try:
                opened = Opened(ledger, keys, documents)
                done = erase(opened, Request(person, "fin", rule="rgpd_art17_effacement"), NOW)
                handed_over(opened, person)
                assert done.receipt.faits == 41
            except ConstatError as error:
                assert "aucune entrée" in str(error)
            assert len(register(ledger)) == number + 1
            assert list(kept.iterdir()) == []
        ledger.sequence()
        assert verify(ledger).intact
    assert outcomes


def _document(folder: Path, content: str) -> Piece:
    digest = sha256(content.encode()).hexdigest()
    (folder / digest).write_text(content)
    return Piece(nom="x", octets=len(content), sha256=digest)


def _kill(conninfo: str, keys: Path, kept: Path, person: str, after: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ERASE, conninfo, keys, kept, person],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(after)
        os.kill(running.pid, signal.SIGKILL)


def test_two_erasures_of_one_person(opened: Opened) -> None:
    """Asked twice at once, the person is erased once, and both answers, if there are two, are the same."""
    answers: list[Done | ConstatError] = []

    def run() -> None:
        try:
            answers.append(erase(opened, BY_RULE, NOW))
        except ConstatError as error:
            answers.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {each.text for each in answers if isinstance(each, Done)}
    assert len(texts) == 1
    assert len(register(opened.ledger)) == 1
    assert all("aucune entrée" in str(each) or isinstance(each, MovedError | Done) for each in answers)


def test_a_held_error_is_a_refusal(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database itself refuses, the answer is a refusal with its reason, and nothing was erased."""
    monkeypatch.setattr(erasing.holds, "held", lambda *_: False)
    with opened.ledger.connection() as conn:
        conn.execute("SELECT ledger.place_hold(%s, gen_random_uuid(), NULL)", (subject_of(opened.ledger),))
    before = len(opened.ledger.life(WHO))
    with pytest.raises(Refused, match="La base de données garde"):
        erase(opened, BY_RULE, NOW)
    assert len(opened.ledger.life(WHO)) == before
    assert isinstance(HeldError(), ConstatError)


def test_a_key_that_came_back_is_found(unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """A destroyed key that is put back, as a restored backup would, is named by the verification."""
    opened = fill(unchecked_ledger, keys, tmp_path)
    subject = subject_of(opened.ledger)
    with opened.ledger.database.as_owner() as conn:
        conn.execute("CREATE TEMP TABLE backup AS SELECT * FROM ledger.person_key WHERE subject = %s", (subject,))
        finished(opened)
        conn.execute("INSERT INTO ledger.person_key SELECT * FROM backup")
    [found] = verify(opened.ledger).findings
    assert (found.where, found.found) == (
        f"clé du sujet {subject.hex}", "elle a été détruite, et se trouve là de nouveau",
    )  # fmt: skip


# ---------------------------------------------------------------------- a million


@pytest.mark.slow
def test_one_among_a_million(unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Erasing one person among a million takes well under a second of database work, and reads no table from end to end."""
    ledger, opened = unchecked_ledger, fill(unchecked_ledger, keys, tmp_path)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO ledger.person_key (blind_index, subject, kek_id, wrapped, reference)"
            " SELECT sha256(n::text::bytea), gen_random_uuid(), %s, sha256(n::text::bytea) || sha256('x'), sha256('y')"
            " FROM generate_series(1, 1000000) AS n",
            (opened.keys.current,),
        )
        conn.execute("ANALYZE ledger.person_key")
        conn.execute("SELECT pg_stat_reset()")
    order = erasing._order(opened, BY_RULE, NOW)  # noqa: SLF001 - what is not database work
    begun = time.perf_counter()
    erasure.destroy(ledger, order)
    spent = time.perf_counter() - begun
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        time.sleep(1.5)
        scans = conn.execute(
            "SELECT seq_scan FROM pg_stat_user_tables WHERE relname IN ('person_key', 'entry')"
        ).fetchall()
    assert spent < 1
    assert scans == [(0,), (0,)]


def test_views_are_found_by_their_columns(opened: Opened) -> None:
    """The tables that are purged are all those of the projections that hold a subject, and no other."""
    with opened.ledger.connection() as conn:
        found = conn.execute(erasure.VIEWS, {"name": "", "column": "subject"}).fetchall()
    schemas = {live_schema(view) for view in PROJECTIONS.values()}
    assert {schema for schema, _ in found} == schemas
    for view in PROJECTIONS.values():
        tables = {table for schema, table in found if schema == live_schema(view)}
        assert tables >= {"gathered", "unsettled", *(name for name, _ in view.tables)}


def test_on_a_server_that_gives_one_role_only(own_server: EmbeddedServer, tmp_path: Path) -> None:
    """Where there is one role only, keys are rotated and a person erased all the same, and a hold still holds."""
    with psycopg.connect(own_server.conninfo("postgres"), autocommit=True) as conn:
        conn.execute("CREATE ROLE seule LOGIN")
        conn.execute("CREATE DATABASE seule OWNER seule")
    conninfo = make_conninfo(own_server.conninfo("seule"), user="seule")
    database = prepare(Database(conninfo), origin="essai.test/un")
    assert database.role is None
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    with Ledger(database, DeploymentKeys.load(path)) as ledger:
        opened = fill(ledger, DeploymentKeys.load(path), tmp_path)
        ledger.append([fait(id="G-1", personne="fictif-4", objet=None, evenement=GEL)])
        keys = rotate(database, opened.keys).keys
        assert finished(Opened(ledger, keys, opened.documents)).documents == 3
        with pytest.raises(Refused, match="gel de conservation court"):
            erase(opened, BY_RULE._replace(person="fictif-4"), NOW)
        with ledger.connection() as conn, pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject_of(ledger, "fictif-4"),))
        ledger.sequence()
        assert verify(ledger).intact
