"""What would have been lost had some facts not happened, or others: a supposed history beside the real one.

Nothing is recorded. A supposed fact is read like any other and has no place in the ledger.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.entry import Entry, Fait
from ledger.errors import Probleme, UnreadableError
from replay.as_of import Moment
from replay.preuve import Preuve, preuve

_SUPPOSE: Final = UUID("7a1f0c52-0000-4000-8000-000000000000")
_JAMAIS: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Hypothese(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence of what happened, and of what is supposed."""

    sans: tuple[str, ...]
    """The ids of the facts left out."""
    avec: tuple[str, ...]
    """The ids of the facts supposed."""
    reelle: Preuve
    supposee: Preuve

    @property
    def jours_evites(self) -> int:
        """How many days without proof the supposed history has fewer; negative when it has more."""
        return _perdus(self.reelle) - _perdus(self.supposee)


def what_if(entries: Sequence[Entry], moment: Moment, sans: Collection[str], avec: Sequence[Fait]) -> Hypothese:
    """Replay one person's life without the facts ``sans`` and with the facts ``avec``.

    :raises UnreadableError: a fact to be left out is not there, or a supposed one has the id of another fact or is
        another person's.
    """
    known = {entry.fait.id for entry in entries}
    missing = [each for each in sans if each not in known]
    if missing:
        raise UnreadableError([Probleme("sans", f"aucun fait {each!r} pour cette personne") for each in missing])
    taken = [each.id for each in avec if each.id in known - set(sans)]
    if taken:
        raise UnreadableError(
            [Probleme("avec", f"le fait {each!r} existe déjà : retirez-le d'abord") for each in taken]
        )
    person = entries[0].fait.personne
    foreign = [each.id for each in avec if each.personne != person]
    if foreign:
        raise UnreadableError(
            [Probleme("avec", f"le fait {each!r} est celui d'une autre personne") for each in foreign]
        )
    supposed = [entry for entry in entries if entry.fait.id not in set(sans)]
    supposed += [_entry(entries[0], fait) for fait in avec]
    return Hypothese(
        sans=tuple(sans),
        avec=tuple(fait.id for fait in avec),
        reelle=preuve(entries, moment),
        supposee=preuve(supposed, moment),
    )


def _entry(near: Entry, fait: Fait) -> Entry:
    event_id = uuid5(_SUPPOSE, fait.id)
    return Entry(
        position=None,
        stream=near.stream,
        pos=0,
        subject=near.subject,
        event_id=event_id,
        recorded_at=_JAMAIS,
        fait=fait,
    )


def _perdus(found: Preuve) -> int:
    return sum(each.jours for each in found.attributions if each.couche == "preuve")
