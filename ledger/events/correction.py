"""Correction : rien n'est modifié ni effacé, un fait nouveau dit ce qui n'a pas eu lieu, ou ce qui est contesté."""

from ledger.events.base import Event, Texte
from ledger.events.parts import Refs
from ledger.events.types import Flux


class FaitRetire(Event, nom="fait_retire", flux=Flux.PERSONNE, tout_flux=True):
    """Le fait désigné n'a pas eu lieu.

    Le champ « corrige » de l'enveloppe nomme le fait retiré, qui reste lisible au registre. Ce type est accepté dans
    un flux de toute nature : il se place dans celui du fait retiré. Pour remplacer un fait par un autre, on écrit le
    fait juste avec le même champ.
    """

    motif: Texte
    """Le motif du retrait."""


class FaitConteste(Event, nom="fait_conteste", flux=Flux.PERSONNE):
    """La personne conteste un fait du registre.

    Le fait contesté reste lu tant qu'aucun autre ne le corrige ; ce qui repose sur lui est montré comme contesté. La
    personne peut aussi demander la rectification de ses données (RGPD art. 16).
    """

    faits_contestes: Refs
    """Les faits contestés."""
    motif: Texte
    """Ce qui est dit faux et ce qui est tenu pour vrai, gardé tel quel."""
