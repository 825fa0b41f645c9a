"""The catalogue lists every rule, in one place, and names the whole set by one digest."""

import hashlib
import importlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import rules
from rules import catalogue
from rules.base import Verification
from rules.catalogue import REGLES, Regle, empreinte, regle
from rules.jeux import ACTUEL

FILES = {path.stem for path in Path(rules.__path__[0]).glob("*.py")} - {
    "__init__",
    "base",
    "calcul",
    "catalogue",
    "jeux",
}


def test_the_catalogue_lists_exactly_the_rules_of_the_folder() -> None:
    """A rule file that the catalogue does not list, or lists twice, is refused."""
    listed = [each.identifiant for each in REGLES]
    assert set(listed) == FILES
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("each", REGLES, ids=lambda each: each.identifiant)
def test_a_rule_is_told_as_its_file_tells_it(each: Regle) -> None:
    """Title, text and what is not coded are those above the code; sources are those below it."""
    module = importlib.import_module(f"rules.{each.identifiant}")
    assert each.texte == (module.__doc__ or "").strip()
    assert each.texte.startswith(each.titre)
    assert each.titre.endswith(".")
    assert "\n" not in each.titre
    assert each.non_code
    assert each.non_code == " ".join(each.texte.split("\nNon codé ")[1].split())
    assert each.sources == getattr(module, "SOURCES", None) or each.sources == (module.SOURCE,)


def test_a_rule_is_found_by_its_name() -> None:
    """The name is that of the file; any other name is not found."""
    found = regle("ceseda_r431_5_fenetre")
    assert found.titre == "Le renouvellement se demande entre le 120e et le 60e jour qui précèdent l'expiration."
    assert found.sources[0].reference == "CESEDA, art. R.431-5 1°"
    with pytest.raises(KeyError):
        regle("ceseda_r431_5")


def test_the_digest_can_be_redone_by_anyone() -> None:
    """SHA-256 over sorted, compact JSON of names, references, readings, labels, versions and dates."""
    fields = ("lecture", "version", "en_vigueur_depuis", "en_vigueur_jusqu_au", "publiee_le", "connue_le")
    named = [
        {
            "identifiant": each.identifiant,
            "sources": [
                {"reference": source.reference, "verification": source.verification.value}
                | {field: getattr(source, field) for field in fields}
                for source in each.suivies(ACTUEL)
            ],
        }
        for each in REGLES
    ]
    line = json.dumps(named, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    assert empreinte() == hashlib.sha256(line.encode()).hexdigest()


def renamed(monkeypatch: pytest.MonkeyPatch, **change: object) -> str:
    """The digest of the set in which one source has changed."""
    first = regle("crpa_l211_5_motivation")
    other = replace(first, lectures=((replace(first.sources[0], **change), *first.sources[1:]),))
    monkeypatch.setattr(catalogue, "REGLES", tuple(other if each is first else each for each in REGLES))
    return empreinte.__wrapped__()


@pytest.mark.parametrize(
    "change",
    [
        {"lecture": 2},
        {"version": "LEGIARTI000000000000"},
        {"verification": Verification.S},
        {"en_vigueur_depuis": None},
        {"en_vigueur_jusqu_au": date(2026, 12, 31)},
        {"publiee_le": None},
        {"connue_le": date(2027, 1, 4)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_reading_label_version_or_date_is_another_set(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    """Whatever of a source may change a conclusion changes the name of the whole set."""
    assert renamed(monkeypatch, **change) != empreinte()


def test_another_wording_is_the_same_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words that present a source do not change what the rules are."""
    assert renamed(monkeypatch, libelle="x") == empreinte()
