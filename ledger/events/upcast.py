"""Old shapes stay readable: a stored payload of an earlier version or name is brought to today's class.

Nothing stored is ever rewritten. A payload is turned step by step, from version 1 to 2 and so on, each step a function
that takes a payload and returns a new one. What is already current, nearly everything, is never even decoded.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ledger import canonical
from ledger.events import EVENTS
from ledger.events.base import Event

Payload = dict[str, Any]

Upcast = Callable[[Payload], Payload]
"""Turns a payload of one version into the next; it never changes the one it was given."""

CLASSES: Final[Mapping[str, type[Event]]] = MappingProxyType({event.nom: event for event in EVENTS})
"""The current class of each stored name."""

UPCASTS: Final[Mapping[tuple[str, int], Upcast]] = MappingProxyType({})
"""The step that leaves a version, by current stored name and version left."""

RENAMED: Final[Mapping[str, str]] = MappingProxyType({})
"""The stored name that took over from an earlier one, version numbers going on."""


class UnknownEventError(ValueError):
    """Un nom ou une version que ce logiciel ne connaît pas."""


def to_current(
    nom: str,
    version: int,
    donnees: bytes,
    *,
    upcasts: Mapping[tuple[str, int], Upcast] = UPCASTS,
    renamed: Mapping[str, str] = RENAMED,
    classes: Mapping[str, type[Event]] = CLASSES,
) -> tuple[type[Event], bytes]:
    """Today's class of the stored name ``nom`` and the JSON of the payload in its shape, not yet validated.

    :raises UnknownEventError: no class bears that name, the version is newer than ours, or a step is missing.
    """
    current = nom
    while current in renamed:
        current = renamed[current]
    cls = classes.get(current)
    if cls is None:
        msg = f"type de fait inconnu : {nom!r}"
        raise UnknownEventError(msg)
    if version > cls.version:
        msg = f"le fait {nom!r} est en version {version}, plus récente que la version connue ({cls.version})"
        raise UnknownEventError(msg)
    if version == cls.version:
        return cls, donnees
    payload: Payload = canonical.decode(donnees)
    for step in range(version, cls.version):
        upcast = upcasts.get((current, step))
        if upcast is None:
            msg = f"la version {step} du fait {nom!r} n'est pas connue (version actuelle : {cls.version})"
            raise UnknownEventError(msg)
        payload = upcast(payload)
    return cls, canonical.encode(payload)
