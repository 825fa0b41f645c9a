"""The sample dossiers: they read, they write back, they tell every case, and coverage finds the expected days."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

import app
from ledger.entry import Entry, Fait
from ledger.interchange import read_line, write_line
from ledger.retained import holding
from projections.couverture import couverture
from projections.couverture.modeles import Certitude, Couverture

DEMO: Final = Path(app.__file__).parent / "demo"
FILES: Final = ("cas.jsonl", "decisions.jsonl", "tardif.jsonl")
CASES: Final = ("C01", "C02", "C04", "C05", "C06", "C09", "N01", "N03", "N04", "N05", "N07", "M02", "M03")
DECISIONS: Final = ("A02", "A03", "A04", "A05", "A09", "A23", "T02", "T05")
EXPECTED: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "attendus.json").read_bytes())
BY_CASE: Final[dict[str, dict[str, Any]]] = {each["id"]: each for each in EXPECTED["cas"]}
BY_DECISION: Final[dict[str, dict[str, Any]]] = {each["id"]: each for each in EXPECTED["decisions"]}
RECORDED: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def raw_lines(name: str) -> list[bytes]:
    """The lines of one sample file."""
    return (DEMO / name).read_bytes().splitlines()


@cache
def facts(name: str) -> tuple[Fait, ...]:
    """The facts of one sample file, in the order of the lines; nothing changes them."""
    return tuple(read_line(raw) for raw in raw_lines(name))


def as_entries(told: Iterable[Fait]) -> list[Entry]:
    """These facts as they would stand in a ledger that had just received them, in this order."""
    entries: list[Entry] = []
    places: dict[UUID, int] = {}
    for position, fait in enumerate(told, start=1):
        subject = uuid5(NAMESPACE_URL, fait.personne or "")
        stream = uuid5(subject, f"{fait.flux}/{fait.objet or ''}")
        places[stream] = places.get(stream, 0) + 1
        entries.append(
            Entry(
                position=position,
                stream=stream,
                pos=places[stream],
                subject=subject,
                event_id=uuid5(subject, fait.id),
                recorded_at=RECORDED + timedelta(seconds=position),
                fait=fait,
            )
        )
    return entries


def seen(expected: dict[str, Any], *names: str) -> Couverture:
    """The coverage of one sample person on the day of observation, from the facts of these files."""
    told = [fait for name in names for fait in facts(name) if fait.personne == expected["personne"]]
    return couverture(holding(as_entries(told)), date.fromisoformat(expected["observe_le"]))


def merged(spans: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """These spans of days, those that touch made one."""
    result: list[tuple[str, str]] = []
    for first, last in sorted(spans):
        if result and date.fromisoformat(first) <= date.fromisoformat(result[-1][1]) + timedelta(days=1):
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return result


def gaps(found: Couverture) -> list[tuple[str, str]]:
    """The certain interruptions, touching ones made one: who they are attributed to is another question."""
    return merged((f"{gap.du}", f"{gap.au}") for gap in found.interruptions if gap.certaine)


@pytest.mark.parametrize("name", FILES)
def test_every_line_reads_and_writes_back_equal(name: str) -> None:
    """Every sample line is a fact of the interchange format, and writing it again loses nothing."""
    for raw in raw_lines(name):
        fait = read_line(raw)
        assert read_line(write_line(fait)) == fait


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_compact_json(name: str) -> None:
    """Sample files are JSON Lines in UTF-8 without spaces between tokens, each line ended."""
    assert (DEMO / name).read_bytes().endswith(b"}\n")
    for raw in raw_lines(name):
        assert json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode() == raw


def test_ids_are_used_once() -> None:
    """No two facts of the three files share an identifier."""
    ids = [fait.id for name in FILES for fait in facts(name)]
    assert len(ids) == len(set(ids))


def test_persons_are_plainly_references() -> None:
    """Sample persons are named as examples or by their decision, never as people."""
    persons = {fait.personne for name in FILES for fait in facts(name)}
    assert all(person and re.search(r"-exemple|^dossier-", person) for person in persons)


def test_every_case_is_told() -> None:
    """The thirteen worked cases and the eight decisions each have their facts and their expected days."""
    assert {fait.id[:3] for fait in facts("cas.jsonl")} == set(CASES) == set(BY_CASE)
    assert {fait.id[:3] for fait in facts("decisions.jsonl")} == set(DECISIONS) == set(BY_DECISION)


@pytest.mark.parametrize("case", CASES)
def test_every_day_of_the_case_is_told(case: str) -> None:
    """Each day that the worked case states appears in one of its facts."""
    told = b"\n".join(raw for raw in raw_lines("cas.jsonl") if json.loads(raw)["id"].startswith(case)).decode()
    assert [day for day in BY_CASE[case]["faits_du"] if day not in told] == []


@pytest.mark.parametrize("case", CASES)
def test_facts_of_a_dossier_share_its_reference(case: str) -> None:
    """The facts of one case are about one person and point to one dossier, so that they can be brought together."""
    told = [fait for fait in facts("cas.jsonl") if fait.id.startswith(case)]
    assert {fait.personne for fait in told} == {BY_CASE[case]["personne"]}
    assert [fait.correlation for fait in told] == BY_CASE[case]["dossiers"] * len(told)


def test_some_facts_arrive_out_of_order() -> None:
    """The samples include persons whose facts were recorded in another order than they happened."""
    late = set()
    for case in CASES:
        moments = [fait.survenu for fait in facts("cas.jsonl") if fait.id.startswith(case)]
        if moments != sorted(moments):
            late.add(case)
    assert {"C04", "C05", "C06", "N01"} <= late


def test_the_filing_hour_is_kept() -> None:
    """C01 was filed at 10:14 in Paris, which is 08:14 in UTC in July."""
    filed = next(fait for fait in facts("cas.jsonl") if fait.id == "C01-002")
    assert filed.survenu.exact
    assert str(filed.survenu) == "2025-07-01T08:14:00Z"


@pytest.mark.parametrize("case", CASES)
def test_proof_cover_of_the_case(case: str) -> None:
    """Coverage finds the documents of the case, each with its own first and last day, and nothing uncertain."""
    found = seen(BY_CASE[case], "cas.jsonl")
    expected = [(each["du"], each["au"], each["base"]) for each in BY_CASE[case]["couverture"]]
    assert [(f"{each.du}", f"{each.au}", each.base.value) for each in found.preuve] == expected
    assert {each.certitude for each in found.preuve} == {Certitude.CERTAIN}


@pytest.mark.parametrize("case", CASES)
def test_interruptions_of_the_case(case: str) -> None:
    """Coverage finds the interruptions of the case day for day, and no other."""
    found = seen(BY_CASE[case], "cas.jsonl")
    expected = BY_CASE[case]["interruptions"]
    assert gaps(found) == merged((each["du"], each["au"]) for each in expected)
    assert sum(gap.jours for gap in found.interruptions) == sum(each["jours"] for each in expected)


@pytest.mark.parametrize("case", CASES)
def test_end_of_right_of_the_case(case: str) -> None:
    """An express refusal ends the right on the day after the title, and is not counted as an interruption."""
    found = seen(BY_CASE[case], "cas.jsonl")
    expected = BY_CASE[case]["fin_de_droit"]
    assert [f"{gap.du}" for gap in found.fins_de_droit] == ([expected] if expected else [])


@pytest.mark.parametrize("case", CASES)
def test_effects_of_the_case(case: str) -> None:
    """Losses at third parties begin and end on the stated days, apart from the cover of the stay."""
    found = seen(BY_CASE[case], "cas.jsonl")
    effects = [(each.nature, f"{each.du}", f"{each.au}" if each.au else None) for each in found.effets]
    assert sorted(effects) == sorted((each["nature"], each["du"], each["au"]) for each in BY_CASE[case]["effets"])


def test_late_fact_shortens_the_interruption() -> None:
    """Without the récépissé learned later C01 lacks 42 days; with it, 35."""
    late = EXPECTED["tardif"]
    before = seen(late, "cas.jsonl")
    after = seen(late, "cas.jsonl", "tardif.jsonl")
    assert gaps(before) == [(each["du"], each["au"]) for each in late["avant"]]
    assert gaps(after) == [(each["du"], each["au"]) for each in late["apres"]]
    assert [sum(gap.jours for gap in each.interruptions) for each in (before, after)] == [42, 35]


@pytest.mark.parametrize("decision", DECISIONS)
def test_decisions_name_their_sources(decision: str) -> None:
    """Each decision is correlated under one name, and its public sources are kept."""
    told = [fait for fait in facts("decisions.jsonl") if fait.id.startswith(decision)]
    assert {fait.correlation for fait in told} == {BY_DECISION[decision]["correlation"]}
    assert all(source.startswith("https://") for source in BY_DECISION[decision]["sources"])


@pytest.mark.parametrize("decision", ["A03", "A05", "T02"])
def test_inexact_sources_give_uncertain_cover(decision: str) -> None:
    """Where the source does not give the day, coverage says that it is uncertain."""
    found = seen(BY_DECISION[decision], "decisions.jsonl")
    assert Certitude.INCERTAIN in {each.certitude for each in found.preuve}


def test_court_period_is_kept_with_its_bounds() -> None:
    """The period for which the court ordered damages (A09) is told as 235 days, both ends included."""
    judged = next(fait.evenement for fait in facts("decisions.jsonl") if fait.id == "A09-001")
    period = BY_DECISION["A09"]["periode"]
    first, last = (date.fromisoformat(period[end]) for end in ("du", "au"))
    told = judged.model_dump(mode="json")
    assert (told["indemnise_du"], told["indemnise_au"]) == (period["du"], period["au"])
    assert (last - first).days + 1 == period["jours"] == 235


@pytest.mark.parametrize("decision", ["A03", "A04", "T02", "T05"])
def test_gap_that_the_source_states(decision: str) -> None:
    """The certain gap begins on the day after the last document that the source names, and still runs when observed."""
    found = seen(BY_DECISION[decision], "decisions.jsonl")
    assert gaps(found) == [(BY_DECISION[decision]["periode"]["du"], BY_DECISION[decision]["observe_le"])]
    assert found.lacunes[-1].ouverte


def test_gap_alleged_before_the_judge() -> None:
    """In A03 no document is known after 4 October 2024: 64 days to the day of the request."""
    period = BY_DECISION["A03"]["periode"]
    assert [gap.jours for gap in seen(BY_DECISION["A03"], "decisions.jsonl").interruptions if gap.certaine] == [64]
    assert period["jours"] == 64


def test_receipt_without_a_date_leaves_no_certain_gap() -> None:
    """In A05 a récépissé existed on days unknown: the days after the three months of the old card stay uncertain."""
    found = seen(BY_DECISION["A05"], "decisions.jsonl")
    assert gaps(found) == []
    assert [(f"{gap.du}", f"{gap.au}") for gap in found.lacunes] == [("2021-03-01", "2022-02-18")]
