"""Instruction : complétude, compléments, rectification, retrait, transmission, relances, rendez-vous."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir, avertir_de
from commands.gardes import consentement, deja_versee, demande_deposee, demande_en_cours, nom, pas_decidee, pas_finie
from commands.situation import Situation
from ledger.events import instruction
from ledger.events.base import Event
from ledger.events.listes import ModeNotification
from ledger.events.types import EtatCompletude
from rules import constat_coherence as coherence
from rules import crpa_l113_12_une_seule_fois as une_fois
from rules import crpa_l114_3_transmission as transmission
from rules import crpa_l114_5_complement as complement
from rules import crpa_l212_1_auteur as auteur


def apprecier_completude(s: Situation, e: instruction.CompletudeAppreciee) -> Iterator[Reponse]:
    """Apprécier si le dossier est complet."""
    yield from demande_en_cours(s)
    if e.etat is EtatCompletude.COMPLET and e.manquantes:
        yield Motif("complet_avec_manques", coherence.SOURCE, "Un dossier complet n'a pas de pièce manquante.")
    if e.etat is EtatCompletude.INCOMPLET and not e.manquantes:
        yield avertir(
            "incomplet_sans_piece", complement.SOURCE, "Le dossier est dit incomplet sans qu'une pièce soit nommée."
        )
    without = [piece.nom for piece in e.manquantes if piece.texte is None]
    if without:
        yield avertir(
            "piece_sans_texte", complement.SOURCE, f"Aucun texte n'est cité pour : {complement.enumeration(without)}."
        )


def demander_complement(s: Situation, e: instruction.ComplementDemande) -> Iterator[Reponse]:
    """Demander à la personne de compléter son dossier."""
    yield from demande_en_cours(s)
    if e.complement is not None and s.dossier.complement(e.complement) is not None:
        yield Motif("complement_deja_demande", coherence.COMPLEMENT, f"La demande « {e.complement} » a déjà été faite.")
    day = e.demande_le or s.le
    if e.echeance is not None and e.echeance.dernier < day.premier:
        yield Motif("echeance_passee", coherence.TEMPS, f"L'échéance du {e.echeance} précède la demande du {day}.")
    yield from avertir_de(complement.manquements(e.pieces, echeance=e.echeance is not None, mention=e.mention_l114_5))
    held = [piece.nom for piece in e.pieces if deja_versee(s, piece.nom)]
    if held:
        yield avertir(
            "piece_deja_detenue", une_fois.SOURCE, f"Déjà versées au dossier : {complement.enumeration(held)}."
        )
    optional = [piece.nom for piece in e.pieces if piece.indispensable is False]
    if optional:
        yield avertir(
            "piece_non_indispensable",
            complement.INDISPENSABLE,
            f"Non indispensables, l'instruction continue sans elles : {complement.enumeration(optional)}.",
        )
    yield from avertir_de(auteur.manquements(e.auteur_qualite, teleservice=e.mode is ModeNotification.TELESERVICE))
    yield from consentement(s, e.mode)


def _complement_demande(s: Situation, ref: str | None) -> Iterator[Motif]:
    known = s.dossier.complement(ref)
    if known is None or known.demande_le is None:
        named = f" « {ref} »" if ref else ""
        yield Motif(
            "complement_jamais_demande",
            coherence.COMPLEMENT,
            f"Aucune demande de complément{named} n'a été faite : {nom(s)}.",
        )


def mettre_complement_a_disposition(s: Situation, e: instruction.ComplementMisADisposition) -> Iterator[Reponse]:
    """Mettre la demande de complément à disposition sur le compte de la personne."""
    yield from _complement_demande(s, e.complement)
    if e.lisible is False:
        yield avertir(
            "complement_illisible",
            coherence.CLOTURE_INCIDENT,
            "La demande est mise à disposition sans pouvoir être lue.",
        )


def ouvrir_complement(s: Situation, e: instruction.ComplementOuvert) -> Iterator[Reponse]:
    """Ouvrir la demande de complément."""
    yield from _complement_demande(s, e.complement)


def repondre_complement(s: Situation, e: instruction.ComplementRepondu) -> Iterator[Reponse]:
    """Répondre à la demande de complément."""
    yield from _complement_demande(s, e.complement)
    yield from pas_finie(s)
    yield from pas_decidee(s)
    known = s.dossier.complement(e.complement)
    day = e.repondu_le or s.le
    if known is not None and known.echeance is not None and day.premier > known.echeance.dernier:
        yield avertir(
            "reponse_apres_echeance",
            complement.SOURCE,
            f"La réponse du {day} vient après l'échéance du {known.echeance}.",
        )


def constater_expiration_complement(s: Situation, e: instruction.DelaiComplementExpire) -> Iterator[Reponse]:
    """Constater que le délai donné pour compléter a expiré."""
    yield from _complement_demande(s, e.complement)
    known = s.dossier.complement(e.complement)
    if known is None:
        return
    if known.repondu_le is not None:
        yield Motif("complement_deja_repondu", coherence.COMPLEMENT, f"La personne a répondu le {known.repondu_le}.")
    end = e.echeance or known.echeance
    if end is None:
        yield Motif(
            "complement_sans_echeance", coherence.COMPLEMENT, "La demande ne fixait aucun délai : il ne peut expirer."
        )
    elif s.le.dernier <= end.premier:
        yield Motif("delai_non_expire", coherence.TEMPS, f"Le délai court jusqu'au {end} inclus.")


def proroger_complement(s: Situation, e: instruction.DelaiComplementProroge) -> Iterator[Reponse]:
    """Proroger le délai donné pour compléter."""
    yield from _complement_demande(s, e.complement)
    known = s.dossier.complement(e.complement)
    if known is not None and known.echeance is not None and e.nouvelle_echeance.dernier <= known.echeance.premier:
        yield Motif(
            "prorogation_a_rebours",
            coherence.COMPLEMENT,
            f"La nouvelle échéance ({e.nouvelle_echeance}) ne dépasse pas l'ancienne ({known.echeance}).",
        )
    if known is not None and known.repondu_le is not None:
        yield Motif("complement_deja_repondu", coherence.COMPLEMENT, f"La personne a répondu le {known.repondu_le}.")


def demander_rectification(s: Situation, _e: instruction.RectificationDemandee) -> Iterator[Reponse]:
    """Demander la rectification d'une donnée du dossier."""
    yield from demande_deposee(s)


def appliquer_rectification(s: Situation, e: instruction.RectificationAppliquee) -> Iterator[Reponse]:
    """Rectifier une donnée du dossier."""
    yield from demande_deposee(s)
    if e.avant is not None and e.avant == e.apres:
        yield Motif("rectification_sans_effet", coherence.SOURCE, f"« {e.champ[:100]} » a déjà cette valeur.")
    if not any(each.champ == e.champ and each.demandee_le is not None for each in s.dossier.rectifications):
        yield avertir(
            "rectification_non_demandee",
            coherence.SOURCE,
            f"La personne n'a pas demandé de rectifier « {e.champ[:100]} ».",
        )


def demander_annulation(s: Situation, _e: instruction.AnnulationDemandee) -> Iterator[Reponse]:
    """Demander l'annulation de sa demande."""
    yield from demande_en_cours(s)
    if s.dossier.annulation_demandee_le is not None:
        yield avertir(
            "annulation_deja_demandee",
            coherence.SOURCE,
            f"L'annulation a déjà été demandée le {s.dossier.annulation_demandee_le}, et n'est pas constatée.",
        )


def retirer_demande(s: Situation, _e: instruction.DemandeRetiree) -> Iterator[Reponse]:
    """Retirer sa demande."""
    yield from demande_en_cours(s)


def transmettre_demande(s: Situation, e: instruction.DemandeTransmise) -> Iterator[Reponse]:
    """Transmettre la demande à une autre préfecture."""
    yield from demande_en_cours(s)
    if e.de_prefecture is not None and e.de_prefecture == e.vers_prefecture:
        yield Motif("transmission_a_soi", coherence.SOURCE, "La préfecture qui reçoit est celle qui transmet.")
    if e.de_prefecture is not None and s.dossier.prefecture not in {None, e.de_prefecture}:
        yield avertir(
            "transmission_par_une_autre",
            transmission.SOURCE,
            f"Le dossier est connu à la préfecture « {s.dossier.prefecture} ».",
        )
    if e.usager_avise is not True:
        yield avertir(
            "transmission_sans_avis", transmission.AVIS, "Rien ne dit que la personne soit avisée de la transmission."
        )


def envoyer_relance(s: Situation, e: instruction.RelanceEnvoyee) -> Iterator[Reponse]:
    """Relancer l'administration."""
    if not s.dossier.depose:
        yield avertir("relance_sans_demande", coherence.SOURCE, f"Aucune demande n'est connue : {nom(s)}.")
    if e.recue_le is not None and e.envoyee_le is not None and e.recue_le.dernier < e.envoyee_le.premier:
        yield Motif("recue_avant_envoi", coherence.TEMPS, f"La relance serait reçue le {e.recue_le}, avant son envoi.")


def proposer_rendez_vous(s: Situation, e: instruction.RendezVousPropose) -> Iterator[Reponse]:
    """Proposer un rendez-vous."""
    day = e.propose_le or s.le
    if e.prevu.jours.dernier < day.premier:
        yield Motif(
            "rendez_vous_passe", coherence.TEMPS, f"Le rendez-vous du {e.prevu} est proposé le {day}, après coup."
        )
    if e.rendez_vous is not None and any(each.ref == e.rendez_vous for each in s.dossier.rendez_vous):
        yield Motif(
            "rendez_vous_deja_propose", coherence.SOURCE, f"Le rendez-vous « {e.rendez_vous} » est déjà proposé."
        )


def tenir_rendez_vous(s: Situation, e: instruction.RendezVousTenu) -> Iterator[Reponse]:
    """Constater qu'un rendez-vous a eu lieu."""
    yield from _rendez_vous(s, e.rendez_vous)


def constater_rendez_vous_manque(s: Situation, e: instruction.RendezVousManque) -> Iterator[Reponse]:
    """Constater qu'un rendez-vous n'a pas eu lieu."""
    yield from _rendez_vous(s, e.rendez_vous)


def _rendez_vous(s: Situation, ref: str | None) -> Iterator[Motif]:
    offered = [each for each in s.dossier.rendez_vous if ref in {None, each.ref}]
    if not offered:
        yield Motif("rendez_vous_inconnu", coherence.SOURCE, "Aucun rendez-vous n'a été proposé sous cette référence.")
    elif all(each.tenu_le is not None or each.manque_le is not None for each in offered):
        yield Motif("rendez_vous_deja_passe", coherence.SOURCE, "Ce rendez-vous est déjà tenu ou manqué.")


ACTES: Final[Mapping[type[Event], Garde]] = {
    instruction.CompletudeAppreciee: apprecier_completude,
    instruction.ComplementDemande: demander_complement,
    instruction.ComplementMisADisposition: mettre_complement_a_disposition,
    instruction.ComplementOuvert: ouvrir_complement,
    instruction.ComplementRepondu: repondre_complement,
    instruction.DelaiComplementExpire: constater_expiration_complement,
    instruction.DelaiComplementProroge: proroger_complement,
    instruction.RectificationDemandee: demander_rectification,
    instruction.RectificationAppliquee: appliquer_rectification,
    instruction.AnnulationDemandee: demander_annulation,
    instruction.DemandeRetiree: retirer_demande,
    instruction.DemandeTransmise: transmettre_demande,
    instruction.RelanceEnvoyee: envoyer_relance,
    instruction.RendezVousPropose: proposer_rendez_vous,
    instruction.RendezVousTenu: tenir_rendez_vous,
    instruction.RendezVousManque: constater_rendez_vous_manque,
}
