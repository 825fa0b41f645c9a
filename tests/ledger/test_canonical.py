"""Canonical JSON: byte for byte what the package ``rfc8785`` writes, on the profile that the ledger uses."""

import json
import unicodedata
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.canonical import MAX_SAFE_INTEGER, NotCanonicalError, check, decode, encode
from ledger.canonical import in_nfc as told_in_nfc

names = st.text(st.characters(max_codepoint=127), max_size=12)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
leaves = st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5), max_leaves=20
)


def in_nfc(value: Any) -> Any:
    """The same value, each of its texts in NFC by itself."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [in_nfc(item) for item in value]
    if isinstance(value, dict):
        return {name: in_nfc(item) for name, item in value.items()}
    return value


@given(values)
@example("\n\u0303")  # the tilde must not join the n of the escaped line feed
@example({"a": ["\f\u0307", "\t\u030c", "\r\u0301", "\b\u0307", "\x0c\u0323", "\x1f\u0307"]})
@example(["\u2028\u2029\x7f\x80\x9f", "</script>", "\\u0041", "\U0001f468\u200d\U0001f469"])
def test_same_bytes_as_rfc_8785(value: Any) -> None:
    """On the profile, our fast encoder writes the very bytes of RFC 8785, text being in NFC."""
    check(value)
    assert encode(value) == rfc8785.dumps(in_nfc(value))


@given(values)
def test_reads_back(value: Any) -> None:
    """What was written is read back equal, and writing it again gives the same bytes."""
    line = encode(value)
    assert decode(line) == in_nfc(value) == json.loads(line)
    assert encode(decode(line)) == line


@given(names, names, texts)
def test_two_forms_of_one_text_give_one_line(name: str, other: str, text: str) -> None:
    """Composed and decomposed accents are the same text, so they give the same bytes."""
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert encode({name: composed, other: [composed]}) == encode({name: decomposed, other: [decomposed]})


@pytest.mark.parametrize(
    ("value", "line"),
    [
        # The sample of RFC 8785 section 3.2.2, without its numbers, which are outside the profile.
        (
            {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]},
            '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        # The order of section 3.2.3, its ASCII names: by code unit, whatever a language thinks of capitals.
        (
            {"1": "One", "\r": "Carriage Return", "</script>": "Browser", "b": 0, "B": 1, "aa": 2, "a": 3, "": 4},
            '{"":4,"\\r":"Carriage Return","1":"One","</script>":"Browser","B":1,"a":3,"aa":2,"b":0}',
        ),
        # The arrays of appendix E keep their order, and nested objects are sorted too.
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
        ({"c": {"z": {}, "y": [{}, []]}}, '{"c":{"y":[{},[]],"z":{}}}'),
        (2**53 - 1, "9007199254740991"),
        (-(2**53) + 1, "-9007199254740991"),
        ("".join(map(chr, range(0x20))), '"' + "".join(f"\\u{n:04x}" if n not in b"\b\t\n\f\r" else {
            8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}[n] for n in range(0x20)) + '"'),
        ("\x7f\u0080\u2028\ufeff\U0001f600", '"\x7f\u0080\u2028\ufeff\U0001f600"'),
        ("e\u0301", '"\u00e9"'),
    ],
)  # fmt: skip
def test_vectors(value: Any, line: str) -> None:
    """The examples of RFC 8785 give the bytes that it prints."""
    assert encode(value) == line.encode()


@pytest.mark.parametrize(
    "value",
    [
        1.5, 1.0, -0.0, float("nan"), float("inf"), 2**53, -(2**53), 10**30, "\ud800", ["\udfff"], {"a": "x\udc00y"},
        {"\u00e9": 1}, {1: 2}, {None: 1}, {"a": {"b": [0.5]}}, b"octets", {1, 2}, object(), 1j, ("a", 0.1),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_the_profile_leaves_out_is_refused(value: Any) -> None:
    """A float, a large integer, a lone surrogate, a name out of ASCII or a type that JSON lacks is not canonical."""
    with pytest.raises(NotCanonicalError):
        check(value)


@pytest.mark.parametrize("value", ["\ud800", {"a": ["\udfff"]}, object(), 1j], ids=lambda value: type(value).__name__)
def test_what_no_json_can_hold_is_never_written(value: Any) -> None:
    """The encoder itself refuses what has no JSON form, instead of writing something else."""
    with pytest.raises(NotCanonicalError):
        encode(value)


@pytest.mark.parametrize("raw", [b"", b"{", b"nul", b'"\xff"', b'"\\ud800"', b"[1,]", b"NaN", b"1 2", b'{"a" 1}'])
def test_what_is_not_json_is_not_read(raw: bytes) -> None:
    """A text that is not JSON raises instead of giving a value."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode(raw)


@given(st.text())
def test_the_quick_look_for_nfc_is_right(value: str) -> None:
    """Whether a text is in NFC is answered as the Unicode tables do, for Latin-1 without looking at them."""
    raw = value.encode("utf-8", "ignore")
    assert told_in_nfc(raw) == unicodedata.is_normalized("NFC", raw.decode())
