"""Accès : consultations, exports, intégrité, droits des personnes, conservation (ligne 67)."""

from typing import Annotated, Final

from pydantic import Field

from ledger.days import Jours, Quand
from ledger.events.base import Court, Event, Ref, Sha256, Texte
from ledger.events.listes import ActeCompte, CritereFile, DroitPersonne, FondementAcces, NatureExport
from ledger.events.parts import Courts, Nombre, Octets, Refs, Sujets
from ledger.events.types import Flux


class DossierConsulte(Event, nom="dossier_consulte", flux=Flux.ACCES, ligne=67):
    """Le dossier a été consulté.

    Chaque consultation est tracée avec son titre juridique ; la personne peut savoir qui a vu ses données (RGPD art.
    15).
    """

    fondement: FondementAcces
    """Le titre juridique de l'accès."""
    dossier: Ref | None = None
    """Le dossier consulté."""
    perimetre: Court | None = None
    """Ce qui a été consulté."""
    reference: Ref | None = None
    """La référence qui fonde l'accès, par exemple le numéro de saisine."""


class RechercheEffectuee(Event, nom="recherche_effectuee", flux=Flux.ACCES, ligne=67):
    """Une recherche a été faite dans le registre.

    Les critères sont gardés par leur empreinte, pour que la trace ne révèle pas ce qu'elle protège (RGPD art. 5) ; qui
    a été montré y est, pour que chaque personne puisse l'apprendre (RGPD art. 15).
    """

    fondement: FondementAcces
    """Le titre juridique de l'accès."""
    empreinte_criteres: Sha256 | None = None
    """L'empreinte des critères."""
    nombre_resultats: Nombre | None = None
    """Le nombre de résultats."""
    reference: Ref | None = None
    """La référence qui fonde l'accès."""
    sujets: Sujets = ()
    """Les personnes que les résultats ont montrées, par leur identifiant au registre, qui ne nomme personne."""


class ExportProduit(Event, nom="export_produit", flux=Flux.ACCES, ligne=67):
    """Un export a été produit.

    Ce qui sort du registre n'est plus sous sa garde : la trace dit ce qui est sorti, pour qui et à quel titre (RGPD
    art. 15, art. 30).
    """

    nature: NatureExport
    """La nature de l'export."""
    fondement: FondementAcces
    """Le titre juridique de l'accès."""
    destinataire: Court | None = None
    """La catégorie de destinataire."""
    sha256: Sha256 | None = None
    """L'empreinte de l'export."""
    octets: Octets | None = None
    """La taille de l'export."""
    tiers_masques: bool | None = None
    """Le masquage des tiers."""
    nombre_faits: Nombre | None = None
    """Le nombre de faits exportés."""
    reference: Ref | None = None
    """La référence qui fonde l'accès."""
    export: Ref | None = None
    """L'identifiant de l'export, par lequel il se refait à l'octet près."""
    profil: Court | None = None
    """À quoi l'export sert : paquet d'expert, du Défenseur des droits, dossier pour un tribunal, relevé."""
    connu_le: Quand | None = None
    """L'instant jusqu'auquel l'export voit ce que le registre savait."""
    vu_le: Jours | None = None
    """Le jour depuis lequel l'export regarde."""
    regles: Sha256 | None = None
    """L'empreinte du jeu de règles suivi."""
    conclusion: Sha256 | None = None
    """L'empreinte des jours perdus et de leur imputation tels que l'export les dit."""
    position_journal: Nombre | None = None
    """La taille du journal dont l'export montre l'arbre."""


class DossierPreuveScelle(Event, nom="dossier_preuve_scelle", flux=Flux.ACCES, ligne=67):
    """Un dossier de preuve a été scellé.

    Le scellement fixe le contenu et l'état du journal qui le prouve ; il se vérifie sans ce logiciel.
    """

    sha256: Sha256
    """L'empreinte du dossier de preuve."""
    position_journal: Nombre | None = None
    """La taille du journal au scellement."""
    racine_journal: Sha256 | None = None
    """La racine du journal au scellement."""
    nombre_pieces: Nombre | None = None
    """Le nombre de pièces de l'inventaire."""
    export: Ref | None = None
    """L'export scellé."""


class CompteChange(Event, nom="compte_change", flux=Flux.ACCES, ligne=67, ecrit_par="constat account"):
    """Un compte du site a été ouvert, changé ou fermé.

    Écrit avant que le changement prenne effet : personne ne se donne un droit de regard sans que le registre le dise
    (RGPD art. 32). Ce qui est fait du compte d'un usager est aussi dans son dossier, pour qu'il l'apprenne (RGPD
    art. 15).
    """

    compte: Ref
    """Le pseudonyme du compte, qui signe ses consultations et ses actes."""
    acte: ActeCompte
    """Ce qui est fait du compte."""
    role: Court
    """Le rôle du compte une fois changé."""
    service: Court | None = None
    """Le service dont le compte se dit une fois changé."""
    prefecture: Court | None = None
    """La préfecture dont le compte voit les dossiers une fois changé."""


REGARDS: Final = (DossierConsulte, RechercheEffectuee, ExportProduit, DossierPreuveScelle, CompteChange)
"""The facts that say that somebody looked at the data, was given them, or the right to look; none says anything of what
happened."""


class IntegriteVerifiee(
    Event, nom="integrite_verifiee", flux=Flux.ACCES, ligne=67, ecrit_par="constat verify --record"
):
    """L'intégrité du registre a été vérifiée.

    Le résultat est gardé, favorable ou non.
    """

    conforme: bool
    """La conformité constatée."""
    perimetre: Court | None = None
    """Ce qui a été vérifié."""
    position_journal: Nombre | None = None
    """La taille du journal vérifiée."""
    racine_journal: Sha256 | None = None
    """La racine du journal vérifiée."""
    anomalies: Courts = ()
    """Les anomalies constatées."""


class OrdreFileDecide(Event, nom="ordre_file_decide", flux=Flux.ACCES, ligne=67, ecrit_par="constat serve"):
    """L'ordre de la file des priorités d'un service a été décidé.

    Qui décide de l'ordre dans lequel les personnes sont servies le fait à découvert : qui, quand et pourquoi restent au
    registre.
    """

    service: Court
    """Le service dont la file change d'ordre."""
    ordre: Annotated[tuple[CritereFile, ...], Field(max_length=10)]
    """Les critères, le premier compte d'abord."""
    motif: Texte
    """Pourquoi cet ordre."""


class DemandeDroitsRecue(Event, nom="demande_droits_recue", flux=Flux.ACCES, ligne=67):
    """La personne a demandé à exercer ses droits sur ses données.

    Fait courir un mois pour répondre (RGPD art. 12, art. 15). L'effacement cède devant la constatation ou la défense
    de droits en justice (RGPD art. 17).
    """

    demande: Ref | None = None
    """La référence de la demande."""
    droit: DroitPersonne
    """Le droit exercé."""
    recue_le: Jours
    """Le jour de la réception."""
    perimetre: Texte | None = None
    """Ce que la demande vise."""


class DemandeDroitsRepondue(Event, nom="demande_droits_repondue", flux=Flux.ACCES, ligne=67):
    """Une réponse a été donnée à la demande d'exercice des droits.

    Arrête le délai d'un mois (RGPD art. 12) ; un refus est motivé.
    """

    demande: Ref | None = None
    """La référence de la demande."""
    repondue_le: Jours
    """Le jour de la réponse."""
    accordee: bool | None = None
    """La suite favorable."""
    motif: Texte | None = None
    """Le motif d'un refus."""
    export_sha256: Sha256 | None = None
    """L'empreinte de la copie remise."""


class GelConservationPose(Event, nom="gel_conservation_pose", flux=Flux.ACCES, ligne=67):
    """Un gel de conservation a été posé.

    Suspend toute destruction tant qu'un droit est à constater, exercer ou défendre (RGPD art. 17).
    """

    gel: Ref | None = None
    """La référence du gel."""
    fondement: Court
    """Le fondement du gel."""
    jusqu_au: Jours | None = None
    """Le dernier jour prévu du gel."""
    dossiers: Refs = ()
    """Les dossiers gelés, aucun quand le gel vise tout."""
    reference: Ref | None = None
    """La procédure qui fonde le gel."""


class GelConservationLeve(Event, nom="gel_conservation_leve", flux=Flux.ACCES, ligne=67):
    """Le gel de conservation a été levé.

    La durée de conservation ordinaire reprend (RGPD art. 5).
    """

    gel: Ref | None = None
    """La référence du gel."""
    motif: Texte | None = None
    """Le motif de la levée."""


class ClePersonnelleDetruite(
    Event, nom="cle_personnelle_detruite", flux=Flux.ACCES, ligne=67, ecrit_par="constat erase"
):
    """La clé qui rendait les données de la personne lisibles a été détruite.

    Les contenus deviennent illisibles et les preuves d'intégrité demeurent (RGPD art. 17). Impossible tant qu'un gel
    court ; la trace dit ce que la destruction coûte à la preuve.
    """

    motif: Texte
    """Le motif de la destruction."""
    regle: Court | None = None
    """La règle de conservation appliquée."""
    empreinte_cle: Sha256 | None = None
    """L'empreinte de la clé détruite."""
    nombre_faits: Nombre | None = None
    """Le nombre de faits devenus illisibles."""
    demande: Ref | None = None
    """La demande de la personne, s'il y en a une."""
