"""Civil days and moments, exact or not: a source that gives only a month gives an interval, never a guess.

Two types, both written as EDTF level 0 text (ISO 8601-2), both closed intervals:

* :class:`Jours` for legal dates: civil days in Europe/Paris. ``2024-10-14`` is one day; ``2024-10`` and
  ``2024-10-01/2024-10-31`` say that the day is one of these, which one is not known.
* :class:`Quand` for the moment of a fact: ``2025-07-01T08:14:00Z`` is an instant; a day, a month or ``a/b`` says
  *not before a, not after b*. A local time without offset is read in Paris; in the autumn night when an hour comes
  twice it is the interval that holds both readings.
"""

import re
from abc import abstractmethod
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

import msgspec
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

PARIS: Final = ZoneInfo("Europe/Paris")
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
LAST_LOOK: Final = date(2149, 12, 31)
"""The last day from which one looks: what an act would have given then lasts, and ends within the calendar too."""

_encode: Final = msgspec.json.Encoder().encode
_DAY: Final = re.compile(r"\d{4}(-(?!00)\d{2}(-(?!00)\d{2})?)?\Z", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:[0-5]\d)?\Z", re.ASCII)


JourRegarde = Annotated[date, Field(ge=FIRST_DAY, le=LAST_LOOK)]
"""Un jour civil d'où l'on regarde."""


@lru_cache(maxsize=65536)
def paris_day(moment: datetime) -> date:
    """The civil day in Europe/Paris of an aware ``moment``: 22:00:30Z on 1 August is 2 August."""
    return moment.astimezone(PARIS).date()


def _within_calendar(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _outside_calendar(str(day))
    return day


def _outside_calendar(day: str) -> ValueError:
    return ValueError(f"jour hors du calendrier du registre ({FIRST_DAY} à {LAST_DAY}) : {day}")


@lru_cache(maxsize=65536)
def _days_of(text: str) -> tuple[date, date]:
    """First and last civil day of a year, a month or a day."""
    if not _DAY.match(text):
        msg = f"date illisible : {text[:40]!r} (attendu AAAA-MM-JJ, AAAA-MM, AAAA ou deux dates séparées par /)"
        raise ValueError(msg)
    try:
        year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, month or 12, monthrange(year, month or 12)[1])
    except ValueError as error:
        msg = f"ce jour n'existe pas dans le calendrier : {text!r}"
        raise ValueError(msg) from error
    return _within_calendar(first), _within_calendar(last)


@lru_cache(maxsize=65536)
def _days_between(text: str) -> tuple[date, date]:
    """First and last civil day of a day, a month, a year, or of two of these separated by ``/``."""
    start, slash, end = text.partition("/")
    first, last = _days_of(start)
    if slash:
        last = _days_of(end)[1]
    _not_reversed(first, last, text)
    return first, last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def last_instant(day: date) -> datetime:
    """The last microsecond of a civil day in Europe/Paris, in UTC."""
    return _midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


_FIRST_INSTANT: Final = _midnight(FIRST_DAY)
_LAST_INSTANT: Final = last_instant(LAST_DAY)


def _instants_of(text: str) -> tuple[datetime, datetime]:
    """First and last instant, in UTC, that ``text`` may mean."""
    if not _INSTANT.match(text):
        first, last = _days_of(text)
        return _midnight(first), last_instant(last)
    try:
        moment = datetime.fromisoformat(text)
        exact = None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"cette heure n'existe pas : {text!r}"
        raise ValueError(msg) from error
    if exact is not None:
        if not _FIRST_INSTANT <= exact <= _LAST_INSTANT:
            raise _outside_calendar(text)
        return exact, exact
    _within_calendar(moment.date())
    both = sorted({moment.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1)})
    if both[0].astimezone(PARIS).replace(tzinfo=None) != moment:
        msg = f"{text!r} n'existe pas à Paris (passage à l'heure d'été) : donnez le décalage, par exemple +01:00"
        raise ValueError(msg)
    return both[0], both[-1]


def _instant_text(moment: datetime) -> str:
    return _encode(moment)[1:-1].decode()  # RFC 3339 with Z, eight times as fast as isoformat


def _not_reversed(first: date, last: date, text: str) -> None:
    if last < first:
        msg = f"intervalle à l'envers : {text!r}"
        raise ValueError(msg)


class _Text(msgspec.Struct, frozen=True, order=True):
    """A value that is read from and written to one string, in JSON and in Python."""

    @classmethod
    @abstractmethod
    def lire(cls, text: str) -> Self:
        """The value that ``text`` writes; ``ValueError``, in French, when it cannot be read."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler

        def read(value: object) -> _Text:
            if isinstance(value, cls):
                cls.lire(str(value))  # a day that the calendar does not have could be written, and never read again
                return value
            if isinstance(value, str):
                return cls.lire(value)
            msg = "attendu : un texte"
            raise ValueError(msg)

        return core_schema.no_info_plain_validator_function(
            read,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        del schema, handler
        return {"type": "string", "description": (cls.__doc__ or "").split("\n", 1)[0]}


class Jours(_Text, frozen=True, order=True):
    """Un jour civil (Europe/Paris), ou l'intervalle fermé des jours possibles quand la source n'est pas exacte.

    ``premier`` and ``dernier`` are included; they are equal when the day is known.
    """

    premier: date
    dernier: date

    @classmethod
    def lire(cls, text: str) -> Self:
        """Read ``AAAA-MM-JJ``, ``AAAA-MM``, ``AAAA`` or two of these separated by ``/``."""
        first, last = _days_between(text)
        return cls(first, last)

    @classmethod
    def le(cls, day: date) -> Self:
        """The one day ``day``."""
        return cls(day, day)

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.premier == self.dernier

    def __str__(self) -> str:
        if self.exact:
            return self.premier.isoformat()
        return f"{self.premier.isoformat()}/{self.dernier.isoformat()}"


class Quand(_Text, frozen=True, order=True):
    """Le moment d'un fait : un instant (RFC 3339), ou un intervalle « pas avant, pas après ».

    ``debut`` and ``fin`` are aware datetimes in UTC, both included; they are equal for an instant.
    """

    debut: datetime
    fin: datetime

    @classmethod
    def lire(cls, text: str) -> Self:
        """Read an instant, a civil day, a month, a year, or two of these separated by ``/``."""
        start, slash, end = text.partition("/")
        first, last = _instants_of(start)
        if slash:
            last = _instants_of(end)[1]
            _not_reversed(first, last, text)
        return cls(first, last)

    @classmethod
    def le(cls, moment: datetime) -> Self:
        """The one instant ``moment`` (aware)."""
        exact = moment.astimezone(UTC)
        return cls(exact, exact)

    @property
    def exact(self) -> bool:
        """Whether the instant is known."""
        return self.debut == self.fin

    @property
    def jours(self) -> Jours:
        """The civil days in Europe/Paris on which the fact may have happened."""
        first = paris_day(self.debut)
        return Jours(first, first if self.fin is self.debut else paris_day(self.fin))  # an instant is read as one

    def __str__(self) -> str:
        if self.exact:
            return _instant_text(self.debut)
        days = self.jours
        if (_midnight(days.premier), last_instant(days.dernier)) == (self.debut, self.fin):
            return str(days)
        return f"{_instant_text(self.debut)}/{_instant_text(self.fin)}"
