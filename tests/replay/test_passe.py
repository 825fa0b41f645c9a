"""Since when an answer is known and what was believed before: a late fact changes it, the old one stays as of its date."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Quand
from ledger.entry import Entry, Fait
from ledger.events import depot, effet, incident, instruction
from ledger.events.listes import PartieAbsente
from ledger.events.types import Prestation
from projections.imputation.modeles import Attribution, Imputation, Statut
from replay import passe
from replay.as_of import Moment
from replay.passe import LOT, avec_le_passe
from replay.preuve import Preuve, preuve
from tests.imputation.test_conduites import (
    A_TEMPS,
    ANNULE,
    CARTE,
    PAPIER,
    REFUS,
    J,
    attestation,
    demande,
    le,
)
from tests.imputation.test_lois import par_jour
from tests.imputation.vies_dues import EXPIRY, OBSERVED, vies
from tests.samples.test_samples import as_entries

AU = date(2025, 11, 30)
PANNE = le(
    "2025-07-30",
    incident.PannePlateformeConstatee(debut=Quand.lire("2025-07-30"), fin=Quand.lire("2025-09-12")),
    "I-9",
)


def instant(text: str) -> datetime:
    """The instant that ``text`` writes; a day is its first instant in Paris."""
    return Quand.lire(text).debut


def enregistres(told: Iterable[tuple[Fait, str]]) -> list[Entry]:
    """These facts, each recorded at its own instant."""
    pairs = list(told)
    entries = as_entries([fait for fait, _ in pairs])
    return [
        msgspec.structs.replace(entry, recorded_at=instant(when))
        for entry, (_, when) in zip(entries, pairs, strict=True)
    ]


def vue(entries: Sequence[Entry], au: date = AU, connu_le: str | None = None) -> Preuve:
    """The evidence with its past."""
    return avec_le_passe(entries, preuve(entries, Moment(connu_le and instant(connu_le), au)))


def jours(found: Sequence[Attribution]) -> list[tuple[str, str, str, str]]:
    """Bounds, attribution and status."""
    return [(f"{each.du}", f"{each.au}", each.imputation.value, each.statut.value) for each in found]


U01 = enregistres([
    (CARTE, "2024-10-02T08:00Z"), (demande("2025-09-10"), "2025-09-10T08:00Z"), (PANNE, "2026-01-15T09:30Z"),
])  # fmt: skip


def test_t07_a_late_fact_changes_the_verdict_and_the_old_one_stays_as_of_its_date() -> None:
    """An outage recorded four months late: due to the administration since then, to the person until then."""
    found = vue(U01)
    [lost] = found.attributions
    assert jours([lost]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "etabli")]
    assert lost.connue_depuis == instant("2026-01-15T09:30Z")
    [before] = lost.avant
    assert (before.imputation, before.statut) == (Imputation.APPLICANT, Statut.ETABLI)
    assert (f"{before.du}", f"{before.au}") == ("2025-10-01", "2025-11-30")
    assert (before.depuis, before.jusqu_a) == (instant("2025-10-01"), instant("2026-01-15T09:30Z"))
    assert (found.abandonnees, found.rejouee_depuis) == ((), None)


def test_t07_the_old_verdict_is_still_answered_as_of_its_date() -> None:
    """Asked as known before the late fact, the evidence is what it was, and knows of no other answer."""
    [lost] = vue(U01, connu_le="2026-01-15T09:29Z").attributions
    assert jours([lost]) == [("2025-10-01", "2025-11-30", "APPLICANT", "etabli")]
    assert (lost.connue_depuis, lost.avant) == (instant("2025-10-01"), ())


def test_what_was_recorded_in_time_is_known_as_soon_as_the_days_begin() -> None:
    """Nothing came late: the answer is known since the first day lost, and nothing else was believed."""
    entries = enregistres([(CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01T10:00Z")])
    [lost] = vue(entries).attributions
    assert (lost.connue_depuis, lost.avant) == (instant("2025-10-01"), ())


def test_days_that_had_not_begun_were_not_believed_anything() -> None:
    """A filing recorded on 20 October: believed otherwise for the days until then, never for those that followed."""
    entries = enregistres([(CARTE, "2024-10-02"), (A_TEMPS, "2025-10-20T10:00Z")])
    [lost] = vue(entries).attributions
    assert lost.connue_depuis == instant("2025-10-20T10:00Z")
    assert [(f"{x.du}", f"{x.au}", x.imputation) for x in lost.avant] == [
        ("2025-10-01", "2025-10-20", Imputation.APPLICANT)
    ]


def test_a_verdict_on_days_no_longer_lost_stays_visible() -> None:
    """A certificate recorded late covers days that were held for lost: what was answered for them is still told."""
    given = attestation("2025-10-01", "2025-12-31")
    entries = enregistres([(CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01"), (given, "2025-11-05T12:00Z")])
    found = vue(entries)
    assert found.attributions == ()
    [before] = found.abandonnees
    assert (f"{before.du}", f"{before.au}", before.imputation) == (
        "2025-10-01",
        "2025-11-05",
        Imputation.ADMINISTRATION,
    )
    assert (before.depuis, before.jusqu_a) == (instant("2025-10-01"), instant("2025-11-05T12:00Z"))


def test_days_that_were_held_for_covered() -> None:
    """A certificate withdrawn from the ledger: the days are lost since then, and it is told that they were not before."""
    given = attestation("2025-10-01", "2025-12-31")
    never = attestation("2025-10-01", "2025-12-31", None).model_copy(update={"id": "A-bis", "corrige": given.id})
    entries = enregistres([
        (CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01"), (given, "2025-10-01"), (never, "2025-12-20"),
    ])  # fmt: skip
    [lost] = vue(entries).attributions
    assert lost.connue_depuis == instant("2025-12-20")
    assert [(x.imputation, x.statut, x.jusqu_a) for x in lost.avant] == [(None, None, instant("2025-12-20"))]


def test_t08_an_annulled_refusal_reclassifies_and_the_end_of_right_stays_visible() -> None:
    """Until the judgment was recorded the right had ended; since then the days are an interruption (N05, T08)."""
    entries = enregistres([
        (CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01"), (REFUS, "2025-09-10"), (ANNULE, "2026-01-16T08:00Z"),
    ])  # fmt: skip
    [lost] = vue(entries, date(2026, 2, 1)).attributions
    assert jours([lost]) == [("2025-10-01", "2026-02-01", "ADMINISTRATION", "etabli")]
    assert [(f"{x.du}", f"{x.au}", x.imputation) for x in lost.avant] == [
        ("2025-10-01", "2026-01-16", Imputation.END_OF_RIGHT_BY_DECISION)
    ]


def test_one_import_is_one_moment() -> None:
    """Facts recorded within minutes of one another are read together: nobody believed half an import."""
    entries = enregistres([
        (CARTE, "2026-02-01T08:00Z"), (demande("2025-09-10"), "2026-02-01T08:09Z"), (PANNE, "2026-02-01T08:18Z"),
    ])  # fmt: skip
    [lost] = vue(entries).attributions
    assert (lost.connue_depuis, lost.avant) == (instant("2026-02-01T08:18Z"), ())


def test_a_fact_that_decides_nothing_is_no_new_moment() -> None:
    """A reminder recorded late changes neither what is known nor since when, and costs no replay."""
    more = enregistres([(le("2025-10-05", instruction.RelanceEnvoyee()), "2026-03-01")])
    assert vue([*U01, *more]).attributions[0].avant == vue(U01).attributions[0].avant
    assert vue([*U01, *more]).attributions[0].connue_depuis == instant("2026-01-15T09:30Z")


def test_a_source_that_appears_is_a_new_moment() -> None:
    """An acknowledgement that no duty reads shows the téléservice to have told of the dossier: absence proves since then."""
    paper = A_TEMPS.model_copy(update=PAPIER)
    entries = enregistres([
        (CARTE, "2024-10-02"), (paper, "2025-07-01"),
        (le("2025-07-01", depot.AccuseEnregistrementDelivre()), "2025-11-20T09:00Z"),
        (le("2025-07-02", depot.AccuseEnregistrementDelivre()), "2025-12-20T09:00Z"),
    ])  # fmt: skip
    [lost] = vue(entries).attributions
    assert (lost.statut, lost.connue_depuis) == (Statut.ETABLI, instant("2025-11-20T09:00Z"))
    assert [(x.imputation, x.statut) for x in lost.avant] == [(Imputation.ADMINISTRATION, Statut.PROBABLE)]


def test_other_layers_are_dated_too() -> None:
    """A loss of benefits is known since it was recorded; its attribution follows that of the days it begins in."""
    stopped = le("2025-10-10", effet.PrestationSuspendue(prestation=Prestation.RSA, depuis_le=J("2025-10-10")), "E-1")
    entries = [*U01, *enregistres([(stopped, "2025-12-01")])]
    [loss] = [each for each in vue(entries).attributions if each.couche == "effets"]
    assert loss.connue_depuis == instant("2026-01-15T09:30Z")
    assert [(x.imputation, x.depuis) for x in loss.avant] == [(Imputation.APPLICANT, instant("2025-12-01"))]


def test_the_bound_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many replays the oldest are left out, and the evidence says from which instant it was replayed."""
    missed = [
        instruction.RendezVousManque(partie_absente=PartieAbsente.USAGER, rendez_vous=f"R-{day}")
        for day in range(1, 31)
    ]
    answers = [le(f"2025-10-{day:02}", each) for day, each in enumerate(missed, start=1)]
    entries = [*U01, *enregistres((each, f"{each.survenu}") for each in answers)]
    assert vue(entries).rejouee_depuis == instant("2025-10-07")
    monkeypatch.setattr(passe, "FAITS", 40)
    assert vue(entries).rejouee_depuis == instant("2025-10-30")
    monkeypatch.setattr(passe, "LOTS", 1)
    assert vue(entries).rejouee_depuis == instant("2026-01-15T09:30Z")


def test_without_an_entry_there_is_no_past() -> None:
    """As known before anything was recorded, nothing is answered and nothing was."""
    found = vue(U01, connu_le="2020-01-01")
    assert (found.attributions, found.abandonnees, found.rejouee_depuis) == ((), (), None)


@st.composite
def _enregistrees(draw: st.DrawFn) -> list[Entry]:
    """A life whose facts were recorded in any order over a year, some within minutes of others."""
    life = draw(vies())
    whens = st.builds(
        lambda day, minutes: instant(f"{EXPIRY + timedelta(days=day)}") + timedelta(minutes=minutes),
        st.integers(-150, 250),
        st.sampled_from((0, 0, 4, 9, 700)),
    )
    return [msgspec.structs.replace(each, recorded_at=draw(whens)) for each in life]


@given(life=_enregistrees(), au=OBSERVED, data=st.data())
def test_at_every_instant_the_past_says_what_the_ledger_said(life: list[Entry], au: date, data: st.DataObject) -> None:
    """For every instant outside a batch and every day begun by then: the verdict told is the one computed as known then."""
    found = vue(life, au)
    assert found.rejouee_depuis is None
    today = par_jour(found.attributions)
    told = [*(x for a in found.attributions if a.couche == "preuve" for x in a.avant), *found.abandonnees]
    recorded = sorted({each.recorded_at for each in life})
    edges = [one + gap for one in recorded for gap in (-timedelta(seconds=1), timedelta(0), timedelta(seconds=1))]
    when = data.draw(st.sampled_from([*edges, *(x.depuis for x in told), *(x.jusqu_a for x in told)]))
    if any(one <= when < other and other - one <= LOT for one, other in pairwise(recorded)):
        return
    then = par_jour(preuve(life, Moment(when, au)).attributions)
    for day in {*then, *today, *(x.du for x in told), *(x.au for x in told)}:
        if instant(f"{day}") > when:
            continue
        said = [x for x in told if x.du <= day <= x.au and x.depuis <= when < x.jusqu_a]
        real = (then[day].imputation, then[day].statut) if day in then else (None, None)
        now = (today[day].imputation, today[day].statut) if day in today else (None, None)
        assert len(said) <= 1
        if said:
            assert (said[0].imputation, said[0].statut) == real
        elif real != now:
            since = next(a.connue_depuis for a in found.attributions if a.couche == "preuve" and a.du <= day <= a.au)
            assert real == (None, None)
            assert since is not None
            assert when < since


@given(life=_enregistrees(), au=OBSERVED)
def test_the_answers_are_those_of_the_evidence(life: list[Entry], au: date) -> None:
    """Dating an answer changes no word of it."""
    plain = preuve(life, Moment(None, au))
    dated = avec_le_passe(life, plain)
    bare = [msgspec.structs.replace(each, connue_depuis=None, avant=()) for each in dated.attributions]
    assert bare == list(plain.attributions)
    recorded = {each.recorded_at for each in life}
    assert all(each.connue_depuis in recorded | {instant(f"{each.du}")} for each in dated.attributions)
