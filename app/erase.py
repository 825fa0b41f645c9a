"""Erase a person: judge, make the receipt, destroy the key and what it opened. The same call finishes after a kill."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from pydantic import ValidationError

from app.open import Opened
from commands.base import Acte, Motif, Refused
from commands.effacement import effacer
from commands.situation import situation
from ledger import erasure, holds
from ledger.coffre import PersonKey
from ledger.days import paris_day
from ledger.entry import Acteur, Avertissement, Entry, Fait
from ledger.erasure import Attempt, HeldError, MovedError, Order
from ledger.errors import ConstatError
from ledger.events.acces import ClePersonnelleDetruite
from ledger.events.types import Canal, NatureActeur
from ledger.interchange import in_nfc
from replay.as_of import Moment
from replay.effacement import FORMAT, Recu, dernier_jour_perdu, lire, perdus, pesees
from replay.preuve import Preuve, preuve
from replay.vie import vie
from rules.catalogue import regle
from rules.constat_sources_citees import EFFACEMENT

TRIES: Final = 5
ADMINISTRATOR: Final = Acteur(nature=NatureActeur.ADMINISTRATEUR)
HELD: Final = Motif("gel_en_base", EFFACEMENT, "La base de données garde cette clé : un gel de conservation y court.")


class Request(NamedTuple):
    """What is asked: whose erasure, why, by which rule of the catalogue and on which request of hers, if any."""

    person: str
    reason: str
    rule: str | None = None
    reference: str | None = None


class Done(NamedTuple):
    """An erasure that is done. ``resumed``: the key had been destroyed by an earlier call, which did not finish."""

    receipt: Recu
    text: str
    """The receipt in its one form, whose digest the ledger keeps."""
    documents: int
    """How many documents this call deleted."""
    resumed: bool


@dataclass(frozen=True, slots=True)
class _Person:
    """The person as she was read, for the last time."""

    key: PersonKey
    entries: Sequence[Entry]
    kek_id: str
    digest: bytes
    held: bool
    proof: Preuve
    leaves: dict[UUID, bytes]
    attempts: Sequence[Attempt]
    """Those of nobody that she claimed."""


def erase(opened: Opened, request: Request, now: datetime) -> Done:
    """Destroy the key of a person and all that it opens, or finish doing so.

    What a kill would leave undone stays noted until :func:`handed_over` says that the receipt was given.

    :raises Refused: with all the reasons.
    :raises ConstatError: nobody is known by this reference, or facts kept coming.
    """
    request = request._replace(person=unicodedata.normalize("NFC", request.person))
    left = erasure.pending(opened.ledger, request.person)
    resumed = left is not None
    if left is None:
        _destroy(opened, request, now)
        left = erasure.pending(opened.ledger, request.person)
    if left is None:
        raise MovedError(MovedError.__doc__)  # another call has just finished it
    deleted = erasure.delete_documents(opened.ledger, opened.documents, left)
    return Done(lire(left.receipt), left.receipt, deleted, resumed)


def preview(opened: Opened, request: Request, now: datetime) -> tuple[Recu, tuple[Avertissement, ...]]:
    """The receipt as it would be, and what must be weighed first. Nothing is destroyed.

    :raises Refused: with all the reasons.
    :raises ConstatError: nobody is known by this reference.
    """
    order = _order(opened, request._replace(person=unicodedata.normalize("NFC", request.person)), now)
    return lire(order.receipt), order.told.fait.avertissements


def handed_over(opened: Opened, person: str) -> None:
    """The receipt was given: the ledger forgets by which reference it could be asked for again."""
    left = erasure.pending(opened.ledger, unicodedata.normalize("NFC", person))
    if left is not None:
        erasure.close(opened.ledger, left)


def _destroy(opened: Opened, request: Request, now: datetime) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            erasure.destroy(opened.ledger, _order(opened, request, now))
        except HeldError as error:
            raise Refused([HELD]) from error
        except MovedError:
            if attempt == TRIES:
                raise
        else:
            return


def _order(opened: Opened, request: Request, now: datetime) -> Order:
    """What is to be destroyed, once everything was judged."""
    person = _read(opened, request.person, now)
    fait = in_nfc(_judge(request, person, now))
    documents = [*erasure.documents_of(person.key, person.entries)]
    documents += [name for attempt in person.attempts for name in attempt.documents]
    receipt = _receipt(opened.ledger.origin, request, person, fait.avertissements, len(documents), now)
    told = opened.ledger.draft(person.key, fait)
    entries = len(person.entries)
    return Order(told, entries, person.kek_id, person.digest, receipt.text(), documents, person.attempts)


def _read(opened: Opened, person: str, now: datetime) -> _Person:
    ledger = opened.ledger
    entries = ledger.life(person)
    if not entries:
        msg = f"aucune entrée pour « {person} » : vérifiez la référence"
        raise ConstatError(msg)
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [person]).get(person)
        digest = ledger.coffre.digest(conn, key.subject) if key is not None else None
        if key is None or digest is None:
            raise MovedError(MovedError.__doc__)
        holds.reconcile(conn, key, entries)
        held = holds.held(conn, key.subject)
        leaves = erasure.leaves_of(conn, key.subject)
    proof = preuve(vie(ledger, person), Moment(None, paris_day(now)))
    return _Person(key, entries, *digest, held, proof, leaves, erasure.attempts_of(ledger, key.subject))


def _judge(request: Request, person: _Person, now: datetime) -> Fait:
    """The fact that tells the destruction, with what was weighed.

    :raises Refused: with all the reasons.
    """
    if not request.reason.strip():
        msg = "--reason : texte vide ; dites pourquoi cette clé est détruite"
        raise ConstatError(msg)
    try:
        event = ClePersonnelleDetruite(
            motif=request.reason,
            regle=request.rule,
            empreinte_cle=person.digest.hex(),
            nombre_faits=len(person.entries),
            demande=request.reference,
        )
    except ValidationError as error:
        fields = {"motif": "--reason", "regle": "--rule", "demande": "--request"}
        named = sorted({fields.get(str(each["loc"][0]), "") for each in error.errors(include_url=False)})
        msg = f"{', '.join(named)} : texte vide ou trop long"
        raise ConstatError(msg) from None
    acte = Acte(evenement=event, command_id=uuid4(), acteur=ADMINISTRATOR, canal=Canal.SYSTEME, personne=request.person)
    facts = situation(person.entries, acte, now)
    said = list(effacer(facts, event, dernier_jour_perdu=dernier_jour_perdu(person.proof)))
    motifs = [each for each in said if isinstance(each, Motif)]
    if person.held and not any(each.code == "gel_en_cours" for each in motifs):
        motifs.append(HELD)
    if motifs:
        raise Refused(motifs)
    return acte.fait(acte.moment(now), tuple(each for each in said if isinstance(each, Avertissement)))


def _receipt(
    origin: str,
    request: Request,
    person: _Person,
    weighed: Sequence[Avertissement],
    documents: int,
    now: datetime,
) -> Recu:
    rule = f"{request.rule} ({regle(request.rule).sources[0].citation})" if request.rule else None
    return Recu(
        format=FORMAT,
        registre=origin,
        sujet=person.key.subject.hex(),
        reference=request.reference,
        regle=rule,
        etabli_le=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        cle_deploiement=person.kek_id,
        empreinte_cle=person.digest.hex(),
        faits=len(person.entries) + 1 + sum(each.entries for each in person.attempts),
        documents=documents,
        constats=perdus(person.proof, person.leaves),
        pesees=pesees(weighed),
    )
