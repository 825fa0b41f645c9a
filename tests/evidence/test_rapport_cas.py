"""The first page of the report says, for every worked case, the days, to whom they are due and by which text."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from evidence.rapport import donnees, rapport_pdf
from evidence.rapport_mots import COUCHES, IMPUTATIONS
from ledger.francais import jour
from ledger.retained import holding
from projections.imputation.modeles import Imputation
from tests.evidence.pdf import verifier_pdf
from tests.evidence.rapports import du_cas, rapport
from tests.imputation.test_cas import ATTENDU, CAUSES
from tests.imputation.test_conduites import A_TEMPS, CARTE
from tests.imputation.test_contestes import AU, TARD
from tests.imputation.test_motifs import CAS, NOMS, vie
from tests.samples.test_samples import BY_CASE, BY_DECISION, as_entries, facts

JOUR: Final = date(2026, 11, 27)
FOUND: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
ARTICLES: Final = {
    "attestation_prolongation": "R.431-15-1 al. 2",
    "attestation_protege": "R.431-15-3",
    "carte_protege": "R.424-1",
    "depot_possible": "R.431-2",
    "substitution": "R.431-2",
    "depot_dans_la_fenetre": "R.431-5",
    "depot_protege": "R.431-15-3",
}
"""The article that founds each duty of the worked cases (law.md §1.1)."""
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def texte(document: bytes, folder: Path, *arguments: str) -> str:
    """The text of the PDF as one copies it, white space made one space."""
    file = folder / "rapport.pdf"
    file.write_bytes(document)
    command = ["pdftotext", *arguments, str(file), "-"]
    read = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return " ".join(read.replace("\u200b", "").split())


def textes(value: Any) -> Iterator[str]:
    """Every text of what the template is given."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from textes(each)
        case list():
            for each in value:
                yield from textes(each)


@needs_poppler
@pytest.mark.parametrize("case", ATTENDU)
def test_the_first_page_says_the_expected_answer(case: str, tmp_path: Path) -> None:
    """Exact days, their number, whose they are, the articles and both answers of the replay, as printed."""
    page = texte(rapport_pdf(du_cas(case), JOUR), tmp_path, "-l", "1")
    lost = [each for each in ATTENDU[case] if each[2] != "END"]
    for first, last, verdict, _, _ in lost:
        du, au = date.fromisoformat(first), date.fromisoformat(last)
        days = (au - du).days + 1
        assert f"du {jour(du)} au {jour(au)} inclus, {days} jours" in page
        assert f"Jours {IMPUTATIONS[Imputation(verdict)]} (établi)" in page
    total = sum((date.fromisoformat(b) - date.fromisoformat(a)).days + 1 for a, b, *_ in lost)
    if lost:
        assert f"{total} jours sans preuve du droit au séjour" in page
        for code in CAUSES[case]:
            assert ARTICLES[code] in page, code
    else:
        assert "Aucun jour perdu" in page
        assert "jours sans preuve du droit" not in page.replace("aucun jour sans preuve du droit", "")


@pytest.mark.parametrize("case", ATTENDU)
def test_both_parties_have_their_answer(case: str) -> None:
    """For each interval, what each party's conforming conduct would have changed stands in its own column."""
    told = {each["n"]: each for each in donnees(du_cas(case))["chaines"]["intervalles"]}
    lost = [(str(n), each) for n, each in enumerate(du_cas(case).preuve.attributions, start=1)]
    expected = [(n, each) for n, each in lost if each.couche == "preuve" and each.cf_administration is not None]
    assert len(expected) == len(ATTENDU[case])
    for (number, _), (_, _, _, cf_admin, cf_usager) in zip(expected, ATTENDU[case], strict=True):
        answers = [each["reponse"] for each in told[number]["colonnes"]]
        assert answers == ["oui" if cf else "non" for cf in (cf_admin, cf_usager)]


@pytest.mark.parametrize("cas", CAS, ids=NOMS)
def test_every_pattern_is_told(cas: dict[str, Any]) -> None:
    """Of each pattern of interruption, the intervals, the attributions and the breaches are in the report."""
    told = donnees(rapport(vie(cas["faits"]), date.fromisoformat(cas["observe_le"])))
    written = [f"{each['titre']} | {each['imputation']}" for each in told["chaines"]["intervalles"]]
    for first, last, verdict, *_ in cas["attendu"]:
        du, au = date.fromisoformat(first), date.fromisoformat(last)
        span = f"le {jour(du)} inclus" if du == au else f"du {jour(du)} au {jour(au)} inclus"
        words = f"Jours {IMPUTATIONS[Imputation(verdict)]}".replace(" :", "\u202f:")
        assert any(span in each and each.endswith(words) for each in written), (span, written)
    page = " ".join(textes(told["une"][0]))
    if not cas["attendu"]:
        assert COUCHES["preuve"] not in page or "À part" in page


@pytest.mark.parametrize("case", BY_DECISION)
def test_what_is_only_told_is_never_said_established(case: str) -> None:
    """Where no fact establishes anything, the first page does not say « établi » of any day."""
    page = donnees(du_cas(case))["une"][0]
    assert not [each for each in page["conclusion"] if "(établi)" in each]


def test_without_any_document_nothing_is_said_covered() -> None:
    """A person of whom no document is known has not « lost no day »: it cannot be told."""
    said = donnees(du_cas("A09"))["une"][0]["conclusion"][0]
    assert "on ne peut pas dire" in said


@pytest.mark.parametrize("case", ["M03", "N05", "C09"])
def test_a_closed_interval_is_not_said_lost(case: str) -> None:
    """An end of right by decision, and an effect, are never counted among the days without proof."""
    first = donnees(du_cas(case))["une"][0]["conclusion"]
    lost = sum((date.fromisoformat(b) - date.fromisoformat(a)).days + 1 for a, b, *_ in ATTENDU[case])
    assert first[0].startswith(f"{lost} jours" if lost else "Aucun jour perdu")


@needs_poppler
def test_sources_that_contradict_each_other_are_both_told(tmp_path: Path) -> None:
    """Two answers, each with what it takes as true; the first page says that the days are undetermined, and why."""
    held = rapport(holding(as_entries([CARTE, A_TEMPS, TARD])), AU)
    [told] = donnees(held)["chaines"]["intervalles"]
    assert [each["alors"] for each in told["versions"]] == [
        "jours imputables à l'administration (établi)",
        "jours imputables à la personne (établi)",
    ]
    assert all(each["si"] and each["chaine"] for each in told["versions"])
    document = rapport_pdf(held, JOUR)
    page = texte(document, tmp_path, "-l", "1")
    assert "d'imputation indéterminée (contesté)" in page
    assert "Des sources se contredisent : 2 réponses" in page
    assert "Selon la source que l'on croit" in texte(document, tmp_path)


def test_what_was_believed_before_is_told_with_its_instants() -> None:
    """A receipt found late takes days away: they are listed as no longer held, the others say since when."""
    expected = BY_CASE["C01"]
    told = [
        fait for name in ("cas.jsonl", "tardif.jsonl") for fait in facts(name) if fait.personne == expected["personne"]
    ]
    # In one batch of imports nobody could have asked in between: each fact is recorded when it happened, or was found.
    entries = [
        msgspec.structs.replace(each, recorded_at=max(each.fait.survenu.fin, FOUND) if late else each.fait.survenu.fin)
        for each, late in zip(as_entries(told), [fait in facts("tardif.jsonl") for fait in told], strict=True)
    ]
    held = rapport(sorted(entries, key=lambda each: each.recorded_at), date(2026, 1, 20))
    given_up = donnees(held)["chaines"]["abandonnees"]
    assert len(given_up) == len(held.preuve.abandonnees) > 0
    assert any(
        "15 janvier 2026" in each and "les jours du 5 novembre 2025 au 11 novembre 2025" in each for each in given_up
    )
    verifier_pdf(rapport_pdf(held, JOUR), "rapport", joints=[], outils=False)
