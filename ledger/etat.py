"""The state of a dossier and its parts: small frozen values, one per thing that can happen to an application.

A date is ``None`` when no fact gives it. Nothing here is computed from a rule of law.
"""

from enum import StrEnum

import msgspec

from ledger.days import Jours, Quand
from ledger.events.listes import (
    Empreintes,
    Injonction,
    ModeNotification,
    ObjetRendezVous,
    PartieAbsente,
    ResultatRendezVous,
    SensDecisionJustice,
)
from ledger.events.parts import PieceDemandee
from ledger.events.types import (
    BaseRecours,
    Canal,
    CodeIncident,
    EtatCompletude,
    NatureDecision,
    NatureDemande,
    TypeTitre,
)


class Etape(StrEnum):
    """Où en est le dossier. Le refus implicite n'y figure pas : il est vrai en même temps qu'une étape."""

    AUCUNE = "aucune"
    """Des faits sont connus, aucun ne dit qu'une demande a été tentée ou déposée."""
    TENTATIVE = "tentative"
    DEPOSE = "depose"
    COMPLEMENT_DEMANDE = "complement_demande"
    INSTRUCTION = "instruction"
    CLOS = "clos"
    ENREGISTREMENT_REFUSE = "enregistrement_refuse"
    RETIRE = "retire"
    FAVORABLE = "favorable"
    REFUSE = "refuse"

    @property
    def en_cours(self) -> bool:
        """Whether the administration still has to act on the application."""
        return self in {Etape.DEPOSE, Etape.COMPLEMENT_DEMANDE, Etape.INSTRUCTION}


class NatureAccuse(StrEnum):
    """Ce que l'administration a délivré après un envoi."""

    RECEPTION = "reception"
    ENREGISTREMENT = "enregistrement"
    ATTESTATION_DEPOT = "attestation_depot"


class Tentatives(msgspec.Struct, frozen=True, kw_only=True):
    """Les dépôts et versements qui ont échoué avant ou après la demande."""

    nombre: int = 0
    premiere_le: Jours | None = None
    derniere_le: Jours | None = None
    codes: tuple[CodeIncident, ...] = ()


class Depot(msgspec.Struct, frozen=True, kw_only=True):
    """Une demande, en ligne ou sur papier."""

    le: Jours
    en_ligne: bool
    titre_demande: TypeTitre
    nature: NatureDemande
    motif_sejour: str | None = None
    duree_annees: int | None = None
    fondement: str | None = None
    prefecture: str | None = None
    departement: str | None = None
    departement_liste_l433_3: bool | None = None
    titre_precedent: str | None = None
    en_teleservice_obligatoire: bool | None = None
    numero: str | None = None
    incident: str | None = None


class Accuse(msgspec.Struct, frozen=True, kw_only=True):
    """Un accusé ou une attestation de dépôt."""

    nature: NatureAccuse
    delivre_le: Jours
    recue_le: Jours | None = None
    numero: str | None = None
    mentions: tuple[bool | None, ...] = ()
    """Les mentions de l'accusé de réception, dans l'ordre du vocabulaire."""
    date_decision_implicite: Jours | None = None


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Une pièce : versée par la personne, accusée, reçue par la préfecture ; chacune de ces dates peut manquer."""

    nom: str | None = None
    sha256: str | None = None
    versee_le: Jours | None = None
    demandee: bool | None = None
    complement: str | None = None
    accusee_le: Jours | None = None
    recue_le: Jours | None = None
    empreintes: Empreintes | None = None


class EchecVersement(msgspec.Struct, frozen=True, kw_only=True):
    """Une pièce que la personne n'a pas pu verser."""

    le: Jours
    nom: str | None = None
    code_incident: CodeIncident | None = None
    complement: str | None = None


class Complement(msgspec.Struct, frozen=True, kw_only=True):
    """Une demande de complément et ce qu'elle est devenue."""

    ref: str | None = None
    demande_le: Jours | None = None
    pieces: tuple[PieceDemandee, ...] = ()
    echeance: Jours | None = None
    mention_l114_5: bool | None = None
    auteur_qualite: str | None = None
    mis_a_disposition_le: Jours | None = None
    lisible: bool | None = None
    ouvert_le: Jours | None = None
    repondu_le: Jours | None = None
    toutes_les_pieces: bool | None = None
    expire_le: Jours | None = None
    prorogations: tuple[Jours, ...] = ()

    @property
    def en_attente(self) -> bool:
        """Whether neither an answer nor the end of its time is known."""
        return self.demande_le is not None and self.repondu_le is None and self.expire_le is None


class RendezVous(msgspec.Struct, frozen=True, kw_only=True):
    """Un rendez-vous proposé, tenu ou manqué."""

    ref: str | None = None
    propose_le: Jours | None = None
    prevu: Quand | None = None
    objet: ObjetRendezVous | None = None
    tenu_le: Jours | None = None
    resultat: ResultatRendezVous | None = None
    manque_le: Jours | None = None
    partie_absente: PartieAbsente | None = None


class Cloture(msgspec.Struct, frozen=True, kw_only=True):
    """Une clôture, avec son auteur et ses motifs, ou leur absence."""

    le: Jours
    automatique: bool
    motifs: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    auteur_qualite: str | None = None
    mention_algorithme: bool | None = None
    mention_voies_recours: bool | None = None
    complement: str | None = None
    notifie_le: Jours | None = None
    rouvert_le: Jours | None = None
    retiree_le: Jours | None = None
    annulee_le: Jours | None = None

    @property
    def debout(self) -> bool:
        """Whether nothing undid it."""
        return self.rouvert_le is None and self.retiree_le is None and self.annulee_le is None


class RefusEnregistrement(msgspec.Struct, frozen=True, kw_only=True):
    """Un refus d'enregistrer la demande."""

    le: Jours
    pieces_manquantes: tuple[PieceDemandee, ...] = ()
    motifs: tuple[str, ...] = ()
    auteur_qualite: str | None = None
    fondement: str | None = None
    rouvert_le: Jours | None = None
    retire_le: Jours | None = None
    annule_le: Jours | None = None

    @property
    def debout(self) -> bool:
        """Whether nothing undid it."""
        return self.rouvert_le is None and self.retire_le is None and self.annule_le is None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Une décision expresse, favorable ou de refus."""

    nature: NatureDecision
    prise_le: Jours | None = None
    """Nul quand seule la notification est connue."""
    motifs: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    auteur_qualite: str | None = None
    titre_accorde: TypeTitre | None = None
    valide_du: Jours | None = None
    valide_au: Jours | None = None
    oqtf: bool | None = None
    notifiee_le: Jours | None = None
    mode: ModeNotification | None = None
    mention_voies_recours: bool | None = None
    retiree_le: Jours | None = None
    annulee_le: Jours | None = None

    @property
    def debout(self) -> bool:
        """Whether it was neither withdrawn nor annulled."""
        return self.retiree_le is None and self.annulee_le is None


class RefusImplicite(msgspec.Struct, frozen=True, kw_only=True):
    """Le refus né du silence : un fait à part, qui ne change jamais l'étape (CE avis 499904)."""

    ne_le: Jours
    regle: str | None = None
    delai: str | None = None
    depuis_le: Jours | None = None
    jours_suspendus: int | None = None
    retire_le: Jours | None = None
    annule_le: Jours | None = None

    @property
    def debout(self) -> bool:
        """Whether it was neither withdrawn nor annulled."""
        return self.retire_le is None and self.annule_le is None


class Recours(msgspec.Struct, frozen=True, kw_only=True):
    """Un recours ou un référé formé."""

    base: BaseRecours
    forme_le: Jours
    refere: bool
    vise: NatureDecision | None = None
    numero: str | None = None
    juridiction: str | None = None
    rejete_le: Jours | None = None


class DecisionJustice(msgspec.Struct, frozen=True, kw_only=True):
    """Une ordonnance ou un jugement."""

    le: Jours
    ordonnance: bool
    base: BaseRecours | None = None
    numero: str | None = None
    sens: SensDecisionJustice | None = None
    injonctions: tuple[Injonction, ...] = ()
    delai_injonction_jours: int | None = None
    notifiee_le: Jours | None = None


class Relance(msgspec.Struct, frozen=True, kw_only=True):
    """Une relance adressée à l'administration."""

    le: Jours
    destinataire: str | None = None
    mode: Canal | None = None


class Transfert(msgspec.Struct, frozen=True, kw_only=True):
    """Une transmission d'une préfecture à une autre."""

    le: Jours
    de: str | None = None
    vers: str | None = None
    vers_departement: str | None = None
    usager_avise: bool | None = None


class Rectification(msgspec.Struct, frozen=True, kw_only=True):
    """Une donnée que la personne a fait ou voulu faire rectifier."""

    champ: str
    demandee_le: Jours | None = None
    appliquee_le: Jours | None = None


class Reouverture(msgspec.Struct, frozen=True, kw_only=True):
    """Une réouverture du dossier."""

    le: Jours
    date_depot_conservee: bool | None = None


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Une demande, telle que ses faits la donnent."""

    objet: str | None = None
    etape: Etape = Etape.AUCUNE
    refus_implicite: RefusImplicite | None = None
    faits: int = 0
    dernier_le: Jours | None = None
    tentatives: Tentatives = Tentatives()
    depots: tuple[Depot, ...] = ()
    accuses: tuple[Accuse, ...] = ()
    pieces: tuple[Piece, ...] = ()
    echecs_versement: tuple[EchecVersement, ...] = ()
    completude: EtatCompletude | None = None
    completude_le: Jours | None = None
    manquantes: tuple[PieceDemandee, ...] = ()
    complements: tuple[Complement, ...] = ()
    rectifications: tuple[Rectification, ...] = ()
    annulation_demandee_le: Jours | None = None
    retiree_le: Jours | None = None
    transferts: tuple[Transfert, ...] = ()
    relances: tuple[Relance, ...] = ()
    rendez_vous: tuple[RendezVous, ...] = ()
    clotures: tuple[Cloture, ...] = ()
    refus_enregistrement: tuple[RefusEnregistrement, ...] = ()
    reouvertures: tuple[Reouverture, ...] = ()
    decisions: tuple[Decision, ...] = ()
    motifs_demandes_le: Jours | None = None
    motifs_communiques_le: Jours | None = None
    recours: tuple[Recours, ...] = ()
    decisions_justice: tuple[DecisionJustice, ...] = ()

    @property
    def depose(self) -> bool:
        """Whether an application is known."""
        return bool(self.depots)

    @property
    def depot(self) -> Depot | None:
        """The first application: a second one, or a transfer, never moves its date (CRPA L.114-3)."""
        return min(self.depots, key=lambda each: each.le) if self.depots else None

    @property
    def decision(self) -> Decision | None:
        """The last express decision that still stands."""
        return next((each for each in reversed(self.decisions) if each.debout), None)

    @property
    def cloture(self) -> Cloture | None:
        """The last closure that still stands."""
        return next((each for each in reversed(self.clotures) if each.debout), None)

    @property
    def prefecture(self) -> str | None:
        """The préfecture that has the application, transfers followed."""
        for transfer in reversed(self.transferts):
            if transfer.vers is not None:
                return transfer.vers
        return self.depot.prefecture if self.depot else None

    def complement(self, ref: str | None) -> Complement | None:
        """The request for pieces named ``ref``; without a name, the last one still pending, else the last one."""
        index = position_complement(self, ref)
        return None if index is None else self.complements[index]


def position_complement(dossier: Dossier, ref: str | None) -> int | None:
    """Where in ``complements`` the request named ``ref`` stands (see :meth:`Dossier.complement`)."""
    indexes = range(len(dossier.complements) - 1, -1, -1)
    if ref is not None:
        return next((index for index in indexes if dossier.complements[index].ref == ref), None)
    pending = (index for index in indexes if dossier.complements[index].en_attente)
    return next(pending, len(dossier.complements) - 1 if dossier.complements else None)
