"""Effets : emploi, prestations, santé, logement, banque (lignes 65 et 66).

Le flux « effet » suit un emploi ou une prestation : le fait qui commence et celui qui finit portent la même référence.
"""

from ledger.days import Jours
from ledger.events.base import Court, Event, Ref, Texte
from ledger.events.listes import Couverture, DocumentPresente, ServiceRefuse
from ledger.events.parts import Articles, Centimes
from ledger.events.types import CodeIncident, Flux, Prestation


class OffreEmploiRecue(Event, nom="offre_emploi_recue", flux=Flux.EFFET, ligne=65):
    """La personne a reçu une offre d'emploi.

    L'offre n'a pas d'effet sur le séjour ; elle établit ce qui a été perdu si elle est ensuite retirée.
    """

    depuis_le: Jours
    """Le jour de l'offre."""
    employeur: Ref | None = None
    """La référence pseudonyme de l'employeur."""
    poste: Court | None = None
    """Le poste proposé."""
    remuneration_mensuelle_centimes: Centimes | None = None
    """La rémunération mensuelle brute, en centimes."""


class OffreEmploiRetiree(Event, nom="offre_emploi_retiree", flux=Flux.EFFET, ligne=65):
    """L'employeur a retiré son offre d'emploi.

    Fait d'un tiers. Le lien avec l'interruption de la preuve n'est soutenu que si le retrait tombe dans l'intervalle
    et si la lettre cite le document de séjour.
    """

    depuis_le: Jours
    """Le jour du retrait."""
    employeur: Ref | None = None
    """La référence pseudonyme de l'employeur."""
    poste: Court | None = None
    """Le poste proposé."""
    motif: Texte | None = None
    """Le motif donné par l'employeur, gardé tel quel."""
    document_presente: DocumentPresente | None = None
    """Le document présenté par la personne."""
    remuneration_mensuelle_centimes: Centimes | None = None
    """La rémunération mensuelle brute, en centimes."""


class EmploiSuspendu(Event, nom="emploi_suspendu", flux=Flux.EFFET, ligne=65):
    """L'employeur a suspendu le contrat de travail.

    Fait d'un tiers. Le droit au travail est conservé pendant le maintien de trois mois (CESEDA L.433-3 al. 3) et par
    l'attestation de prolongation d'un titre qui l'autorise (CESEDA R.431-15-2).
    """

    depuis_le: Jours
    """Le premier jour de la suspension."""
    employeur: Ref | None = None
    """La référence pseudonyme de l'employeur."""
    poste: Court | None = None
    """Le poste occupé."""
    motif: Texte | None = None
    """Le motif donné par l'employeur, gardé tel quel."""
    document_presente: DocumentPresente | None = None
    """Le document présenté par la personne."""
    remuneration_mensuelle_centimes: Centimes | None = None
    """La rémunération mensuelle brute, en centimes."""


class EmploiRompu(Event, nom="emploi_rompu", flux=Flux.EFFET, ligne=65):
    """L'employeur a rompu le contrat de travail.

    Fait d'un tiers. Le lien avec l'interruption de la preuve n'est soutenu que si la rupture tombe dans l'intervalle
    et si la lettre cite le document de séjour.
    """

    depuis_le: Jours
    """Le jour de la rupture."""
    employeur: Ref | None = None
    """La référence pseudonyme de l'employeur."""
    poste: Court | None = None
    """Le poste occupé."""
    motif: Texte | None = None
    """Le motif donné par l'employeur, gardé tel quel."""
    document_presente: DocumentPresente | None = None
    """Le document présenté par la personne."""
    remuneration_mensuelle_centimes: Centimes | None = None
    """La rémunération mensuelle brute, en centimes."""


class EmploiRepris(Event, nom="emploi_repris", flux=Flux.EFFET, ligne=65):
    """La personne a repris un emploi.

    Arrête la perte qu'avait ouverte le retrait de l'offre, la suspension ou la rupture du contrat.
    """

    repris_le: Jours
    """Le jour de la reprise."""
    employeur: Ref | None = None
    """La référence pseudonyme de l'employeur."""
    poste: Court | None = None
    """Le poste occupé."""
    remuneration_mensuelle_centimes: Centimes | None = None
    """La rémunération mensuelle brute, en centimes."""


class PrestationOuverte(Event, nom="prestation_ouverte", flux=Flux.EFFET, ligne=66):
    """Une prestation a été ouverte.

    L'ouverture établit le droit et le montant antérieurs à une suspension. Les organismes sociaux sont des
    administrations (CRPA L.100-3).
    """

    prestation: Prestation
    """La prestation."""
    organisme: Court | None = None
    """L'organisme."""
    depuis_le: Jours
    """Le premier jour du droit."""
    montant_centimes: Centimes | None = None
    """Le montant mensuel, en centimes."""


class PrestationSuspendue(Event, nom="prestation_suspendue", flux=Flux.EFFET, ligne=66):
    """Une prestation a été suspendue.

    Fait de l'organisme, qui est une administration (CRPA L.100-3) et doit motiver sa décision (CRPA L.211-2). Les
    droits sociaux sont conservés pendant le maintien de trois mois (CESEDA L.433-3 al. 3).
    """

    prestation: Prestation
    """La prestation."""
    organisme: Court | None = None
    """L'organisme."""
    depuis_le: Jours
    """Le premier jour de la suspension."""
    montant_centimes: Centimes | None = None
    """Le montant mensuel perdu, en centimes."""
    motif: Texte | None = None
    """Le motif donné par l'organisme, gardé tel quel."""
    articles: Articles = ()
    """Les articles cités par l'organisme."""
    document_refuse: DocumentPresente | None = None
    """Le document refusé."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    decision: Ref | None = None
    """La référence de la lettre de décision."""


class PrestationRetablie(Event, nom="prestation_retablie", flux=Flux.EFFET, ligne=66):
    """La prestation a été rétablie.

    Arrête la perte ; le rappel versé se déduit de la somme perdue.
    """

    prestation: Prestation
    """La prestation."""
    organisme: Court | None = None
    """L'organisme."""
    retablie_le: Jours
    """Le premier jour du rétablissement."""
    montant_centimes: Centimes | None = None
    """Le montant mensuel rétabli, en centimes."""
    rappel_centimes: Centimes | None = None
    """Le rappel versé, en centimes."""


class RadiationFranceTravail(Event, nom="radiation_france_travail", flux=Flux.EFFET, ligne=66):
    """France Travail a radié la personne de la liste des demandeurs d'emploi.

    Fait de l'organisme. Fait cesser l'indemnisation et l'accompagnement à partir de ce jour.
    """

    depuis_le: Jours
    """Le jour de la radiation."""
    motif: Texte | None = None
    """Le motif donné, gardé tel quel."""
    document_refuse: DocumentPresente | None = None
    """Le document refusé."""
    montant_centimes: Centimes | None = None
    """L'allocation mensuelle perdue, en centimes."""
    decision: Ref | None = None
    """La référence de la lettre de décision."""


class InscriptionFranceTravailRetablie(Event, nom="inscription_france_travail_retablie", flux=Flux.EFFET, ligne=66):
    """L'inscription à France Travail a été rétablie.

    Arrête la perte ouverte par la radiation.
    """

    retablie_le: Jours
    """Le jour du rétablissement."""
    rappel_centimes: Centimes | None = None
    """Le rappel versé, en centimes."""


class CouvertureSantePerdue(Event, nom="couverture_sante_perdue", flux=Flux.EFFET, ligne=66):
    """La personne a perdu sa couverture de santé.

    Fait de l'organisme, qui est une administration (CRPA L.100-3). Aucun détail de santé n'est gardé.
    """

    couverture: Couverture | None = None
    """La couverture touchée."""
    organisme: Court | None = None
    """L'organisme."""
    depuis_le: Jours
    """Le premier jour sans couverture."""
    motif: Texte | None = None
    """Le motif donné par l'organisme, gardé tel quel."""
    document_refuse: DocumentPresente | None = None
    """Le document refusé."""
    frais_centimes: Centimes | None = None
    """Les frais restés à la charge de la personne, en centimes."""
    decision: Ref | None = None
    """La référence de la lettre de décision."""


class CouvertureSanteRetablie(Event, nom="couverture_sante_retablie", flux=Flux.EFFET, ligne=66):
    """La couverture de santé a été rétablie.

    Arrête la perte de couverture.
    """

    couverture: Couverture | None = None
    """La couverture rétablie."""
    organisme: Court | None = None
    """L'organisme."""
    retablie_le: Jours
    """Le premier jour du rétablissement."""


class LogementOuBanqueRefuse(Event, nom="logement_ou_banque_refuse", flux=Flux.EFFET, ligne=66):
    """Un bailleur, une banque ou un autre tiers a refusé un service à la personne.

    Fait d'un tiers. La lettre qui cite le document refusé relie le refus à l'état de la preuve ce jour-là.
    """

    service: ServiceRefuse
    """Le service refusé."""
    organisme: Court | None = None
    """L'organisme ou la catégorie de tiers."""
    depuis_le: Jours
    """Le jour du refus."""
    motif: Texte | None = None
    """Le motif donné, gardé tel quel."""
    document_refuse: DocumentPresente | None = None
    """Le document refusé."""
    montant_centimes: Centimes | None = None
    """La somme en jeu, en centimes."""
    lettre: Ref | None = None
    """La référence de la lettre de refus."""


class LogementOuBanqueAccorde(Event, nom="logement_ou_banque_accorde", flux=Flux.EFFET, ligne=66):
    """Le service d'abord refusé a été accordé à la personne.

    Arrête l'effet ouvert par le refus du tiers.
    """

    service: ServiceRefuse
    """Le service accordé."""
    organisme: Court | None = None
    """L'organisme ou la catégorie de tiers."""
    retablie_le: Jours
    """Le jour de l'accord."""
