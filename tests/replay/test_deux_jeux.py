"""A report redone with its pinned rules is the same to the byte; with the new rules it gives the stored difference."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ledger.entry import Entry, Fait
from ledger.events import depot
from projections.imputation.modeles import Imputation
from replay.as_of import Moment, plain
from replay.deux_jeux import EcartRegles, ecart_regles
from replay.preuve import preuve
from rules.catalogue import empreinte
from rules.jeux import ACTUEL, JEUX, PREMIER, RECHERCHE, Jeu
from tests.imputation.test_conduites import attestation, carte, demande, le
from tests.samples.test_samples import as_entries

GOLDEN: Final = Path(__file__).parents[1] / "golden"
STORED: Final = ((PREMIER, "evidence_first_rules.json"), (ACTUEL, "evidence_rules.json"))
CHANGE: Final = GOLDEN / "evidence_change.json"
MOMENT: Final = Moment(None, date(2025, 10, 31))


def tentative(day: str) -> Fait:
    """A failed attempt that the téléservice itself logged."""
    return le(day, depot.TentativeDepotEchouee(texte_erreur="Une erreur est survenue (E-503)."))


VIE: Final = as_entries(
    [carte("2024-10-01", "2025-09-30"), tentative("2025-07-25"), tentative("2025-07-30"), demande("2025-08-05")]
)
"""Two attempts in two weeks of the calendar and five days, then an application four days after the window."""
TRANQUILLE: Final = as_entries(
    [carte("2024-10-01", "2025-09-30"), demande("2025-07-01"), attestation("2025-10-20", "2026-01-19")]
)


def printed(value: object) -> str:
    """What the command line prints with ``--json``."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n"


def renew() -> None:
    """Write the stored answers again, after a change of what is said that was meant: never because a set was edited."""
    for jeu, name in STORED:
        (GOLDEN / name).write_text(printed(preuve(VIE, MOMENT, jeu)), encoding="utf-8")
    CHANGE.write_text(printed(ecart_regles(VIE, MOMENT, PREMIER, ACTUEL)), encoding="utf-8")


@pytest.mark.parametrize(("jeu", "name"), STORED)
def test_a_report_redone_with_its_rules_is_the_same_to_the_byte(jeu: Jeu, name: str) -> None:
    """The stored evidence names its rules; those rules give it again, each byte the same."""
    stored = (GOLDEN / name).read_text(encoding="utf-8")
    assert json.loads(stored)["regles"] == empreinte(jeu)
    assert printed(preuve(VIE, MOMENT, jeu)) == stored


def test_new_rules_give_the_stored_difference() -> None:
    """What the set of today changes in the old report: the window, the duty to let file, whose the days are."""
    assert printed(ecart_regles(VIE, MOMENT, PREMIER, ACTUEL)) == CHANGE.read_text(encoding="utf-8")


def test_five_days_in_two_weeks_were_enough_for_the_first_reading_only() -> None:
    """The first reading puts the window off to 7 August and the days on the administration; the second leaves both."""
    found = ecart_regles(VIE, MOMENT, PREMIER, ACTUEL)
    counts = {each.imputation: (each.avant, each.apres) for each in found.jours}
    assert counts == {Imputation.ADMINISTRATION: (31, 0), Imputation.UNDETERMINED: (0, 31)}
    [window] = [each for each in found.obligations if each.apres and each.apres.code == "depot_dans_la_fenetre"]
    assert window.avant is not None
    assert window.apres is not None
    assert (window.avant.au, window.apres.au) == (date(2025, 8, 7), date(2025, 8, 1))
    [gone] = [each.avant for each in found.obligations if each.apres is None]
    assert gone is not None
    assert gone.code == "attestation_prolongation"
    assert "ce_435594_tentatives" in {each.regle for each in found.lectures}


def turned(found: EcartRegles) -> tuple[object, ...]:
    """A difference seen from the other side."""
    return (
        [(each.apres, each.avant) for each in found.obligations],
        [(each.apres, each.avant) for each in found.attributions],
        [(each.imputation, each.apres, each.avant) for each in found.jours],
    )


def test_the_difference_read_backwards_is_the_difference_of_the_sets_exchanged() -> None:
    """What one way adds, the other way takes away, and nothing else."""
    there, back = ecart_regles(VIE, MOMENT, PREMIER, ACTUEL), ecart_regles(VIE, MOMENT, ACTUEL, PREMIER)
    obligations, attributions, jours = turned(back)
    assert [(each.avant, each.apres) for each in there.obligations] == obligations
    assert [(each.avant, each.apres) for each in there.attributions] == attributions
    assert [(each.imputation, each.avant, each.apres) for each in there.jours] == jours


@pytest.mark.parametrize(
    ("life", "avant", "apres", "readings"),
    [(VIE, ACTUEL, ACTUEL, 0), (TRANQUILLE, PREMIER, ACTUEL, 8), (VIE, RECHERCHE, ACTUEL, 7)],
    ids=["one set", "a life without attempts", "procedure read again"],
)
def test_rules_that_change_nothing_say_so(life: Sequence[Entry], avant: Jeu, apres: Jeu, readings: int) -> None:
    """The same set, or readings that the life does not meet: no duty and no day differs, though readings may."""
    found = ecart_regles(life, MOMENT, avant, apres)
    assert found.vide
    assert found.jours == ()
    assert len(found.lectures) == readings


def test_two_sets_computed_at_once_give_what_each_gives_alone() -> None:
    """Reports made at the same time under different sets do not mix."""
    alone = {jeu: printed(preuve(VIE, MOMENT, jeu)) for jeu in JEUX}
    asked = [JEUX[n % len(JEUX)] for n in range(60)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda jeu: printed(preuve(VIE, MOMENT, jeu)), asked))
    assert found == [alone[jeu] for jeu in asked]
