"""The line in which an act is asked for, outside the program: the interchange line of the fact that it would become.

``id``, ``source`` and ``grade`` are the ledger's own and may be left out; ``survenu`` is now when absent. The same
``command_id`` asked again gives the same entries.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from commands.base import Acte
from commands.handle import handle
from ledger.days import Quand
from ledger.entry import Entry
from ledger.errors import Probleme, UnreadableError
from ledger.interchange import read_line
from ledger.store import Ledger


def ask(ledger: Ledger, raw: bytes, now: datetime) -> tuple[Entry, ...]:
    """Carry out the act that ``raw`` asks for.

    :raises UnreadableError: it cannot be read; every problem is named.
    :raises commands.base.Refused: it is refused; every reason is given.
    """
    return handle(ledger, read_act(raw, now), now)


def read_act(raw: bytes, now: datetime) -> Acte:
    """The act that one line asks for.

    :raises UnreadableError: with every problem, each naming its field and what was expected.
    """
    try:
        value: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableError([Probleme("acte", f"ce n'est pas du JSON ({error})", "un objet JSON")]) from error
    if not isinstance(value, dict):
        raise UnreadableError([Probleme("acte", "ce n'est pas un objet JSON", "un objet entre accolades")])
    command_id = _command_id(value.pop("command_id", None))
    own = {"id": f"acte-{command_id}", "source": "constat"}
    fait = read_line(msgspec.json.encode({"survenu": str(Quand.le(now)), "grade": "A", **value, **own}))
    return Acte(
        evenement=fait.evenement,
        command_id=command_id,
        acteur=fait.acteur,
        canal=fait.canal,
        personne=fait.personne,
        objet=fait.objet,
        survenu=fait.survenu,
        pieces=fait.pieces,
        corrige=fait.corrige,
        cause=fait.cause,
        correlation=fait.correlation,
        grade=fait.grade,
        flux_choisi=fait.flux_choisi,
    )


def _command_id(given: Any) -> UUID:
    if given is None:
        return uuid4()
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError) as error:
        raise UnreadableError([Probleme("command_id", "identifiant illisible", "un UUID")]) from error
