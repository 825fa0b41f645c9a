"""What a person reads of the closed lists, whose stored values are ASCII: « téléservice », « carte de résident »."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from ledger.etat import Etape
from ledger.events.types import CodeIncident, Grade, NatureActeur, Source, TypeTitre
from projections.imputation.incidents import Lien
from projections.imputation.modeles import Imputation, Statut
from rules.base import sans_accents

STATUTS: Final = {
    Statut.ETABLI: "établi",
    Statut.PROBABLE: "probable",
    Statut.A_ETABLIR: "à établir",
    Statut.CONTESTE: "contesté",
}
ETAPES: Final = {
    Etape.AUCUNE: "aucune demande connue",
    Etape.TENTATIVE: "dépôt tenté, sans succès",
    Etape.DEPOSE: "demande déposée",
    Etape.COMPLEMENT_DEMANDE: "complément demandé",
    Etape.INSTRUCTION: "en instruction",
    Etape.CLOS: "dossier clos",
    Etape.ENREGISTREMENT_REFUSE: "enregistrement refusé",
    Etape.RETIRE: "demande retirée",
    Etape.FAVORABLE: "décision favorable",
    Etape.REFUSE: "demande refusée",
}
LIENS: Final = {
    Lien.NOMME: "nommé par le fait",
    Lien.LISTE: "dossier nommé par la portée",
    Lien.PORTEE: "même dysfonctionnement, dans la portée",
}
IMPUTATIONS: Final = {
    Imputation.ADMINISTRATION: "imputables à l'administration",
    Imputation.APPLICANT: "imputables à la personne",
    Imputation.SHARED: "imputables à l'une et à l'autre",
    Imputation.THIRD_PARTY: "imputables à un tiers",
    Imputation.END_OF_RIGHT_BY_DECISION: "fin de droit par décision, classée à part",
    Imputation.UNDETERMINED: "imputation indéterminée",
}
COUCHES: Final = {
    "preuve": "jours sans preuve",
    "effets": "effet chez un tiers",
    "duree": "durée retranchée d'une attestation",
    "delai": "délai légal dépassé",
}
GRADES: Final = {
    Grade.A: "A, journal d'un système ou acte signé à la source",
    Grade.B: "B, document officiel",
    Grade.C: "C, attestation d'un tiers",
    Grade.D: "D, déclaration ou capture d'écran",
    Grade.E: "E, déduction",
}
SOURCES: Final = {
    Source.CONSTAT: "ce registre",
    Source.ANEF: "le téléservice (ANEF)",
    Source.AGDREF: "le fichier des titres (AGDREF)",
    Source.PAPIER: "un document sur papier",
    Source.DEPOT: "un dépôt au guichet des tentatives",
    Source.DECLARATION: "une déclaration",
    Source.TIERS: "un tiers",
    Source.JURIDICTION: "une juridiction",
}
ACTEURS: Final = {
    NatureActeur.USAGER: "la personne",
    NatureActeur.REPRESENTANT: "un représentant",
    NatureActeur.ACCOMPAGNANT: "un accompagnant",
    NatureActeur.AGENT: "un agent",
    NatureActeur.PREFECTURE: "la préfecture",
    NatureActeur.CCC: "le centre de contact citoyen",
    NatureActeur.PAN: "le point d'accueil numérique",
    NatureActeur.DGEF: "la direction générale des étrangers en France",
    NatureActeur.ANTS: "l'Agence nationale des titres sécurisés",
    NatureActeur.OFPRA: "l'OFPRA",
    NatureActeur.CNDA: "la CNDA",
    NatureActeur.ORGANISME: "un organisme",
    NatureActeur.TIERS: "un tiers",
    NatureActeur.DDD: "le Défenseur des droits",
    NatureActeur.CADA: "la CADA",
    NatureActeur.JUGE: "le juge",
    NatureActeur.ADMINISTRATEUR: "un administrateur du registre",
    NatureActeur.SYSTEME: "un système automatique",
    NatureActeur.INCONNU: "un auteur que la source ne dit pas",
}
TITRES: Final = {
    TypeTitre.VISA_LONG_SEJOUR: "visa de long séjour",
    TypeTitre.VLS_TS: "visa de long séjour valant titre de séjour",
    TypeTitre.CST: "carte de séjour temporaire",
    TypeTitre.CSP: "carte de séjour pluriannuelle",
    TypeTitre.CARTE_RESIDENT: "carte de résident",
    TypeTitre.RESIDENT_LONGUE_DUREE_UE: "carte de résident de longue durée-UE",
    TypeTitre.CARTE_RETRAITE: "carte de retraité",
    TypeTitre.APS: "autorisation provisoire de séjour",
    TypeTitre.CERTIFICAT_RESIDENCE_ALGERIEN: "certificat de résidence pour Algérien",
    TypeTitre.CARTE_SEJOUR_UE: "carte de séjour de citoyen de l'Union ou de sa famille",
    TypeTitre.CARTE_ACCORD_RETRAIT: "carte de l'accord de retrait du Royaume-Uni",
    TypeTitre.DOCUMENT_CIRCULATION_MINEUR: "document de circulation pour étranger mineur",
    TypeTitre.TITRE_VOYAGE: "titre de voyage",
    TypeTitre.ATTESTATION_DEMANDE_ASILE: "attestation de demande d'asile",
}
_DITS: Final[Mapping[type[Enum], Mapping[Any, str]]] = {
    Etape: ETAPES, Statut: STATUTS, Lien: LIENS, Imputation: IMPUTATIONS, Grade: GRADES, Source: SOURCES,
    NatureActeur: ACTEURS, TypeTitre: TITRES,
    CodeIncident: {each: f"{each.value}, {each.libelle}" for each in CodeIncident},
}  # fmt: skip
_ACCENTUES: Final = (
    "accès activité algérien attesté biométrie chômage chronologie clôture comparées complément concernée constaté"
    " contrôle créance crédit décision déclaration délai délivrer dépassé déposée déposer dépôt désistement différentes"
    " données durée électronique éloignement enregistrée état études excès exécution expiré exprès fermé hiérarchique"
    " identité indemnités irrecevabilité journalières liberté médicale numérique pièce pièces portabilité préalable"
    " préfecture première privé protégé proxénétisme récépissé réclamation recommandée reçues réexaminer référé refusé"
    " réfugié répondre reporté représentant représenter résidence résolu santé séjour sollicitée système téléphone"
    " téléservice"
)
_SIGLES: Final = "AAH AGDREF ANEF ANTS CADA CCC CNDA DDD DGEF OFPRA OQTF PAN RSA TS UE VLS"
_MOTS: Final = {sans_accents(mot): mot for mot in (*_ACCENTUES.split(), *_SIGLES.split())}


def dire(valeur: Enum) -> str:
    """A member of a closed list, in words: its own label, else its stored name with the accents that it lacks."""
    own = _DITS.get(type(valeur), {}).get(valeur)
    if own is not None:
        return own
    return en_mots(str(valeur.value))


def en_mots(nom: str) -> str:
    """A stored name, in words: « creance_non_prescrite » reads « créance non prescrite »."""
    mots = " ".join(_MOTS.get(mot, mot) for mot in nom.split("_"))
    return mots.replace("rendez vous", "rendez-vous")
