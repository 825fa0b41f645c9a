"""The vocabulary is complete, said in French, readable forever and never silently changed."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger import canonical, glossary
from ledger.days import Jours, Quand
from ledger.events import EVENTS, STAGES, listes, types
from ledger.events.base import REGISTRY, Event
from ledger.events.correction import FaitRetire
from ledger.events.depot import DemandeDeposee
from ledger.events.incident import PannePlateformeConstatee
from ledger.events.instruction import DemandeRetiree
from ledger.events.provisoire import (
    AttestationDecisionFavorableDelivree,
    AttestationProlongationDelivree,
    AttestationProlongationRenouvelee,
    RecepisseDelivre,
    RecepisseRenouvele,
)
from ledger.events.titre import TitreRemis
from ledger.events.types import CodeIncident, EtapeIncident
from ledger.events.upcast import CLASSES, RENAMED, UPCASTS, Payload, UnknownEventError, to_current
from tests.strategies import event_of

GOLDEN = Path(__file__).parents[1] / "golden" / "stored_names.txt"

each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.nom)


def label(description: str) -> str:
    """What the history shows beside a value."""
    return re.split(r"[,(:.]", description, maxsplit=1)[0].strip()


def test_every_row_of_the_table_has_an_event() -> None:
    """Each of the 68 rows of the event table is held by one type at least, and no other row is claimed."""
    assert {event.ligne for event in EVENTS} - {0} == set(range(1, 69))


def test_the_vocabulary_is_the_whole_registry() -> None:
    """No event class stands outside the stages, and none is listed twice."""
    assert len(EVENTS) == len(set(EVENTS)) == len(REGISTRY)
    assert {event.nom: event for event in EVENTS} == REGISTRY


def test_every_known_malfunction_is_a_code_with_its_wording() -> None:
    """B01 to B42 are the incident codes, each with its own French sentence and a stage."""
    assert [code.value for code in CodeIncident] == [f"B{number:02d}" for number in range(1, 43)]
    wordings = {code.libelle for code in CodeIncident}
    assert len(wordings) == 42
    assert all(re.fullmatch(r"[A-ZÀÉ][^.]{20,}", wording) for wording in wordings)
    assert {code.etape for code in CodeIncident} == set(EtapeIncident)


@each_event
def test_an_event_says_in_french_what_happened(event: type[Event]) -> None:
    """The docstring opens with one sentence for the history, ends it with a full stop, and goes on with the law."""
    sentence, law = glossary.prose(event)
    assert re.fullmatch(r"[A-ZÉÀ][^.]{10,118}\.", sentence)
    assert not re.search(r"(?<!-)\b(je|j'|nous|vous|votre|vos|notre)\b", f"{sentence} {law}", re.IGNORECASE)
    assert event.titre_fr() == sentence[:-1]
    assert law.endswith(".")


@each_event
def test_every_field_has_a_french_description_and_a_short_label(event: type[Event]) -> None:
    """A field's docstring is a sentence whose first words fit beside a value."""
    for name, field in event.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert 5 <= len(label(field.description)) <= 90, name
        assert name.isascii(), name
        assert name == name.lower(), name


@each_event
def test_no_article_is_cited_without_its_code(event: type[Event]) -> None:
    """An article number alone would not say which law it belongs to."""
    assert [cited for cited in glossary.cites(event) if re.match(r"[LR]\.|art\.", cited)] == []


def test_every_closed_list_is_described_and_ascii() -> None:
    """Each list has a French docstring, and its stored values are ASCII words."""
    enums = [enum for module in (types, listes) for enum in glossary.enums(module)]
    assert {types.TypeTitre, types.BaseRecours, listes.ResultatPan} <= set(enums)
    for enum in enums:
        assert (enum.__doc__ or "").rstrip().endswith("."), enum
        assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*|[A-E]|B\d\d", member.value) for member in enum), enum


def test_stored_names_never_change() -> None:
    """Every stored name and version stands in the frozen list; a name may be added to it, none taken away."""
    frozen = GOLDEN.read_text(encoding="ascii").splitlines()
    assert frozen == sorted(set(frozen))
    assert set(frozen) == {f"{event.nom} {version}" for event in EVENTS for version in range(1, event.version + 1)}
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)* [1-9][0-9]*", line) for line in frozen)


@each_event
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_an_event_survives_its_json(event: type[Event], data: st.DataObject) -> None:
    """What is written without nulls and read back strictly is the same event, in canonical bytes too."""
    fact = data.draw(event_of(event))
    assert event.model_validate_json(fact.model_dump_json(exclude_none=True)) == fact
    written = fact.model_dump(mode="json", exclude_none=True)
    canonical.check(written)
    assert event.model_validate_json(canonical.encode(written)) == fact


@each_event
def test_an_event_refuses_a_field_it_does_not_know(event: type[Event]) -> None:
    """A payload with one field too many is not read, whatever its other fields."""
    with pytest.raises(ValidationError, match="extra_forbidden"):
        event.model_validate_json('{"champ_inconnu": 1}')


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (AttestationProlongationDelivree, "mise_a_disposition_le"),
        (AttestationProlongationRenouvelee, "mise_a_disposition_le"),
        (AttestationDecisionFavorableDelivree, "mise_a_disposition_le"),
        (RecepisseDelivre, "remis_le"),
        (RecepisseRenouvele, "remis_le"),
    ],
)
def test_a_source_must_say_whether_the_document_was_handed_over(event: type[Event], key: str) -> None:
    """A document issued is not a document handed over: the key is required, may be null, and is always written."""
    dates = {"valide_du": "2025-05-07", "valide_au": "2025-08-05"}
    with pytest.raises(ValidationError, match=key):
        event.model_validate(dates)
    unknown = event.model_validate({**dates, key: None})
    assert f'"{key}":null' in unknown.model_dump_json(exclude_none=True)
    known = event.model_validate({**dates, key: "2025-05-07"})
    assert f'"{key}":"2025-05-07"' in known.model_dump_json(exclude_none=True)


def titre(du: str, au: str) -> TitreRemis:
    """A residence permit valid from ``du`` to ``au``."""
    return TitreRemis(type_titre=types.TypeTitre.CST, valide_du=Jours.lire(du), valide_au=Jours.lire(au))


def test_a_period_that_ends_before_it_begins_is_unreadable() -> None:
    """A reversed validity or outage is refused in French; one day, or months that overlap, are read."""
    with pytest.raises(ValidationError, match=r"« valide_au » .* précède « valide_du »"):
        titre("2025-01-02", "2025-01-01")
    with pytest.raises(ValidationError, match=r"« fin » .* précède « debut »"):
        PannePlateformeConstatee(debut=Quand.lire("2025-01-02"), fin=Quand.lire("2025-01-01"))
    assert titre("2025-01-01", "2025-01-01").valide_au.exact
    assert not titre("2025-01", "2025-01").valide_au.exact


def test_what_is_unlawful_stays_readable() -> None:
    """An attestation of one year, which no text allows, is a fact like any other."""
    fact = AttestationProlongationDelivree.model_validate(
        {"valide_du": "2025-01-01", "valide_au": "2025-12-31", "mise_a_disposition_le": "2026-02-01"}
    )
    assert str(fact.valide_au) == "2025-12-31"


def test_only_a_withdrawal_goes_to_any_stream() -> None:
    """A withdrawn fact is withdrawn in its own stream, so that one type is accepted in all of them."""
    assert [event for event in EVENTS if event.tout_flux] == [FaitRetire]


def test_a_chain_of_upcasts_and_a_rename_bring_a_payload_to_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version 1 under an earlier name passes each step once, in order, to today's shape."""
    monkeypatch.setattr(DemandeRetiree, "version", 3)

    def to_2(old: Payload) -> Payload:
        return {"raison": old["cause"], "retiree": old["retiree"]}

    def to_3(old: Payload) -> Payload:
        return {"motif": old["raison"].upper(), "retiree_le": old["retiree"]}

    upcasts = {("demande_retiree", 1): to_2, ("demande_retiree", 2): to_3}
    renamed = {"demande_abandonnee": "demande_annulee", "demande_annulee": "demande_retiree"}
    stored = b'{"cause": "d\xc3\xa9part", "retiree": "2024-10-14"}'

    cls, payload = to_current("demande_abandonnee", 1, stored, upcasts=upcasts, renamed=renamed)
    assert cls is DemandeRetiree
    assert cls.model_validate_json(payload) == DemandeRetiree(retiree_le=Jours.lire("2024-10-14"), motif="DÉPART")

    second = b'{"raison": "d\xc3\xa9part", "retiree": "2024-10-14"}'
    assert to_current("demande_retiree", 2, second, upcasts=upcasts) == (cls, payload)
    assert to_current("demande_retiree", 3, payload, upcasts=upcasts) == (cls, payload)


def test_a_missing_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that nobody taught us to turn is refused, never read as if it were today's."""
    monkeypatch.setattr(DemandeRetiree, "version", 3)
    upcasts = {("demande_retiree", 1): dict[str, Any]}
    with pytest.raises(UnknownEventError, match="la version 2 du fait 'demande_retiree' n'est pas connue"):
        to_current("demande_retiree", 1, b"{}", upcasts=upcasts)


def test_a_current_payload_is_given_back_as_it_is() -> None:
    """Without an older version there is nothing to turn: the very same bytes come back, undecoded."""
    stored = b'{"etape": not even JSON'
    cls, same = to_current("tentative_depot_echouee", 1, stored)
    assert cls.nom == "tentative_depot_echouee"
    assert same is stored


@pytest.mark.parametrize(
    ("nom", "version", "message"),
    [
        ("os.system", 1, "type de fait inconnu : 'os.system'"),
        ("demande_deposee", 2, "'demande_deposee' est en version 2, plus récente que la version connue"),
        ("demande_deposee", 0, "la version 0 du fait 'demande_deposee' n'est pas connue"),
    ],
)
def test_what_we_do_not_know_is_named_and_refused(nom: str, version: int, message: str) -> None:
    """A forged name, a version from the future or one that never was stops the reading with a French message."""
    with pytest.raises(UnknownEventError, match=re.escape(message)):
        to_current(nom, version, b"{}")


def test_every_old_version_and_name_has_its_way_to_today() -> None:
    """Each version before the current one has its step, and each earlier name leads to a name in use."""
    assert set(UPCASTS) == {(event.nom, version) for event in EVENTS for version in range(1, event.version)}
    assert set(RENAMED).isdisjoint(CLASSES)
    assert {to_current(nom, CLASSES[RENAMED[nom]].version, b"{}")[0] for nom in RENAMED} <= set(EVENTS)


def test_the_glossary_is_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The committed glossary is what the code says, and the check sees one changed letter."""
    assert glossary.main(["--check"]) == 0
    copy = tmp_path / "docs" / "glossary.md"
    assert glossary.main(["--check"], copy) == 1
    assert glossary.main([], copy) == 0
    assert glossary.main(["--check"], copy) == 0
    copy.write_text(copy.read_text(encoding="utf-8").replace("préfecture", "prefecture", 1), encoding="utf-8")
    assert glossary.main(["--check"], copy) == 1
    assert "n'est plus à jour" in capsys.readouterr().err


def test_the_glossary_names_every_event_field_and_article() -> None:
    """A reader finds each stored name, each field and the articles of a filing."""
    text = glossary.render()
    for event in EVENTS:
        assert f"`{event.nom}`, version" in text
        assert all(f"| `{field}` |" in text for field in event.model_fields)
    assert glossary.cites(DemandeDeposee)[:2] == ["CESEDA R.*432-1", "CESEDA R.432-2"]
    assert "Visa de long séjour valant titre de séjour." in text


def test_an_article_is_read_with_the_code_that_precedes_it() -> None:
    """A list of articles shares its code, paragraphs and rulings included, and repeats are dropped."""
    text = "Voir (CRPA L.112-15, R.112-17 à\n R.112-20 ; CESEDA R.*432-1, R.431-5 1°, R.431-5 1° ; CE avis 499904)."
    assert glossary.articles(text) == [
        "CRPA L.112-15",
        "CRPA R.112-17",
        "CRPA R.112-20",
        "CESEDA R.*432-1",
        "CESEDA R.431-5 1°",
        "CE avis 499904",
    ]


def test_the_vocabulary_states_and_never_judges() -> None:
    """The words of the registry leave the qualification to the judge."""
    sources = [Path(str(module.__file__)) for module in (*STAGES, types, listes)]
    judging = re.compile(r"\bfautes?\b|\bfauti(f|ve)", re.IGNORECASE)
    assert [path.name for path in sources if judging.search(path.read_text(encoding="utf-8"))] == []
