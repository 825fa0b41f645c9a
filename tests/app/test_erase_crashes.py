"""An erasure that is cut off, or raced, has done nothing or is finished by the same command."""

import random
import threading
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore

from app import erase as erasing
from app.erase import Done, Request, erase, handed_over
from app.open import Opened
from commands.base import Refused
from ledger import erasure
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Piece
from ledger.erasure import HeldError, MovedError, register
from ledger.errors import ConstatError
from ledger.events import acces
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from replay.verify import verify
from tests import forked
from tests.app import effacements
from tests.app.effacements import (
    BY_RULE,
    GEL,
    NOW,
    WHO,
    fill,
    finished,
    stored,
    subject_of,
)
from tests.faits import fait

lives, opened = effacements.lives, effacements.opened


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
    running = forked.python(ERASE, conninfo, keys, kept, person)
    with running.stdout as told:
        told.readline()
        time.sleep(after)
        running.kill()


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
