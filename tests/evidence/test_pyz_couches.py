"""What layers conclude, beside the plainest way to conclude it: intervals, gaps, forms of lines."""

import json
from hashlib import sha256
from typing import Any, Final

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from evidence.verificateurs.pyz import contenus, feuilles, horodatage, recensement
from evidence.verificateurs.pyz.examen import Confiance, Echec, Examen
from evidence.verificateurs.pyz.feuilles import Acte, Propre
from evidence.verificateurs.pyz.jeton import MILLION, Date
from evidence.verificateurs.pyz.textes import IllisibleError, instant

HEX64: Final = "ab" * 32
FLUX: Final = "cd" * 16
AT: Final = "2026-01-05T08:00:00.123456Z"


def date(size: int, seconds: int, accuracy: int, qualified: bool, verified: bool) -> Date:
    """A token over the checkpoint of a size, named by its size."""
    return Date(size, seconds * MILLION + 1, accuracy, "", qualified and verified, verified, str(size), f"note {size}")


TOKENS: Final = st.lists(
    st.builds(date, st.integers(1, 30), st.integers(10, 60), st.sampled_from([0, 500_000, 3_000_000]), st.booleans(), st.booleans()),
    max_size=6, unique_by=lambda token: token.taille,
)  # fmt: skip


@given(TOKENS, st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=30))
def test_each_line_stands_between_its_tokens(tokens: list[Date], lines: list[tuple[bool, int]]) -> None:
    """Not later than the earliest token over a tree that holds it; not earlier than the latest that a leaf before names."""
    read: list[Acte | Propre] = [
        Acte("l", FLUX, n + 1, None, b"", {}) if act else Propre("l", "s", n + 1, None, b"", "jeton", {"sha256": str(size), "frozen": f"note {size}"})
        for n, (act, size) in enumerate(lines)
    ]  # fmt: skip
    indices = [2 * n for n in range(len(lines))]
    examen = Examen(None, Confiance(), feuilles=read, indices=indices, dates=tokens, date=True)  # type: ignore[arg-type]  # no archive is read
    verified = [token for token in tokens if token.verifie]
    expected = []
    for line, index in zip(read, indices, strict=True):
        if isinstance(line, Acte):
            above = [token.au_plus_tard for token in verified if token.taille > index]
            named = {
                other.champs["sha256"]
                for other, at in zip(read, indices, strict=True)
                if isinstance(other, Propre) and at < index
            }
            below = [token.au_plus_tot for token in verified if token.jeton in named]
            expected.append((index, instant(max(below)) if below else None, instant(min(above)) if above else None))
    found = horodatage.intervalles(examen)
    assert [each[:3] for each in found] == expected
    for each in found:
        if each.qualifie:
            assert any(token.qualifie for token in verified)
        if each.pas_avant is None and each.pas_apres is None:
            assert not each.qualifie


def test_no_interval_before_tokens_were_judged() -> None:
    """Where the layer was not reached, no line has a date."""
    examen = Examen(None, Confiance(), feuilles=[Acte("l", FLUX, 1, None, b"", {})], indices=[0])  # type: ignore[arg-type]  # no archive is read
    assert horodatage.intervalles(examen) == []


@given(st.lists(st.sampled_from("bcdef"), max_size=12), st.sampled_from("abcdefg"), st.data())
def test_a_gap_is_what_could_hide_a_stream(tree: list[str], subject: str, data: st.DataObject) -> None:
    """Shown lines prove that a subject has no other when each of its lines, and one of another on each side, is shown."""
    tree.sort()
    shown = sorted(data.draw(st.sets(st.integers(0, max(len(tree) - 1, 0)), max_size=len(tree)))) if tree else []
    own = {n for n, each in enumerate(tree) if each == subject}
    first = min(own, default=next((n for n, each in enumerate(tree) if each > subject), len(tree)))
    last = max(own, default=first - 1)
    needed = own | {n for n in (first - 1, last + 1) if 0 <= n < len(tree)}
    proven = needed <= set(shown)
    try:
        recensement.sans_trou(subject, [tree[n] for n in shown], shown, len(tree))
    except Echec as failure:
        assert failure.code == "recensement_trou"
        assert not proven
    else:
        assert proven


ACT: Final = {
    "at": AT,
    "c": {"acteur": HEX64, "fait": HEX64, "pieces": HEX64},
    "log": "a.b/c",
    "pos": 2,
    "prev": HEX64,
    "stream": FLUX,
    "v": 1,
}
STAMP: Final = {
    "at": AT,
    "frozen": HEX64,
    "kind": "jeton",
    "log": "a.b/c",
    "pos": 1,
    "sha256": HEX64,
    "size": 7,
    "stream": FLUX,
    "v": 1,
}
COUNT: Final = {
    "at": AT,
    "kind": "recensement",
    "log": "a.b/c",
    "pos": 3,
    "prev": HEX64,
    "root": HEX64,
    "size": 7,
    "stream": FLUX,
    "streams": 0,
    "v": 1,
}
OTHER: Final = {
    "at": AT,
    "kind": "veille",
    "log": "a.b/c",
    "number": 12,
    "pos": 1,
    "stream": FLUX,
    "texte": "Un texte, ~ {}",
    "v": 1,
}


def line_of(raw: bytes) -> Acte | Propre | None:
    """A line, ``None`` where it is refused."""
    try:
        return feuilles.lire(raw)
    except IllisibleError:
        return None


@pytest.mark.parametrize("said", [ACT, STAMP, COUNT, OTHER], ids=lambda said: said.get("kind", "acte"))
def test_lines_have_one_form(said: dict[str, Any]) -> None:
    """A line reads in its canonical form; without a field, with one more, with another type, it does not."""
    raw = rfc8785.dumps(said)
    read = line_of(raw)
    assert read is not None
    assert (read.stream, read.pos, read.feuille) == (FLUX, said["pos"], sha256(b"\0" + raw).digest())
    assert read.prev == said.get("prev")
    for name, value in said.items():
        less = {key: each for key, each in said.items() if key != name}
        if name not in {"number", "texte"}:
            assert line_of(rfc8785.dumps(less)) is None, name
        for wrong in (None, True, -1, [], {}, "é", 'a"b', "", value):
            changed = line_of(rfc8785.dumps(said | {name: wrong}))
            assert changed is None or wrong == value or name in {"texte", "number"}, (name, wrong)
    assert line_of(rfc8785.dumps(said | {"autre": None})) is None
    assert line_of(json.dumps(said).encode()) is None
    assert line_of(raw + b" ") is None
    assert line_of(raw[:-1] + b",}") is None


@given(st.sampled_from([ACT, STAMP, COUNT, OTHER]), st.data())
def test_a_line_that_is_read_is_canonical(said: dict[str, Any], data: st.DataObject) -> None:
    """Whatever is changed in a line, what is still read is canonical JSON."""
    raw = bytearray(rfc8785.dumps(said))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"0", b" ", b'"', b",", b"}", b"a", b"\xc3\xa9", b":", b"\\"])
        )
    if line_of(bytes(raw)) is not None:
        assert rfc8785.dumps(json.loads(raw)) == raw


@pytest.mark.parametrize(
    "at", ["2026-02-30T08:00:00.123456Z", "2026-01-05T24:00:00.123456Z", "2026-01-05T08:00:60.000000Z", "2026-01-05T08:00:00Z", "2026-01-05T08:00:00.12345Z"]
)  # fmt: skip
def test_lines_have_a_date_that_exists(at: str) -> None:
    """To the millionth of a second, as the database writes it."""
    assert line_of(rfc8785.dumps(ACT | {"at": at})) is None
    assert line_of(rfc8785.dumps(STAMP | {"at": at})) is None


def test_contents_are_read_as_they_are_written() -> None:
    """A value's bytes are hashed as they stand; two documents of one number, or one without a digest, are refused."""
    document = {"mime": "x", "n": 1, "nom": "é", "octets": 3, "sha256": HEX64}

    def line(part: str, value: Any) -> bytes:
        head = f'{{"part":"{part}","pos":1,"salt":"{"00" * 32}","stream":"{FLUX}","value":'
        return head.encode() + rfc8785.dumps(value) + b"}"

    for value in ({"a": "}"}, None, [], "x", 0):
        assert contenus.lire(1, line("fait", value)).empreinte == sha256(bytes(32) + rfc8785.dumps(value)).hexdigest()
    assert contenus.lire(1, line("pieces", [document, document | {"n": 2}])).citees[1].n == 2
    for wrong in (
        line("pieces", [document, document]), line("pieces", [{"n": 1}]), line("pieces", {}), line("pieces", [document | {"octets": -1}]),
        line("autre", 1), line("fait", 1).replace(b":1}", b":1.0}"), line("fait", 1)[:-1], line("fait", 1) + b"}", b"", b"\xff",
        line("fait", 1).replace(b'"pos":1', b'"pos":0'), line("fait", "a").replace(b'"a"', b'"a" '), line("fait", {"a": 1}).replace(b'{"a":1}', b'{"a":1,"a":1}'),
    ):  # fmt: skip
        with pytest.raises(Echec) as failure:
            contenus.lire(7, wrong)
        assert (failure.value.code, failure.value.parametres) == ("contenu_illisible", {"n": 7})


def test_lines_of_the_recensement_are_hashed_in_their_own_order() -> None:
    """What is hashed is the stream's line, without its place in the tree and its path."""
    said = {"index": 3, "leaf": HEX64, "path": [], "pos": 4, "stream": FLUX, "subject": "ef" * 16}
    read = recensement.lire(1, rfc8785.dumps(said))
    hashed = {name: said[name] for name in ("leaf", "pos", "stream", "subject")}
    assert read.hache == sha256(b"\0" + rfc8785.dumps(hashed)).digest()
    for name, wrong in (
        ("index", -1),
        ("leaf", "x"),
        ("path", ["AA=="]),
        ("path", ["A" * 43 + "="] * 64),
        ("pos", 0),
        ("pos", 2**53),
    ):
        with pytest.raises(Echec):
            recensement.lire(1, json.dumps(said | {name: wrong}, sort_keys=True, separators=(",", ":")).encode())
