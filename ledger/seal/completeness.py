"""Whether an export lacks nothing: checks lines and a recensement's proof, apart from the ledger and what made them.

Named checks: ``place`` (each stream dense from 1, each line once), ``chaine`` (each line names the one before),
``recensement`` (the streams are those counted, and end where they were counted). Dropping, adding, changing, reordering
or cutting off anything makes one of them fail.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ledger.seal.proof import included

Findings = list[tuple[str, str]]
"""The check that failed, and a sentence that says where."""
Written = tuple[int, str]
"""A line with its index in the log (from 0), whose inclusion is checked apart."""


class _Line(msgspec.Struct):
    stream: str
    pos: int
    prev: str | None = None


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    leaf: str
    pos: int
    stream: str
    subject: str


class _Counted(msgspec.Struct):
    index: int
    line: str
    path: list[str]


_line = msgspec.json.Decoder(_Line).decode
_head = msgspec.json.Decoder(_Head).decode


def leaf_of(line: str) -> bytes:
    """The leaf hash of a line (RFC 6962 section 2.1)."""
    return sha256(b"\0" + line.encode()).digest()


def check_streams(lines: Iterable[str]) -> tuple[dict[str, tuple[int, str]], Findings]:
    """Check the lines of any streams, each stream's in their order; where each ends (place, leaf hash in hex)."""
    heads: dict[str, tuple[int, str]] = {}
    findings: Findings = []
    for line in lines:
        try:
            said = _line(line)
        except msgspec.DecodeError:
            findings.append(("place", "une ligne n'est pas celle d'une entrée"))
            continue
        pos, leaf = heads.get(said.stream, (0, None))
        if said.pos != pos + 1:
            findings.append(("place", f"flux {said.stream} : la place {pos + 1} manque, ou n'est pas à son rang"))
        elif said.prev != leaf:
            findings.append(("chaine", f"flux {said.stream}, entrée {said.pos} : elle ne suit pas la précédente"))
        heads[said.stream] = said.pos, leaf_of(line).hex()
    return heads, findings


def check_census(subject: str, leaf: str, counted: Sequence[Any], lines: Iterable[Written]) -> Findings:
    """Check that ``lines`` are all there was of ``subject`` (hex) when the recensement in ``leaf`` was taken.

    ``leaf``: the line of the log, whose inclusion is checked apart. ``counted``: its lines for this subject with their
    neighbours, each with ``index``, ``line`` and ``path``. Entries later than the recensement may follow, in streams of
    its or in new ones; what was cut off after them only a later recensement shows.
    """
    written = list(lines)
    _, findings = check_streams(line for _, line in written)
    try:
        said = msgspec.json.decode(leaf)
        size, root, upto = int(said["streams"]), bytes.fromhex(said["root"]), int(said["size"])
        entries = [msgspec.convert(each, _Counted, from_attributes=True) for each in counted]
        heads = [_head(each.line) for each in entries]
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError):
        return [*findings, ("recensement", "la preuve du recensement est illisible")]
    if said.get("kind") != "recensement":
        findings.append(("recensement", "la feuille n'est pas celle d'un recensement"))
    findings += _check_span(subject, entries, heads, size, root)
    findings += _check_ends(subject, heads, written, upto)
    return findings


def _check_span(
    subject: str, entries: Sequence[_Counted], heads: Sequence[_Head], size: int, root: bytes
) -> Iterable[tuple[str, str]]:
    """The lines are in the counted tree, side by side, in order, and reach past the subject on both sides."""
    order = [(head.subject, head.stream) for head in heads]
    if order != sorted(set(order)) or [each.index for each in entries] != list(
        range(entries[0].index, entries[0].index + len(entries)) if entries else []
    ):
        yield "recensement", "ses lignes ne se suivent pas : un flux a pu être omis"
    for entry in entries:
        if not included(leaf=leaf_of(entry.line), index=entry.index, size=size, path=_path(entry.path), root=root):
            yield "recensement", f"la ligne {entry.index} n'est pas de ce recensement"
    before = [head for head in heads if head.subject < subject]
    after = [head for head in heads if head.subject > subject]
    if not entries:
        if size:
            yield "recensement", "aucune ligne ne montre où serait ce sujet"
        return
    if not before and entries[0].index != 0:
        yield "recensement", "ce qui précède ce sujet n'est pas montré : un flux a pu être omis"
    if not after and entries[-1].index != size - 1:
        yield "recensement", "ce qui suit ce sujet n'est pas montré : un flux a pu être omis"


def _check_ends(subject: str, heads: Sequence[_Head], lines: Sequence[Written], upto: int) -> Iterable[tuple[str, str]]:
    """Each stream counted for the subject is there with the very entry that was its last; no older one is beside it."""
    places: dict[str, dict[int, str]] = defaultdict(dict)
    old: set[str] = set()
    for index, line in lines:
        try:
            said = _line(line)
        except msgspec.DecodeError:
            continue
        places[said.stream][said.pos] = leaf_of(line).hex()
        if index < upto:
            old.add(said.stream)
    counted = {head.stream: head for head in heads if head.subject == subject}
    for stream, head in counted.items():
        if places.get(stream, {}).get(head.pos) != head.leaf:
            yield "recensement", f"flux {stream} : son entrée {head.pos}, la dernière recensée, manque ou est une autre"
    for stream in sorted(old - counted.keys()):
        yield "recensement", f"flux {stream} : il n'était pas recensé pour ce sujet"


def _path(encoded: Sequence[str]) -> list[bytes]:
    try:
        return [b64decode(each, validate=True) for each in encoded]
    except (Base64Error, ValueError):
        return [b""]
