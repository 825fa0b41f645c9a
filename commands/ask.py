"""The line in which an act is asked for, outside the program: the interchange line of the fact that it would become."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from commands.actes import NOMS
from commands.base import Acte
from commands.handle import handle
from ledger.days import Quand
from ledger.entry import Entry, Fait
from ledger.errors import Probleme, UnreadableError
from ledger.events.types import Source
from ledger.interchange import json_object, read_line
from ledger.store import Ledger


def ask(ledger: Ledger, raw: bytes, now: datetime) -> tuple[Entry, ...]:
    """Carry out the act that one line asks for (see :func:`read_act`).

    :raises UnreadableError: the line cannot be read, with every problem.
    :raises Refused: with all the reasons.
    """
    return handle(ledger, read_act(raw, now), now)


def read_act(raw: bytes, now: datetime) -> Acte:
    """The act that a line of JSON asks for.

    The line is one of the interchange format, with two differences: ``acte`` (the name of the act) may stand in place
    of ``type``, and ``command_id`` (a UUID) in place of ``id``: the same one never acts twice. ``survenu``, ``source``
    and ``grade`` may be left out: the act then takes place ``now``, on Constat's own word.

    :raises UnreadableError: with every problem.
    """
    value = json_object(raw)
    problems: list[Probleme] = []
    command_id = _command(value, problems)
    _event(value, problems)
    given = "survenu" in value
    value = {
        "id": f"acte-{command_id}", "survenu": str(Quand.le(now)), "source": Source.CONSTAT.value, "grade": "A", **value
    }  # fmt: skip
    fait = _read(value, problems)
    return Acte(
        evenement=fait.evenement,
        command_id=command_id,
        acteur=fait.acteur,
        canal=fait.canal,
        personne=fait.personne,
        objet=fait.objet,
        survenu=fait.survenu if given else None,
        pieces=fait.pieces,
        corrige=fait.corrige,
        cause=fait.cause,
        correlation=fait.correlation,
        grade=fait.grade,
        flux_choisi=fait.flux_choisi,
    )


def _command(value: dict[str, Any], problems: list[Probleme]) -> UUID:
    given = value.pop("command_id", None)
    if given is None:
        return uuid4()
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError):
        problems.append(
            Probleme("command_id", "ce n'est pas un UUID", "par exemple 123e4567-e89b-42d3-a456-426614174000")
        )
        return uuid4()


def _event(value: dict[str, Any], problems: list[Probleme]) -> None:
    """Replace the name of the act by the stored name of its fact, and refuse what only the ledger may say."""
    for field in ("id", "connu_de_la_source"):
        if field in value:
            value.pop(field)
            problems.append(Probleme(field, "un acte ne le donne pas", "command_id"))
    if value.get("source", Source.CONSTAT.value) != Source.CONSTAT.value:
        problems.append(
            Probleme("source", "un acte vient de Constat ; ce qu'un autre rapporte s'enregistre", "constat")
        )
    name = value.pop("acte", None)
    if name is None:
        return
    if isinstance(name, str) and name in NOMS and value.get("type") in {None, NOMS[name].nom}:
        value["type"] = NOMS[name].nom
    else:
        problems.append(Probleme("acte", f"acte inconnu ({str(name)[:40]!r})", "le nom d'un acte, à l'infinitif"))


def _read(value: dict[str, Any], problems: list[Probleme]) -> Fait:
    try:
        fait = read_line(msgspec.json.encode(value))
    except UnreadableError as error:
        raise UnreadableError([*problems, *error.problemes]) from error
    if problems:
        raise UnreadableError(problems)
    return fait
