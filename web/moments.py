"""The moment from which a page looks, as its address writes it: ``au`` (a day), ``connu`` (a day or an instant)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ledger.days import PARIS, Quand
from replay.as_of import Moment
from web.pages.commun import au_de
from web.requete import Requete


@dataclass(frozen=True, slots=True)
class Lu:
    """A moment, and how an address writes it."""

    moment: Moment

    @property
    def connu_le(self) -> datetime | None:
        """The instant up to which facts are known; ``None``: now."""
        return self.moment.connu_le

    @property
    def au(self) -> date:
        """The day from which one looks."""
        return self.moment.au

    @property
    def connu_ecrit(self) -> str:
        """The instant as a form writes it."""
        return ecrit(self.connu_le)

    @property
    def champs(self) -> dict[str, Any]:
        """The fields of an address."""
        return {"au": self.au.isoformat(), "connu": exact(self.connu_le)}


def lu(request: Requete) -> Lu:
    """The moment that an address writes; today, with all that is known, where it writes none."""
    return Lu(Moment(instant_de(request.GET.get("connu", ""), request.now), au_de(request)))


def instant_de(text: str, now: datetime) -> datetime | None:
    """The instant that an address writes; of a day, its last one in Paris.

    ``None`` when it cannot be read, or is still to come: nobody knows yet what will be known.
    """
    try:
        found = Quand.lire(text.strip()).fin
    except ValueError:
        return None
    return found if found <= now else None


def ecrit(moment: datetime | None) -> str:
    """An instant as a form writes it, at the time of Paris, to the second."""
    if moment is None:
        return ""
    return moment.astimezone(PARIS).replace(tzinfo=None).isoformat(timespec="seconds")


def exact(moment: datetime | None) -> str:
    """An instant as an address that one cites writes it, in UTC."""
    return "" if moment is None else str(Quand.le(moment))
