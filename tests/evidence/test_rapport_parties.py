"""The strip is that of the cover, day by day; losses are dated against the days without proof; methods say their source."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.rapport import donnees, rapport_pdf
from evidence.rapport_devoirs import situer
from evidence.rapport_frise import DITS, RIEN
from ledger.days import Jours
from ledger.events.effet import EmploiSuspendu
from ledger.francais import jour
from projections.couverture.modeles import Certitude, Couverture, Effet, Lacune, NatureLacune
from projections.imputation.modeles import Imputation
from tests.evidence.affaires import rsa
from tests.evidence.pdf import verifier_pdf
from tests.evidence.rapports import du_cas, rapport
from tests.imputation.test_cas import ATTENDU
from tests.imputation.vies_dues import OBSERVED, vies
from tests.projections.vies import demande, e, refus, titre

PREMIER: Final = date(2025, 3, 1)


def cases(told: dict[str, Any], layer: str) -> dict[date, str]:
    """The state of each day that the strip draws on one layer."""
    found: dict[date, str] = {}
    for row in told["annees"]:
        if "texte" in row:
            found |= constantes(row["texte"], layer)
        for each in row.get("couches", ()):
            for run in each["suites"] if each["nom"] == layer else ():
                first = date(int(row["annee"]), 1, 1) + timedelta(days=run["du"])
                for n in range(run["jours"]):
                    assert first + timedelta(days=n) not in found
                    found[first + timedelta(days=n)] = run["motif"]
    return found


def constantes(said: str, layer: str) -> dict[date, str]:
    """The days of whole years of which a sentence says that nothing changes."""
    first, last = map(int, re.findall(r"\d{4}", said)[:2])
    words = re.search(rf"{layer.lower()}\u202f: ([^;)]*[^;)\u202f])", said)
    assert words is not None
    state = next(each for each, text in DITS.items() if text == words[1])
    days = (date(last, 12, 31) - date(first, 1, 1)).days + 1
    return {} if state == RIEN else {date(first, 1, 1) + timedelta(days=n): state for n in range(days)}


def assert_conforme(cover: Couverture, told: dict[str, Any]) -> None:
    """Assert that the drawn days are those of the cover."""
    proof, right = cases(told, "Preuve"), cases(told, "Droit")
    for gap in cover.lacunes:
        for n in range(gap.jours):
            day = gap.du + timedelta(days=n)
            assert proof[day] == (gap.nature.value if gap.certaine else "incertain")
    for segment in cover.preuve:
        if segment.certitude is Certitude.CERTAIN:
            for n in range((min(segment.au, cover.au) - segment.du).days + 1):
                assert proof[segment.du + timedelta(days=n)] == "plein"
    lost = {gap.du + timedelta(days=n) for gap in cover.lacunes for n in range(gap.jours)}
    ruptures = {
        gap.du + timedelta(days=n)
        for gap in cover.lacunes
        if gap.nature is NatureLacune.RUPTURE and gap.certaine
        for n in range(gap.jours)
    }
    assert all(right.get(day) != "plein" for day in ruptures)
    assert {day for day, state in proof.items() if state == "rupture"} <= lost


@pytest.mark.parametrize("case", ATTENDU)
def test_the_strip_of_a_case_is_its_cover(case: str) -> None:
    """Every day of the strip has the state that the cover gives it, and the words in its place say the gaps."""
    held = du_cas(case)
    told = donnees(held)["frise"]
    assert_conforme(held.couverture, told)
    for gap in held.couverture.lacunes[:20]:
        assert jour(gap.du) in told["alternative"]
    assert {each["motif"] for each in told["legende"]} >= set(cases(told, "Preuve").values())


@settings(max_examples=60)
@given(life=vies(), au=OBSERVED)
def test_the_strip_of_any_life_is_its_cover(life: list[Any], au: date) -> None:
    """The same for generated lives, inexact dates among them."""
    held = rapport(life, au)
    assert_conforme(held.couverture, donnees(held)["frise"])


def test_years_in_which_nothing_changes_are_one_line() -> None:
    """A card of ten years takes three rows, not eleven; no year is left out."""
    held = rapport([titre("2010-06-01", "2020-05-31", duree_annees=10)], date(2020, 1, 15))
    rows = donnees(held)["frise"]["annees"]
    assert [row.get("annee") for row in rows] == ["2010", None, "2020"]
    assert "De 2011 à 2019" in rows[1]["texte"]
    verifier_pdf(rapport_pdf(held, date(2026, 11, 27)), "rapport", joints=[], outils=False)


def perte(du: int, au: int | None) -> Effet:
    """A loss from one day to another, counted from the first of March."""
    first = PREMIER + timedelta(days=du)
    last = None if au is None else PREMIER + timedelta(days=au)
    return Effet(du=first, au=last, du_certain=first, au_certain=last, nature="x", libelle="Perte")


def trou(du: int, au: int) -> Lacune:
    """A gap, counted in the same way."""
    return Lacune(
        du=PREMIER + timedelta(days=du), au=PREMIER + timedelta(days=au), jours=au - du + 1,
        nature=NatureLacune.RUPTURE, certitude=Certitude.CERTAIN, ouverte=False, motifs=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ((12, 15), "Dedans : 4 jours, tous sans preuve."),
        ((10, 20), "Dedans : 11 jours, tous sans preuve."),
        ((0, 5), "Avant : finit 5 jours avant le premier jour sans preuve (11 mars 2025)."),
        ((24, 25), "Après : commence 4 jours après le dernier jour sans preuve (21 mars 2025) ; avant : finit 5 jours avant"),
        ((50, None), "Après : commence 10 jours après le dernier jour sans preuve (10 avril 2025)."),
        ((8, 12), "À cheval : 3 jours sans preuve (du 11 mars 2025 au 13 mars 2025) ; 2 jours avant."),
        ((18, 42), "À cheval : 14 jours sans preuve (du 19 mars 2025 au 21 mars 2025, du 31 mars 2025 au 10 avril 2025) ; 9 jours entre et 2 jours après."),
    ],
)  # fmt: skip
def test_a_loss_is_dated_against_the_gaps(loss: tuple[int, int | None], expected: str) -> None:
    """Inside, before, after or astride, in days; the gaps are days 10 to 20 and 30 to 40."""
    gaps = [trou(10, 20), trou(30, 40)]
    assert situer(perte(*loss), gaps, PREMIER + timedelta(days=60)).startswith(expected)


@given(st.integers(0, 60), st.integers(0, 30), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=3))
def test_the_days_of_a_loss_add_up(du: int, length: int, spans: list[tuple[int, int]]) -> None:
    """Days inside and outside, as they are told, are all the days of the loss."""
    gaps: list[Lacune] = []
    for start, more in sorted(spans):
        first = max(start, (gaps[-1].au - PREMIER).days + 2) if gaps else start
        gaps.append(trou(first, first + more))
    said = situer(perte(du, du + length), gaps, PREMIER + timedelta(days=400))
    days = {d for g in gaps for d in range((g.du - PREMIER).days, (g.au - PREMIER).days + 1)}
    inside = len(days & set(range(du, du + length + 1)))
    if said.startswith("À cheval"):
        told = [int(each.split(" jour")[0]) for each in said.partition("; ")[2].split(" et ")]
        assert said.startswith(f"À cheval : {inside} jour")
        assert sum(told) == length + 1 - inside > 0
    elif said.startswith("Dedans"):
        assert inside == length + 1
    else:
        assert inside == 0


@pytest.mark.parametrize("case", ATTENDU)
def test_the_method_says_every_text_that_is_cited_and_no_other(case: str) -> None:
    """Each text cited anywhere has its line with its label; « non vérifié » stands wherever it was not checked."""
    told = donnees(du_cas(case))
    listed = {each["texte"]: each["verification"] for each in told["methode"]["regles"]}
    cited: set[str] = set()
    for group in told["obligations"]:
        for line in group["lignes"]:
            cited |= {each for each in line["textes"].split("\u202f; ") if each}
    for each in cited:
        text, _, label = each.rpartition(" [")
        assert listed[text].startswith(f"[{label}"), each
        assert ("(non vérifié)" in text) is (label.rstrip("]") in {"S", "M", "I"})
    assert told["methode"]["empreinte"] == du_cas(case).preuve.regles


def test_hands_are_told_with_their_last_day() -> None:
    """Intervals of the day ledger, half-open in the evidence, are told with their last day included."""
    held = du_cas("M03")
    [first, *_] = donnees(held)["journal"]
    kept = held.preuve.journal[0]
    assert (first["du"], first["au"]) == (jour(kept.du), jour(kept.avant - timedelta(days=1)))


def test_what_follows_a_decision_is_counted_once() -> None:
    """Days after an end of right, and a loss at a third party's on the same days: the first page does not add them."""
    loss = e("E-1", "2025-07-10", EmploiSuspendu(depuis_le=Jours.lire("2025-07-10")))
    refused = [titre("2024-07-01", "2025-06-30"), demande("2025-04-10"), refus("2025-06-10"), loss]
    held = rapport(refused, date(2025, 8, 31))
    after = [each for each in held.preuve.attributions if each.imputation is Imputation.END_OF_RIGHT_BY_DECISION]
    assert {each.couche for each in after} == {"preuve", "effets"}
    [days] = [each.jours for each in after if each.couche == "preuve"]
    said = donnees(held)["une"][0]["conclusion"]
    assert f"{days} jours après une fin de droit par décision, classés à part." in said


def test_readings_are_not_added_up() -> None:
    """Two other readings of the same days are two answers: each is said with its own days."""
    held = rapport([titre("2024-10-01", "2025-09-30"), demande("2025-07-18")], date(2025, 12, 31))
    [reading] = [each for each in held.preuve.lectures if each.jours]
    both = tuple(msgspec.structs.replace(reading, jours=each) for each in (30, 91))
    held = replace(held, preuve=msgspec.structs.replace(held.preuve, lectures=both))
    said = donnees(held)["une"][0]["reserves"]
    assert "2 autres lectures des textes classeraient autrement, chacune prise seule, 30 jours et 91 jours." in said


def test_words_and_units_stand_in_the_chronology() -> None:
    """No stored name and no amount in cents: the report says what the history says."""
    paid = rsa("2025-12-01", montant_centimes=63_570)
    [row] = donnees(rapport([paid], date(2025, 12, 31)))["chronologie"][0]["lignes"]
    assert "montant mensuel perdu\u202f: 635,70\u00a0€" in row["details"]
    card = donnees(rapport([titre("2024-07-01", "2025-06-30")], date(2025, 8, 31)))["chronologie"][0]["lignes"][0]
    assert "type de titre\u202f: carte de séjour temporaire" in card["details"]
    assert "durée du titre\u202f: 1 an\u202f;" in card["details"]
