"""A conclusion step by step: what is shown was computed by the engine, and computing it again gives the same digest."""

from datetime import date, timedelta

import pytest

from ledger.entry import Entry
from replay.as_of import Moment
from replay.calcul import calcul, empreinte_de, jours_de, rejouer
from replay.preuve import preuve
from rules.base import quantieme
from rules.catalogue import regle
from rules.jours_ouvres import premier_ouvre
from tests.samples.test_samples import as_entries, facts

AT = Moment(None, date(2026, 2, 11))


def lives() -> dict[str, list[Entry]]:
    """The entries of each person of the worked cases."""
    found: dict[str, list[Entry]] = {}
    for entry in as_entries(facts("cas.jsonl")):
        found.setdefault(entry.fait.personne or "", []).append(entry)
    return found


@pytest.mark.parametrize("who", sorted(lives()))
def test_every_step_was_counted_and_counts_right(who: str) -> None:
    """Each chain, link by link; what was counted starts at a day of its facts, and is right when counted again."""
    entries = lives()[who]
    proof, operations = rejouer(entries, AT)
    assert proof == preuve(entries, AT)
    days = {day for entry in entries for day in jours_de(entry)}
    for lost in proof.attributions:
        told = calcul(lost, proof, operations, entries)
        assert tuple(each.constat for each in told.etapes) == lost.chaine
        known = days | {lost.du, lost.au}
        for rule in (rule for each in told.etapes for rule in each.regles):
            assert rule.source in regle(rule.regle).sources
            for made in rule.operations:
                assert made.regle == rule.regle
                assert made.depart in known
                match made.unite:
                    case "mois":
                        assert made.fin == quantieme(made.depart, made.nombre)
                    case "jours":
                        assert made.fin == made.depart + timedelta(days=made.nombre)
                    case "report":
                        assert made.fin == premier_ouvre(made.depart)
                known = known | {made.fin}


def test_the_certificate_that_came_late_is_counted_day_by_day() -> None:
    """The window from the expiry, the day after it, and the days on which the duty was not done."""
    entries = lives()["amina-exemple-c01"]
    proof, operations = rejouer(entries, AT)
    lost = next(each for each in proof.attributions if each.couche == "preuve")
    told = calcul(lost, proof, operations, entries)
    rules = [rule for each in told.etapes for rule in each.regles]
    counted = {(each.depart, each.nombre, each.unite, each.fin) for rule in rules for each in rule.operations}
    expires = date(2025, 9, 30)
    assert counted == {
        (expires, -120, "jours", date(2025, 6, 2)),
        (expires, -60, "jours", date(2025, 8, 1)),
        (expires, 1, "jours", date(2025, 10, 1)),
    }
    [owed] = told.devoirs
    assert (owed.du, [(each.du, each.au) for each in owed.manquements]) == (lost.du, [(lost.du, lost.au)])
    assert any(rule.source.a_verifier for rule in rules)


def test_the_digest_is_of_the_conclusion_and_of_nothing_else() -> None:
    """The same when computed again or beside another fact; another with another day, or without one of its facts."""
    entries = lives()["amina-exemple-c01"]
    proof, _ = rejouer(entries, AT)
    first = empreinte_de(proof.attributions[0], proof)
    again, _ = rejouer(list(reversed(entries)), AT)
    assert empreinte_de(again.attributions[0], again) == first
    later, _ = rejouer(entries, Moment(None, date(2026, 2, 12)))
    assert first not in {empreinte_de(each, later) for each in later.attributions}
    cited = proof.attributions[0].chaine[1].entries[0]
    less, _ = rejouer([each for each in entries if each.event_id != cited], AT)
    assert first not in {empreinte_de(each, less) for each in less.attributions}
