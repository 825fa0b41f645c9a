"""Between a fact and its stored form: parts sealed with the person's key, salted commitments, and back.

Three parts: ``fait`` (what happened, with its times, channel, source and grade), ``acteur`` (who), ``pieces`` (the
documents, absent when there are none). For each, ``commitment = SHA-256(salt32 || canonical JSON of the value)``: an
expert can redo it with ``sha256sum``, and each part can be opened or withheld alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from eventsourcing.persistence import Mapper, StoredEvent

from ledger import canonical
from ledger.coffre import Id, PersonKey, uuid_of
from ledger.days import Quand
from ledger.entry import Acteur, Avertissement, Entry, Fait, Piece, build_fait, read_acteur
from ledger.errors import TamperedError
from ledger.events.types import Canal, Flux, Grade, Source
from ledger.events.upcast import to_current

STORED_FORM: Final = "constat/1"
OWN_FORM: Final = "constat/1/registre"
"""Of the log's own leaves (``ledger.append_own``): nothing in them is sealed, and nobody's life holds them."""
FAIT: Final = b"fait"
ACTEUR: Final = b"acteur"
PIECES: Final = b"pieces"
_CANAUX: Final = {each.value: each for each in Canal}
_SOURCES: Final = {each.value: each for each in Source}
_GRADES: Final = {each.value: each for each in Grade}


class Draft(NamedTuple):
    """A fact that knows its stream and is not written yet."""

    key: PersonKey
    stream: Id
    event_id: Id
    command_id: Id
    fait: Fait


class Sealed(NamedTuple):
    """An entry ready for its place: the arguments of ``ledger.append``, in order. ``state`` is the part ``fait``."""

    stream: Id
    topic: str
    subject: Id
    event_id: Id
    command_id: Id
    c_fait: bytes
    c_acteur: bytes | None
    c_pieces: bytes | None
    state: bytes
    acteur: bytes | None
    pieces: bytes | None


class StoredFait(msgspec.Struct, frozen=True, omit_defaults=True):
    """The value of the part ``fait``. Fields at their default are left out, so that a value has one form only."""

    id: str
    nom: str
    v: int
    flux: str
    survenu: str
    canal: str
    source: str
    grade: str
    donnees: msgspec.Raw
    objet: str | None = None
    connu_de_la_source: str | None = None
    corrige: str | None = None
    cause: str | None = None
    correlation: str | None = None
    avertissements: list[dict[str, str]] = []


_sorted = msgspec.json.Encoder(order="sorted").encode  # canonical once its whole is: see canonical.encode
_decode_fait = msgspec.json.Decoder(StoredFait).decode


class Row(msgspec.Struct, frozen=True, array_like=True):
    """An entry as PostgreSQL gives it, not opened yet. Ids are 16 raw bytes."""

    position: int | None
    stream: bytes
    pos: int
    subject: bytes
    event_id: bytes
    command_id: bytes
    recorded_at: datetime
    topic: str
    state: bytes
    acteur: bytes | None
    pieces: bytes | None


_ONE_PART: Final = (
    "leaf.position, uuid_send(entry.originator_id), entry.originator_version, uuid_send(entry.subject),"
    " uuid_send(entry.event_id), uuid_send(entry.command_id), entry.recorded_at, entry.topic, entry.state"
)
ROW_COLUMNS: Final = f"{_ONE_PART}, entry.acteur, entry.pieces"
FACT_COLUMNS: Final = f"{_ONE_PART}, NULL::bytea, NULL::bytea"


def fait_value(fait: Fait) -> StoredFait:
    """The value of the part ``fait``; the payload, too, leaves out what is at its default."""
    event = fait.evenement
    return StoredFait(
        fait.id,
        event.nom,
        event.version,
        fait.flux,
        str(fait.survenu),
        fait.canal,
        fait.source,
        fait.grade,
        msgspec.Raw(_sorted(event.__pydantic_serializer__.to_python(event, mode="json", exclude_defaults=True))),
        fait.objet,
        str(fait.connu_de_la_source) if fait.connu_de_la_source is not None else None,
        fait.corrige,
        fait.cause,
        fait.correlation,
        [each.model_dump(mode="json") for each in fait.avertissements] if fait.avertissements else [],
    )


@lru_cache(maxsize=4096)
def acteur_plain(acteur: Acteur) -> bytes:
    """The canonical bytes of the part ``acteur``; a few services write most facts."""
    return canonical.encode(acteur.model_dump(mode="json", exclude_defaults=True))


def pieces_value(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """The value of the part ``pieces``: each with its number in the fact."""
    return [{"n": n, **piece.model_dump(mode="json", exclude_defaults=True)} for n, piece in enumerate(pieces, start=1)]


class EntryMapper(Mapper[UUID]):
    """Seals drafts and opens rows; replaces the library's, which rebuilds objects by import path and unchecked."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._prefix = {STORED_FORM: f"{STORED_FORM}\0{origin}\0".encode()}

    def binding(self, subject: bytes, stream: bytes, event_id: bytes, command_id: bytes, topic: str) -> bytes:
        """What a sealed part is bound to, save the part's own name: it opens nowhere else.

        The place in the stream is not in it, so that parts can be sealed before they are placed: the line ties the
        place to the commitments, and ``event_id`` is unique in the ledger.
        """
        prefix = self._prefix.get(topic) or f"{topic}\0{self.origin}\0".encode()
        return prefix + subject + stream + event_id + command_id

    def seal(self, draft: Draft) -> Sealed:
        """Seal a draft: canonical parts, their commitments, their ciphertexts."""
        key, fait = draft.key, draft.fait
        event_id = draft.event_id
        bound = self.binding(key.subject, draft.stream, event_id, draft.command_id, STORED_FORM)
        plain_fait = canonical.encode(fait_value(fait))
        plain_acteur = acteur_plain(fait.acteur)
        c_pieces = pieces = None
        if fait.pieces:
            plain_pieces = canonical.encode(pieces_value(fait.pieces))
            c_pieces = sha256(key.salt(event_id, PIECES) + plain_pieces).digest()
            pieces = key.seal(plain_pieces, bound + PIECES)
        return Sealed(
            draft.stream,
            STORED_FORM,
            key.subject,
            event_id,
            draft.command_id,
            sha256(key.salt(event_id, FAIT) + plain_fait).digest(),
            sha256(key.salt(event_id, ACTEUR) + plain_acteur).digest(),
            c_pieces,
            key.seal(plain_fait, bound + FAIT),
            key.seal(plain_acteur, bound + ACTEUR),
            pieces,
        )

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Not the library's way: a draft is sealed here and placed by the ledger. Use :meth:`seal`."""
        msg = f"a {type(domain_event).__name__} is sealed, then placed by the ledger"
        raise TypeError(msg)

    def open_parts(self, row: Row, key: PersonKey) -> dict[str, bytes]:
        """The plain canonical bytes of every part of ``row``.

        :raises TamperedError: a part does not open in this place.
        """
        bound = self.binding(row.subject, row.stream, row.event_id, row.command_id, row.topic)
        try:
            parts = {"fait": key.open(row.state, bound + FAIT)}
            if row.acteur is not None:
                parts["acteur"] = key.open(row.acteur, bound + ACTEUR)
            if row.pieces is not None:
                parts["pieces"] = key.open(row.pieces, bound + PIECES)
        except (InvalidTag, ValueError) as error:
            raise _tampered(row) from error
        return parts

    def open_fait(self, row: Row, key: PersonKey) -> StoredFait:
        """The part ``fait`` alone, its payload still JSON: what a follower needs to choose.

        :raises TamperedError: it does not open in this place.
        """
        bound = self.binding(row.subject, row.stream, row.event_id, row.command_id, row.topic)
        try:
            return _decode_fait(key.open(row.state, bound + FAIT))
        except (InvalidTag, ValueError) as error:
            raise _tampered(row) from error

    def to_entry(self, row: Row, key: PersonKey) -> Entry:
        """Open a whole row.

        :raises TamperedError: a part does not open in this place.
        """
        return self.entry_of_parts(row, key, self.open_parts(row, key))

    @staticmethod
    def entry_of_parts(row: Row, key: PersonKey, parts: Mapping[str, bytes]) -> Entry:
        """The entry of a row whose parts are open already.

        :raises ValueError: a part does not read, or is none of the vocabulary (``UnknownEventError``).
        :raises KeyError: a part is missing.
        """
        acteur = read_acteur(parts["acteur"])
        pieces = (
            tuple(
                Piece.model_validate({name: value for name, value in each.items() if name != "n"})
                for each in canonical.decode(parts["pieces"])
            )
            if "pieces" in parts
            else ()
        )
        return entry_of(row, _decode_fait(parts["fait"]), key.reference, acteur=acteur, pieces=pieces)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Not the library's way: an entry needs its person's key. Use :meth:`to_entry`."""
        msg = f"an entry opens with its person's key only ({type(stored_event).__name__} has none)"
        raise TypeError(msg)


def entry_of(row: Row, stored: StoredFait, personne: str, *, acteur: Acteur, pieces: tuple[Piece, ...] = ()) -> Entry:
    """The entry of an opened row; its event is upcast and validated."""
    cls, donnees = to_current(stored.nom, stored.v, bytes(stored.donnees))
    fait = build_fait(
        id=stored.id,
        personne=None if personne.startswith("\0") else personne,
        objet=stored.objet,
        survenu=Quand.lire(stored.survenu),
        connu_de_la_source=Quand.lire(stored.connu_de_la_source) if stored.connu_de_la_source else None,
        acteur=acteur,
        canal=_CANAUX[stored.canal],
        source=_SOURCES[stored.source],
        grade=_GRADES[stored.grade],
        corrige=stored.corrige,
        cause=stored.cause,
        correlation=stored.correlation,
        flux_choisi=Flux(stored.flux) if cls.tout_flux else None,
        pieces=pieces,
        avertissements=tuple(Avertissement(**each) for each in stored.avertissements) if stored.avertissements else (),
        evenement=cls.__pydantic_validator__.validate_json(donnees),  # as model_validate_json does, without its options
    )
    return Entry(
        position=row.position,
        stream=_shared_uuid(row.stream),
        pos=row.pos,
        subject=_shared_uuid(row.subject),
        event_id=uuid_of(row.event_id),
        recorded_at=row.recorded_at,
        fait=fait,
    )


_shared_uuid = lru_cache(maxsize=4096)(uuid_of)  # a life has a few streams and one subject


def _tampered(row: Row) -> TamperedError:
    return TamperedError(f"l'entrée {row.pos} du flux {row.stream.hex()} ne s'ouvre pas : elle a été modifiée")
