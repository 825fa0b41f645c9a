"""The patterns of interruption, each told in a few facts with the answer that the texts give and its legal reason.

``cas_motifs.json`` holds one case per life: its facts in the interchange format (id, person, actor and channel left out,
the rest as usual unless said otherwise), the day from which it is seen, and for each interval without proof its bounds,
attribution, how far it is established and the breaches it rests on; under ``effets``, what was lost elsewhere.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ledger.entry import Entry
from ledger.interchange import read_line
from ledger.retained import holding
from projections.imputation.calcul import attributions
from projections.imputation.modeles import Attribution, Imputation, Statut
from tests.samples.test_samples import as_entries

CAS: Final[list[dict[str, Any]]] = json.loads((Path(__file__).parent / "cas_motifs.json").read_bytes())["cas"]
NOMS: Final = [cas["id"] for cas in CAS]
DEFAUTS: Final = {
    "personne": "P-1",
    "objet": "D-1",
    "acteur": {"nature": "systeme"},
    "canal": "teleservice",
    "source": "anef",
    "grade": "A",
}
MOTIFS: Final = tuple(f"P{n:02}" for n in range(1, 17))
CONTRE_USAGER: Final = {"complement_ouvert", "instructions_acces_envoyees", "demande_retiree"}
CONTRE_ADMINISTRATION: Final = {
    "tentative_depot_echouee",
    "blocage_atteste",
    "substitution_demandee",
    "versement_echoue",
    "lien_reinitialisation_non_recu",
    "rendez_vous_propose",
}
DATE_FIXE: Final = re.compile(
    r'demande_papier|protection_reconnue|"csp"|carte_resident|"2024-02|l433_3": true|"\d{4}-\d\d"|"202[0-2]-'
)
"""What a life may owe to the length of months, to a day known by its month, or to a text since replaced."""


def vie(facts: Sequence[dict[str, Any]]) -> list[Entry]:
    """The holding entries of a life told in facts."""
    told = [read_line(json.dumps({**DEFAUTS, "id": f"F-{n}", **fact}).encode()) for n, fact in enumerate(facts)]
    return holding(as_entries(told))


def vue(cas: dict[str, Any], facts: Sequence[dict[str, Any]] | None = None) -> tuple[Attribution, ...]:
    """What is found of a case, or of a variant of its facts."""
    return attributions(vie(cas["faits"] if facts is None else facts), date.fromisoformat(cas["observe_le"]))


def preuve(found: Sequence[Attribution]) -> list[list[Any]]:
    """Each interval without proof, as the cases write it."""
    return [
        [f"{x.du}", f"{x.au}", x.imputation.value, x.statut.value, sorted(cause.code for cause in x.causes)]
        for x in found
        if x.couche == "preuve"
    ]


def etablis(found: Sequence[Attribution], qui: Imputation) -> int:
    """How many days without proof are established as due to ``qui`` alone."""
    return sum(x.jours for x in found if x.couche == "preuve" and x.imputation is qui and x.statut is Statut.ETABLI)


@pytest.mark.parametrize("cas", CAS, ids=NOMS)
def test_the_answer_is_that_of_the_texts(cas: dict[str, Any]) -> None:
    """Intervals, attribution, how far it is established, causes and losses are those that the texts give."""
    found = vue(cas)
    assert preuve(found) == [[*each[:4], sorted(each[4])] for each in cas["attendu"]], cas["raison"]
    losses = [[f"{x.du}", f"{x.au}", x.imputation.value] for x in found if x.couche == "effets"]
    assert losses == cas.get("effets", []), cas["raison"]


@pytest.mark.parametrize("motif", MOTIFS)
def test_each_pattern_is_told_more_than_once(motif: str) -> None:
    """Every pattern of the taxonomy has at least two lives, each with its legal reason."""
    told = [cas for cas in CAS if cas["id"].startswith(motif)]
    assert len(told) >= 2
    assert all(cas["raison"] for cas in told)


@pytest.mark.parametrize("cas", CAS, ids=NOMS)
def test_a_fact_less_never_charges_the_party_it_spoke_against(cas: dict[str, Any]) -> None:
    """Without a proof against one party, no more days are established against that party; and nothing breaks."""
    whole = vue(cas)
    for n, fact in enumerate(cas["faits"]):
        less = vue(cas, [other for m, other in enumerate(cas["faits"]) if m != n])
        absent = fact["donnees"].get("partie_absente")
        if fact["type"] in CONTRE_USAGER or absent == "usager":
            assert etablis(less, Imputation.APPLICANT) <= etablis(whole, Imputation.APPLICANT), fact
        if fact["type"] in CONTRE_ADMINISTRATION or absent == "prefecture":
            assert etablis(less, Imputation.ADMINISTRATION) <= etablis(whole, Imputation.ADMINISTRATION), fact


@pytest.mark.parametrize("cas", CAS, ids=NOMS)
def test_when_a_fact_was_recorded_changes_nothing_today(cas: dict[str, Any]) -> None:
    """Recorded in the opposite order, and years later, the same facts give the same answer to the byte."""
    late = [
        msgspec.structs.replace(entry, recorded_at=entry.recorded_at + timedelta(days=900))
        for entry in vie(cas["faits"])
    ]
    again = attributions(late[::-1], date.fromisoformat(cas["observe_le"]))
    assert msgspec.json.encode(again) == msgspec.json.encode(vue(cas))


def decale(jours: int) -> Callable[[Any], Any]:
    """The same data with every day put ``jours`` later."""

    def shift(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shift(each) for key, each in value.items()}
        if isinstance(value, list):
            return [shift(each) for each in value]
        if isinstance(value, str) and value[:4].isdigit() and len(value) >= 10 and value[4] == value[7] == "-":
            return (date.fromisoformat(value[:10]) + timedelta(days=jours)).isoformat() + value[10:]
        return value

    return shift


@pytest.mark.parametrize(
    "cas", [cas for cas in CAS if not DATE_FIXE.search(json.dumps(cas))], ids=lambda cas: cas["id"]
)
def test_a_life_a_year_of_weeks_later_has_the_same_answer(cas: dict[str, Any]) -> None:
    """Fifty-two weeks later, where nothing hangs on months or on another text, every interval is the same one, later."""
    shift = decale(364)
    assert preuve(vue(shift(cas))) == [shift(each) for each in preuve(vue(cas))]


@pytest.mark.parametrize("absente", ["usager", "prefecture"])
@pytest.mark.parametrize("cas", [cas for cas in CAS if "partie_absente" in json.dumps(cas)], ids=lambda cas: cas["id"])
def test_who_was_absent_decides(cas: dict[str, Any], absente: str) -> None:
    """Whoever was absent, the days that follow the appointment are never due to the other party alone."""
    told = json.loads(json.dumps(cas["faits"]))
    missed = next(fact["donnees"] for fact in told if "partie_absente" in fact["donnees"])
    missed["partie_absente"] = absente
    other = Imputation.APPLICANT if absente == "prefecture" else Imputation.ADMINISTRATION
    after = [x for x in vue(cas, told) if x.couche == "preuve" and f"{x.du}" >= missed["prevu_le"]]
    assert after[-1].imputation is not other
