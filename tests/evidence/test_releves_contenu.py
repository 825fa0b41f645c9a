"""What a receipt shows of its content is laid out whatever it is, and what does not go on the page is said to be missing."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.composition import composer
from evidence.contenu import LIGNES, contenu
from ledger import canonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def dits(part: str, value: object) -> dict[str, list[str]]:
    """The labels and lines of a part."""
    return {each["nom"]: each["lignes"] for each in contenu(part, json.dumps(value))["champs"]}


def test_a_fact_is_told_in_words() -> None:
    """The sentence of its type, its fields by their labels, the envelope in French; nothing of it is left out."""
    value = {
        "nom": "demande_deposee", "v": 1, "id": "F-1", "flux": "dossier", "objet": "D-1", "canal": "teleservice",
        "source": "anef", "grade": "A", "survenu": "2025-07-01", "correlation": "A-1",
        "donnees": {"titre_demande": "carte_resident", "nature": "premiere_demande", "deposee_le": "2025-07-01"},
    }  # fmt: skip
    told = dits("fait", value)
    assert told["fait"] == ["Le demandeur a déposé sa demande en ligne."]
    assert (told["titre demandé"], told["nature de la demande"]) == (["carte de résident"], ["première demande"])
    assert (told["canal"], told["survenu"]) == (["téléservice"], ["1er juillet 2025"])
    assert {"F-1", "D-1", "A-1", "demande_deposee", "1"} <= {line for lines in told.values() for line in lines}


def test_what_is_of_no_known_form_is_laid_out_as_it_is_nested() -> None:
    """An unknown type, fields that its class does not take, a list of documents."""
    assert dits("fait", {"nom": "inconnu", "a": {"b": [1, True, None]}}) == {
        "nom": ["inconnu"],
        "a, b 1": ["1"],
        "a, b 2": ["oui"],
    }
    strange = {"nom": "demande_deposee", "donnees": {"titre_demande": "licorne"}, "canal": "pigeon"}
    assert dits("fait", strange)["donnees, titre_demande"] == ["licorne"]
    assert dits("fait", {**strange, "canal": 7})["canal"] == ["7"]
    assert dits("pieces", [{"n": 1, "nom": "bail.pdf"}]) == {
        "1, numéro": ["1"],
        "1, nom": ["bail.pdf"],
    }


@pytest.mark.parametrize("value", ["", "{", "[" * 200_000, "9" * 10_000])
def test_what_cannot_be_read_is_said_to_be_in_the_file(value: str) -> None:
    """Text that is no JSON, nested without end, a number without end."""
    [only] = contenu("fait", value)["champs"]
    assert "fichier joint" in only["lignes"][0]


def test_what_is_too_long_says_where_the_rest_is() -> None:
    """As many lines as a page shows, then one that says it."""
    fields = contenu("pieces", json.dumps(list(range(1, LIGNES + 2))))["champs"]
    assert len(fields) == LIGNES + 1
    assert "fichier joint" in fields[-1]["lignes"][0]


@given(JSON, st.sampled_from(["fait", "pieces", "acteur"]))
def test_no_content_stops_it(value: object, part: str) -> None:
    """Any JSON gives fields that a template takes."""
    assert canonical.encode(contenu(part, json.dumps(value)))


def test_only_names_of_ours_are_attached() -> None:
    """A path is never written: the name of an attached file is chosen by the program."""
    for name in ("../x", "a/b", "", ".cache", "é.txt"):
        with pytest.raises(ValueError, match="not ours"):
            composer("recu", {}, date(2026, 7, 1), joints={name: b""})
