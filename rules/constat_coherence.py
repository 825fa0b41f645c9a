"""Un acte suppose ce qu'il continue : un dossier qui n'existe pas ne se clôt pas.

Source      Convention de Constat. [I] Ce n'est pas du droit : aucune de ces règles ne s'oppose à une personne.
Résumé      L'acte demandé par Constat doit pouvoir être vrai : il porte sur ce qui existe au registre, il n'est pas
            daté dans l'avenir, il ne recommence pas ce qui est déjà fait. Ce qu'une autre source rapporte est
            enregistré sans passer par ces règles.
Non codé    La compétence de l'agent, ses habilitations : elles ne sont pas dans le registre.
"""

from typing import Final

from rules.base import Source, Verification


def _convention(article: str, libelle: str) -> Source:
    return Source(code="Constat", article=article, libelle=libelle, verification=Verification.I)


SOURCE: Final = _convention("cohérence du dossier", "Un acte de procédure porte sur une demande connue et en cours")
TEMPS: Final = _convention(
    "cohérence des dates", "Un acte n'est pas daté dans l'avenir et ne finit pas avant de commencer"
)
DESIGNATION: Final = _convention(
    "désignation de l'objet", "Un acte nomme la personne et l'objet auxquels il se rapporte"
)
COMPLEMENT: Final = _convention("cohérence des compléments", "On répond à une demande qui a été faite")
DECISION: Final = _convention("cohérence des décisions", "Une seule décision expresse tient à la fois")
RECOURS: Final = _convention("cohérence des recours", "Une réponse du juge ou de l'administration suppose un recours")
TITRE: Final = _convention(
    "cohérence des titres", "Un document expire, se renouvelle ou se retire après avoir été délivré"
)
PERSONNE: Final = _convention("cohérence du compte et des mandats", "Ce qui finit a commencé")
MANDAT: Final = _convention("actes au nom d'autrui", "Qui agit pour une personne en a reçu mandat")
INCIDENT: Final = _convention("cohérence des incidents", "Un incident se résout après avoir été ouvert")
CLOTURE_INCIDENT: Final = _convention(
    "acte pendant un incident", "Un acte qui nuit à la personne pendant qu'un incident l'empêche d'agir se signale"
)
SUPPORT: Final = _convention("cohérence du support", "Une réponse suppose une demande")
EFFET: Final = _convention("cohérence des effets", "Ce qui est rétabli avait été perdu")
RECLAMATION: Final = _convention("cohérence des réclamations", "Une suite suppose une réclamation ouverte")
ACCES: Final = _convention("cohérence des accès", "Ce qui est levé avait été posé")
CORRECTION: Final = _convention("cohérence des corrections", "Une correction nomme un fait du registre")
SOURCES: Final = (
    SOURCE,
    TEMPS,
    DESIGNATION,
    COMPLEMENT,
    DECISION,
    RECOURS,
    TITRE,
    PERSONNE,
    MANDAT,
    INCIDENT,
    CLOTURE_INCIDENT,
    SUPPORT,
    EFFET,
    RECLAMATION,
    ACCES,
    CORRECTION,
)
