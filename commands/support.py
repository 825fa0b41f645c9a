"""Support : centre de contact, point d'accueil, attestation de blocage, solution de substitution."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir, avertir_de
from commands.situation import Situation
from ledger.events import depot, incident, personne, provisoire, support
from ledger.events.base import Event
from ledger.events.listes import ResultatPan
from rules import ceseda_r431_2_substitution as substitution
from rules import cja_r421_5_voies_et_delais as voies
from rules import constat_coherence as coherence
from rules import crpa_l211_5_motivation as motivation

_ECHECS: Final = (
    depot.TentativeDepotEchouee,
    depot.VersementEchoue,
    personne.CreationCompteEchouee,
    personne.LienReinitialisationNonRecu,
    personne.ConnexionEchouee,
    personne.NumeroEtrangerManquant,
    provisoire.RenouvellementAttestationEchoue,
    incident.IncidentOuvert,
    incident.PannePlateformeConstatee,
)


def contacter_ccc(s: Situation, e: support.CccContacte) -> Iterator[Reponse]:
    """Contacter le centre de contact citoyen."""
    if e.ticket is not None and any(each.ticket == e.ticket for each in s.de(support.CccContacte)):
        yield avertir("ticket_deja_connu", coherence.SUPPORT, f"Le ticket « {e.ticket} » est déjà ouvert.")


def _ticket(s: Situation, ticket: str | None) -> Iterator[Motif]:
    if not any(ticket in {None, each.ticket} for each in s.de(support.CccContacte)):
        named = f" « {ticket} »" if ticket else ""
        yield Motif(
            "ticket_inconnu", coherence.SUPPORT, f"Le centre de contact n'a pas été contacté sous ce ticket{named}."
        )


def repondre_ccc(s: Situation, e: support.CccRepondu) -> Iterator[Reponse]:
    """Répondre au nom du centre de contact."""
    yield from _ticket(s, e.ticket)


def transmettre_dgef(s: Situation, e: support.SignalementTransmisDgef) -> Iterator[Reponse]:
    """Transmettre l'anomalie à la direction générale des étrangers en France."""
    yield from _ticket(s, e.ticket)


def attester_blocage(s: Situation, e: support.BlocageAtteste) -> Iterator[Reponse]:
    """Attester un blocage."""
    if not s.connait(*_ECHECS, support.CccContacte, support.PanVisite):
        yield avertir("blocage_sans_echec", substitution.SOURCE, "Aucun échec ni contact antérieur n'est connu.")
    if e.signataire_qualite is None:
        yield avertir(
            "blocage_sans_signataire", substitution.ARRETE, "L'attestation ne dit pas la qualité de son signataire."
        )


def visiter_pan(_s: Situation, e: support.PanVisite) -> Iterator[Reponse]:
    """Constater un passage au point d'accueil numérique."""
    if e.agent_present is True and e.resultat is ResultatPan.POSTE_SANS_AGENT:
        yield Motif(
            "pan_contradictoire", coherence.SUPPORT, "Le passage dit à la fois un agent présent et un poste sans agent."
        )


def signaler_pan_indisponible(s: Situation, e: support.RendezVousPanIndisponible) -> Iterator[Reponse]:
    """Signaler qu'aucun rendez-vous n'est disponible au point d'accueil."""
    day = e.constate_le or s.le
    if e.premier_creneau_le is not None and e.premier_creneau_le.dernier < day.premier:
        yield Motif(
            "creneau_passe",
            coherence.TEMPS,
            f"Le premier créneau ({e.premier_creneau_le}) précède le constat du {day}.",
        )


def demander_substitution(s: Situation, e: support.SubstitutionDemandee) -> Iterator[Reponse]:
    """Demander à déposer par la solution de substitution."""
    if not s.connait(*_ECHECS):
        yield avertir("substitution_sans_echec", substitution.SOURCE, "Aucun échec au téléservice n'est connu.")
    if not s.connait(support.CccContacte, support.PanVisite, support.RendezVousPanIndisponible):
        yield avertir(
            "substitution_sans_diligence",
            substitution.ARRETE,
            "Ni le centre de contact ni le point d'accueil n'a été saisi.",
        )
    if e.recue_le is not None and e.demandee_le is not None and e.recue_le.dernier < e.demandee_le.premier:
        yield Motif("recue_avant_envoi", coherence.TEMPS, f"La demande serait reçue le {e.recue_le}, avant son envoi.")


def _demandee(s: Situation) -> bool:
    return s.connait(support.SubstitutionDemandee)


def refuser_substitution(s: Situation, e: support.SubstitutionRefusee) -> Iterator[Reponse]:
    """Refuser la solution de substitution."""
    if not _demandee(s):
        yield Motif(
            "substitution_jamais_demandee", coherence.SUPPORT, "La substitution n'a pas été demandée : rien à refuser."
        )
    yield from avertir_de(motivation.manquements([e.motif] if e.motif else [], [""]))
    if s.connait(support.BlocageAtteste):
        yield avertir(
            "refus_malgre_blocage", substitution.SOURCE, "Un blocage est attesté : l'impossibilité est constatée."
        )
    if e.mention_voies_recours is not True:
        yield avertir(
            "sans_voies_recours", voies.SOURCE, "Sans voies et délais de recours, le délai n'est pas opposable."
        )


def proposer_substitution(s: Situation, e: support.SubstitutionProposee) -> Iterator[Reponse]:
    """Inviter la personne à déposer par la solution de substitution."""
    day = e.proposee_le or s.le
    if e.prevu is not None and e.prevu.jours.dernier < day.premier:
        yield Motif("rendez_vous_passe", coherence.TEMPS, f"Le rendez-vous du {e.prevu} précède l'invitation du {day}.")


def tenir_rendez_vous_substitution(s: Situation, e: support.RendezVousSubstitutionTenu) -> Iterator[Reponse]:
    """Constater que le rendez-vous de substitution a eu lieu."""
    if not (_demandee(s) or s.connait(support.SubstitutionProposee)):
        yield Motif(
            "substitution_inconnue",
            coherence.SUPPORT,
            "La substitution n'a été ni demandée ni proposée : aucun rendez-vous.",
        )
    if e.demande_enregistree is False:
        yield avertir(
            "substitution_sans_enregistrement", substitution.SOURCE, "L'accueil devait permettre l'enregistrement."
        )


def publier_modalites_substitution(_s: Situation, e: support.ModalitesSubstitutionPubliees) -> Iterator[Reponse]:
    """Publier les modalités de la solution de substitution."""
    if e.adresse is None and e.capture_sha256 is None and e.texte is None:
        yield avertir(
            "publication_sans_preuve",
            substitution.SOURCE,
            "Ni adresse, ni capture, ni texte : la publication n'est pas prouvée.",
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    support.CccContacte: contacter_ccc,
    support.CccRepondu: repondre_ccc,
    support.SignalementTransmisDgef: transmettre_dgef,
    support.BlocageAtteste: attester_blocage,
    support.PanVisite: visiter_pan,
    support.RendezVousPanIndisponible: signaler_pan_indisponible,
    support.SubstitutionDemandee: demander_substitution,
    support.SubstitutionRefusee: refuser_substitution,
    support.SubstitutionProposee: proposer_substitution,
    support.RendezVousSubstitutionTenu: tenir_rendez_vous_substitution,
    support.ModalitesSubstitutionPubliees: publier_modalites_substitution,
}
