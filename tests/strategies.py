"""Strategies that build any event from the fields of its class."""

import random
import unicodedata
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from ledger.days import Jours, Quand
from ledger.events.base import Event

ORDERED: Final = (
    ("valide_du", "valide_au"),
    ("debut", "fin"),
    ("ouverte_le", "fermee_le"),
    ("indemnise_du", "indemnise_au"),
)
"""Pairs of fields that a payload must give in order."""

NAUGHTY: Final = (
    "e\u0301",
    "\u0000",
    "\u202e",
    "\ufeff",
    "\U0001f468\u200d\U0001f469",
    "\u0130",
    "\ufb01",
    "\u0958",
    '"\\',
    "</script>",
    "\r\n",
    "\uffff",
    "1e999",
)
"""Text that breaks careless code."""

DIGEST: Final = r"^[0-9a-f]{64}$"
"""Drawn as 32 bytes at once: sign by sign, digests alone are a third of the time of drawing facts."""

Model = TypeVar("Model", bound=BaseModel)
Kind = TypeVar("Kind", bound=Event)

_days = st.integers(date(1900, 1, 2).toordinal(), date(2199, 12, 30).toordinal()).map(date.fromordinal)
_since_midnight = st.integers(0, 86_400 * 10**6 - 1).map(lambda micros: timedelta(microseconds=micros))
_instants = st.builds(
    lambda day, since: datetime(day.year, day.month, day.day, tzinfo=UTC) + since, _days, _since_midnight
)


def jours() -> st.SearchStrategy[Jours]:
    """Exact days and intervals."""
    return _days.map(Jours.le) | st.tuples(_days, _days).map(lambda pair: Jours(min(pair), max(pair)))


def quand() -> st.SearchStrategy[Quand]:
    """Instants, intervals of instants, and whole days."""
    interval = st.tuples(_instants, _instants).map(lambda pair: Quand(min(pair), max(pair)))
    return _instants.map(Quand.le) | interval | jours().map(lambda days: Quand.lire(str(days)))


def _sign(rng: random.Random) -> str:
    match rng.randrange(4):
        case 0:
            return rng.choice(NAUGHTY)
        case 1:
            code = rng.randrange(0x110000 - 0x800)
            return chr(code if code < 0xD800 else code + 0x800)  # every plane, no surrogate
        case 2:
            return chr(rng.randrange(0x250))
        case _:
            return chr(rng.randrange(32, 127))


def _spelled(number: int) -> str:
    """A text of up to forty signs, the same for a number: what would be drawn sign by sign, in one draw."""
    rng = random.Random(number)  # noqa: S311 - no secret
    return "".join(_sign(rng) for _ in range(rng.randrange(41) if number else 1))


def text(least: int = 0, most: int | None = None) -> st.SearchStrategy[str]:
    """Any Unicode text without surrogates, in form NFC, of ``least`` to ``most`` characters."""
    most = most or 200
    raw = st.text(st.characters(exclude_categories=["Cs"]), max_size=min(most, 40))
    mixed = raw | st.lists(st.sampled_from(NAUGHTY) | raw, max_size=4).map("".join)
    spelled = (st.integers(0, 2**32).map(_spelled) for _ in range(6))
    normal = st.one_of(*spelled, mixed).map(lambda value: unicodedata.normalize("NFC", value)[:most])
    return normal.filter(lambda value: len(value) >= least)


_SIMPLE: Final[dict[Any, st.SearchStrategy[Any]]] = {
    Jours: jours(),
    Quand: quand(),
    bool: st.booleans(),
    NoneType: st.none(),
}


def _limits(metadata: tuple[Any, ...]) -> dict[str, Any]:
    """The bounds that ``metadata`` sets, by name."""
    found: dict[str, Any] = {}
    for item in metadata:
        for part in item.metadata if isinstance(item, FieldInfo) else (item,):
            for name in ("ge", "le", "min_length", "max_length", "pattern"):
                value = getattr(part, name, None)
                if value is not None:
                    found[name] = value
    return found


def _constrained(base: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    limits = _limits(metadata)
    if base is str and any(isinstance(item, StringConstraints) for item in metadata):
        if limits.get("pattern") == DIGEST:
            return st.binary(min_size=32, max_size=32).map(bytes.hex)
        if "pattern" in limits:
            return st.from_regex(limits["pattern"], fullmatch=True)
        return text(limits.get("min_length", 0), limits.get("max_length"))
    if base is int:
        return st.integers(limits["ge"], limits["le"])
    if get_origin(base) is tuple:
        return st.lists(value_of(get_args(base)[0]), max_size=min(3, limits["max_length"])).map(tuple)
    msg = f"no strategy for {base} with {metadata}"
    raise TypeError(msg)


@cache
def value_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of the type ``hint``, as far as events use types."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is Annotated:
        return _constrained(get_args(hint)[0], hint.__metadata__)
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([value_of(arg) for arg in get_args(hint)])
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return model_of(hint)


def _in_order(fields: dict[str, Any]) -> dict[str, Any]:
    for first, last in ORDERED:
        if fields.get(first) is not None and fields.get(last) is not None:
            fields[first], fields[last] = sorted((fields[first], fields[last]))
    return fields


def model_of(cls: type[Model]) -> st.SearchStrategy[Model]:
    """Instances of a model, its dates in order."""
    hints = get_type_hints(cls, include_extras=True)
    fields = st.fixed_dictionaries({name: value_of(hints[name]) for name in cls.model_fields})
    return fields.map(lambda values: cls(**_in_order(values)))


def event_of(cls: type[Kind]) -> st.SearchStrategy[Kind]:
    """Events of the class ``cls``."""
    return model_of(cls)
