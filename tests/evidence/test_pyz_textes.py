"""The verifier's readers of texts: one form each, beside the readers and the oracle that the ledger is tried with."""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.verificateurs.pyz import note, textes
from evidence.verificateurs.pyz.note import CleNommee, Note, SignatureFausseError
from evidence.verificateurs.pyz.politique import Politique
from evidence.verificateurs.pyz.rapport import montrable
from evidence.verificateurs.pyz.textes import IllisibleError
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import COSIGNATURE, ED25519, NoteError, Signer
from ledger.seal.note import Note as LedgerNote
from ledger.seal.policy import Policy

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-textes.PLUS_GRAND, textes.PLUS_GRAND) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('abcz_Z9 "\\\n', max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


def signer(name: str, use: int) -> Signer:
    """A key, the same for the same name."""
    return Signer(name, use, Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


@given(VALUES)
def test_canonical_json_reads_back(value: Any) -> None:
    """What the oracle of RFC 8785 writes is read; written in any other way it is refused."""
    raw = rfc8785.dumps(value)
    assert textes.canonique(raw) == value
    for other in (raw + b" ", raw + b"\n", b" " + raw, b"\xef\xbb\xbf" + raw, raw + b","):
        if other != raw:
            with pytest.raises(IllisibleError):
                textes.canonique(other)
    spaced = json.dumps(value).encode()
    if spaced != raw:
        with pytest.raises(IllisibleError):
            textes.canonique(spaced)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"1.0", b"1e3", b"-0", b"01", b"9007199254740992", b"NaN", b"Infinity", b'"\\u0061"', b'"\\/"', b'"\x01"',
        b'{"b":1,"a":1}', b'{"a":1,"a":1}', '{"é":1}'.encode(), b'"\\ud800"', b"\xff", b"[" * 66 + b"]" * 66,
        b"[" * 200_000, b"1" * 100_000, b'{"a":' * 100_000, b"[1,]", b'"\\u001F"', b"{'a':1}", b"[]x",
    ],
    ids=lambda raw: raw[:12].hex(),
)  # fmt: skip
def test_json_that_is_not_canonical(raw: bytes) -> None:
    """Other numbers, escapes, orders, doubles, depths: refused, and by no other exception."""
    with pytest.raises(IllisibleError):
        textes.canonique(raw)


def test_depth_of_json() -> None:
    """64 lists in each other are read, 65 are read when the last is empty, and a value in it is too deep."""
    assert textes.canonique(b"[" * 64 + b"1" + b"]" * 64)
    assert textes.canonique(b"[" * 65 + b"]" * 65)
    with pytest.raises(IllisibleError):
        textes.canonique(b"[" * 65 + b"1" + b"]" * 65)
    with pytest.raises(IllisibleError):
        textes.json_lisible(b"[" * 66 + b"]" * 66)


@given(st.binary(max_size=80))
def test_base64_has_one_form(raw: bytes) -> None:
    """It reads back; unpadded, with other last bits, in the alphabet of addresses or cut in lines it is refused."""
    text = b64encode(raw).decode()
    assert textes.base64_exact(text) == raw
    others = {
        text + "=",
        text + "\n",
        text.rstrip("="),
        text.replace("+", "-").replace("/", "_"),
        f" {text}",
        "é" + text,
    }
    if text.endswith("="):
        others |= {text.replace("=", "", 1), re.sub("A(?=={1,2}$)", "B", text), re.sub("Q(?=={2}$)", "R", text)}
    for other in others - {text}:
        with pytest.raises(IllisibleError):
            textes.base64_exact(other)
    assert re.fullmatch(textes.HACHE, text) if len(raw) == 32 else not re.fullmatch(textes.HACHE, text)


def test_hashes_of_a_path_have_no_other_form() -> None:
    """A 43rd sign whose low bits are not zero is no hash of 32 bytes."""
    accepted = [
        each
        for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if re.fullmatch(textes.HACHE, "A" * 42 + each + "=")
    ]
    assert [textes.base64_exact("A" * 42 + each + "=") for each in accepted] == [
        bytes(31) + bytes([n]) for n in range(16)
    ]


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-1", "+1", " 1", "1 ", "1_0", "9007199254740992", "٣", "1" * 5000, "1.0"]
)
def test_whole_numbers_have_one_form(text: str) -> None:
    """Digits without a zero before them, at most 2^53-1."""
    with pytest.raises(IllisibleError):
        textes.entier(text)
    assert textes.entier(str(textes.PLUS_GRAND)) == textes.PLUS_GRAND


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_instants(moment: datetime) -> None:
    """Whole seconds since 1970 are told as everybody writes them, and read as a date that exists."""
    moment = moment.replace(microsecond=0)
    text = moment.isoformat() + "Z"
    seconds = textes.secondes(*moment.timetuple()[:6])
    assert textes.instant(seconds) == text
    assert seconds == int((moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert textes.est_instant(text)
    assert textes.est_instant(text[:-1] + ".123456Z")


@pytest.mark.parametrize(
    "text",
    ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "0000-01-01T00:00:00Z",
     "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.1Z", "٢٠٢٦-01-01T00:00:00Z"],
)  # fmt: skip
def test_instants_that_are_none(text: str) -> None:
    """A day, an hour, a second that does not exist; another way to write one."""
    assert not textes.est_instant(text)


def test_no_instant_beyond_what_four_digits_tell() -> None:
    """The year 10000 cannot be told."""
    with pytest.raises(IllisibleError):
        textes.instant(253_402_300_800)


# --- notes and policies ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log() -> Signer:
    """A log's key."""
    return signer("registre.test/constat", ED25519)


@pytest.fixture(scope="module")
def witnesses() -> list[Signer]:
    """Three witnesses' keys."""
    return [signer(f"temoin.test/{name}", COSIGNATURE) for name in ("alpha", "beta", "gamma")]


def written(log: Signer, *signatures: object) -> bytes:
    """A checkpoint that the log signed."""
    text = f"{log.name}\n42\n{b64encode(bytes(32)).decode()}\n"
    return bytes(LedgerNote(text, (log.sign(text), *signatures)))  # type: ignore[arg-type]  # signatures


def test_a_note_is_read_as_the_ledger_reads_it(log: Signer, witnesses: list[Signer]) -> None:
    """Text, keys and times are the same; one changed bit of a signature of a known key refuses the note."""
    text = LedgerNote.parse(written(log)).text
    raw = written(log, witnesses[0].cosign(text, 1_780_000_000))
    known = [CleNommee.lue(log.verifier.vkey, note.JOURNAL), CleNommee.lue(witnesses[0].verifier.vkey, note.TEMOIN)]
    read = Note.lue(raw)
    assert list(read.verifiee(known).values()) == [None, 1_780_000_000]
    assert note.point_de_controle(read.texte) == (log.name, 42, bytes(32))
    assert known[0].vkey == log.verifier.vkey
    changed = raw[:-8] + (b"A" if raw[-8:-7] != b"A" else b"B") + raw[-7:]
    with pytest.raises(SignatureFausseError):
        Note.lue(changed).verifiee(known)
    assert Note.lue(changed).verifiee(known[:1])
    for time in (0, 2**62):
        with pytest.raises(SignatureFausseError):
            Note.lue(written(log, witnesses[0].cosign(text, time))).verifiee(known)


@given(st.data())
def test_a_changed_note_is_read_as_the_ledger_reads_it(data: st.DataObject) -> None:
    """Whatever byte is changed, taken away or added, both read the same or both refuse."""
    log, witness = signer("registre.test/constat", ED25519), signer("temoin.test/alpha", COSIGNATURE)
    raw = bytearray(written(log, witness.cosign(LedgerNote.parse(written(log)).text, 1_780_000_000)))
    place = data.draw(st.integers(0, len(raw) - 1))
    piece = data.draw(st.sampled_from([b"", b"\n", b" ", b"+", b"=", b"A", "—".encode(), b"\0", b"\xff", b"\r", b"\t"]))
    raw[place : place + data.draw(st.integers(0, 2))] = piece
    assert readable(Note.lue, note.point_de_controle, bytes(raw)) == readable(LedgerNote.parse, as_three, bytes(raw))


def as_three(text: str) -> tuple[str, int, bytes]:
    """A checkpoint as the ledger reads it."""
    said = Checkpoint.parse(text)
    return said.origin, said.size, said.root


def readable(read: Any, checkpoint: Any, raw: bytes) -> Any:
    """What a reader makes of a checkpoint, ``None`` when it refuses."""
    try:
        said = read(raw)
        return checkpoint(said.texte if isinstance(said, Note) else said.text), len(said.signatures)
    except (IllisibleError, NoteError):
        return None


def test_a_policy_is_read_as_the_ledger_reads_it(log: Signer, witnesses: list[Signer]) -> None:
    """Each policy, sound or not, is read or refused by both; so is the quorum of each set of witnesses."""
    names = ["alpha", "beta", "gamma"]
    keys = [
        f"log {log.verifier.vkey}",
        *(
            f"witness {name} {each.verifier.vkey} https://{name}.test/"
            for name, each in zip(names, witnesses, strict=True)
        ),
    ]
    sound = [
        "quorum none",
        "quorum alpha",
        "group deux 2 alpha beta gamma\nquorum deux",
        "group un any alpha beta\ngroup tous all un gamma\nquorum tous",
        "# note\n\n\tgroup  deux\t2 alpha  beta\nquorum deux",
    ]
    wrong = [
        "", "quorum", "quorum delta", "quorum none\nquorum none", "group deux 3 alpha beta\nquorum deux", "group g 0 alpha\nquorum g",
        "group g 1 alpha\ngroup h 1 alpha\nquorum h", "group none 1 alpha\nquorum none", "group alpha 1 beta\nquorum alpha", "inconnu x\nquorum none",
        keys[0] + "\nquorum none", keys[1] + "\nquorum none", f"witness alpha {log.verifier.vkey}\nquorum none", "quorum none\r", "quorum none\0",
        f"log {witnesses[0].verifier.vkey}\nquorum none", "group g x alpha\nquorum g", "group g 01 alpha\nquorum g", f"log {log.verifier.vkey[:-1]}\nquorum none",
    ]  # fmt: skip
    for tail in sound:
        text = "\n".join([*keys, tail, ""])
        read, same = Politique.lue(text), Policy.parse(text)
        assert [each.vkey for each in read.journaux] == [each.vkey for each in same.logs]
        for count in range(8):
            cosigned = [name for place, name in enumerate(names) if count >> place & 1]
            body = LedgerNote.parse(written(log)).text
            signed = written(log, *(witnesses[names.index(name)].cosign(body, 1) for name in cosigned))
            assert read.suffit(cosigned) == same.judge(LedgerNote.parse(signed)).quorum
    for tail in wrong:
        text = "\n".join([*keys, tail, ""])
        with pytest.raises(NoteError):
            Policy.parse(text)
        with pytest.raises(IllisibleError):
            Politique.lue(text)


@pytest.mark.parametrize("name", ["", "a+b", "a b", "a\u00a0b", "a\u2003b", "a\u3000b", "a\x7fb", "a\x85b"])
def test_names_of_keys(name: str) -> None:
    """No space of any kind, no plus sign, never empty."""
    with pytest.raises(IllisibleError):
        textes.nom_de_cle(name)
    assert textes.nom_de_cle("préfecture.test/é") == "préfecture.test/é"


def test_names_are_shown_without_power_over_a_terminal() -> None:
    """Control characters, and those that turn a text round, are question marks; so is what is not ASCII in an archive."""
    assert montrable("a\x1b[2Jb\u202ec\ud800 é 证") == "a?[2Jb?c? é 证"
    assert textes.montre(b"a\x1b\xc3\xa9" + b"z" * 300) == "a???" + "z" * 196
