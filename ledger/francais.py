"""Days as French writes them, for whoever writes one: a receipt, a sentence, a table.

What is signed or frozen uses these words too (:mod:`ledger.seal.sheet`): they do not change.
"""

from datetime import date
from functools import lru_cache
from typing import Final

JOURS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS: Final = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


@lru_cache(maxsize=65536)
def jour(day: date) -> str:
    """« 1er octobre 2025 »."""
    return f"{'1er' if day.day == 1 else day.day} {MOIS[day.month - 1]} {day.year}"
