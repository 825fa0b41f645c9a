"""The interchange format: what a line may say, what is refused and why, and the JSON Schema that says so beforehand."""

import json
import re
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ledger.entry import Fait
from ledger.errors import UnreadableError
from ledger.events import EVENTS, FROM_OUTSIDE
from ledger.events.base import Event
from ledger.events.correction import FaitRetire
from ledger.events.types import Flux
from ledger.interchange import (
    MAX_LINE_BYTES,
    _read_well_formed,
    _read_with_problems,
    json_object,
    json_schema,
    read_line,
    write_line,
)
from tests.faits import fait, fait_of, line
from tests.strategies import event_of

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

junk = st.sampled_from([
    None, True, False, 0, -1, 1.5, 2**53, 10**30, "", "x", "é", "\0", "2024-13", [], ["x"], [1], {}, {"x": 1}, [[]], "x" * 201,
    "A" * 600, "\U0001f468" * 200, "\n\u0303", "dossier", "2024-10-14T08:00:00Z", "2025-01", "2024-03-31T02:30",
])  # fmt: skip


def value_of(raw: bytes) -> dict[str, Any]:
    """The JSON object of a line."""
    value = json.loads(raw)
    assert isinstance(value, dict)
    return value


def encoded(value: object) -> bytes:
    """A line of ``value``, compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def problems_of(raw: bytes) -> list[tuple[str, str, str]]:
    """Field, problem and expectation of every problem of a line that cannot be read."""
    with pytest.raises(UnreadableError) as caught:
        read_line(raw)
    return [(each.champ, each.probleme, each.attendu) for each in caught.value.problemes]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The object of a valid line, or of one in which up to three fields were removed, added or changed."""
    value = value_of(write_line(draw(fait_of())))
    for _ in range(draw(st.integers(0, 3))):
        places = [value]
        for name in ("donnees", "acteur"):
            places += [value[name]] if isinstance(value.get(name), dict) else []
        pieces = value.get("pieces")
        if isinstance(pieces, list):
            places += [piece for piece in pieces if isinstance(piece, dict)]
        place = draw(st.sampled_from(places))
        envelope = sorted({*Fait.model_fields, "type", "v", "flux", "donnees", "inconnu"})
        name = draw(st.sampled_from(sorted(place) + (envelope if place is value else ["inconnu", "personne"])))
        if draw(st.booleans()):
            place.pop(name, None)
        else:
            place[name] = draw(junk)
    return value


def fast(raw: bytes) -> Fait | None:
    """What the fast path makes of a line; ``None`` when it leaves it to the slow one."""
    try:
        return _read_well_formed(msgspec.json.encode(json_object(raw)))
    except ValueError:
        return None


def slow(raw: bytes) -> Fait | None:
    """What the slow path makes of a line; ``None`` when it refuses it."""
    try:
        return _read_with_problems(json_object(raw))
    except UnreadableError as error:
        assert error.problemes
        return None


@settings(max_examples=200)
@given(mutated())
@example({**value_of(line()), "flux_choisi": "titre"})
@example({**value_of(line()), "flux_choisi": "x"})
@example({**value_of(line()), "flux": []})
@example({**value_of(line()), "flux": {}})
@example({**value_of(line()), "personne": "\0incident\0I-1"})
@example({**value_of(line()), "avertissements": []})
@example({**value_of(line()), "v": 1.0})
@example({**value_of(line()), "v": True})
@example({**value_of(line()), "id": "\U0001f468" * 200, "corrige": "\U0001f468" * 201})
def test_both_paths_read_the_same_lines(value: dict[str, Any]) -> None:
    """The fast path accepts exactly the lines that the slow one accepts, and both make the same fact of them."""
    raw = encoded(value)
    try:
        json_object(raw)
    except UnreadableError:
        return
    assert fast(raw) == slow(raw)


@given(fait_of())
def test_round_trip(original: Fait) -> None:
    """A fact that was written as a line is read back equal, by its only canonical line."""
    raw = write_line(original)
    assert read_line(raw) == original
    assert write_line(read_line(raw)) == raw
    assert read_line(json.dumps(value_of(raw), indent=3).encode()) == original


NOT_STRUCTURAL = (
    "date illisible",
    "n'existe pas",
    "calendrier",
    "à l'envers",
    "précède",
    "ni personne ni objet",
    "n'appartient pas au flux",
    "se corriger lui-même",
    "caractère nul",
    "plus récente que",
    "version",
)
"""What a JSON Schema cannot say: of every other problem, the published schema must warn beforehand."""


@settings(max_examples=150)
@given(mutated())
def test_the_schema_agrees_with_the_reader(value: dict[str, Any]) -> None:
    """Every line that reads validates against the published schema, and every other fails it, unless for its dates."""
    try:
        read_line(encoded(value))
    except UnreadableError as error:
        if not any(reason in each.probleme for each in error.problemes for reason in NOT_STRUCTURAL):
            assert not VALIDATOR.is_valid(value), [str(each) for each in error.problemes]
    else:
        assert [each.message for each in VALIDATOR.iter_errors(value)] == []


@pytest.mark.parametrize("cls", FROM_OUTSIDE, ids=lambda cls: cls.nom)
@settings(max_examples=1)
@given(data=st.data())
def test_each_required_field_is_required_by_the_schema_too(cls: type[Event], data: st.DataObject) -> None:
    """Without a required field, or with one too many, a line of any type is refused by the reader and by the schema."""
    # One value of each type: what is asked is which fields there are, whatever they hold.
    value = value_of(line(evenement=data.draw(event_of(cls))))
    VALIDATOR.validate(value)
    required = {name for name, field in cls.model_fields.items() if field.is_required()}
    assert required <= value["donnees"].keys()
    broken = [{**value, "donnees": {**value["donnees"], "inconnu": 1}}, {**value, "inconnu": 1}]
    broken += [{**value, "donnees": {k: v for k, v in value["donnees"].items() if k != name}} for name in required]
    broken += [{k: v for k, v in value.items() if k != name} for name in ("id", "survenu", "acteur", "canal", "type")]
    for each in broken:
        assert not VALIDATOR.is_valid(each)
        assert problems_of(encoded(each))


def test_the_schema_is_one() -> None:
    """The published schema is valid JSON Schema, names every type of fact that may come in, and can be written as JSON."""
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["properties"]["type"]["enum"] == [event.nom for event in FROM_OUTSIDE]
    assert all(name in SCHEMA["$defs"] for name in (event.__name__ for event in FROM_OUTSIDE))


@pytest.mark.parametrize(
    "cls", sorted(set(EVENTS) - set(FROM_OUTSIDE), key=lambda cls: cls.nom), ids=lambda cls: cls.nom
)
@settings(max_examples=5)
@given(data=st.data())
def test_what_the_ledger_alone_does_is_not_told_from_outside(cls: type[Event], data: st.DataObject) -> None:
    """A line saying that a key was destroyed, or the ledger verified, is refused by reader and schema, and told what does it."""
    value = value_of(line(evenement=data.draw(event_of(cls))))
    assert not VALIDATOR.is_valid(value)
    for raw in (encoded(value), encoded({**value, "correlation": "é"})):
        with pytest.raises(UnreadableError, match=f"{cls.nom} dit ce que le registre fait lui-même.*« constat "):
            read_line(raw)


def test_all_problems_are_told_at_once() -> None:
    """A line wrong in many ways is refused once, with each field, what is wrong with it and what was expected."""
    value = {
        "id": "", "personne": 12, "survenu": "hier", "acteur": {"nature": "roi", "age": 3}, "canal": "fax", "grade": "Z",
        "type": "demande_deposee", "donnees": {"nature": "premiere_demande", "titre_demande": "carte", "duree_annees": 1.5},
        "pieces": [{"nom": "a.pdf", "octets": -1, "sha256": "ABC"}], "couleur": "bleu", "flux": "titre",
    }  # fmt: skip
    found = problems_of(encoded(value))
    assert {champ for champ, _, _ in found} == {
        "id", "personne", "survenu", "acteur.nature", "acteur.age", "canal", "grade", "source", "couleur",
        "donnees.titre_demande", "donnees.deposee_le", "donnees.duree_annees",
        "pieces.0.octets", "pieces.0.sha256",
    }  # fmt: skip
    by_field = {champ: (probleme, attendu) for champ, probleme, attendu in found}
    assert by_field["source"] == ("champ absent", "une valeur")
    assert by_field["couleur"] == ("champ inconnu", "aucun champ de ce nom")
    assert by_field["id"] == ("texte trop court ('')", "une longueur d'au moins 1")
    assert by_field["grade"] == ("valeur inconnue ('Z')", "'A', 'B', 'C', 'D' ou 'E'")
    assert by_field["pieces.0.octets"] == ("nombre trop petit", "au moins 0")
    assert "date illisible" in by_field["survenu"][0]


@pytest.mark.parametrize(
    ("given", "champ", "probleme", "attendu"),
    [
        ({"type": "demande_depose"}, "type", "type de fait inconnu", "vocabulaire"),
        ({"type": None}, "type", "absent", "vocabulaire"),
        ({"type": "fait_retire", "v": 99}, "type", "plus récente", "vocabulaire"),
        ({"v": 0}, "v", "version illisible", "à partir de 1"),
        ({"v": "1"}, "v", "version illisible", "à partir de 1"),
        ({"v": 1.0}, "v", "version illisible", "à partir de 1"),
        ({"v": None}, "v", "version illisible", "à partir de 1"),
        ({"v": 10**30}, "type", "plus récente", "vocabulaire"),
        ({"flux": "titre"}, "flux", "n'appartient pas", "dossier"),
        ({"flux": "vol"}, "flux", "valeur inconnue", "dossier"),
        ({"flux": ["dossier"]}, "flux", "valeur inconnue", "dossier"),
        ({"flux_choisi": "dossier"}, "flux_choisi", "réservé", "aucun champ"),
        ({"evenement": {}}, "evenement", "réservé", "aucun champ"),
        ({"avertissements": []}, "avertissements", "réservé", "aucun champ"),
        ({"donnees": None}, "donnees", "absent", "objet JSON"),
        ({"donnees": []}, "donnees", "absent", "objet JSON"),
        ({"donnees": {"texte_erreur": 3}}, "donnees.texte_erreur", "ce n'est pas un texte", "guillemets"),
        ({"donnees": {"capture_sha256": "0" * 63 + "G"}}, "donnees.capture_sha256", "forme inattendue", "0-9a-f"),
        ({"personne": "\0dossier\0D-1"}, "personne", "caractère nul", "pseudonyme"),
        ({"personne": "x" * 201}, "personne", "texte trop long", "au plus 200"),
        ({"corrige": "F-1"}, "corrige", "lui-même", "autre fait"),
        ({"acteur": None}, "acteur", "ce n'est pas un objet", "accolades"),
        ({"acteur": {}}, "acteur.nature", "champ absent", "valeur"),
        ({"pieces": {}}, "pieces", "ce n'est pas une liste", "crochets"),
        ({"pieces": None}, "pieces", "ce n'est pas une liste", "crochets"),
        ({"survenu": "2025-07-02/2025-07-01"}, "survenu", "à l'envers", ""),
        ({"survenu": None}, "survenu", "attendu : un texte", ""),
        ({"connu_de_la_source": "2024-02-30"}, "connu_de_la_source", "n'existe pas", ""),
        ({"pieces": [{"nom": "a", "octets": 2**53, "sha256": "0" * 64}]}, "pieces.0.octets", "trop grand", "au plus"),
        ({"pieces": [{"nom": "a", "octets": 1.0, "sha256": "0" * 64}]}, "pieces.0.octets", "entier", "entier"),
    ],
)
def test_a_problem_names_its_field(given: dict[str, Any], champ: str, probleme: str, attendu: str) -> None:
    """A single wrong field gives a single problem, in French: which field, what is wrong, what was expected."""
    [(field, wrong, expected)] = problems_of(encoded({**value_of(line()), **given}))
    assert field == champ
    assert probleme in wrong
    assert attendu in expected


def test_neither_person_nor_object() -> None:
    """A fact of nobody about nothing is refused: it would belong to no life."""
    value = value_of(line())
    del value["personne"], value["objet"]
    assert problems_of(encoded(value)) == [("personne", "ni personne ni objet", "l'un des deux au moins")]
    assert read_line(encoded({**value, "objet": "D-1"})).personne is None


@pytest.mark.parametrize("flux", list(Flux))
def test_a_withdrawal_goes_to_the_stream_of_what_it_withdraws(flux: Flux) -> None:
    """The one type that is at home in every stream keeps the stream that its line names, on both paths."""
    original = fait(evenement=FaitRetire(motif="erreur"), corrige="F-0", flux_choisi=flux)
    raw = write_line(original)
    assert read_line(raw).flux is flux
    assert fast(raw) == slow(raw) == original


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b'{"id":"a","id":"b"}', ["id"]),
        (b'{"id":"a", "id":"a"}', ["id"]),
        ('{"id":"é","id":"b"}'.encode(), ["id"]),
        (b'{"id":"\\u00e9","id":"\\u00e8"}', ["id"]),
        (b'{"id":"a","\\u0069d":"b"}', ["id"]),
        (b'{"donnees":{"x":1,"y":2,"x":3,"y":4}}', ["x", "y"]),
        (b'{"pieces":[{"nom":"a","nom":"b"}]}', ["nom"]),
        ('{"z":{"é":1,"é":1}}'.encode(), ["é"]),
    ],
    ids=ascii,
)
def test_a_field_given_twice_is_refused(raw: bytes, names: list[str]) -> None:
    """A field given twice is refused wherever it is and however it is spelt: no reader may choose one of two values."""
    assert problems_of(raw) == [(name, "champ donné deux fois", "une seule fois") for name in names]


def test_very_many_fields_given_twice_are_refused_at_once() -> None:
    """A line as long as allowed, made of one repeated field after another, takes no more time than another line."""
    names = [f'"a{n}":0,"a{n}":0' for n in range(30_000)]
    assert len(problems_of(f"{{{','.join(names)}}}".encode())) == 30_000


@pytest.mark.parametrize("depth", [100, 900, *range(960, 1010), 2_000, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    """However deep a line is nested, compact or not, it is refused as unreadable and nothing else happens."""
    for inner in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"0" + b"}" * depth, b"[ " * depth + b"]" * depth):
        head = line()[:-1]
        assert problems_of(head + b',"inconnu":' + inner + b"}")
        assert problems_of(b'{"donnees":' + inner + b"}")
        assert problems_of(inner)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"{}{}", b"{},", b"{'id': 1}", b'{"id": "a",}', b'{"id":NaN}',
        b'{"id":1e999}', b'{"id":' + b"9" * 4_400 + b"}", b'{"id": ' + b"9" * 400_000 + b"}", b'{"id":01}', b'{"id":"\xff"}',
        b'{"id":"\xed\xa0\x80"}', b'{"id":"\\ud800"}', b'{"id":"\\ud800\\u0041"}', b'{"id":"a\nb"}', b'{"id":"a\x00b"}',
        b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"id":"\\x41"}', b"\x00", b'{"id":tru}', b"// x", b'{"id":"abc',
    ],
    ids=lambda raw: ascii(raw[:30]),
)  # fmt: skip
def test_what_is_not_ajson_object_is_refused(raw: bytes) -> None:
    """A line that is not one JSON object in UTF-8 is refused as a line, in French, with what was expected."""
    [(champ, probleme, attendu)] = problems_of(raw)
    assert champ == "ligne"
    assert re.fullmatch(r"ce n'est pas (un objet JSON|du JSON en UTF-8( \(octet \d+\))?)", probleme)
    assert "objet" in attendu


@pytest.mark.parametrize(
    "number", ["1.5", "1.0", "-0.0", "1e2", "1E+2", "9007199254740992", "-1", "1" + "0" * 40, "true", '"1"']
)
def test_numbers_out_of_the_profile_are_refused(number: str) -> None:
    """Where an integer is expected, a float, a negative, a boolean, a text or a number too large is refused by name."""
    digest = "0" * 64
    raw = line()[:-1] + f',"pieces":[{{"nom":"a","octets":{number},"sha256":"{digest}"}}]}}'.encode()
    assert [champ for champ, _, _ in problems_of(raw)] == ["pieces.0.octets"]


def test_the_length_of_a_line_is_bounded() -> None:
    """A line of exactly the limit is read; one byte more is refused with the limit."""
    raw = line()
    longest = raw[:-1] + b" " * (MAX_LINE_BYTES - len(raw)) + b"}"
    assert read_line(longest) == fait()
    assert problems_of(longest + b" ") == [("ligne", f"{MAX_LINE_BYTES + 1} octets", f"au plus {MAX_LINE_BYTES}")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("e\u0301", "é"),
        ("\n\u0303", "\n\u0303"),
        ("\t\u030c\\u", "\t\u030c\\u"),
        ("\ufb01\u0958", "\ufb01\u0915\u093c"),
        ("a\0b", "a\0b"),
    ],
    ids=ascii,
)
def test_text_is_taken_in_nfc(written: str, meant: str) -> None:
    """Text in another Unicode form is taken in NFC, however it is escaped, and is otherwise kept as it is."""
    value = value_of(line())
    value["donnees"] = {"texte_erreur": written}
    value["id"] = written
    for raw in (json.dumps(value).encode(), encoded(value)):
        read = read_line(raw)
        assert read.evenement.model_dump()["texte_erreur"] == read.id == meant
        assert fast(raw) == slow(raw) == read


def test_reading_leaves_no_trace() -> None:
    """The same line read twice gives equal facts: the slow path, too, works on a copy of its own."""
    raw = encoded({**value_of(line()), "flux": "dossier"})
    before = deepcopy(raw)
    assert read_line(raw) == read_line(raw) == slow(raw)
    assert raw == before


def test_a_stream_that_goes_without_saying_makes_no_other_fact() -> None:
    """A fact of a type for any stream is the same whether its line names the type's own stream or none."""
    withdrawn = fait(evenement=FaitRetire(motif="erreur"))
    assert withdrawn.flux is Flux.PERSONNE
    told = json.loads(write_line(withdrawn))
    assert read_line(json.dumps({**told, "flux": "personne"}).encode()) == read_line(json.dumps(told).encode())
    assert read_line(json.dumps({**told, "flux": "titre"}).encode()).flux is Flux.TITRE
