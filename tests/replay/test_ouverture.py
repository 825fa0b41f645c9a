"""Opening one part: its value and its salt, right to the byte; and nothing of any other part."""

from hashlib import sha256

import msgspec
import psycopg
import pytest

from ledger import canonical
from ledger.entry import Piece
from ledger.errors import ConstatError, TamperedError
from ledger.store import Ledger
from replay.ouverture import Partie, PartieOuverte, ouvrir
from tests.faits import fait

PIECE = Piece(nom="é.pdf", octets=3, sha256="a" * 64)


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """Two persons with the same facts, one of them with a document."""
    for person in ("P-1", "P-é"):
        ledger.append([fait(personne=person, id="F-é", pieces=(PIECE,)), fait(personne=person, id="F-2")])
    return ledger


def lines(ledger: Ledger) -> dict[str, dict[str, str]]:
    """The commitments of every line, by event id."""
    with ledger.connection() as conn:
        rows = conn.execute("SELECT event_id, line FROM ledger.entry").fetchall()
    return {str(event_id): msgspec.json.decode(line)["c"] for event_id, line in rows}


@pytest.mark.parametrize("partie", list(Partie))
@pytest.mark.parametrize("named", ["id", "event_id", "autre forme"])
def test_a_part_gives_back_its_commitment(written: Ledger, partie: Partie, named: str) -> None:
    """Named by the fact's id in any form of its text, or by its event id, a part opens to what its line commits to."""
    entry = written.life("P-é")[0]
    name = {"id": "F-é", "event_id": str(entry.event_id), "autre forme": "F-e\u0301"}[named]
    opened = ouvrir(written, "P-e\u0301" if named == "autre forme" else "P-é", name, partie)
    assert sha256(opened.committed).hexdigest() == lines(written)[str(entry.event_id)][partie.value]
    said = msgspec.json.decode(opened.line())
    assert canonical.encode(said) == opened.line()
    assert (said["part"], said["pos"], bytes.fromhex(said["salt"])) == (partie.value, 1, opened.salt)
    assert canonical.encode(said["value"]) == opened.value


def test_one_part_opens_no_other(written: Ledger) -> None:
    """Every salt is another one, across parts, entries and persons, and with one's salt no other commitment is found."""
    opened: list[tuple[str, PartieOuverte]] = []
    for person in ("P-1", "P-é"):
        for entry in written.life(person):
            parts = [each for each in Partie if each is not Partie.PIECES or entry.fait.pieces]
            opened += [(str(entry.event_id), ouvrir(written, person, entry.fait.id, each)) for each in parts]
    assert len(opened) == 10
    assert len({each.salt for _, each in opened}) == 10
    committed = lines(written)
    found = [
        (one.salt == other.salt)
        for event_id, other in opened
        for _, one in opened
        if sha256(one.salt + other.value).hexdigest() == committed[event_id][other.partie.value]
    ]
    assert found == [True] * 10


def test_a_line_says_nothing_of_other_parts(written: Ledger) -> None:
    """The opened part of who acted does not hold what happened, nor the document, nor the person's reference."""
    acteur = ouvrir(written, "P-1", "F-é", Partie.ACTEUR).line()
    assert b"E-503" not in acteur
    assert b".pdf" not in acteur
    assert b"E-503" in ouvrir(written, "P-1", "F-é", Partie.FAIT).line()


def test_what_is_not_there(written: Ledger) -> None:
    """Another person's entry, an unknown one, or a part that an entry does not have, is not opened."""
    theirs = str(written.life("P-é")[0].event_id)
    for person, entry, partie, why in (
        ("P-1", theirs, Partie.FAIT, "aucune entrée"), ("P-0", "F-2", Partie.FAIT, "aucune entrée"),
        ("P-1", "F-3", Partie.FAIT, "aucune entrée"), ("P-1", "F-2", Partie.PIECES, "n'a pas de partie"),
    ):  # fmt: skip
        with pytest.raises(ConstatError, match=why):
            ouvrir(written, person, entry, partie)


def test_a_part_that_was_changed_is_not_shown(unchecked_ledger: Ledger) -> None:
    """A part whose line commits to something else is refused, not shown as proof."""
    unchecked_ledger.append([fait(id="F-1"), fait(id="F-2", survenu="2025-07-02")])
    with psycopg.connect(unchecked_ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
        conn.execute("UPDATE ledger.entry AS a SET line = b.line FROM ledger.entry AS b WHERE a.event_id <> b.event_id")
    with pytest.raises(TamperedError, match="constat verify"):
        ouvrir(unchecked_ledger, "P-1", "F-1", Partie.FAIT)
