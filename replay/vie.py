"""All that is to be read of one person: her own entries, and those of the incidents that are nobody's.

Which of these incidents reached her is decided where they are read, from what holds at the moment asked about: a scope
that was fixed later changes what is answered now, never what was answered then.
"""

from collections.abc import Sequence

from ledger.days import LAST_DAY
from ledger.entry import Entry
from ledger.events.types import Flux
from ledger.retained import holding
from ledger.store import Ledger
from projections.imputation.matiere import matiere


def vie(ledger: Ledger, personne: str) -> tuple[Entry, ...]:
    """The entries of ``personne`` in order of arrival, then those of all incidents of nobody; empty when unknown.

    :raises KeyDestroyedError: the key of the person, or of an incident, is gone.
    """
    hers = ledger.life(personne)
    return (*hers, *ledger.shared(Flux.INCIDENT)) if hers else ()


def touchants(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Of a person's ``entries`` and those of incidents of nobody, hers and all those of the incidents that reached her.

    Corrected entries stay; what reached her is read from those that hold.
    """
    if all(entry.fait.personne is not None for entry in entries):
        return tuple(entries)
    met = matiere(holding(entries), LAST_DAY).partages
    return tuple(entry for entry in entries if entry.fait.personne is not None or entry.stream in met)
