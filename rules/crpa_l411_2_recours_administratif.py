"""Un recours gracieux ou hiérarchique interrompt le délai de recours ; deux mois de silence le rejettent.

Source      CRPA, art. L.411-2 et L.411-7, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Fait dans le délai du recours contentieux, il en interrompt le cours. Quand l'un et l'autre sont exercés
            dans le délai initial, celui-ci ne recommence que lorsqu'ils ont été tous deux rejetés. Le silence gardé
            plus de deux mois vaut rejet.
Convention  [I] Le rejet naît au même quantième, à zéro heure. Le nouveau délai se compte du dernier rejet, franc.
Non codé    Le recours préalable obligatoire : texte propre à chaque matière.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme
from rules.cja_r421_1_delai_franc import dernier_jour

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.411-2",
    libelle="Recours administratif interrompant le délai de recours",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367829",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SILENCE: Final = Source(
    code="CRPA",
    article="L.411-7",
    libelle="Silence de deux mois valant rejet d'un recours administratif",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367839",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, SILENCE)

MOIS: Final = 2


def interrompt(forme_le: date, dernier_jour_recours: date) -> bool:
    """Whether an administrative appeal comes in time to interrupt the period that ends on ``dernier_jour_recours``."""
    return forme_le <= dernier_jour_recours


def rejet_le(recu_le: date) -> date:
    """The day on which silence rejects an administrative appeal."""
    return quantieme(recu_le, MOIS)


def nouveau_dernier_jour(rejets: Sequence[date]) -> date:
    """The last day to go to court once every administrative appeal has been rejected, on the days ``rejets``."""
    return dernier_jour(max(rejets))
