"""When a malfunction hid from the préfecture an application that it had, and what ended that, under every reading."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events.depot import DemandeDeposee
from ledger.events.types import CodeIncident
from projections.imputation.deux_vues_arrivees import (
    Arrivee,
    Vie,
    au_plus_tot,
    de_type,
    jour_du_fait,
    lien,
    obstacles,
)
from projections.imputation.deux_vues_table import VUES, Cote

_B07: Final = CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE


class Masque(NamedTuple):
    """The time for which one malfunction hid an application."""

    depuis: Arrivee
    """When the applicant had filed it and the malfunction had begun."""
    fin: Arrivee | None
    """When it was resolved, or the préfecture acted on the file all the same."""
    faits: tuple[Entry, ...]


def masques(v: Vie, entry: Entry) -> Iterator[Masque]:
    """The malfunctions that hid the application ``entry``; one that was over before it was filed hid nothing."""
    filed = jour_du_fait(entry)
    for start, end, facts in obstacles(v, _B07, entry):
        since = Arrivee(max(filed[0], start[0]), max(filed[1], start[1]))
        if end is not None and end[1] < since.tot:
            continue
        ends = [] if end is None else [Arrivee(max(end[0], since.tot), end[1])]
        for act in de_type(v, *VUES):
            first, last = jour_du_fait(act)
            same = lien(entry, act)
            if same is False or last < since.tot:
                continue
            # An act follows the application, but not always the malfunction: before it, the act ends nothing.
            surely = same is True and first >= start[1]
            ends.append(Arrivee(max(first, since.tot), last if surely else None, act))
        yield Masque(since, au_plus_tot(ends, v.au), facts)


def cachee(v: Vie, entry: Entry, cote: Cote) -> bool | None:
    """Whether ``entry`` is hidden on the day of the view; ``None`` when only some readings of the facts say so."""
    if cote is not Cote.AGENT or not isinstance(entry.fait.evenement, DemandeDeposee):
        return False
    answers = [_cache(each, v.au) for each in masques(v, entry)]
    if True in answers:
        return True
    return None if None in answers else False


def _cache(masque: Masque, au: int) -> bool | None:
    since, end = masque.depuis, masque.fin
    if since.tard is not None and since.tard <= au and (end is None or au < end.tot):
        return True
    return None if since.tot <= au and (end is None or end.tard is None or au < end.tard) else False
