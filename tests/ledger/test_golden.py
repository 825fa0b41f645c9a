"""Stored lines read for ever: one entry of every type, sealed once under a published key, opens with today's code.

``python -m tests.ledger.test_golden`` adds an entry for each type that has none yet. What stands in the file is never
written again: if one of these tests fails, today's code has changed what a ledger of yesterday says.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ledger import canonical
from ledger.coffre import Id, PersonKey, uuid_of
from ledger.days import Quand
from ledger.entry import Acteur, Avertissement, Fait, Piece
from ledger.events import EVENTS
from ledger.events.base import Event
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.events.upcast import UnknownEventError
from ledger.interchange import read_line, write_line
from ledger.mapper import STORED_FORM, Draft, EntryMapper, Row
from ledger.recorder import columns
from ledger.store import Ledger, leaf_hash, reference_of, stream_of
from tests.strategies import event_of

FILE: Final = Path(__file__).parents[1] / "golden" / "entries.jsonl"
ORIGIN: Final = "constat.test/essai"
PUBLISHED_KEY: Final = sha256("constat/1 : clé d'essai publiée, pour aucune personne".encode()).digest()
FIRST: Final = datetime(2025, 7, 1, 8, 14, 0, 123456, tzinfo=UTC)
EXAMPLES: Final = 150
SEALED_PARTS: Final = ("state", "acteur", "pieces")
MAPPER: Final = EntryMapper(ORIGIN)


class Golden(NamedTuple):
    """One line of the file: an entry as a ledger stores it, and the interchange line of its fact."""

    row: Row
    line: str
    leaf_hash: bytes
    told: bytes
    avertissements: tuple[Avertissement, ...]

    @property
    def key(self) -> PersonKey:
        """The key of its subject."""
        return key_of(reference_of(read_line(self.told)))

    @property
    def nom(self) -> str:
        """The stored name of its event, read without our models."""
        return str(json.loads(self.told)["type"])

    @property
    def fait(self) -> Fait:
        """The fact that was sealed: that of the interchange line, with the warnings which such a line leaves out."""
        return read_line(self.told).model_copy(update={"avertissements": self.avertissements})


def key_of(reference: str) -> PersonKey:
    """The published test key; each reference has its own subject."""
    return PersonKey(Id(sha256(b"subject\0" + reference.encode()).digest()[:16]), PUBLISHED_KEY, reference)


def from_json(raw: str) -> Golden:
    """One line of the file."""
    value = json.loads(raw)
    given_parts = {part: bytes.fromhex(value[part]) if value[part] is not None else None for part in SEALED_PARTS}
    row = Row(
        position=None,
        stream=bytes.fromhex(value["stream"]),
        pos=value["pos"],
        subject=bytes.fromhex(value["subject"]),
        event_id=bytes.fromhex(value["event_id"]),
        command_id=bytes.fromhex(value["command_id"]),
        recorded_at=datetime.fromisoformat(value["recorded_at"]),
        topic=value["topic"],
        state=given_parts["state"] or b"",
        acteur=given_parts["acteur"],
        pieces=given_parts["pieces"],
    )
    warned = tuple(Avertissement(**each) for each in value["avertissements"])
    told = json.dumps(value["fait"], ensure_ascii=False).encode()
    return Golden(row, value["line"], bytes.fromhex(value["leaf_hash"]), told, warned)


def golden() -> list[Golden]:
    """Every entry of the file."""
    return [from_json(raw) for raw in FILE.read_text(encoding="utf-8").split("\n") if raw] if FILE.exists() else []


ENTRIES: Final = golden()
EACH: Final = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.nom for entry in ENTRIES])


# ---------------------------------------------------------------------- what must hold


def test_every_type_has_an_entry() -> None:
    """No type of the vocabulary is without a stored entry, and every name in the file is still known."""
    assert {entry.nom for entry in ENTRIES} == {cls.nom for cls in EVENTS}


@EACH
def test_an_entry_opens_and_says_the_same(entry: Golden) -> None:
    """Today's code opens the entry and finds exactly the fact of its interchange line, at its place and time."""
    opened = MAPPER.to_entry(entry.row, entry.key)
    assert opened.fait == entry.fait
    assert type(opened.fait.evenement).nom == entry.nom
    assert (opened.pos, opened.recorded_at) == (entry.row.pos, entry.row.recorded_at)
    assert opened.stream == uuid_of(entry.row.stream)


@EACH
def test_the_commitments_are_those_of_the_line(entry: Golden) -> None:
    """Each opened part, hashed with its salt as ``sha256sum`` would, gives the commitment in the line; none is missing."""
    parts = MAPPER.open_parts(entry.row, entry.key)
    redone = {
        name: sha256(entry.key.salt(entry.row.event_id, name.encode()) + plain).hexdigest()
        for name, plain in parts.items()
    }
    assert redone == json.loads(entry.line)["c"]
    assert all(canonical.encode(canonical.decode(plain)) == plain for plain in parts.values())


@EACH
def test_the_line_is_that_of_the_row(entry: Golden) -> None:
    """The line is canonical JSON, says the place and time of its row, and its leaf hash is RFC 6962's."""
    said = json.loads(entry.line)
    assert canonical.encode(said).decode() == entry.line
    assert (said["stream"], said["pos"], said["log"], said["v"]) == (entry.row.stream.hex(), entry.row.pos, ORIGIN, 1)
    assert said["at"] == entry.row.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert sha256(b"\0" + entry.line.encode()).digest() == entry.leaf_hash == leaf_hash(entry.line)


@EACH
def test_the_ids_are_derived_as_they_were(entry: Golden) -> None:
    """The person's key still gives the fact its id and its stream: the same fact sent again would be recognised."""
    fait = entry.fait
    assert entry.key.event_id(fait.id) == entry.row.event_id
    assert stream_of(entry.key, fait.flux, fait.objet) == entry.row.stream


@EACH
def test_the_same_fact_is_sealed_to_the_same_commitments(entry: Golden) -> None:
    """A type whose version has not changed is stored today with the commitments of then: a repeat is a repeat."""
    fait = entry.fait
    if json.loads(entry.told).get("v", 1) == fait.evenement.version:
        draft = Draft(entry.key, Id(entry.row.stream), Id(entry.row.event_id), Id(entry.row.command_id), fait)
        assert said_by(draft) == json.loads(entry.line)["c"]


def test_the_lines_of_a_stream_are_chained() -> None:
    """In each stream the places follow one another from 1, and each line names the hash of the one before."""
    heads: dict[bytes, Golden] = {}
    for entry in sorted(ENTRIES, key=lambda each: each.row.pos):
        before = heads.get(entry.row.stream)
        assert entry.row.pos == (before.row.pos + 1 if before else 1)
        assert json.loads(entry.line).get("prev") == (before.leaf_hash.hex() if before else None)
        heads[entry.row.stream] = entry


def test_the_database_writes_the_same_lines(unchecked_ledger: Ledger) -> None:
    """The facts of the file, appended today under their key, get the lines of then, but for the time and its hashes."""
    in_order = sorted(ENTRIES, key=lambda each: each.row.pos)
    sealed = [
        MAPPER.seal(
            Draft(entry.key, Id(entry.row.stream), Id(entry.row.event_id), Id(entry.row.command_id), entry.fait)
        )
        for entry in in_order
    ]
    with unchecked_ledger.connection() as conn:
        appended = unchecked_ledger.writer.append(columns(sealed), [entry.row.pos for entry in in_order], conn)
    for entry, said in zip(in_order, appended, strict=True):
        now, then = json.loads(said.line), json.loads(entry.line)
        assert now.keys() == then.keys()
        assert {**now, "at": "", "prev": ""} == {**then, "at": "", "prev": ""}


def test_the_file_holds_every_kind_of_part() -> None:
    """Among the entries are some with and without pieces, with warnings, corrections and causes, and some of nobody."""
    facts = [entry.fait for entry in ENTRIES]
    assert {bool(fait.pieces) for fait in facts} == {True, False}
    assert {bool(fait.avertissements) for fait in facts} == {True, False}
    assert {fait.corrige is None for fait in facts} == {True, False}
    assert {fait.connu_de_la_source is None for fait in facts} == {True, False}
    assert {fait.personne is None for fait in facts} == {True, False}
    assert {entry.row.topic for entry in ENTRIES} == {STORED_FORM}


@pytest.mark.parametrize("changed", [{"nom": "fait_d_un_autre_siecle"}, {"v": 1_000}], ids=["name", "version"])
def test_an_unknown_name_is_refused(changed: dict[str, Any]) -> None:
    """A well sealed entry whose name or version this software does not know is refused, never guessed."""
    entry = ENTRIES[0]
    bound = MAPPER.binding(
        entry.row.subject, entry.row.stream, entry.row.event_id, entry.row.command_id, entry.row.topic
    )
    value = canonical.decode(MAPPER.open_parts(entry.row, entry.key)["fait"])
    state = entry.key.seal(canonical.encode({**value, **changed}), bound + b"fait")
    row = Row(**{name: getattr(entry.row, name) for name in Row.__struct_fields__} | {"state": state})
    with pytest.raises(UnknownEventError):
        MAPPER.to_entry(row, entry.key)


# ---------------------------------------------------------------------- what adds the missing ones


def said_by(draft: Draft) -> dict[str, str]:
    """The commitments that sealing a draft gives."""
    sealed = MAPPER.seal(draft)
    named = {"acteur": sealed.c_acteur, "fait": sealed.c_fait, "pieces": sealed.c_pieces}
    return {name: value.hex() for name, value in named.items() if value is not None}


def fullest(cls: type[Event]) -> Event:
    """An event of ``cls`` with as many of its fields given as can be."""
    seen: list[Event] = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(event_of(cls))
    def look(event: Event) -> None:
        seen.append(event)

    look()
    return max(seen, key=lambda event: (len(event.model_dump(exclude_defaults=True)), -len(event.model_dump_json())))


def fact_of(number: int, cls: type[Event]) -> Fait:
    """A fact for the file. Which fields of the envelope it has depends on its number, so that all of them occur."""
    piece = Piece(nom="bail signé.pdf", octets=120_000, sha256=sha256(b"%d" % number).hexdigest(), mime="application/pdf")
    warned = Avertissement(code="hors_delai", source="CESEDA R.431-5", texte="La demande est tardive.")
    nobody = cls.flux is Flux.INCIDENT and number % 2 == 0
    return Fait(
        id=f"or-{number}",
        personne=None if nobody else "personne-d-or",
        objet=f"objet-{cls.flux.value}",
        survenu=Quand.lire(("2025-07-01T08:14:00Z", "2025-07-01", "2025-06")[number % 3]),
        connu_de_la_source=Quand.lire("2025-07-02T00:00:00.000001Z") if number % 4 == 0 else None,
        acteur=Acteur(nature=list(NatureActeur)[number % len(NatureActeur)], id="agent-7", service="Préfecture d'essai"),
        canal=list(Canal)[number % len(Canal)],
        source=list(Source)[number % len(Source)],
        grade=list(Grade)[number % len(Grade)],
        cause="or-cause" if number % 3 == 0 else None,
        correlation="affaire-1" if number % 5 == 0 else None,
        corrige="or-ancien" if number % 7 == 0 else None,
        flux_choisi=Flux.DOSSIER if cls.tout_flux else None,
        pieces=(piece,) if number % 2 == 0 else (),
        avertissements=(warned,) if number % 6 == 0 else (),
        evenement=fullest(cls),
    )


def missing(there: list[Golden]) -> Iterator[dict[str, Any]]:
    """The lines of the types that ``there`` does not have, each after the last one of its stream."""
    known = {entry.nom for entry in there}
    heads = {entry.row.stream: entry for entry in sorted(there, key=lambda each: each.row.pos)}
    places = {stream: (entry.row.pos, entry.leaf_hash.hex()) for stream, entry in heads.items()}
    number = len(there)
    for cls in EVENTS:
        if cls.nom in known:
            continue
        number += 1
        fait = fact_of(number, cls)
        key = key_of(reference_of(fait))
        draft = Ledger.draft(key, fait)
        sealed = MAPPER.seal(draft)
        pos, before = places.get(sealed.stream, (0, None))
        at = FIRST + timedelta(seconds=number)
        said = {
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "c": said_by(draft), "log": ORIGIN, "pos": pos + 1,
            "stream": sealed.stream.hex(), "v": 1, **({"prev": before} if before else {}),
        }  # fmt: skip
        line = canonical.encode(said).decode()
        digest = leaf_hash(line).hex()
        places[sealed.stream] = (pos + 1, digest)
        yield {
            "stream": sealed.stream.hex(), "pos": pos + 1, "subject": sealed.subject.hex(),
            "event_id": sealed.event_id.hex(), "command_id": sealed.command_id.hex(), "recorded_at": at.isoformat(),
            "topic": sealed.topic, "state": sealed.state.hex(),
            "acteur": sealed.acteur.hex() if sealed.acteur else None,
            "pieces": sealed.pieces.hex() if sealed.pieces else None,
            "line": line, "leaf_hash": digest, "fait": json.loads(write_line(fait)),
            "avertissements": [each.model_dump(mode="json") for each in fait.avertissements],
        }  # fmt: skip


def add_missing() -> int:
    """Append what is missing to the file; nothing that stands in it is touched. Returns how many were added."""
    added = [json.dumps(each, ensure_ascii=True) + "\n" for each in missing(golden())]
    with FILE.open("a", encoding="ascii") as file:
        file.writelines(added)
    return len(added)


if __name__ == "__main__":
    print(add_missing(), "entries added to", FILE)  # noqa: T201 - said to who runs it
