"""Correction : rien n'est modifié ni effacé, un fait nouveau dit ce qui n'a pas eu lieu."""

from ledger.events.base import Event, Texte
from ledger.events.types import Flux


class FaitRetire(Event, nom="fait_retire", flux=Flux.PERSONNE, tout_flux=True):
    """Le fait désigné n'a pas eu lieu.

    Le champ « corrige » de l'enveloppe nomme le fait retiré, qui reste lisible au registre. Ce type est accepté dans
    un flux de toute nature : il se place dans celui du fait retiré. Pour remplacer un fait par un autre, on écrit le
    fait juste avec le même champ.
    """

    motif: Texte
    """Le motif du retrait."""
