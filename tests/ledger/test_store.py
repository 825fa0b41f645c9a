"""The one door by which facts are written and read: idempotent, optimistic, whole or not at all."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from psycopg.pq import Trace

from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.days import Quand
from ledger.entry import Acteur, Entry, Fait, Piece
from ledger.errors import ConflictError, IdentityReusedError, KeyFileError, TamperedError, UnreadableError
from ledger.events.correction import FaitRetire
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.incident import IncidentOuvert
from ledger.events.types import CodeIncident, Flux, Grade, NatureActeur
from ledger.recorder import columns
from ledger.rows import read_sealed
from ledger.store import Ledger, stream_of
from tests.faits import fait, fait_of, faits

NAUGHTY = [
    "\0", "a\0b", "\u202e‮droite à gauche", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "é" * 100, "\ufeffBOM", "\u2028\u2029",
    "'; DROP TABLE ledger.entry; --", "%s %b %(x)s {}", "</script><script>alert(1)</script>", "\\u0000\\", '"', "\r\n\t\x01\x7f",
    "\u0130ı ß ﬁ ﷺ", "Z̸̡͔a̷l̴g̶o̶", "\ud7ff\ue000\uffff\U0010ffff", " ", "null", "1e999", "-0", "../../etc/passwd", "${jndi:x}",
]  # fmt: skip


def count(ledger: Ledger, table: str = "entry") -> int:
    """How many rows a table of the ledger has."""
    with ledger.connection() as conn:
        row = conn.execute(f"SELECT count(*) FROM ledger.{table}").fetchone()
    assert row is not None
    return int(row[0])


def place_of(entry: Entry) -> tuple[Any, ...]:
    """All of an entry but its position, which comes when it is sealed."""
    return entry.stream, entry.pos, entry.subject, entry.event_id, entry.recorded_at, entry.fait


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What ``work`` gives when ``count`` threads run it at once."""
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# ---------------------------------------------------------------------- one fact, once


def test_a_fact_becomes_an_entry(ledger: Ledger) -> None:
    """What was appended is read back equal, at once, at its place, with the database's clock and no position yet."""
    before = datetime.now(UTC) - timedelta(minutes=1)
    [entry] = ledger.append([fait()])
    [same] = ledger.history("P-1", Flux.DOSSIER, "D-1").entries
    assert place_of(same) == place_of(entry)
    assert (entry.fait, entry.pos, entry.position, same.position) == (fait(), 1, None, None)
    assert before < entry.recorded_at < before + timedelta(minutes=2)
    assert ledger.sequence() == 1
    [sealed] = ledger.life("P-1")
    assert sealed.position == 1
    assert place_of(sealed) == place_of(entry)


def test_the_same_fact_twice_gives_the_same_entry(ledger: Ledger) -> None:
    """A fact that is sent again, alone, in another batch or under another command, is answered with its first entry."""
    [first] = ledger.append([fait()], command_id=uuid4())
    [again] = ledger.append([fait()], command_id=uuid4())
    other, third = ledger.append([fait(id="F-2"), fait()])
    assert place_of(first) == place_of(again) == place_of(third)
    assert (other.pos, count(ledger)) == (2, 2)
    assert ledger.append([]) == ()


def test_a_fact_given_twice_in_one_batch_is_written_once(ledger: Ledger) -> None:
    """A batch that holds the same fact twice is written with it once, and both are answered with that entry."""
    one, two, three = ledger.append([fait(), fait(id="F-2"), fait()])
    assert place_of(one) == place_of(three)
    assert (one.pos, two.pos, count(ledger)) == (1, 2, 2)


OTHERS = [
    {"evenement": TentativeDepotEchouee()},
    {"evenement": FaitRetire(motif="x"), "flux_choisi": Flux.DOSSIER},
    {"objet": "D-2"},
    {"survenu": "2025-07-01T08:14:00.000001Z"},
    {"survenu": "2025-07-01"},
    {"acteur": Acteur(nature=NatureActeur.USAGER)},
    {"pieces": (Piece(nom="a", octets=1, sha256="0" * 64),)},
    {"corrige": "F-0"},
    {"connu_de_la_source": Quand.lire("2025")},
    {"grade": Grade.B},
]


def test_an_id_never_names_two_facts(ledger: Ledger) -> None:
    """Another content under an id that is taken is refused, and nothing of its batch is written."""
    [first] = ledger.append([fait()])
    for other in OTHERS:
        with pytest.raises(IdentityReusedError, match="'F-1' désigne déjà un autre fait"):
            ledger.append([fait(id="F-2"), fait(**other), fait(id="F-3")])
    assert [place_of(entry) for entry in ledger.life("P-1")] == [place_of(first)]


def test_one_id_for_two_facts_of_one_batch(ledger: Ledger) -> None:
    """Two different facts under one id in one batch are refused, and nothing of it is written."""
    with pytest.raises(IdentityReusedError):
        ledger.append([fait(id="F-0"), fait(), fait(objet="D-2")])
    assert count(ledger) == 0


def test_two_persons_may_use_one_id(ledger: Ledger) -> None:
    """The same id is another fact when it is another person's: ids are the source's, person by person."""
    one, other = ledger.append([fait(), fait(personne="P-2")])
    assert one.event_id != other.event_id
    assert one.stream != other.stream
    assert one.subject != other.subject


def test_text_is_kept_exactly(ledger: Ledger) -> None:
    """Any Unicode text comes back exactly, wherever it stands, and is found again by the references that hold it."""
    originals = [wherever(naughty) for naughty in NAUGHTY]
    ledger.append(originals)
    ledger.coffre.forget()
    assert count(ledger, "person_key") == len(NAUGHTY)
    for original in originals:
        personne, objet = str(original.personne), original.objet
        [entry] = ledger.life(personne)
        assert entry.fait == original
        assert [each.fait for each in ledger.history(personne, Flux.DOSSIER, objet).entries] == [original]
        assert place_of(ledger.append([original])[0]) == place_of(entry)


def wherever(naughty: str) -> Fait:
    """A fact that has a text wherever it can have one."""
    return fait(
        id="F" + naughty, personne="P" + naughty, objet="D" + naughty, corrige=naughty, correlation=naughty,
        acteur=Acteur(nature=NatureActeur.AGENT, id=naughty, service=naughty), evenement=TentativeDepotEchouee(texte_erreur=naughty),
        pieces=(Piece(nom=naughty, octets=0, sha256="f" * 64, mime=naughty),),
    )  # fmt: skip


def test_two_forms_of_one_text_are_one_fact(ledger: Ledger) -> None:
    """Composed and decomposed accents are the same text: the same person, the same fact, and what is kept is composed."""
    [composed] = ledger.append(
        [fait(id="F-é", personne="Zoé", objet="D-ç", evenement=TentativeDepotEchouee(texte_erreur="à\n\u0303"))]
    )
    [decomposed] = ledger.append(
        [
            fait(
                id="F-e\u0301",
                personne="Zoe\u0301",
                objet="D-c\u0327",
                evenement=TentativeDepotEchouee(texte_erreur="a\u0300\n\u0303"),
            )
        ]
    )
    assert place_of(composed) == place_of(decomposed)
    assert [entry.fait.id for entry in ledger.life("Zoé")] == ["F-é"]


def test_what_could_not_be_read_back_is_refused(ledger: Ledger) -> None:
    """A text that is too long once composed is refused, with its field, instead of spoiling its person's life for ever."""
    with pytest.raises(UnreadableError, match=r"donnees\.texte_erreur.*trop long"):
        ledger.append([fait(id="F-0"), fait(evenement=TentativeDepotEchouee(texte_erreur="\u0958" * 60_000))])
    with pytest.raises(UnreadableError, match="personne"):
        ledger.append([fait(personne="\u0958" * 150)])
    assert count(ledger) == count(ledger, "person_key") == 0


def test_long_text_is_kept_exactly(ledger: Ledger) -> None:
    """A text of a hundred thousand characters, up to four bytes each, comes back exactly."""
    for number, text in enumerate(["x" * 100_000, "\U0001f468" * 100_000, "é\n" * 50_000, secrets.token_hex(50_000)]):
        original = fait(id=f"F-{number}", evenement=TentativeDepotEchouee(texte_erreur=text))
        ledger.append([original])
        assert ledger.history("P-1", Flux.DOSSIER, "D-1").entries[-1].fait == original


@settings(max_examples=60)
@given(original=fait_of())
def test_any_fact_comes_back_equal(unchecked_ledger: Ledger, original: Fait) -> None:
    """A fact of any type, with anything that its fields accept, is read back equal from a cold start."""
    unique = original.model_copy(update={"personne": secrets.token_hex(8)})
    [entry] = unchecked_ledger.append([unique])
    unchecked_ledger.coffre.forget()
    [read] = unchecked_ledger.life(str(unique.personne))
    assert read.fait == entry.fait == unique


def test_a_person_whose_name_would_be_nobodys(ledger: Ledger) -> None:
    """A reference that begins as those kept for nobody's subjects is refused: it would take over an incident."""
    ledger.append([incident("I-1")])
    with pytest.raises(UnreadableError, match="caractère nul"):
        ledger.append([fait(personne="\0incident\0I-1")])
    assert count(ledger) == 1


# ---------------------------------------------------------------------- order and conflicts


def test_what_follows_a_history_follows_it_or_nothing(ledger: Ledger) -> None:
    """An append after a history that has moved on is refused, and after the history read again it is taken."""
    seen = ledger.history("P-1", Flux.DOSSIER, "D-1")
    assert (seen.version, seen.entries) == (0, ())
    ledger.append([fait(id="F-1")], after=seen)
    with pytest.raises(ConflictError, match="relisez"):
        ledger.append([fait(id="F-2")], after=seen)
    assert count(ledger) == 1
    ledger.append([fait(id="F-2"), fait(id="F-3")], after=ledger.history("P-1", Flux.DOSSIER, "D-1"))
    assert [entry.fait.id for entry in ledger.life("P-1")] == ["F-1", "F-2", "F-3"]


def test_a_repeated_command_is_answered_even_after_a_history(ledger: Ledger) -> None:
    """A command that is sent again with the history it had read gets its entries, not a conflict with itself."""
    seen = ledger.history("P-1", Flux.DOSSIER, "D-1")
    command = uuid4()
    first = ledger.append([fait(id="F-1"), fait(id="F-2")], after=seen, command_id=command)
    again = ledger.append([fait(id="F-1"), fait(id="F-2")], after=seen, command_id=command)
    assert [place_of(entry) for entry in again] == [place_of(entry) for entry in first]


def test_a_stale_batch_is_refused_although_part_of_it_is_there(ledger: Ledger) -> None:
    """Facts that are new, sent with others that are there after a history that has moved on, are refused as a whole."""
    seen = ledger.history("P-1", Flux.DOSSIER, "D-1")
    ledger.append([fait(id="F-1")])
    with pytest.raises(ConflictError):
        ledger.append([fait(id="F-1"), fait(id="F-2")], after=seen)
    assert count(ledger) == 1


def test_one_of_many_deciders_wins(ledger: Ledger) -> None:
    """Of eight writers that act on the same history at once, one is taken and seven are told to read again."""
    seen = ledger.history("P-1", Flux.DOSSIER, "D-1")

    def decide(number: int) -> bool:
        try:
            ledger.append([fait(id=f"F-{number}")], after=seen)
        except ConflictError:
            return False
        return True

    assert Counter(in_threads(8, decide)) == {True: 1, False: 7}
    assert count(ledger) == 1


@pytest.mark.parametrize(
    ("places", "error"),
    [
        ([2], psycopg.errors.UniqueViolation),
        ([4], psycopg.errors.ForeignKeyViolation),
        ([3, 5], psycopg.errors.ForeignKeyViolation),
        ([3, 3], psycopg.errors.UniqueViolation),
        ([3, 4, 2], psycopg.errors.ForeignKeyViolation),
        ([5, 4], psycopg.errors.ForeignKeyViolation),
        ([-1], psycopg.errors.ForeignKeyViolation),
        ([3, 4, 5, 7], psycopg.errors.ForeignKeyViolation),
    ],
)
def test_one_bad_place_refuses_the_batch(ledger: Ledger, places: list[int], error: type[Exception]) -> None:
    """The database itself refuses a place that is taken or that leaves a gap, and writes nothing of the batch."""
    ledger.append([fait(id="F-1"), fait(id="F-2")])
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, ["P-1"])["P-1"]
        sealed = [ledger.entries.seal(ledger.draft(key, fait(id=f"X-{n}"))) for n in range(len(places))]
        with pytest.raises(error):
            ledger.writer.append(columns(sealed), places, conn)
    assert count(ledger) == 2


def test_a_batch_for_several_streams_is_written_whole(ledger: Ledger) -> None:
    """A batch over streams of several persons is one commit: when one place is taken, nothing of it is written."""
    ledger.append([fait(personne="P-2", objet="D-2")])
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, ["P-1", "P-2"])
        batch = [fait(id="X-1"), fait(id="X-2", personne="P-2", objet="D-2")]
        sealed = [ledger.entries.seal(ledger.draft(keys[str(each.personne)], each)) for each in batch]
        with pytest.raises(psycopg.errors.UniqueViolation):
            ledger.writer.append(columns(sealed), [1, 1], conn)
        assert len(ledger.writer.append(columns(sealed), [1, 2], conn)) == 2
    assert count(ledger) == 3


def test_append_is_the_first_write_of_its_transaction(ledger: Ledger) -> None:
    """In a transaction that has already written, an append is refused: its entries could sort before their elders."""
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, ["P-1"])
        sealed = columns([ledger.entries.seal(ledger.draft(keys["P-1"], fait()))])
        with pytest.raises(psycopg.errors.InvalidTransactionState), conn.transaction():
            conn.execute("INSERT INTO work.import_progress VALUES ('\\x00', 0, 0, 0, 0, 0, 0)")
            ledger.writer.append(sealed, [1], conn)
        with pytest.raises(psycopg.errors.InvalidTransactionState), conn.transaction():
            ledger.writer.append(sealed, [1], conn)
            ledger.writer.append(columns([ledger.entries.seal(ledger.draft(keys["P-1"], fait(id="F-2")))]), [2], conn)
        with conn.transaction():
            conn.execute("SELECT count(*) FROM ledger.entry")
            ledger.writer.append(sealed, [1], conn)
    assert count(ledger) == 1


# ---------------------------------------------------------------------- many at once


def test_sixteen_writers_on_three_streams(ledger: Ledger) -> None:
    """Sixteen threads that append to the same three streams lose nothing, duplicate nothing and leave no gap."""
    per_thread = 12

    def work(number: int) -> list[Entry]:
        mine = [fait(id=f"F-{number}-{n}", objet=f"D-{n % 3}") for n in range(per_thread)]
        return [entry for each in mine for entry in ledger.append([each])]

    written = [entry for entries in in_threads(16, work) for entry in entries]
    ledger.sequence()
    life = ledger.life("P-1")
    assert {place_of(entry)[3] for entry in life} == {entry.event_id for entry in written}
    assert len(life) == len(written) == 16 * per_thread
    for objet in ("D-0", "D-1", "D-2"):
        entries = ledger.history("P-1", Flux.DOSSIER, objet).entries
        assert [entry.pos for entry in entries] == list(range(1, len(entries) + 1))
        positions = [entry.position for entry in entries]
        assert positions == sorted(positions)  # type: ignore[type-var]  # all are sealed
        for number in range(16):
            mine = [entry.fait.id for entry in entries if entry.fait.id.startswith(f"F-{number}-")]
            assert mine == sorted(mine, key=lambda name: int(name.rsplit("-", 1)[1]))


def test_one_fact_sent_by_eight_threads(ledger: Ledger) -> None:
    """The same fact sent by eight threads at once, to a person not known before, is stored once and all get its entry."""
    answers = in_threads(8, lambda _: ledger.append([fait(), fait(id="F-2")]))
    assert len({tuple(map(place_of, answer)) for answer in answers}) == 1
    assert (count(ledger), count(ledger, "person_key")) == (2, 1)


def test_a_lost_connection_is_waited_out(ledger: Ledger, server_conninfo: str) -> None:
    """Facts appended while every connection is cut again and again are all there, none of them twice."""
    stop, cuts, written = threading.Event(), list[int](), list[Entry]()

    def cut() -> None:
        with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
            while not stop.is_set():
                cuts.extend(pid for pid, _ in conn.execute(
                    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'constat'"
                    " AND datname = current_database() AND state = 'active'"
                ))  # fmt: skip
                time.sleep(0.01)

    def append(number: int) -> list[Entry]:
        return [ledger.append([each])[0] for each in faits(8, first=1 + 8 * number, personnes=2)]

    with ThreadPoolExecutor(1) as pool:
        cutting = pool.submit(cut)
        try:
            while len(cuts) < 3 and len(written) < 3_200:  # a quick machine is done before it is cut
                done = len(written) // 8
                for entries in in_threads(4, lambda number, done=done: append(done + number)):
                    written += entries
        finally:
            stop.set()
        cutting.result()
    assert cuts
    ledger.writer.datastore.pool.check()
    assert count(ledger) == len({entry.event_id for entry in written}) == len(written)
    stored = {place_of(entry)[3]: place_of(entry) for personne in ("P-0", "P-1") for entry in ledger.life(personne)}
    assert {entry.event_id: place_of(entry) for entry in written} == stored


def test_keys_are_found_by_many_threads_with_a_small_cache(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that push each other's keys out of the cache all the time still find every person's key."""
    ledger.append(list(faits(40, personnes=20)))
    ledger.sequence()
    monkeypatch.setattr("ledger.coffre.CACHE_SIZE", 3)
    ledger.coffre.forget()
    subjects = [entry.subject.bytes for n in range(20) for entry in ledger.life(f"P-{n}")]

    def read(number: int) -> set[int]:
        lives = {len(ledger.life(f"P-{(n + number) % 20}")) for n in range(60)}
        with ledger.connection() as conn:
            found = {len(ledger.coffre.of_subjects(conn, subjects)) for _ in range(30)}
        return lives | found

    assert set().union(*in_threads(6, read)) == {2, 20}


# ---------------------------------------------------------------------- whose it is


def as_superuser(ledger: Ledger, statement: str, *values: object) -> None:
    """Change the past as only a superuser can, its trigger out of the way."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
        conn.execute(statement.encode(), values)
        conn.execute("ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only")


@pytest.mark.parametrize("column", ["state", "acteur", "pieces"])
def test_a_part_opens_only_where_it_was_written(unchecked_ledger: Ledger, column: str) -> None:
    """A part moved into another row, of another person or of the same one, does not open there."""
    ledger = unchecked_ledger
    piece = (Piece(nom="a", octets=1, sha256="0" * 64),)
    [one, other, same] = ledger.append([
        fait(pieces=piece), fait(personne="P-2", pieces=piece), fait(id="F-2", pieces=piece),
    ])  # fmt: skip
    for source, target, personne in ((one, other, "P-2"), (one, same, "P-1")):
        as_superuser(
            ledger,
            f"UPDATE ledger.entry SET {column} = (SELECT {column} FROM ledger.entry WHERE event_id = %s) WHERE event_id = %s",
            source.event_id, target.event_id,
        )  # fmt: skip
        with pytest.raises(TamperedError, match="ne s'ouvre pas"):
            ledger.life(personne)


def test_an_entry_given_to_another_person_does_not_open(unchecked_ledger: Ledger) -> None:
    """An entry whose subject was changed to another person's is not taken for that person's."""
    ledger = unchecked_ledger
    one, other = ledger.append([fait(), fait(personne="P-2")])
    as_superuser(ledger, "UPDATE ledger.entry SET subject = %s WHERE event_id = %s", other.subject, one.event_id)
    with pytest.raises(TamperedError):
        ledger.life("P-2")


def test_nothing_readable_is_stored(ledger: Ledger) -> None:
    """Neither a reference, a text, a type of fact nor the name of a stream stands readable in the tables."""
    words = (
        "PERSONNE-X",
        "DOSSIER-X",
        "FAIT-X",
        "TEXTE-X",
        "AGENT-X",
        "tentative_depot_echouee",
        "teleservice",
        "dossier",
    )
    ledger.append([fait(id="FAIT-X", personne="PERSONNE-X", objet="DOSSIER-X", acteur=Acteur(nature=NatureActeur.AGENT, id="AGENT-X"),
                        evenement=TentativeDepotEchouee(texte_erreur="TEXTE-X"))])  # fmt: skip
    with ledger.connection() as conn:
        rows = [
            row for table in ("entry", "person_key", "leaf", "sealing")
            for row in conn.execute(f"SELECT t::text, t.* FROM ledger.{table} AS t")
        ]  # fmt: skip
    stored = b"".join(bytes(cell) if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)
    assert [word for word in words if word.encode() in stored] == []


def test_streams_and_ids_say_nothing_across_deployments(database: Database, ledger: Ledger) -> None:
    """The ids of the same fact differ from one deployment's keys to another's: they cannot be compared or guessed."""
    [entry] = ledger.append([fait()])
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, ["P-1"])["P-1"]
        again, _ = ledger.coffre.ensure(conn, ["P-2"])
    assert entry.stream.bytes == stream_of(key, Flux.DOSSIER, "D-1") != stream_of(again["P-2"], Flux.DOSSIER, "D-1")
    assert len({key.stream(flux, objet) for flux in Flux for objet in ("", "D-1", "\0", "dossier")}) == 4 * len(Flux)


# ---------------------------------------------------------------------- the key file


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", "é".encode(), b"{", b'{"keks":{},"current":"a","index":"00"}',
        b'{"keks":{"a":"zz"},"current":"a","index":"00"}', b'{"keks":{"a":1},"current":"a","index":"00"}',
        b'{"keks":[],"current":"a","index":"00"}', b'{"keks":{"a":"' + b"00" * 32 + b'"},"current":"b","index":"' + b"00" * 32 + b'"}',
        b'{"keks":{"a":"' + b"00" * 31 + b'"},"current":"a","index":"' + b"00" * 32 + b'"}',
        b'{"keks":{"a":"' + b"00" * 32 + b'"},"current":"a","index":"' + b"00" * 16 + b'"}',
        b'{"keks":{"a":"' + b"00" * 32 + b'"},"current":["a"],"index":"' + b"00" * 32 + b'"}',
        b"[" * 100_000,
    ],
    ids=lambda content: ascii(content[:40]),
)  # fmt: skip
def test_a_file_that_is_not_a_key_file(tmp_path: Path, content: bytes) -> None:
    """Whatever else is in the key file, it is refused in French, by its name and without its content."""
    path = tmp_path / "cles.json"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"cles\.json (n'est pas un fichier de clés|est incomplet)"):
        DeploymentKeys.load(path)


def test_a_key_file_is_written_once(tmp_path: Path) -> None:
    """A key file is read back equal, is for its owner's eyes only, and is never written over."""
    path = tmp_path / "a" / "cles.json"
    keys = DeploymentKeys.generate()
    keys.save(path)
    assert DeploymentKeys.load(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        DeploymentKeys.generate().save(path)
    assert DeploymentKeys.load(path) == keys
    with pytest.raises(KeyFileError, match="manque"):
        DeploymentKeys.load(tmp_path / "cles.json")


def test_the_keys_of_another_ledger_are_refused(ledger: Ledger, keys: DeploymentKeys) -> None:
    """Opened with other keys, a ledger says so at once, instead of finding nobody and giving everybody a second life."""
    Ledger(ledger.database, DeploymentKeys.generate()).close()  # still empty: nothing contradicts them
    ledger.append([fait()])
    other = DeploymentKeys.generate()
    wrong_index = DeploymentKeys(keys.keks, keys.current, other.index)
    wrong_kek = DeploymentKeys(other.keks, other.current, keys.index)
    for wrong in (other, wrong_index, wrong_kek):
        with pytest.raises(KeyFileError, match="fichier de clés"):
            Ledger(ledger.database, wrong)
    more = DeploymentKeys({**other.keks, **keys.keks}, other.current, keys.index)
    with Ledger(ledger.database, more) as rotated:
        rotated.append([fait(id="F-2"), fait(personne="P-2")])
        assert len(rotated.life("P-1")) == 2
    ledger.coffre = rotated.coffre  # what was wrapped with the newer key opens with both


# ---------------------------------------------------------------------- reading


class Traced(Ledger):
    """A ledger that keeps what it says to the server, as libpq traces it."""

    trace: IO[bytes]

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """The pooled connection, traced while it is used."""
        with super().connection() as conn:
            conn.pgconn.trace(self.trace.fileno())
            conn.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            try:
                yield conn
            finally:
                conn.pgconn.untrace()


def queries(trace: Path) -> int:
    """How many statements the server was asked to run."""
    lines = trace.read_bytes().splitlines()
    return sum(1 for each in lines if each.startswith(b"F\t") and (b"\tExecute\t" in each or b"\tQuery\t" in each))


def test_a_life_is_one_query(database: Database, keys: DeploymentKeys, tmp_path: Path, ledger: Ledger) -> None:
    """A person's life holds the entries of all their streams, in order of arrival, and is read by one statement."""
    every = [fait(id=f"F-{n}", objet=objet, evenement=FaitRetire(motif="x"), flux_choisi=flux)
             for n, (flux, objet) in enumerate((flux, objet) for objet in ("A", "B") for flux in Flux)]  # fmt: skip
    ledger.append([*every, fait(personne="P-2")])
    path = tmp_path / "trace"
    with path.open("wb") as trace, Traced(database, keys) as traced:
        traced.trace = trace
        traced.coffre.forget()
        assert [entry.fait for entry in traced.life("P-1")] == every
        assert queries(path) == 2  # the person's key, then the life
        assert [entry.fait for entry in traced.life("P-1")] == every
        assert queries(path) == 3  # the life alone, its key being open
        assert len({entry.stream for entry in traced.life("P-1")}) == 2 * len(Flux)
        assert len({entry.subject for entry in traced.life("P-1")}) == 1
    with ledger.connection() as conn:
        conn.execute("SET enable_seqscan = off")
        subject = UUID(int=0)
        plan = conn.execute("EXPLAIN SELECT line FROM ledger.entry WHERE subject = %s", (subject,)).fetchall()
        conn.execute("RESET enable_seqscan")
    assert "entry_subject" in str(plan)


def test_an_unknown_person_has_no_life(ledger: Ledger) -> None:
    """The life of somebody never heard of is empty, and asking for it writes nothing."""
    assert ledger.life("P-inconnue") == ()
    assert count(ledger, "person_key") == 0


def incident(objet: str | None, fact_id: str = "I-1") -> Fait:
    """An incident that is nobody's."""
    evenement = IncidentOuvert(code=CodeIncident("B13"), depuis=Quand.lire("2025-07-01"))
    return fait(id=fact_id, personne=None, objet=objet, evenement=evenement)


def test_facts_of_nobody(ledger: Ledger) -> None:
    """An incident without a person stands in a stream of its own, of a subject of its own, and stays nobody's."""
    one, other, again = ledger.append([incident("1"), incident("2"), incident("1", "I-3")])
    assert (one.stream, one.subject) == (again.stream, again.subject)
    assert {one.stream, one.subject}.isdisjoint({other.stream, other.subject})
    ledger.coffre.forget()
    history = ledger.history(None, Flux.INCIDENT, "1")
    assert [entry.fait for entry in history.entries] == [incident("1"), incident("1", "I-3")]
    assert ledger.history(None, Flux.DOSSIER, "1").entries == ()
    assert ledger.life("1") == ()
    with pytest.raises(UnreadableError, match="ni personne ni objet"):
        ledger.append([incident(None)])


def test_what_is_nobodys_is_found_for_everybody(ledger: Ledger) -> None:
    """The entries of every incident of nobody are read at once, in order of arrival, and no person's among them."""
    own = fait(id="I-9", objet="3", evenement=incident("3").evenement)
    written = ledger.append([incident("2"), own, incident("1", "I-3"), incident("2", "I-4")])
    ledger.coffre.forget()
    assert ledger.shared(Flux.INCIDENT) == (written[0], written[2], written[3])
    assert ledger.shared(Flux.ACCES) == ()


def test_rows_of_any_persons_open_together(ledger: Ledger) -> None:
    """Rows read in the sealed order open with the keys of their persons, in that order."""
    batch: Sequence[Fait] = [*faits(9, personnes=3), incident("1")]
    ledger.append(batch)
    assert ledger.sequence() == 10
    ledger.coffre.forget()
    with ledger.connection() as conn:
        rows = read_sealed(conn, 0, 4) + read_sealed(conn, 4, 100)
    assert [entry.fait for entry in ledger.open(rows)] == list(batch)
    assert [entry.position for entry in ledger.open(rows)] == list(range(1, 11))


def test_a_reference_typed_in_another_form_finds_the_same_person(ledger: Ledger) -> None:
    """A reference given with combining accents finds the life stored under the composed form."""
    ledger.append([fait(personne="zo\u00e9-exemple")])
    assert len(ledger.life("zoe\u0301-exemple")) == 1


def test_the_database_gives_the_next_places(ledger: Ledger) -> None:
    """Entries that name no place follow what their stream holds, in the order given, beside those that name theirs."""
    ledger.append([fait(id="F-1"), fait(id="F-2")])
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, ["P-1"])["P-1"]
        objects = ["D-1", "D-2", "D-1", "D-2", "D-3"]
        sealed = [
            ledger.entries.seal(ledger.draft(key, fait(id=f"X-{n}", objet=each))) for n, each in enumerate(objects)
        ]
        said = ledger.writer.append(columns(sealed), [None, None, 4, None, 1], conn)
    assert [each.place for each in said] == [3, 1, 4, 2, 1]
    assert [entry.pos for entry in ledger.history("P-1", Flux.DOSSIER, "D-1").entries] == [1, 2, 3, 4]
