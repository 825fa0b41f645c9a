"""What the timeline tells around its facts: the actions before a failure, and how a filter is said."""

from datetime import UTC, date, datetime
from uuid import UUID

from ledger.entry import Acteur, Entry
from ledger.events.depot import PieceVersee, TentativeDepotEchouee
from ledger.events.types import NatureActeur
from projections.chronologie import PRECEDENTS, Chronologie, Filtre, Origine, Repetition, chronologie
from tests.faits import fait

AGENT = Acteur(nature=NatureActeur.AGENT, id="agent-1")


def _entry(number: int, **given: object) -> Entry:
    """The entry of a fact of March 2025, hers unless it says another actor."""
    told = fait(id=f"F-{number}", survenu=f"2025-03-{number:02}", **given)
    return Entry(number, UUID(int=1), number, UUID(int=1), UUID(int=number), datetime(2025, 4, 1, tzinfo=UTC), told)


def _lue(filtre: Filtre) -> Chronologie:
    """Twelve documents handed in, an agent's view among them, then a failure, corrected, and three that say the same."""
    echec = TentativeDepotEchouee(texte_erreur="E-503")
    pieces = [_entry(n, evenement=PieceVersee(piece=f"Pièce {n}")) for n in range(1, 13)]
    lue = _entry(13, evenement=PieceVersee(piece="Pièce lue"), acteur=AGENT)
    failed = _entry(14, evenement=echec), _entry(15, evenement=TentativeDepotEchouee(texte_erreur="E-504"))
    corrects = _entry(16, evenement=TentativeDepotEchouee(texte_erreur="E-505"), corrige="F-15")
    again = [_entry(n, evenement=echec) for n in range(17, 20)]
    return chronologie([*pieces, lue, *failed, corrects, *again], filtre, date(2025, 4, 1))


def test_each_failure_has_the_last_things_the_person_did_before_it() -> None:
    """Ten at most, the last one last; an agent's act is none of hers, and what was corrected does not count."""
    told = _lue(Filtre()).precedents
    numbers = {name: [each.ligne.numero for each in before] for name, before in told.items()}
    assert numbers["F-14"] == list(range(3, 13))
    assert "F-15" not in numbers
    assert numbers["F-16"] == [*range(4, 13), 14]
    assert numbers["F-19"][-4:] == [14, 16, 17, 18]
    assert all(len(each) <= PRECEDENTS for each in numbers.values())


def test_a_filter_hides_facts_and_never_what_came_before_a_failure() -> None:
    """The actions before a failure are those of the whole life."""
    only = _lue(Filtre(texte="E-505"))
    assert only.numeros == (16,)
    assert only.precedents == _lue(Filtre()).precedents


def test_failures_that_say_the_same_are_called_failures() -> None:
    """« 3 échecs identiques »; a year counts the facts inside its groups."""
    [year] = _lue(Filtre()).annees
    assert [bloc.texte for bloc in year.blocs if isinstance(bloc, Repetition)] == ["3 échecs identiques"]
    assert year.montres == 19


def test_a_filter_is_said_whole() -> None:
    """Every field that leaves something out is in the words; none is: everything is there."""
    assert Filtre().dit == "aucun filtre, tous les faits"
    day = date(2025, 3, 1)
    said = Filtre(origine=(Origine.USAGER, Origine.TIERS), piece=True, texte="été", du=day, au=day).dit
    expected = "de : usager, tiers ; avec une pièce ; à partir du 1er mars 2025 ; jusqu'au 1er mars 2025"
    assert said == f"{expected} ; mots cherchés : « été »"
