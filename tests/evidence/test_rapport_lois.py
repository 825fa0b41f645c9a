"""Laws of the report over lives: nothing left out, both parties told alike, no reference to what is not there."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings

from evidence.rapport import donnees
from evidence.rapport_chronologie import chronologie
from evidence.rapport_modeles import Rapport, Retenue, constats
from evidence.rapport_mots import fr
from evidence.rapport_renvois import Renvois
from ledger.entry import Entry
from ledger.events.correction import FaitRetire
from ledger.retained import holding
from projections.couverture import couverture
from projections.imputation.modeles import Attribution, Cause, Imputation, Obligation, Partie
from replay.as_of import Moment
from replay.preuve import preuve
from tests.evidence.rapports import du_cas, rapport
from tests.evidence.test_rapport_cas import textes
from tests.imputation.test_cas import ATTENDU
from tests.imputation.test_devoirs_lois import procedures
from tests.imputation.test_motifs import CAS, NOMS, vie
from tests.imputation.vies_dues import OBSERVED

AUTRE: Final = {Partie.ADMINISTRATION: Partie.USAGER, Partie.USAGER: Partie.ADMINISTRATION, Partie.TIERS: Partie.TIERS}
INVERSE: Final = {
    Imputation.ADMINISTRATION: Imputation.APPLICANT,
    Imputation.APPLICANT: Imputation.ADMINISTRATION,
}


def des_motifs(cas: dict[str, Any]) -> Rapport:
    """The report of one pattern."""
    return rapport(vie(cas["faits"]), date.fromisoformat(cas["observe_le"]))


def renvoyes(value: Any) -> Iterator[str]:
    """The number of every fact that the template is asked to link to, wherever it is."""
    match value:
        case {"faits": list(links)}:
            yield from (each["n"] for each in links)
    match value:
        case dict():
            for each in value.values():
                yield from renvoyes(each)
        case list():
            for each in value:
                yield from renvoyes(each)


def assert_complet(held: Rapport) -> None:
    """Assert that every fact, every finding and every duty is told, and that nothing is linked to that is not."""
    told = donnees(held)
    numbers = [n for year in told["chronologie"] for line in year["lignes"] for n in line["n"]]
    assert len(numbers) == len(set(numbers)) == len(held.entries)
    assert [each["n"] for each in told["integrite"]["faits"]] == sorted(
        numbers, key=lambda n: (n[0] == "I", int(n.strip("I")))
    )
    assert set(renvoyes({k: v for k, v in told.items() if k not in {"chronologie", "integrite"}})) <= set(numbers)
    written = "\n".join(textes({k: v for k, v in told.items() if k not in {"une", "chronologie"}}))
    for each in constats(held.preuve):
        if each.code != "invoque":
            assert fr(each.texte) in written or each in [p for o in held.preuve.obligations for p in o.prerequis]
    for owed in held.preuve.obligations:
        assert fr(owed.texte) in written


def assert_en_sens_contraire(held: Rapport) -> None:
    """Assert that each finding in the contrary direction is told beside its own interval."""
    renvois = Renvois(held)
    shown = {each["n"]: each["contre"] for each in donnees(held)["chaines"]["intervalles"]}
    for number, lost in enumerate(held.preuve.attributions, start=1):
        told = shown[str(number)]
        words = "\n".join(each["texte"] for each in told)
        for link in lost.contre:
            if link.code != "invoque":
                assert fr(link.texte) in words
                continue
            [fact] = link.entries
            line = renvois.par_fait[fact]
            same = [each for each in told if each["texte"].startswith(fr(line.ligne.phrase))]
            assert any(_cite(each["faits"], line.numero) for each in same), (lost.du, link)


def _cite(links: list[dict[str, str]], number: str) -> bool:
    """Whether a list of links names the number, by itself or within a range."""
    for each in links:
        last = each["texte"].partition(" à ")[2]
        if each["n"] == number or (last.isdecimal() and int(each["n"]) <= int(number) <= int(last)):
            return True
    return False


@pytest.mark.parametrize("case", ATTENDU)
def test_nothing_of_a_worked_case_is_left_out(case: str) -> None:
    """Every fact, finding and duty of the evidence is in the report, what opposes it beside it."""
    held = du_cas(case)
    assert_complet(held)
    assert_en_sens_contraire(held)


@pytest.mark.parametrize("cas", CAS, ids=NOMS)
def test_nothing_of_a_pattern_is_left_out(cas: dict[str, Any]) -> None:
    """The same for each pattern of interruption."""
    held = des_motifs(cas)
    assert_complet(held)
    assert_en_sens_contraire(held)


@settings(max_examples=25)
@given(life=procedures(), au=OBSERVED.map(lambda day: day + timedelta(days=200)))
def test_nothing_of_any_life_is_left_out(life: list[Entry], au: date) -> None:
    """The same for generated lives."""
    held = rapport(life, au)
    assert_complet(held)
    assert_en_sens_contraire(held)


# ---------------------------------------------------------------------- both parties


def echange(held: Rapport) -> Rapport:
    """The same report, the parties of the evidence exchanged."""

    def cause(each: Cause) -> Cause:
        return msgspec.structs.replace(each, debiteur=AUTRE[each.debiteur])

    def lost(each: Attribution) -> Attribution:
        return msgspec.structs.replace(
            each, imputation=INVERSE.get(each.imputation, each.imputation), causes=tuple(map(cause, each.causes)),
            cf_administration=each.cf_usager, cf_usager=each.cf_administration,
        )  # fmt: skip

    def owed(each: Obligation) -> Obligation:
        return msgspec.structs.replace(each, debiteur=AUTRE[each.debiteur])

    proof = msgspec.structs.replace(
        held.preuve, obligations=tuple(map(owed, held.preuve.obligations)),
        attributions=tuple(map(lost, held.preuve.attributions)),
    )  # fmt: skip
    return Rapport(
        personne=held.personne, entries=held.entries, masques=0, couverture=held.couverture, preuve=proof,
        inventaire=held.inventaire, integrite=held.integrite,
    )  # fmt: skip


def colonnes(value: Any) -> Iterator[list[dict[str, Any]]]:
    """Every pair of columns, without the name on top of it."""
    match value:
        case dict():
            for key, each in value.items():
                if key in {"colonnes", "manquements"} and each:
                    yield [{k: v for k, v in column.items() if k != "partie"} for column in each]
                else:
                    yield from colonnes(each)
        case list():
            for each in value:
                yield from colonnes(each)


def _sans(value: Any) -> str:
    """What is left of the report when columns and the parties' names are taken out."""
    match value:
        case dict():
            return "".join(
                f"{key}:{_sans(each)}" for key, each in value.items() if key not in {"colonnes", "manquements", "qui"}
            )
        case list():
            return "".join(sorted(_sans(each) for each in value))
        case str() as text:
            for party in ("à l'administration", "à la personne"):
                text = text.replace(f"imputables {party}", "imputables")
            return text[:-2] if text.endswith((" A", " P")) else text
        case _:
            return str(value)


@pytest.mark.parametrize("case", ATTENDU)
def test_exchange_the_parties_and_the_columns_exchange(case: str) -> None:
    """Both parties are told in the same words and places: exchanged, the columns exchange, and nothing else changes."""
    one, other = donnees(du_cas(case)), donnees(echange(du_cas(case)))
    for before, after in zip(colonnes(one), colonnes(other), strict=True):
        assert before == after[::-1]
    assert _sans(one) == _sans(other)
    assert echange(echange(du_cas(case))).preuve == du_cas(case).preuve


# ---------------------------------------------------------------------- what is refused, what is withheld


def test_a_corrected_fact_stays_in_its_place() -> None:
    """A fact that another corrects, or that is withdrawn, is shown where it happened, and says by which."""
    first, second, *rest = du_cas("C01").entries
    correction = msgspec.structs.replace(
        second, event_id=first.subject, fait=second.fait.model_copy(update={"id": "corrige", "corrige": second.fait.id})
    )
    entries = [first, second, *rest, correction]
    lines = {
        n: line
        for year in donnees(rapport(entries, du_cas("C01").preuve.au))["chronologie"]
        for line in year["lignes"]
        for n in line["n"]
    }
    assert any("Corrigé\u202f: le fait n° " in note for note in lines["2"]["notes"])
    assert lines[str(len(entries))]["notes"][0] == "Corrige le fait n° 2."
    assert FaitRetire.nom not in {each.fait.evenement.nom for each in entries}


def test_what_was_recorded_since_is_counted_on_the_first_page() -> None:
    """A report that looks from an earlier moment says how many facts it does not read; one of now has none to tell."""
    held = du_cas("C01")
    cut = held.entries[-1].recorded_at
    late = [
        msgspec.structs.replace(each, event_id=UUID(int=n + 1), recorded_at=cut + timedelta(days=1))
        for n, each in enumerate(held.entries[-2:])
    ]
    for count, said in ((0, None), (1, "depuis 1 fait qui n'est pas lu"), (2, "depuis 2 faits qui ne sont pas lus")):
        entries = (*held.entries, *late[:count])
        found = preuve(entries, Moment(cut, held.preuve.au))
        cover = couverture(holding(entries, at=cut, on=held.preuve.au), held.preuve.au)
        told = donnees(rapport(entries, held.preuve.au, preuve=found, couverture=cover))["observe"].replace("\xa0", " ")
        assert "telle que connue" in told
        assert ("depuis" in told) is (said is not None)
        assert said is None or said in told
    assert "depuis" not in donnees(held)["observe"]


def test_without_any_document_no_day_is_said_to_be_lost_or_not() -> None:
    """Where the ledger has no document of hers, neither page says that no day was lost."""
    held = du_cas("C01")
    entries = [each for each in held.entries if each.fait.evenement.nom == "demande_deposee"]
    told = donnees(rapport(entries, held.preuve.au))
    assert "ne peut être dit couvert, ni perdu" in told["chaines"]["aucun"]
    before = donnees(rapport(held.entries, date(2025, 9, 1)))
    assert before["chaines"]["aucun"].startswith("Aucun jour n'est perdu")


def test_how_months_are_counted_is_said_not_to_be_verified() -> None:
    """Implicit refusals and time limits in months rest on conventions that no article gives: each has its label."""
    told = " ".join(donnees(du_cas("C01"))["methode"]["conventions"]).replace("\u202f", " ")
    assert re.search(r"même quantième[^.]*\[S\][^.]*\[I\]\. Ces deux conventions n'ont pas été vérifiées", told)


def test_a_withdrawn_fact_is_not_said_to_be_replaced() -> None:
    """What did not happen has nothing in its place: both facts say so, by each other's number."""
    first, second, *rest = du_cas("C01").entries
    said = {"id": "retrait", "corrige": second.fait.id, "evenement": FaitRetire(motif="saisi par erreur")}
    gone = msgspec.structs.replace(second, event_id=first.subject, fait=second.fait.model_copy(update=said))
    entries = [first, second, *rest, gone]
    told = donnees(rapport(entries, du_cas("C01").preuve.au))["chronologie"]
    lines = {n: line for year in told for line in year["lignes"] for n in line["n"]}
    assert lines["2"]["notes"][-1].startswith(f"Retiré\u202f: le fait n° {len(entries)} dit qu'il n'a pas eu lieu")
    assert lines[str(len(entries))]["notes"][0] == "Retire le fait n° 2."


def test_repeats_are_told_once_each_with_its_number() -> None:
    """Attempts that say the same are one row; each keeps its number and both of its moments."""
    held = des_motifs(next(cas for cas in CAS if any(f["type"] == "tentative_depot_echouee" for f in cas["faits"])))
    tried = next(e for e in held.entries if e.fait.evenement.nom == "tentative_depot_echouee")
    again = [
        msgspec.structs.replace(
            tried, event_id=type(tried.event_id)(int=n), pos=100 + n,
            fait=tried.fait.model_copy(update={"id": f"encore-{n}"}),
        )
        for n in range(1, 12)
    ]  # fmt: skip
    told = chronologie(Renvois(rapport([*held.entries, *again], held.preuve.au)))
    [row] = [line for year in told for line in year["lignes"] if len(line["n"]) > 3]
    count = sum(e.fait.evenement.nom == tried.fait.evenement.nom for e in [*held.entries, *again])
    assert f"{count} faits identiques" in row["titre"]
    assert len(row["repetes"]) == len(set(row["n"])) == count
    assert all(
        f"n° {n}\u202f:" in text and "enregistré le" in text for n, text in zip(row["n"], row["repetes"], strict=True)
    )


def test_what_is_withheld_is_not_printed() -> None:
    """No word of a withheld part is in the report, and it is listed with why; masked, what is left of it is shown."""
    held = du_cas("N01")
    cited = {each for link in constats(held.preuve) for each in link.entries}
    secret = next(e for e in held.entries if e.fait.acteur.service and e.event_id in cited)
    service = secret.fait.acteur.service or ""
    withheld = [
        Retenue(entry=e.event_id, part="acteur", motif="agent tiers") for e in held.entries if e.fait.acteur.service
    ]
    told = donnees(du_cas("N01", retenues=tuple(withheld)))
    lines = [line for year in told["chronologie"] for line in year["lignes"]]
    assert service not in "".join(line["qui"] for line in lines)
    assert len(told["reserves"]["retenues"]) == len(withheld)
    masked = tuple(Retenue(entry=e.entry, part="acteur", motif=e.motif, masquee=True) for e in withheld)
    assert donnees(du_cas("N01", retenues=masked))["chronologie"] == donnees(du_cas("N01"))["chronologie"]
