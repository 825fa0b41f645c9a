"""What was stored once must read for ever: one entry of every type, as its row stood, with the fact that it told.

``tests/golden/entries.jsonl`` is only ever added to. A new type, or a new version of one, gets its entry by
``python -m tests.ledger.test_golden``, which leaves every line that is there as it is. The keys in it are published
here and open nothing else.
"""

import json
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256, shake_256
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints
from unittest.mock import patch

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier
from pydantic import BaseModel

from ledger import canonical
from ledger.coffre import Coffre, DeploymentKeys, Id, PersonKey, nobody
from ledger.database import Database, prepare
from ledger.days import Jours, Quand
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Avertissement, Fait, Piece
from ledger.events import EVENTS
from ledger.events.base import Event
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.events.upcast import UnknownEventError
from ledger.identity import commitments
from ledger.interchange import read_own_line, write_line
from ledger.mapper import FAIT, ROW_COLUMNS, EntryMapper, Row
from ledger.seal.merkle import leaf_hash
from ledger.store import Ledger
from replay.checks.streams import at_text
from replay.verify import verify

PATH: Final = Path(__file__).parents[1] / "golden" / "entries.jsonl"
ORIGIN: Final = "constat.test/or"
BYTES: Final = ("stream", "subject", "event_id", "command_id", "state", "acteur", "pieces", "leaf_hash")


def stored() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The keys, and the entries with their bytes in hex."""
    first, *others = PATH.read_text(encoding="utf-8").splitlines()
    return json.loads(first), [json.loads(each) for each in others]


def expected(row: dict[str, Any]) -> Fait:
    """The fact that an entry told when it was written."""
    warnings = tuple(Avertissement(**each) for each in row["avertissements"])
    return read_own_line(row["fait"].encode()).model_copy(update={"avertissements": warnings})


@pytest.fixture(scope="module")
def golden(server_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger into which the stored rows were put back as they are, opened with the stored keys."""
    head, rows = stored()
    path = tmp_path_factory.mktemp("or") / "keys.json"
    path.write_text(json.dumps(head["cles"]))
    name = f"constat_{secrets.token_hex(6)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        database = prepare(
            Database(make_conninfo(**{**conninfo_to_dict(server_conninfo), "dbname": name})), origin=ORIGIN
        )
        _put_back(database, head, rows)
        with Ledger(database, DeploymentKeys.load(path)) as ledger:
            with ledger.connection() as own:  # the rows are older than the table of shared subjects
                ledger.coffre.ensure(own, [nobody(Flux.INCIDENT, "I-or")])
            assert ledger.sequence() == len(rows)
            yield ledger
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _put_back(database: Database, head: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    with database.as_owner() as conn, conn.transaction():
        for key in head["personnes"]:
            values = {name: value if name == "kek_id" else bytes.fromhex(value) for name, value in key.items()}
            conn.execute(
                "INSERT INTO ledger.person_key (blind_index, subject, kek_id, wrapped, reference) VALUES"
                " (%(blind_index)s, encode(%(subject)s, 'hex')::uuid, %(kek_id)s, %(wrapped)s, %(reference)s)",
                values,
            )
        for row in rows:
            values = {n: bytes.fromhex(v) if n in BYTES and v is not None else v for n, v in row.items()}
            conn.execute(
                "INSERT INTO ledger.entry (originator_id, originator_version, topic, state, acteur, pieces, subject, event_id,"
                " command_id, recorded_at, line, leaf_hash) VALUES (encode(%(stream)s, 'hex')::uuid, %(pos)s, %(topic)s,"
                " %(state)s, %(acteur)s, %(pieces)s, encode(%(subject)s, 'hex')::uuid, encode(%(event_id)s, 'hex')::uuid,"
                " encode(%(command_id)s, 'hex')::uuid, %(recorded_at)s, %(line)s, %(leaf_hash)s)",
                values,
            )


def test_every_type_is_stored() -> None:
    """Each type of the vocabulary, in each version that was ever current, has its entry in the file, once."""
    _, rows = stored()
    kinds = [(row["nom"], row["v"]) for row in rows]
    assert len(kinds) == len(set(kinds))
    missing = {(event.nom, event.version) for event in EVENTS} - set(kinds)
    assert missing == set(), "python -m tests.ledger.test_golden adds them"


def test_every_entry_still_reads(golden: Ledger) -> None:
    """Today's program opens every stored entry and finds the fact that was told, in its place and at its time."""
    _, rows = stored()
    lives = [*golden.life("P-or"), *golden.history(None, Flux.INCIDENT, "I-or").entries]
    entries = {entry.event_id.hex: entry for entry in lives}
    assert len(entries) == len(rows)
    for row in rows:
        entry = entries[row["event_id"]]
        assert entry.fait == expected(row), row["nom"]
        assert (entry.stream.hex, entry.pos, entry.subject.hex) == (row["stream"], row["pos"], row["subject"])
        assert at_text(entry.recorded_at.astimezone(UTC)) == row["recorded_at"]


def test_every_proof_still_holds(golden: Ledger) -> None:
    """The verification finds nothing wrong with the stored entries, and each digest is what anybody can compute."""
    report = verify(golden)
    assert report.findings == []
    _, rows = stored()
    assert (report.entries, report.sealed, report.unreadable) == (len(rows), len(rows), 0)
    for row in rows:
        assert sha256(b"\0" + row["line"].encode()).hexdigest() == row["leaf_hash"]
        assert canonical.encode(json.loads(row["line"])) == row["line"].encode()


def test_the_same_fact_is_still_the_same(golden: Ledger) -> None:
    """A stored fact that is sent again today is recognised by its id and its commitments: nothing is written twice."""
    _, rows = stored()
    again = golden.append([expected(row) for row in rows])
    assert [entry.event_id.hex for entry in again] == [row["event_id"] for row in rows]
    assert verify(golden).entries == len(rows)


def test_the_line_of_a_fact_is_still_the_same() -> None:
    """A fact whose type has not changed since is written today as the very line that it was."""
    versions = {event.nom: event.version for event in EVENTS}
    for row in stored()[1]:
        if row["v"] == versions.get(row["nom"]):
            assert write_line(expected(row)).decode() == row["fait"]


@pytest.mark.parametrize("changed", [{"nom": "fait_d_un_autre_siecle"}, {"v": 1_000}], ids=["name", "version"])
def test_an_unknown_type_is_refused(golden: Ledger, changed: dict[str, Any]) -> None:
    """A well sealed entry whose name or version this program does not know is refused, never guessed."""
    with golden.connection() as conn:
        key = golden.coffre.find(conn, ["P-or"])["P-or"]
        found = conn.execute(
            f"SELECT {ROW_COLUMNS} FROM ledger.entry LEFT JOIN ledger.leaf USING (notification_id)"
            " WHERE subject = %b ORDER BY entry.notification_id LIMIT 1",
            (key.subject,),
            binary=True,
        ).fetchone()
    assert found is not None
    row = Row(*found)
    value = canonical.decode(golden.entries.open_parts(row, key)["fait"])
    bound = golden.entries.binding(row.subject, row.stream, row.event_id, row.command_id, row.topic)
    forged = key.seal(canonical.encode({**value, **changed}), bound + FAIT)
    with pytest.raises(UnknownEventError):
        golden.entries.to_entry(msgspec.structs.replace(row, state=forged), key)


def test_a_document_still_opens(golden: Ledger, tmp_path: Path) -> None:
    """A document sealed once is found under the same name and opens with today's program."""
    head, _ = stored()
    (tmp_path / head["document"]["nom"]).write_bytes(bytes.fromhex(head["document"]["scelle"]))
    with golden.connection() as conn:
        key = golden.coffre.find(conn, ["P-or"])["P-or"]
    piece = Piece(nom="x", octets=0, sha256=head["document"]["sha256"])
    content = b"".join(DocumentStore(LocalStore(tmp_path)).read(key, piece))
    assert sha256(content).hexdigest() == piece.sha256


# ---------------------------------------------------------------------- adding to the file, by hand and never in a test

TEXT: Final = 'Texte d\u2019essai\u202f: « é, œ », \U0001f4c4, "guillemets" \\ et\nfin de ligne'
PATTERNS: Final = {r"^[0-9a-f]{64}$": "0123456789abcdef" * 4, r"^([0-9]{2,3}|2[AB])$": "2A"}


def _filled(hint: Any) -> Any:
    """A value of the type ``hint``, nothing left out."""
    simple = {Jours: Jours.lire("2025-03-14"), Quand: Quand.lire("2025-03-14"), bool: True}
    if hint in simple:
        return simple[hint]
    if get_origin(hint) in {Union, UnionType}:
        return _filled(next(arg for arg in get_args(hint) if arg is not NoneType))
    if get_origin(hint) is Annotated:
        return _within(get_args(hint)[0], hint.__metadata__)
    if issubclass(hint, Enum):
        return list(hint)[-1]
    return _model(hint)


def _within(base: Any, metadata: tuple[Any, ...]) -> Any:
    if get_origin(base) is tuple:
        return (_filled(get_args(base)[0]),)
    if base is int:
        return 7
    limits = {name: getattr(part, name, None) for part in metadata for name in ("pattern", "max_length")}
    return PATTERNS[limits["pattern"]] if limits["pattern"] else TEXT[: limits["max_length"] or 60]


def _model(cls: type[BaseModel]) -> Any:
    hints = get_type_hints(cls, include_extras=True)
    return cls(**{name: _filled(hints[name]) for name in cls.model_fields})


def _fait(event: type[Event]) -> Fait:
    alone = event.flux is Flux.INCIDENT
    return Fait(
        id=f"or/{event.nom}/{event.version}",
        personne=None if alone else "P-or",
        objet="I-or" if alone else "O-or",
        survenu=Quand.lire("2025-03-14T09:26:53.589793Z"),
        connu_de_la_source=Quand.lire("2025-03"),
        acteur=Acteur(
            nature=NatureActeur.AGENT, id="A-or", service="Préfecture", qualite="instructrice", au_nom_de="P-or"
        ),
        canal=Canal.GUICHET,
        source=Source.AGDREF,
        grade=Grade.B,
        corrige="or/rien",
        cause="or/cause",
        correlation="or/affaire",
        flux_choisi=Flux.DOSSIER if event.tout_flux else None,
        pieces=(Piece(nom="acte n° 1.pdf", octets=1234, sha256="a" * 64, mime="application/pdf"),)
        if event.ligne % 2
        else (),
        avertissements=(Avertissement(code="trop_tot", source="CESEDA R.431-5", texte=TEXT),),
        evenement=_model(event),
    )


def _keys() -> DeploymentKeys:
    kek = sha256(b"or: kek").digest()
    return DeploymentKeys({"or": kek}, "or", sha256(b"or: index").digest())


def _person(reference: str) -> tuple[PersonKey, dict[str, str]]:
    subject, key = (
        Id(sha256(f"or: {reference}".encode()).digest()[:16]),
        sha256(f"or: cle {reference}".encode()).digest(),
    )
    index = Coffre(_keys()).blind_index(reference)
    nonce = os.urandom(12)
    wrapped = nonce + AESGCM(_keys().keks["or"]).encrypt(nonce, key, subject + index)
    person = PersonKey(subject, key, reference)
    sealed = person.seal(reference.encode(), subject)
    row = {"blind_index": index, "subject": subject, "wrapped": wrapped, "reference": sealed}
    return person, {"kek_id": "or", **{name: value.hex() for name, value in row.items()}}


def _head(personnes: list[tuple[PersonKey, dict[str, str]]], folder: Path) -> dict[str, Any]:
    keys, person = _keys(), personnes[0][0]
    content = TEXT.encode()
    digest = sha256(content).hexdigest()
    (folder / "source").mkdir()
    (folder / "source" / digest).write_bytes(content)
    DocumentStore(LocalStore(folder)).take(
        person, Piece(nom="x", octets=len(content), sha256=digest), folder / "source"
    )
    name = person.document(digest)
    return {
        "cles": {
            "current": keys.current,
            "index": keys.index.hex(),
            "keks": {n: k.hex() for n, k in keys.keks.items()},
        },
        "personnes": [row for _, row in personnes],
        "document": {"sha256": digest, "nom": name, "scelle": (folder / name).read_bytes().hex()},
    }


def _row(fait: Fait, person: PersonKey, rows: list[dict[str, Any]]) -> dict[str, Any]:
    sealed = EntryMapper(ORIGIN).seal(Ledger.draft(person, fait))
    before = [row for row in rows if row["stream"] == sealed.stream.hex()]
    at = at_text(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=len(rows), microseconds=len(rows)))
    said = {
        "at": at,
        "c": commitments(sealed),
        "log": ORIGIN,
        "pos": len(before) + 1,
        "stream": sealed.stream.hex(),
        "v": 1,
    }
    if before:
        said["prev"] = before[-1]["leaf_hash"]
    line = canonical.encode(said).decode()
    return {
        "nom": fait.evenement.nom, "v": fait.evenement.version, "fait": write_line(fait).decode(),
        "avertissements": [each.model_dump() for each in fait.avertissements],
        "stream": sealed.stream.hex(), "pos": len(before) + 1, "subject": sealed.subject.hex(),
        "event_id": sealed.event_id.hex(), "command_id": sealed.command_id.hex(), "recorded_at": at, "topic": sealed.topic,
        "state": sealed.state.hex(), "acteur": sealed.acteur.hex() if sealed.acteur is not None else None,
        "pieces": sealed.pieces.hex() if sealed.pieces is not None else None,
        "line": line, "leaf_hash": leaf_hash(line.encode()).hex(),
    }  # fmt: skip


def _fixed(seed: int) -> Any:
    """Random bytes that are the same each time: a golden file has no secrets."""
    counter = iter(range(1_000_000))
    return patch.object(os, "urandom", lambda size: shake_256(f"or {seed} {next(counter)}".encode()).digest(size))


def main() -> None:
    """Add what is missing to the file; what is there stays as it is."""
    import tempfile  # noqa: PLC0415 - only for this

    before = len(PATH.read_bytes()) if PATH.exists() else 0
    with _fixed(before), tempfile.TemporaryDirectory() as folder:
        personnes = [_person("P-or"), _person(nobody(Flux.INCIDENT, "I-or"))]
        head, rows = stored() if PATH.exists() else (_head(personnes, Path(folder)), [])
        known = {(row["nom"], row["v"]) for row in rows}
        for event in EVENTS:
            if (event.nom, event.version) not in known:
                fait = _fait(event)
                rows.append(_row(fait, personnes[fait.personne is None][0], rows))
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in (head, *rows)]
    PATH.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
