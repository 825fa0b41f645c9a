"""Contesting one fact of a dossier, by page or by program: one more fact that names it by its id; nothing is erased."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from commands.base import Acte
from commands.handle import handle
from ledger.entry import Entry, Piece
from ledger.events.correction import FaitConteste
from ledger.events.types import Canal, Grade
from projections.historique import Ligne
from web.qui import acteur
from web.registre import registre
from web.requete import Requete

LONG: Final = 5_000
"""Signs of what is said to be wrong."""


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
