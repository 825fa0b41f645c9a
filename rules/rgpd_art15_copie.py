"""La copie de ses données dit aussi à la personne pour quoi on les tient, combien de temps, qui les a, et ses droits.

Source      RGPD, art. 5(1), 15, 16, 18, 21 et 22, de mémoire. [M]
Lectures    1. Aucune : la règle n'était pas écrite. 2. Celle-ci.
Résumé      Avec la copie vont les finalités, les destinataires, la durée de conservation, l'origine des données, les
            droits de rectification, de limitation et d'opposition, et l'existence d'une décision automatisée.
Non codé    Ce qui porterait atteinte aux droits d'autrui dans un texte libre : aucune règle n'y trouve tous les noms.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rules import ceseda_r142_11_conservation, loi_1968_prescription, rgpd_art12_acces, rgpd_art17_effacement
from rules.base import Source, Verification
from rules.jeux import Lecture, lectures


def _source(article: str, libelle: str) -> Source:
    return Source("RGPD", article, libelle, Verification.M)


_COPIE: Final = _source("art. 15", "Copie, finalités, destinataires, durées, droits")
_PRINCIPES: Final = _source("art. 5(1)(c) et (e)", "Minimisation, limitation de la conservation")
_DROITS: Final = _source("art. 16, 18 et 21", "Rectification, limitation, opposition")
_DECISION: Final = _source("art. 22", "Décision individuelle automatisée")
LECTURES: Final = lectures(__name__, Lecture((), None), Lecture((_COPIE, _PRINCIPES, _DROITS, _DECISION), None))
SOURCES: Final = LECTURES.sources


class Mention(NamedTuple):
    """Une phrase, et les textes dont elle vient."""

    phrase: str
    sources: tuple[Source, ...] = ()


def droit() -> Iterator[Mention]:
    """By what right the person has this copy."""
    yield Mention("Vous avez droit à une copie de vos données et à ces informations.", (_COPIE,))
    yield Mention("La réponse est due dans le mois de la demande.", (rgpd_art12_acces.SOURCE,))


def finalites() -> Iterator[Mention]:
    """What the data are held for."""
    held = "Le droit au séjour, l'instruction des demandes et la fabrication des titres."
    yield Mention(held, (ceseda_r142_11_conservation.SOURCE,))
    yield Mention("Ce registre garde chaque acte et chaque défaillance pour qu'ils puissent être prouvés.")


def durees() -> Iterator[Mention]:
    """How long they are kept."""
    kept = "Tant qu'un titre est tenu, puis un temps ; cinq ans sans mise à jour sont cités pour certaines données."
    yield Mention(kept, (ceseda_r142_11_conservation.SOURCE, _PRINCIPES))
    claim = "Une somme peut être réclamée à l'administration pendant quatre ans."
    yield Mention(claim, (loi_1968_prescription.SOURCE,))
    yield Mention("Un gel de conservation suspend toute destruction.", rgpd_art17_effacement.SOURCES)


def droits() -> Iterator[Mention]:
    """What the person may ask for."""
    yield Mention("Vous pouvez faire rectifier vos données, en limiter l'usage, vous y opposer.", (_DROITS,))
    erased = (
        "Vous pouvez demander l'effacement ; il cède devant la loi, l'archivage ou la défense de droits en justice."
    )
    yield Mention(erased, rgpd_art17_effacement.SOURCES)
    yield Mention("Ce registre constate et ne décide rien : aucune décision n'y est automatisée.", (_DECISION,))
    yield Mention(
        "Vous pouvez saisir la Commission nationale de l'informatique et des libertés, et le Défenseur des droits."
    )
