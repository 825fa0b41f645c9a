"""Contesting one fact of a dossier, by page or by program: one more fact that names it by its id; nothing is erased."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from commands.base import Acte
from commands.handle import handle
from ledger.days import paris_day
from ledger.entry import Entry, Piece
from ledger.events.correction import FaitConteste
from ledger.events.types import Canal, Flux, Grade
from projections.historique import Ligne, historique
from web.acces import Objet
from web.limites import relue
from web.qui import acteur
from web.registre import registre
from web.requete import Requete

LONG: Final = 5_000
"""Signs of what is said to be wrong."""


def contestables(request: Requete) -> list[Ligne]:
    """The facts that this account may contest, by their numbers in the timeline that it reads.

    One mandate may permit to look and another, for fewer dossiers, to answer: each numbers its own part.
    """
    vie = request.vie
    seen = relue(request.profil, Objet.CHRONOLOGIE, vie.sujet, paris_day(request.now)) or vie
    mine = {entry.fait.id for entry in vie.entries if entry.fait.personne is not None}
    told = [each for each in historique(seen.entries) if each.flux != Flux.ACCES]
    return told if vie.limite is None else [each for each in told if each.id in mine]


def contester(
    request: Requete, contested: Ligne, texte: str, command_id: UUID, canal: Canal, pieces: Sequence[Piece] = ()
) -> Entry:
    """Record it, once however often it is sent with the same id.

    :raises Refused: it is not an act that may be recorded.
    :raises ConflictError: the dossier changed meanwhile.
    :raises IdentityReusedError: the id was another act's.
    """
    vie = request.vie
    acte = Acte(
        evenement=FaitConteste(faits_contestes=(contested.id,), motif=texte),
        command_id=command_id,
        acteur=acteur(request.profil, vie.personne),
        canal=canal,
        personne=vie.personne,
        grade=Grade.D,
        pieces=tuple(pieces),
    )
    [entry] = handle(registre().opened.ledger, acte, request.now)
    return entry
