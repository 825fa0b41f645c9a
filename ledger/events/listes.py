"""The closed lists of one stage each: results, causes, grounds. Stored by value, never renamed."""

from enum import StrEnum


class AutoriteProtection(StrEnum):
    """L'autorité qui reconnaît la protection."""

    OFPRA = "ofpra"
    CNDA = "cnda"


class Empreintes(StrEnum):
    """Le rapprochement du fichier envoyé et du fichier reçu."""

    IDENTIQUES = "identiques"
    DIFFERENTES = "differentes"
    NON_COMPAREES = "non_comparees"


class CauseVersement(StrEnum):
    """Pourquoi un fichier n'a pas pu être versé."""

    FICHIER_TROP_VOLUMINEUX = "fichier_trop_volumineux"
    FORMAT_REFUSE = "format_refuse"
    PIECE_NON_SOLLICITEE = "piece_non_sollicitee"
    DELAI_DEPASSE = "delai_depasse"
    ERREUR_TECHNIQUE = "erreur_technique"
    AUTRE = "autre"


class ObjetRendezVous(StrEnum):
    """Ce pour quoi un rendez-vous est donné."""

    DEPOT = "depot"
    SUBSTITUTION = "substitution"
    BIOMETRIE = "biometrie"
    COMPLEMENT = "complement"
    REMISE_TITRE = "remise_titre"
    REMISE_PROVISOIRE = "remise_provisoire"
    ENTRETIEN = "entretien"
    AUTRE = "autre"


class ResultatRendezVous(StrEnum):
    """Ce qu'un rendez-vous tenu a donné."""

    DEMANDE_ENREGISTREE = "demande_enregistree"
    PIECES_RECUES = "pieces_recues"
    BIOMETRIE_PRISE = "biometrie_prise"
    DOCUMENT_REMIS = "document_remis"
    REFUS_AU_GUICHET = "refus_au_guichet"
    REPORTE = "reporte"
    AUTRE = "autre"


class PartieAbsente(StrEnum):
    """Qui n'était pas au rendez-vous."""

    USAGER = "usager"
    PREFECTURE = "prefecture"
    INCONNUE = "inconnue"


class ResultatPan(StrEnum):
    """Ce que le passage au point d'accueil numérique a donné."""

    DEMANDE_DEPOSEE = "demande_deposee"
    BLOCAGE_CONSTATE = "blocage_constate"
    POSTE_SANS_AGENT = "poste_sans_agent"
    """Un poste informatique, personne pour assister."""
    ASSISTANCE_SANS_EFFET = "assistance_sans_effet"
    RENVOI_CCC = "renvoi_ccc"
    RENVOI_PREFECTURE = "renvoi_prefecture"
    FERME = "ferme"
    AUTRE = "autre"


class ResultatCcc(StrEnum):
    """Ce que le centre de contact citoyen a répondu."""

    RESOLU = "resolu"
    EN_COURS = "en_cours"
    TRANSMIS_DGEF = "transmis_dgef"
    RENVOI_PAN = "renvoi_pan"
    RENVOI_PREFECTURE = "renvoi_prefecture"
    BLOCAGE_ATTESTE = "blocage_atteste"
    SANS_SOLUTION = "sans_solution"
    AUTRE = "autre"


class ServiceAttestant(StrEnum):
    """Qui atteste un blocage (arrêté du 1er août 2023)."""

    CCC = "ccc"
    PAN = "pan"
    PREFECTURE = "prefecture"


class ModeNotification(StrEnum):
    """Comment une décision est portée à la connaissance de la personne."""

    TELESERVICE = "teleservice"
    LETTRE_RECOMMANDEE = "lettre_recommandee"
    LETTRE_RECOMMANDEE_ELECTRONIQUE = "lettre_recommandee_electronique"
    LETTRE_SIMPLE = "lettre_simple"
    REMISE_EN_MAIN_PROPRE = "remise_en_main_propre"
    COURRIEL = "courriel"
    AUTRE = "autre"


class SensDecisionJustice(StrEnum):
    """Ce que le juge, ou l'autorité saisie, a répondu."""

    SATISFACTION = "satisfaction"
    SATISFACTION_PARTIELLE = "satisfaction_partielle"
    REJET = "rejet"
    IRRECEVABILITE = "irrecevabilite"
    NON_LIEU = "non_lieu"
    DESISTEMENT = "desistement"
    AUTRE = "autre"


class Injonction(StrEnum):
    """Ce que le juge ordonne à l'administration (CJA L.911-1 à L.911-3)."""

    DELIVRER_PROVISOIRE = "delivrer_provisoire"
    """Attestation de prolongation, récépissé ou autorisation provisoire."""
    DELIVRER_TITRE = "delivrer_titre"
    FIXER_RENDEZ_VOUS = "fixer_rendez_vous"
    ENREGISTRER_DEMANDE = "enregistrer_demande"
    REEXAMINER = "reexaminer"
    STATUER = "statuer"
    COMMUNIQUER = "communiquer"
    AUTRE = "autre"


class Couverture(StrEnum):
    """La couverture de santé touchée."""

    ASSURANCE_MALADIE = "assurance_maladie"
    COMPLEMENTAIRE_SANTE_SOLIDAIRE = "complementaire_sante_solidaire"
    AIDE_MEDICALE_ETAT = "aide_medicale_etat"
    AUTRE = "autre"


class ServiceRefuse(StrEnum):
    """Ce qu'un tiers a refusé en écartant le document présenté."""

    LOGEMENT_SOCIAL = "logement_social"
    LOGEMENT_PRIVE = "logement_prive"
    COMPTE_BANCAIRE = "compte_bancaire"
    CREDIT = "credit"
    PERMIS_DE_CONDUIRE = "permis_de_conduire"
    INSCRIPTION_ETUDES = "inscription_etudes"
    AUTRE = "autre"


class DocumentPresente(StrEnum):
    """Le document que la personne a montré."""

    TITRE = "titre"
    TITRE_EXPIRE = "titre_expire"
    ATTESTATION_DEPOT = "attestation_depot"
    ATTESTATION_PROLONGATION = "attestation_prolongation"
    ATTESTATION_DECISION_FAVORABLE = "attestation_decision_favorable"
    RECEPISSE = "recepisse"
    AUCUN = "aucun"
    AUTRE = "autre"


class ErreurAttestation(StrEnum):
    """Ce qui est erroné dans une attestation."""

    DUREE = "duree"
    MENTION_TRAVAIL = "mention_travail"
    MENTION_PROTECTION = "mention_protection"
    IDENTITE = "identite"
    NATURE_TITRE = "nature_titre"
    DATES = "dates"
    AUTRE = "autre"


class QualiteMandataire(StrEnum):
    """Qui agit pour la personne."""

    AVOCAT = "avocat"
    ASSOCIATION = "association"
    TRAVAILLEUR_SOCIAL = "travailleur_social"
    REPRESENTANT_LEGAL = "representant_legal"
    PROCHE = "proche"
    AUTRE = "autre"


class PorteeMandat(StrEnum):
    """Un acte que le mandat permet."""

    CONSULTER = "consulter"
    DEPOSER = "deposer"
    REPONDRE = "repondre"
    RECEVOIR_NOTIFICATIONS = "recevoir_notifications"
    EXPORTER = "exporter"
    REPRESENTER_EN_JUSTICE = "representer_en_justice"


class CategorieVulnerabilite(StrEnum):
    """La seule catégorie d'une vulnérabilité ; jamais son récit."""

    VICTIME_VIOLENCES = "victime_violences"
    VICTIME_TRAITE = "victime_traite"
    VICTIME_PROXENETISME = "victime_proxenetisme"
    MINEUR_PROTEGE = "mineur_protege"
    ELOIGNEMENT_NUMERIQUE = "eloignement_numerique"
    AUTRE = "autre"


class FondementAcces(StrEnum):
    """Le titre juridique d'un accès aux données."""

    INSTRUCTION = "instruction"
    PERSONNE_CONCERNEE = "personne_concernee"
    MANDAT = "mandat"
    SUPPORT_USAGER = "support_usager"
    RECLAMATION_DDD = "reclamation_ddd"
    JURIDICTION = "juridiction"
    CONTROLE = "controle"
    STATISTIQUE = "statistique"
    EXPLOITATION = "exploitation"


class CritereFile(StrEnum):
    """Ce d'après quoi la file des priorités d'un service est triée."""

    SANS_PREUVE = "sans_preuve"
    """La personne est déjà sans preuve de son droit."""
    PERTE_DECLAREE = "perte_declaree"
    """Elle a déclaré une perte chez un tiers : emploi, prestation, santé, logement."""
    VULNERABILITE = "vulnerabilite"
    """Une vulnérabilité est signalée avec son accord."""
    ECHEANCE = "echeance"
    """La perte la plus ancienne, ou l'échéance la plus proche."""


class NatureExport(StrEnum):
    """Ce qui est sorti du registre."""

    CHRONOLOGIE = "chronologie"
    HISTORIQUE = "historique"
    DOSSIER_DE_PREUVE = "dossier_de_preuve"
    STATISTIQUES = "statistiques"
    DONNEES_PERSONNELLES = "donnees_personnelles"
    AUTRE = "autre"


class ActeCompte(StrEnum):
    """Ce qui est fait d'un compte du site."""

    OUVERTURE = "ouverture"
    ROLE = "role"
    """Le rôle, le service ou le périmètre changent."""
    MOT_DE_PASSE = "mot_de_passe"
    SECOND_FACTEUR = "second_facteur"
    """Le second facteur est effacé."""
    INVITATION = "invitation"
    """Un code est remis, par lequel le titulaire prend possession du compte."""
    FERMETURE = "fermeture"
    REOUVERTURE = "reouverture"


class DroitPersonne(StrEnum):
    """Le droit que la personne exerce sur ses données (RGPD art. 15 à 21)."""

    ACCES = "acces"
    RECTIFICATION = "rectification"
    EFFACEMENT = "effacement"
    LIMITATION = "limitation"
    PORTABILITE = "portabilite"
    OPPOSITION = "opposition"
