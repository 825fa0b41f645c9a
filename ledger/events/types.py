"""The closed lists that events and envelopes speak: French legal terms in ASCII, stored by value, never renamed."""

from enum import StrEnum
from typing import Self


class Flux(StrEnum):
    """Le flux (stream) auquel un fait appartient."""

    DOSSIER = "dossier"
    PERSONNE = "personne"
    TITRE = "titre"
    INCIDENT = "incident"
    EFFET = "effet"
    RECLAMATION = "reclamation"
    ACCES = "acces"


class Canal(StrEnum):
    """Le canal par lequel le fait s'est produit."""

    TELESERVICE = "teleservice"
    GUICHET = "guichet"
    COURRIER = "courrier"
    COURRIEL = "courriel"
    TELEPHONE = "telephone"
    PAN = "pan"
    CCC = "ccc"
    ASSOCIATION = "association"
    JURIDICTION = "juridiction"
    SYSTEME = "systeme"
    INCONNU = "inconnu"
    """La source ne dit pas par où le fait est passé."""


class Source(StrEnum):
    """Le système ou la personne qui rapporte le fait au registre."""

    CONSTAT = "constat"
    ANEF = "anef"
    AGDREF = "agdref"
    PAPIER = "papier"
    DEPOT = "depot"
    DECLARATION = "declaration"
    TIERS = "tiers"
    JURIDICTION = "juridiction"


class Grade(StrEnum):
    """La force de preuve : A journal système ou acte signé à la source ; B document officiel ; C attestation de tiers ;
    D déclaration ou capture d'écran ; E déduction.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class NatureActeur(StrEnum):
    """Qui agit."""

    USAGER = "usager"
    REPRESENTANT = "representant"
    ACCOMPAGNANT = "accompagnant"
    AGENT = "agent"
    PREFECTURE = "prefecture"
    CCC = "ccc"
    PAN = "pan"
    DGEF = "dgef"
    ANTS = "ants"
    OFPRA = "ofpra"
    CNDA = "cnda"
    ORGANISME = "organisme"
    TIERS = "tiers"
    DDD = "ddd"
    CADA = "cada"
    JUGE = "juge"
    ADMINISTRATEUR = "administrateur"
    SYSTEME = "systeme"
    INCONNU = "inconnu"


class TypeTitre(StrEnum):
    """Le document de séjour demandé, accordé ou détenu (CESEDA L.411-1 et accords internationaux)."""

    VISA_LONG_SEJOUR = "visa_long_sejour"
    VLS_TS = "vls_ts"
    """Visa de long séjour valant titre de séjour."""
    CST = "cst"
    """Carte de séjour temporaire."""
    CSP = "csp"
    """Carte de séjour pluriannuelle."""
    CARTE_RESIDENT = "carte_resident"
    RESIDENT_LONGUE_DUREE_UE = "resident_longue_duree_ue"
    CARTE_RETRAITE = "carte_retraite"
    APS = "aps"
    """Autorisation provisoire de séjour."""
    CERTIFICAT_RESIDENCE_ALGERIEN = "certificat_residence_algerien"
    CARTE_SEJOUR_UE = "carte_sejour_ue"
    """Carte du citoyen de l'Union européenne ou d'un membre de sa famille."""
    CARTE_ACCORD_RETRAIT = "carte_accord_retrait"
    """Carte des ressortissants britanniques couverts par l'accord de retrait."""
    DOCUMENT_CIRCULATION_MINEUR = "document_circulation_mineur"
    TITRE_VOYAGE = "titre_voyage"
    """Titre de voyage du réfugié, de l'apatride ou du protégé subsidiaire ; il ne vaut pas titre de séjour."""
    ATTESTATION_DEMANDE_ASILE = "attestation_demande_asile"
    AUTRE = "autre"
    INCONNU = "inconnu"
    """La source ne dit pas quel document c'est."""


class NatureDemande(StrEnum):
    """Ce que la demande cherche à obtenir."""

    PREMIERE_DEMANDE = "premiere_demande"
    RENOUVELLEMENT = "renouvellement"
    CHANGEMENT_STATUT = "changement_statut"
    DUPLICATA = "duplicata"
    MODIFICATION = "modification"
    """Une donnée de la carte change : adresse, état civil, photographie."""
    ADMISSION_EXCEPTIONNELLE = "admission_exceptionnelle"
    AUTRE = "autre"
    INCONNU = "inconnu"
    """La source ne dit pas ce que la demande cherche à obtenir."""


class StatutProtection(StrEnum):
    """La protection internationale reconnue (CESEDA L.424-1, L.424-9)."""

    REFUGIE = "refugie"
    PROTECTION_SUBSIDIAIRE = "protection_subsidiaire"
    APATRIDE = "apatride"


class EtatCompletude(StrEnum):
    """Ce que le service dit d'un dossier (CRPA L.114-5)."""

    COMPLET = "complet"
    INCOMPLET = "incomplet"


class NatureDecision(StrEnum):
    """La décision que vise un retrait, une annulation ou un recours."""

    FAVORABLE = "favorable"
    REFUS_EXPRES = "refus_expres"
    REFUS_IMPLICITE = "refus_implicite"
    REFUS_ENREGISTREMENT = "refus_enregistrement"
    CLOTURE = "cloture"
    RETRAIT_TITRE = "retrait_titre"
    REFUS_SUBSTITUTION = "refus_substitution"
    OQTF = "oqtf"
    AUTRE = "autre"
    INCONNU = "inconnu"
    """La source ne dit pas quelle décision est visée."""


class BaseRecours(StrEnum):
    """Le fondement d'un recours (CJA, CRPA L.411-2)."""

    REFERE_SUSPENSION = "refere_suspension"
    """CJA L.521-1."""
    REFERE_LIBERTE = "refere_liberte"
    """CJA L.521-2."""
    REFERE_MESURES_UTILES = "refere_mesures_utiles"
    """CJA L.521-3."""
    REFERE_PROVISION = "refere_provision"
    """CJA R.541-1."""
    REFERE_CONSTAT = "refere_constat"
    """CJA R.531-1."""
    EXCES_DE_POUVOIR = "exces_de_pouvoir"
    INDEMNITAIRE = "indemnitaire"
    DEMANDE_INDEMNITAIRE_PREALABLE = "demande_indemnitaire_prealable"
    GRACIEUX = "gracieux"
    HIERARCHIQUE = "hierarchique"
    EXECUTION = "execution"
    APPEL = "appel"
    CASSATION = "cassation"
    AUTRE = "autre"
    INCONNU = "inconnu"
    """La source ne dit pas sur quel fondement."""


class Prestation(StrEnum):
    """La prestation ou l'allocation touchée."""

    RSA = "rsa"
    PRIME_ACTIVITE = "prime_activite"
    AIDE_LOGEMENT = "aide_logement"
    PRESTATIONS_FAMILIALES = "prestations_familiales"
    AAH = "aah"
    ALLOCATION_CHOMAGE = "allocation_chomage"
    ALLOCATION_DEMANDEUR_ASILE = "allocation_demandeur_asile"
    INDEMNITES_JOURNALIERES = "indemnites_journalieres"
    RETRAITE = "retraite"
    BOURSE_ETUDES = "bourse_etudes"
    AUTRE = "autre"
    INCONNU = "inconnu"
    """La source ne dit pas quelle prestation c'est."""


class EtapeIncident(StrEnum):
    """L'étape de la procédure qu'un dysfonctionnement touche."""

    DEPOT = "depot"
    COMPTE = "compte"
    INSTRUCTION = "instruction"
    CONCEPTION = "conception"
    DOCUMENT_PROVISOIRE = "document_provisoire"
    EFFET = "effet"
    SUPPORT = "support"
    CAUSE_PROFONDE = "cause_profonde"
    EXPLOITATION = "exploitation"
    AGENTS = "agents"


_E = EtapeIncident


class CodeIncident(StrEnum):
    """Le dysfonctionnement, d'après le catalogue des 42 que rapportent le Défenseur des droits et le Parlement."""

    etape: EtapeIncident
    libelle: str

    def __new__(cls, code: str, etape: EtapeIncident, libelle: str) -> Self:
        """Build the member stored as ``code``, with its stage and its French wording."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.etape, member.libelle = etape, libelle
        return member

    PREVIOUS_TITRE_NOT_RETURNED = (
        "B01",
        _E.DEPOT,
        "Le titre précédent n'est pas considéré comme remis alors qu'il l'a été",
    )
    APPLICATION_ALREADY_PENDING = "B02", _E.DEPOT, "Une demande serait déjà en cours d'instruction"
    PASSWORD_RESET_LINK_NOT_RECEIVED = "B03", _E.COMPTE, "Le lien de réinitialisation du mot de passe n'arrive pas"
    ACCOUNT_CREATION_ERROR = "B04", _E.COMPTE, "Des messages d'erreur empêchent la création du compte"
    MESSAGES_NOT_READABLE = "B05", _E.INSTRUCTION, "Les demandes adressées par l'agent ne peuvent pas être consultées"
    DOCUMENTS_SENT_NOT_RECEIVED = "B06", _E.INSTRUCTION, "Des pièces transmises ne sont jamais reçues par la préfecture"
    PROCEDURE_INVISIBLE_TO_PREFECTURE = "B07", _E.INSTRUCTION, "La préfecture n'a pas connaissance d'une démarche faite"
    PROCEDURE_NOT_SELECTABLE = "B08", _E.DEPOT, "La démarche ne peut pas être sélectionnée"
    SINGLE_PROCEDURE_ONLY = "B09", _E.CONCEPTION, "Plusieurs démarches ne peuvent pas être menées en même temps"
    NO_RECTIFICATION = "B10", _E.CONCEPTION, "Une erreur ne peut pas être rectifiée"
    NO_COMPLETION = "B11", _E.CONCEPTION, "Le dossier ne peut être complété de pièces volumineuses ou non sollicitées"
    NO_CANCELLATION = "B12", _E.CONCEPTION, "Une demande en cours ne peut pas être annulée"
    AUTO_CLOSURE_30_DAYS = (
        "B13",
        _E.INSTRUCTION,
        "Le dossier est clos automatiquement après 30 jours, malgré les difficultés",
    )
    CLOSURE_WITHOUT_REASON = "B14", _E.INSTRUCTION, "La clôture de la demande est annoncée sans justification"
    FOREIGN_NUMBER_REQUIRED = "B15", _E.DEPOT, "Un numéro étranger est exigé de parents qui n'en ont pas"
    PROTECTED_MINOR_TURNING_18 = "B16", _E.DEPOT, "Le mineur protégé qui devient majeur ne peut pas déposer"
    VULNERABLE_VICTIM_UNSUPPORTED = (
        "B17",
        _E.CONCEPTION,
        "Les victimes de violences ou de traite ne sont pas accompagnées",
    )
    PATCHY_ROLLOUT = "B18", _E.DEPOT, "Le déploiement parcellaire ne laisse pas voir le canal à suivre"
    API_RENEWAL_OPTION_MISSING = "B19", _E.DOCUMENT_PROVISOIRE, "L'option de renouvellement n'apparaît pas sur le site"
    API_ISSUE_OR_RENEWAL_ERROR = "B20", _E.DOCUMENT_PROVISOIRE, "Une erreur empêche l'édition ou le renouvellement"
    API_NOT_RENEWED_AUTOMATICALLY = (
        "B21",
        _E.DOCUMENT_PROVISOIRE,
        "Le renouvellement de l'attestation n'est pas automatique",
    )
    API_DURATION_TOO_SHORT = "B22", _E.DOCUMENT_PROVISOIRE, "L'attestation vaut trois mois au lieu de six"
    API_WRONG_MENTION = "B23", _E.DOCUMENT_PROVISOIRE, "L'attestation porte des mentions erronées"
    NO_PROVISIONAL_DOC_FOR_REGULARISATION = (
        "B24",
        _E.DOCUMENT_PROVISOIRE,
        "La régularisation n'a pas de document provisoire",
    )
    PROVISIONAL_DOC_NOT_RECOGNISED = "B25", _E.EFFET, "Un tiers refuse le document provisoire ou le croit faux"
    REGULATORY_LISTS_NOT_UPDATED = "B26", _E.EFFET, "Les listes de documents officiels ne sont pas mises à jour"
    CCC_NO_BLOCKAGE_CERTIFICATE = "B27", _E.SUPPORT, "Le centre de contact n'atteste pas explicitement le blocage"
    CCC_UNANSWERED = "B28", _E.SUPPORT, "Le centre de contact ne répond pas, ou sans effet"
    PAN_ONLINE_BOOKING_ONLY = "B29", _E.SUPPORT, "Le rendez-vous au point d'accueil ne se prend que par internet"
    PAN_UNSTAFFED = "B30", _E.SUPPORT, "Le point d'accueil n'offre pas l'assistance d'un agent formé"
    SUBSTITUTION_INACCESSIBLE = "B31", _E.SUPPORT, "Le dépôt hors téléservice demeure très difficile d'accès"
    SUBSTITUTION_MODALITIES_UNPUBLISHED = "B32", _E.SUPPORT, "Les modalités de substitution ne sont pas publiées"
    NO_APPOINTMENT_SLOT = "B33", _E.SUPPORT, "Les créneaux de rendez-vous sont insuffisants"
    LEGACY_SI_COEXISTENCE = "B34", _E.CAUSE_PROFONDE, "Le maintien de l'ancien système fausse les données reprises"
    NO_URGENCY_PRIORITISATION = "B35", _E.INSTRUCTION, "Les situations urgentes ne sont pas priorisées"
    NO_COMPLETE_HISTORY = "B36", _E.CONCEPTION, "Aucun historique complet n'est conservé"
    NO_PROGRESS_INFORMATION = "B37", _E.CONCEPTION, "L'usager n'est pas informé de l'avancement"
    RESTART_FROM_ZERO = "B38", _E.INSTRUCTION, "Les démarches doivent être recommencées depuis le début"
    SLOW_BUG_FIX = "B39", _E.EXPLOITATION, "Les anomalies sont très lentement corrigées"
    INSUFFICIENT_PILOT = "B40", _E.CAUSE_PROFONDE, "L'expérimentation préalable a été insuffisante"
    AGENT_TOOL_DEGRADED = "B41", _E.AGENTS, "L'outil des agents est dégradé ou empêché"
    NO_EMAIL_NO_NOTIFICATION = "B42", _E.COMPTE, "Sans adresse électronique, la personne ne reçoit aucun avis"
