"""One act in, one fact out, or a refusal with every reason. Pure: the clock is an argument, nothing is read."""

from collections.abc import Iterator
from datetime import datetime

from commands import gardes
from commands.actes import ACTES
from commands.base import Acte, Motif, Refused, Reponse
from commands.situation import Situation
from ledger.entry import Avertissement, Fait


def reponses(situation: Situation, acte: Acte, now: datetime) -> Iterator[Reponse]:
    """Everything there is to say of ``acte``: what every act must be, then what this one must be."""
    yield from gardes.pas_dans_l_avenir(acte, now)
    yield from gardes.validite_en_ordre(acte, now)
    yield from gardes.objet_nomme(acte, now)
    yield from gardes.corrige_un_fait_connu(situation, acte)
    yield from gardes.mandat_en_cours(situation, acte)
    yield from ACTES[type(acte.evenement)](situation, acte.evenement)


def decide(situation: Situation, acte: Acte, now: datetime) -> Fait:
    """The fact that ``acte`` becomes, with the warnings shown to its author.

    :raises Refused: with all the reasons, never only the first.
    """
    said = list(dict.fromkeys(reponses(situation, acte, now)))
    motifs = [each for each in said if isinstance(each, Motif)]
    if motifs:
        raise Refused(motifs)
    return acte.fait(acte.moment(now), tuple(each for each in said if isinstance(each, Avertissement)))
