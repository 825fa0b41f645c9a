"""Followers that stay open: what is read holds for all that is committed; much that is missing is read beside."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app import suivi as module
from app.suivi import ATTACHES, RECHERCHES, VUE, ArriereError, Suivi
from app.transversal import chiffres_par
from bench.dossiers import lines
from ledger.events.acces import DossierConsulte
from ledger.events.listes import FondementAcces
from ledger.interchange import read_line
from ledger.store import Ledger
from projections import chiffres_filtres
from tests.faits import fait, faits


@pytest.fixture
def suivi(ledger: Ledger) -> Iterator[Suivi]:
    """Followers on a ledger of twenty facts."""
    ledger.append(list(faits(20)))
    made = Suivi(ledger)
    yield made
    made.close()


def dossiers(suivi: Suivi) -> int:
    """How many dossiers the tables hold, read as a page does."""
    with suivi.lire(ATTACHES) as conn:
        row = conn.execute("SELECT count(*) FROM vue_attaches.dossier").fetchone()
    assert row is not None
    return int(row[0])


def test_what_was_just_written_is_read(ledger: Ledger, suivi: Suivi) -> None:
    """Not sealed by anybody else, not followed by anybody else: the reader brings the tables up to date."""
    first = dossiers(suivi)
    ledger.append(list(faits(20, first=21, personnes=3, objets=7)))
    assert dossiers(suivi) > first > 0


def test_many_readers_at_once_all_see_it(ledger: Ledger, suivi: Suivi) -> None:
    """They wait for one another, and none fails."""
    found: list[int] = []
    readers = [threading.Thread(target=lambda: found.append(dossiers(suivi))) for _ in range(6)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    assert found == [dossiers(suivi)] * 6


def test_what_is_far_behind_is_read_beside(suivi: Suivi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes is told to come back, at once; meanwhile a thread reads, of every table."""
    monkeypatch.setattr(module, "ARRIERE", -1)
    with pytest.raises(ArriereError, match="revenez"), suivi.lire(ATTACHES):
        pytest.fail("the tables were not filled yet")
    monkeypatch.undo()
    deadline = time.monotonic() + 20
    while any(thread.is_alive() for thread in suivi._threads.values()):  # noqa: SLF001 - what the test waits for
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert set(suivi._threads) == {VUE.name, ATTACHES.name, RECHERCHES.name}  # noqa: SLF001 - as above
    assert dossiers(suivi) > 0


def test_an_answer_is_computed_once_until_something_is_added(ledger: Ledger, suivi: Suivi) -> None:
    """The same question again costs nothing; another one, or another fact, is computed."""
    asked: list[str] = []

    def ask(what: str) -> str:
        with suivi.lire(ATTACHES) as conn:
            return suivi.retenir(conn, ATTACHES, what, lambda: asked.append(what) or f"réponse {len(asked)}")  # type: ignore[func-returns-value] # append is called for its effect

    assert ask("a") == ask("a") == "réponse 1"
    assert ask("b") == "réponse 2"
    ledger.append(list(faits(1, first=50)))
    assert ask("a") == "réponse 3"


def test_which_figures_are_given_is_decided_again_when_what_is_counted_changes(
    ledger: Ledger, suivi: Suivi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by who looked: it takes seconds in a great register, to which something is added all the time."""
    decided: list[object] = []
    real = chiffres_filtres.croisements

    def counted(atoms: Any, minimum: int) -> Any:
        decided.append(atoms)
        return real(atoms, minimum)

    monkeypatch.setattr(chiffres_filtres, "croisements", counted)
    asked = chiffres_filtres.Filtre(annee=2025)

    def ask() -> chiffres_filtres.Chiffres:
        return chiffres_par(suivi, asked, None, date(2026, 3, 10), 2)

    ledger.append([read_line(line) for line in lines(600)])
    first = ask()
    assert first.ruptures
    looked = DossierConsulte(fondement=FondementAcces.INSTRUCTION)
    ledger.append([fait(id="regard", personne="fictif-1", objet="consultations", evenement=looked)])
    assert ask() == first
    assert len(decided) == 1
    ledger.append([read_line(line) for line in lines(1_200)][600:])
    assert ask() != first
    assert len(decided) == 2
