"""When two facts are one: under whose key, by which id, with which content."""

from collections.abc import Sequence

import msgspec

from ledger.coffre import Id, PersonKey, nobody
from ledger.entry import Fait
from ledger.errors import IdentityReusedError, Probleme, UnreadableError
from ledger.mapper import Draft, EntryMapper, Row, Sealed


def reference_of(fait: Fait) -> str:
    """Under which reference the key of a fact's subject is kept: the person's, or the object's when it is nobody's.

    :raises UnreadableError: the fact names neither, or its person begins as a subject that is nobody's.
    """
    if fait.personne is not None:
        if fait.personne.startswith("\0"):
            raise UnreadableError([Probleme("personne", "commence par un caractère nul", "une référence pseudonyme")])
        return fait.personne
    if fait.objet is None:
        raise UnreadableError([Probleme("personne", "ni personne ni objet", "l'un des deux au moins")])
    return nobody(fait.flux, fait.objet)


def same_fact(mapper: EntryMapper, key: PersonKey, row: Row, line: str, fait: Fait) -> bool:
    """Whether the entry of ``row`` holds exactly ``fait``: its commitments, redone, are those of its line."""
    probe = mapper.seal(Draft(key, Id(row.stream), Id(row.event_id), Id(row.command_id), fait))
    return bool(commitments(probe) == msgspec.json.decode(line)["c"])


def distinct(faits: Sequence[Fait]) -> list[Fait]:
    """Each fact once, in order, however often it is given.

    :raises IdentityReusedError: two of them have one id and differ.
    """
    firsts: dict[tuple[str, str], Fait] = {}
    for fait in faits:
        if firsts.setdefault((reference_of(fait), fait.id), fait) != fait:
            raise reused(fait)
    return list(firsts.values())


def reused(fait: Fait) -> IdentityReusedError:
    """What to say of a fact whose id names another one."""
    return IdentityReusedError(f"l'identifiant {fait.id!r} désigne déjà un autre fait de cette personne")


def commitments(event: Sealed) -> dict[str, str]:
    """The commitments of an event as its line writes them: hex by part."""
    named = {"acteur": event.c_acteur, "fait": event.c_fait, "pieces": event.c_pieces}
    return {name: value.hex() for name, value in named.items() if value is not None}
