"""OCEL 2.0 and XES: every type of fact, any text, valid for who publishes the form, and nothing lost or added."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator, FormatChecker

from evidence.echange import flux_ocel, flux_xes, ocel, xes
from ledger.days import Jours, Quand
from ledger.entry import Acteur, Entry, Fait
from ledger.events import EVENTS
from ledger.events.correction import FaitRetire
from ledger.events.depot import DemandeDeposee, TentativeDepotEchouee
from ledger.events.incident import IncidentOuvert, UsagerInformeResolution
from ledger.events.provisoire import AttestationProlongationDelivree
from ledger.events.types import CodeIncident, Flux, NatureActeur, NatureDemande, TypeTitre
from replay.tiers import Masque
from tests.evidence.vies_echange import entries, lives
from tests.faits import fait, fait_of
from tests.strategies import NAUGHTY

SCHEMA = json.loads((Path(__file__).parents[1] / "vectors" / "ocel" / "ocel20-schema.json").read_text())
VALIDATOR = Draft7Validator(SCHEMA, format_checker=FormatChecker())
ORDER = {"extension": 0, "global": 1, "classifier": 2, "trace": 4}
VALUES = {"string": str, "id": str, "int": int, "date": datetime.fromisoformat}


def life() -> list[Entry]:
    """A filing, its failed attempt that names an incident, an attestation of the same dossier, and that incident."""
    filed = DemandeDeposee(
        titre_demande=TypeTitre.CST,
        nature=NatureDemande.RENOUVELLEMENT,
        deposee_le=Jours.lire("2025-07-02"),
        titre_precedent="T-1",
    )
    given_ = AttestationProlongationDelivree(
        valide_du=Jours.lire("2025-10-01"),
        valide_au=Jours.lire("2025-12"),
        mise_a_disposition_le=None,
        dossier="D-1",
    )
    return entries(
        [
            fait(id="F-1", survenu="2025-07", evenement=TentativeDepotEchouee(incident="I-1")),
            fait(id="F-2", survenu="2025-07-02", evenement=filed),
            fait(id="F-3", objet="A-1", survenu="2025-10-02T08:00:00Z", evenement=given_),
            fait(
                id="F-4", corrige="F-1", survenu="2025-07", flux_choisi=Flux.DOSSIER, evenement=FaitRetire(motif="non")
            ),
            fait(
                id="I",
                personne=None,
                objet="I-1",
                evenement=IncidentOuvert(
                    code=CodeIncident.NO_CANCELLATION, depuis=Quand.lire("2025-07-01"), dossiers=("D-1", "D-9")
                ),
            ),
        ]
    )


def read(raw: bytes) -> dict[str, Any]:
    """An OCEL document, checked against the published schema and for what the schema cannot say."""
    document: dict[str, Any] = json.loads(raw)
    assert not list(VALIDATOR.iter_errors(document))
    objets = {each["id"]: each["type"] for each in document["objects"]}
    assert len(objets) == len(document["objects"])
    declared = {kind["name"]: {a["name"]: a["type"] for a in kind["attributes"]} for kind in document["eventTypes"]}
    assert set(objets.values()) == {each["name"] for each in document["objectTypes"]}
    for event in document["events"]:
        names = [each["name"] for each in event["attributes"]]
        assert len(names) == len(set(names))
        assert set(names) <= set(declared[event["type"]])
        assert {each["objectId"] for each in event["relationships"]} <= set(objets)
        for each in event["attributes"]:
            _as_declared(declared[event["type"]][each["name"]], each["value"])
    return document


def _as_declared(kind: str, value: str) -> None:
    match kind:
        case "time":
            assert datetime.fromisoformat(value).tzinfo is not None
        case "integer":
            assert str(int(value)) == value
        case "boolean":
            assert value in {"true", "false"}
        case _:
            assert kind == "string"


def parse(raw: bytes) -> ET.Element:
    """An XES document, checked for what its schema asks: order of elements, types of values, one key once."""
    log = ET.fromstring(raw)  # noqa: S314 - our own output
    assert log.tag == "log"
    ranks = [ORDER[each.tag] for each in log]
    assert ranks == sorted(ranks)
    assert float(log.attrib["xes.version"])
    for component in [*log.iter("trace"), *log.iter("event")]:
        keys = [each.attrib["key"] for each in component if each.tag != "event"]
        assert len(keys) == len(set(keys))
        assert all(key.replace(":", "").replace(".", "").replace("_", "").isalnum() for key in keys)
        for each in component:
            if each.tag != "event":
                VALUES.get(each.tag, str)(each.attrib["value"])
                assert each.tag != "boolean" or each.attrib["value"] in {"true", "false"}
    return log


def values(component: ET.Element) -> dict[str, str]:
    """The attributes of a trace or an event."""
    return {each.attrib["key"]: each.attrib["value"] for each in component if each.tag != "event"}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.nom)
def test_every_type_of_fact_goes_through_both(event: Any) -> None:
    """Whatever a fact of this type says, both documents are valid and tell of it once, under its stored name."""

    @settings(max_examples=6)
    @given(fait_of(event))
    def check(drawn: Fait) -> None:
        lot = entries([drawn])
        (told,) = read(ocel(lot))["events"]
        (seen,) = parse(xes(lot)).iter("event")
        assert told["type"] == values(seen)["concept:name"] == event.nom
        assert told["id"] == values(seen)["identity:id"] == str(lot[0].event_id)
        assert told["time"] == values(seen)["time:timestamp"]

    check()


@settings(max_examples=40)
@given(lives())
def test_each_entry_is_in_one_trace_and_in_one_event(lot: list[Entry]) -> None:
    """Nothing is lost, nothing told twice; within a trace, events go by time."""
    ids = Counter(str(each.event_id) for each in lot)
    assert Counter(each["id"] for each in read(ocel(lot))["events"]) == ids
    log = parse(xes(lot))
    assert Counter(values(each)["identity:id"] for each in log.iter("event")) == ids
    names = [values(each)["concept:name"] for each in log.iter("trace")]
    assert len(names) == len(set(names))
    for trace in log.iter("trace"):
        times = [datetime.fromisoformat(values(each)["time:timestamp"]) for each in trace.iter("event")]
        assert times == sorted(times)


@settings(max_examples=40)
@given(lives())
def test_the_same_entries_give_the_same_bytes(lot: list[Entry]) -> None:
    """Both are functions of the entries; in one lot or as a stream of lots of one."""
    assert ocel(lot) == ocel(list(lot)) == b"".join(flux_ocel([lot]))
    assert xes(lot) == xes(list(lot)) == b"".join(flux_xes([lot]))


@pytest.mark.parametrize("piece", NAUGHTY)
def test_text_that_breaks_careless_code_comes_back(piece: str) -> None:
    """OCEL gives any text back; XES too, but for signs that XML cannot hold, which are shown by their code."""
    text = normalize("NFC", f"a{piece}b")  # as the ledger keeps it
    lot = entries([fait(evenement=TentativeDepotEchouee(texte_erreur=text))])
    (told,) = read(ocel(lot))["events"]
    assert {"name": "donnees.texte_erreur", "value": text} in told["attributes"]
    (seen,) = parse(xes(lot)).iter("event")
    shown = text.replace("\0", "[U+0000]").replace("\uffff", "[U+FFFF]")
    assert values(seen)["donnees.texte_erreur"] == shown


def test_what_a_life_becomes_in_ocel() -> None:
    """Objects with their person, events with bounds, roles, and whether the fact still holds."""
    lot = life()
    document = read(ocel(lot, {lot[0].event_id: "ab" * 32}))
    objets = {each["id"]: each for each in document["objects"]}
    assert {each["type"] for each in objets.values()} == {"personne", "dossier", "titre", "incident"}
    assert objets["dossier/P-1/D-1"]["relationships"] == [{"objectId": "personne/P-1", "qualifier": "personne"}]
    assert objets["dossier/P-1/D-1"]["attributes"][0]["value"] == lot[0].stream.hex
    assert "relationships" not in objets["incident//I-1"]
    failed, filed, given_, _, opened = document["events"]
    said = {each["name"]: each["value"] for each in failed["attributes"]}
    assert failed["time"] == said["survenu.pas_avant"] == "2025-06-30T22:00:00Z"
    assert said["survenu.pas_apres"] == "2025-07-31T21:59:59.999999Z"
    assert (said["tient"], said["position"], said["place"], said["feuille"]) == ("false", "1", "1", "ab" * 32)
    assert (said["grade"], said["source"], said["enregistre_le"]) == ("A", "anef", "2026-11-23T08:00:01Z")
    roles = {(each["qualifier"], each["objectId"]) for each in failed["relationships"]}
    assert roles == {("personne", "personne/P-1"), ("flux", "dossier/P-1/D-1"), ("incident", "incident//I-1")}
    assert ("titre_precedent", "titre/P-1/T-1") in {
        (each["qualifier"], each["objectId"]) for each in filed["relationships"]
    }
    bounds = {each["name"]: each["value"] for each in given_["attributes"]}
    assert (bounds["donnees.valide_au.pas_avant"], bounds["donnees.valide_au.pas_apres"]) == (
        "2025-12-01",
        "2025-12-31",
    )
    listed = {each["objectId"] for each in opened["relationships"] if each["qualifier"] == "dossiers"}
    assert listed == {"dossier/P-1/D-1", "dossier/P-1/D-9"}


def test_what_a_life_becomes_in_xes() -> None:
    """The attestation that names the dossier is in its trace, after the filing; the incident has a trace of its own."""
    traces = {values(each)["concept:name"]: each for each in parse(xes(life())).iter("trace")}
    assert set(traces) == {"dossier/P-1/D-1", "incident//I-1"}
    names = [values(each)["concept:name"] for each in traces["dossier/P-1/D-1"].iter("event")]
    assert names == [
        "tentative_depot_echouee",
        "fait_retire",
        "demande_deposee",
        "attestation_prolongation_delivree",
    ]
    assert values(traces["dossier/P-1/D-1"])["personne"] == "personne/P-1"


def test_references_are_not_taken_for_each_other() -> None:
    """« a/b » of « c » is not « b » of « c/a », and one dossier number of two persons is two dossiers."""
    lot = entries([fait(personne="c", objet="a/b"), fait(personne="c/a", objet="b"), fait(personne="d", objet="b")])
    found = read(ocel(lot))["objects"]
    assert len([each for each in found if each["type"] == "dossier"]) == 3
    assert len(list(parse(xes(lot)).iter("trace"))) == 3


def test_third_parties_stay_masked() -> None:
    """What the mask left is what both tell: an agent by a number, somebody else's dossier not at all."""
    agent = Acteur(nature=NatureActeur.AGENT, id="agent-42", service="Préfecture")
    told = UsagerInformeResolution(dossier="D-9")
    lot = [
        *life(),
        *entries([fait(id="F-9", acteur=agent), fait(id="I-2", personne=None, objet="I-1", evenement=told)]),
    ]
    mask = Masque("P-1", lot)
    shown = [mask.entry(each) for each in lot]
    for raw in (ocel(shown), xes(shown)):
        assert b"agent-42" not in raw
        assert b"D-9" not in raw
        assert b"tiers-1" in raw


def test_a_stream_of_lives_holds_one_at_a_time() -> None:
    """Lots are asked for as the document is written, never all before."""
    asked = []

    def lots() -> Any:
        for number in range(3):
            asked.append(number)
            yield entries([fait(personne=f"P-{number}")])

    pieces = flux_ocel(lots())
    assert asked == []
    next(pieces)
    next(pieces)
    assert asked == [0]
    rest = b'{"events":[' + b"{}" + b"".join(pieces)
    assert asked == [0, 1, 2]
    assert rest.endswith(b"]}\n")
    assert len(list(parse(b"".join(flux_xes(lots()))).iter("trace"))) == 3
