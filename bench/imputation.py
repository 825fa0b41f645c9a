"""``python -m bench.imputation``: how long attribution takes over a long life, and over many ordinary ones."""

import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from bench.dossiers import FACTS_PER_PERSON, lines
from ledger.days import Jours
from ledger.entry import Entry, Fait
from ledger.events.depot import DemandeDeposee
from ledger.events.types import Source
from ledger.interchange import read_line
from projections.imputation.calcul import attributions
from replay.as_of import Moment
from replay.passe import avec_le_passe
from replay.preuve import preuve

LONG: Final = 300
PERSONS: Final = 2_000
CYCLES: Final = 7
"""Renewals of a life in which everything goes wrong, each with three breaches."""
USUAL: Final = 2
"""Renewals of a long but usual life."""
TIMES: Final = 15
PAST: Final = 200
"""Persons whose past is replayed."""
_FIRST: Final = date(2018, 1, 1)
_RECORDED: Final = datetime(2026, 11, 23, tzinfo=UTC)
_encode: Final = msgspec.json.Encoder().encode


def recorded(facts: Iterable[Fait]) -> list[Entry]:
    """These facts as they stand in a ledger that has just received them in this order."""
    found: list[Entry] = []
    for number, fait in enumerate(facts, start=1):
        subject = uuid5(NAMESPACE_URL, fait.personne or "")
        event_id = uuid5(subject, fait.id)
        found.append(Entry(number, subject, number, subject, event_id, _RECORDED + timedelta(seconds=number), fait))
    return found


def long_life(size: int, *, cycles: int = CYCLES) -> list[Entry]:
    """One person of ``size`` facts who renews a card ``cycles`` times, with about three breaches each time."""
    per_cycle, rest = divmod(size, cycles)
    facts = [
        read_line(line)
        for number in range(cycles)
        for line in _cycle(number, per_cycle + (rest if number == cycles - 1 else 0))
    ]
    return recorded(facts)


def _cycle(number: int, size: int) -> Iterator[bytes]:
    """One renewal: blocked, filed late, covered with holes, decided; filled up with pieces, reminders and logins."""
    start = _FIRST + timedelta(days=430 * number)
    expiry = start + timedelta(days=364)
    dossier, held = f"D-{number}", f"T-{number}"
    made = 0

    def fact(type_: str, day: date, objet: str, **donnees: Any) -> bytes:
        nonlocal made
        made += 1
        return _encode(
            {
                "id": f"longue-{number}-{made:04}",
                "personne": "longue",
                "objet": objet,
                "type": type_,
                "survenu": f"{day}T09:00:00Z",
                "acteur": {"nature": "systeme"},
                "canal": "teleservice",
                "source": "anef",
                "grade": "A",
                "donnees": donnees,
            }
        )

    def at(days: int) -> date:
        return expiry + timedelta(days=days)

    yield fact(
        "titre_remis", start, held, type_titre="cst", duree_annees=1, valide_du=str(start), valide_au=str(expiry),
        remis_le=str(start),
    )  # fmt: skip
    for tried in (-100, -92, -85):
        yield fact("tentative_depot_echouee", at(tried), dossier, incident=f"I-{number}")
    yield fact("incident_resolu", at(-80), f"I-{number}", resolu_le=str(at(-80)), dossiers=[dossier])
    yield fact(
        "demande_deposee", at(-20), dossier, titre_demande="cst", nature="renouvellement", deposee_le=str(at(-20)),
        titre_precedent=held,
    )  # fmt: skip
    for first, last in ((5, 15), (20, 30), (38, 48)):
        yield fact(
            "attestation_prolongation_delivree", at(first), f"A-{number}-{first}", valide_du=str(at(first)),
            valide_au=str(at(last)), mise_a_disposition_le=str(at(first)), dossier=dossier,
        )  # fmt: skip
    yield fact("decision_favorable_prise", at(58), dossier, prise_le=str(at(58)), titre_accorde="cst")
    while made < size:
        day = at(made % 70 - 19)
        match made % 3:
            case 0:
                digest = sha256(f"{number}/{made}".encode()).hexdigest()
                yield fact("piece_versee", day, dossier, piece="justificatif", sha256=digest)
            case 1:
                yield fact("relance_envoyee", day, dossier, envoyee_le=str(day))
            case _:
                yield fact("connexion_reussie", day, "compte")


def contradicted(entries: Sequence[Entry]) -> list[Entry]:
    """The life with a second source, as strong, that dates its last filing nine days later."""
    filed = next(e for e in reversed(entries) if isinstance(e.fait.evenement, DemandeDeposee))
    event: Any = filed.fait.evenement
    later = Jours.le(event.deposee_le.dernier + timedelta(days=9))
    update = {
        "id": "autre-source",
        "source": Source.AGDREF,
        "evenement": event.model_copy(update={"deposee_le": later}),
    }
    return [*entries, *recorded([filed.fait.model_copy(update=update)])]


def in_time(entries: Iterable[Entry]) -> list[Entry]:
    """The life as if each fact had been recorded at the end of the day it happened on."""
    return [msgspec.structs.replace(each, recorded_at=each.fait.survenu.fin) for each in entries]


def past_ms(persons: Sequence[Sequence[Entry]]) -> float:
    """The mean milliseconds in which what was believed before is replayed."""
    asked = [(each, preuve(each, Moment(None, last_day(each)))) for each in persons]
    start = time.perf_counter()
    for entries, found in asked:
        avec_le_passe(entries, found)
    return (time.perf_counter() - start) / len(asked) * 1_000


def last_day(entries: Iterable[Entry]) -> date:
    """The last day of which the facts tell."""
    return max(entry.fait.survenu.jours.dernier for entry in entries)


def median_ms(entries: Sequence[Entry], *, whole: bool = False) -> float:
    """The median milliseconds in which this life is answered, or its ``whole`` evidence given."""
    au = last_day(entries)
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        if whole:
            preuve(entries, Moment(None, au))
        else:
            attributions(entries, au)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1_000


def evidence() -> tuple[float, float]:
    """The median milliseconds of a life of 300 entries, and the persons a second over 2,000 ordinary lives."""
    facts = [read_line(line) for line in lines(PERSONS * FACTS_PER_PERSON)]
    persons = [recorded(group) for _, group in groupby(facts, key=lambda fait: fait.personne)]
    start = time.perf_counter()
    for each in persons:
        attributions(each, last_day(each))
    return median_ms(long_life(LONG, cycles=USUAL)), len(persons) / (time.perf_counter() - start)


def main() -> None:
    """Print both figures."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    median, rate = evidence()
    print(f"{f'attribution, {LONG} entries, {3 * USUAL} breaches, median':<58} {f'{median:.1f} ms':>16}")
    evidence_ms = f"{median_ms(long_life(LONG, cycles=USUAL), whole=True):.1f} ms"
    print(f"{'  the whole evidence, duties, day ledger and two views':<58} {evidence_ms:>16}  floor 50 ms")
    both = f"{median_ms(contradicted(long_life(LONG, cycles=USUAL))):.1f} ms"
    print(f"{'  with a contradiction, two histories':<58} {both:>16}")
    for size in (LONG, 1_000):
        bad = f"{median_ms(long_life(size)):.1f} ms"
        print(f"{f'  {size:,} entries, {3 * CYCLES} breaches':<58} {bad:>16}")
    print(f"{f'attribution, {PERSONS:,} persons of {FACTS_PER_PERSON} facts':<58} {f'{rate:,.0f}/s':>16}")
    facts = [read_line(line) for line in lines(PAST * FACTS_PER_PERSON)]
    usual = [in_time(recorded(group)) for _, group in groupby(facts, key=lambda fait: fait.personne)]
    for number, persons in ((FACTS_PER_PERSON, usual), (LONG, [in_time(long_life(LONG, cycles=USUAL))])):
        told = f"what was believed before, {number} facts recorded in time"
        print(f"{told:<58} {f'{past_ms(persons):.1f} ms':>16}")


if __name__ == "__main__":
    main()
