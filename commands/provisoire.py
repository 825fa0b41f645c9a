"""Documents provisoires : délivrer, mettre à disposition, renouveler, corriger, constater l'expiration."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.days import Jours
from ledger.etat import Etape
from ledger.events import provisoire
from ledger.events.base import Event
from ledger.events.personne import ProtectionReconnue
from ledger.events.titre import TitreRemis
from ledger.events.types import NatureDecision, StatutProtection
from rules import ceseda_r431_15_1_attestation as attestation
from rules import ceseda_r431_15_3_refugie as refugie
from rules import circulaire_2013_06_25_point_de_depart as circulaire
from rules import constat_coherence as coherence
from rules import constat_sources_citees as citees

_RECEPISSES: Final = (provisoire.RecepisseDelivre, provisoire.RecepisseRenouvele)
_PROTEGES: Final = {
    StatutProtection.REFUGIE: refugie.SOURCE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: refugie.PROTECTION_SUBSIDIAIRE,
}


def _demande(s: Situation, ref: str | None) -> Iterator[Motif]:
    if ref is not None and not s.dossier.depose:
        yield Motif(
            "dossier_inconnu",
            coherence.SOURCE,
            f"Aucune demande n'est connue : le dossier « {ref} » n'a pas été déposé.",
        )
    elif ref is None and not s.deposes:
        yield Motif("aucune_demande", coherence.SOURCE, "Aucune demande de cette personne n'est connue.")


def constater_attestation_due(s: Situation, e: provisoire.AttestationProlongationDue) -> Iterator[Reponse]:
    """Constater que l'attestation de prolongation est due."""
    yield from _demande(s, e.dossier)
    if e.dossier is not None and s.dossier.decision is not None:
        yield Motif("due_apres_decision", attestation.SOURCE, "Le préfet a statué : la prolongation n'est plus due.")


def delivrer_attestation_prolongation(s: Situation, e: provisoire.AttestationProlongationDelivree) -> Iterator[Reponse]:
    """Délivrer une attestation de prolongation d'instruction."""
    yield from _demande(s, e.dossier)
    yield from _attestation(s, e.valide_du, e.valide_au, e.mise_a_disposition_le)
    yield from _mention(s, e.mention)


def _attestation(s: Situation, start: Jours, end: Jours, available: Jours | None) -> Iterator[Reponse]:
    statut = _protection(s)
    if s.nomme is not None and s.dossier.etape in {Etape.CLOS, Etape.RETIRE, Etape.FAVORABLE, Etape.REFUSE}:
        yield avertir(
            "attestation_hors_instruction",
            attestation.SOURCE,
            f"L'instruction est finie (étape : {s.dossier.etape.value}).",
        )
    if statut in _PROTEGES:
        short = refugie.jours_manquants(start.premier, end.dernier)
        if short is not None:
            yield avertir(
                "attestation_trop_courte",
                _PROTEGES[statut],
                f"L'attestation finit le {end} ; six mois mèneraient au {short[1]}.",
            )
    elif start.exact and end.exact and attestation.duree_depassee(start.premier, end.premier):
        yield avertir(
            "attestation_trop_longue",
            attestation.SOURCE,
            f"L'attestation vaut du {start} au {end} : plus de trois mois.",
        )
    if available is None:
        yield avertir(
            "attestation_non_mise_a_disposition", citees.REMISE, "Rien ne dit que la personne ait reçu l'attestation."
        )
    elif available.premier > start.premier:
        yield avertir(
            "attestation_retroactive",
            citees.REMISE,
            f"Mise à disposition le {available}, pour une validité dès le {start} : ces jours restent sans preuve.",
        )


def _protection(s: Situation) -> StatutProtection | None:
    found = None
    for each in s.de(ProtectionReconnue):
        found = each.statut
    return found


def _mention(s: Situation, mention: str | None) -> Iterator[Reponse]:
    if _protection(s) is StatutProtection.REFUGIE and "réfugié" not in (mention or "").casefold():
        yield avertir(
            "sans_mention_refugie", refugie.SOURCE, "L'attestation ne porte pas la mention « reconnu réfugié »."
        )


def mettre_attestation_a_disposition(
    s: Situation, e: provisoire.AttestationProlongationMiseADisposition
) -> Iterator[Reponse]:
    """Mettre une attestation de prolongation à disposition de la personne."""
    yield from _delivree(s, e.numero, "mettre à disposition")


def _delivree(s: Situation, numero: str | None, verb: str) -> Iterator[Motif]:
    if not any(numero in {None, each.numero} for each in _connues(s)):
        named = f" « {numero} »" if numero else ""
        yield Motif(
            "attestation_jamais_delivree",
            coherence.TITRE,
            f"Aucune attestation{named} n'a été délivrée : rien à {verb}.",
        )


def _connues(
    s: Situation,
) -> Iterator[provisoire.AttestationProlongationDelivree | provisoire.AttestationProlongationRenouvelee]:
    for fait in s.faits:
        event = fait.evenement
        if isinstance(event, provisoire.AttestationProlongationDelivree | provisoire.AttestationProlongationRenouvelee):
            yield event


def renouveler_attestation(s: Situation, e: provisoire.AttestationProlongationRenouvelee) -> Iterator[Reponse]:
    """Renouveler une attestation de prolongation."""
    yield from _demande(s, e.dossier)
    yield from _delivree(s, e.remplace, "renouveler")
    yield from _attestation(s, e.valide_du, e.valide_au, e.mise_a_disposition_le)
    yield from _mention(s, e.mention)
    last = max((each.valide_au for each in _connues(s)), default=None)
    if last is not None and last.exact and e.valide_du.exact and (e.valide_du.premier - last.premier).days > 1:
        yield avertir(
            "renouvellement_avec_interruption",
            attestation.SOURCE,
            f"La précédente finissait le {last} : les jours jusqu'au {e.valide_du} ne sont pas couverts.",
        )


def demander_renouvellement_attestation(
    s: Situation, e: provisoire.RenouvellementAttestationDemande
) -> Iterator[Reponse]:
    """Demander le renouvellement de son attestation."""
    yield from _delivree(s, e.numero, "renouveler")


def signaler_echec_renouvellement(s: Situation, e: provisoire.RenouvellementAttestationEchoue) -> Iterator[Reponse]:
    """Signaler que le renouvellement de l'attestation a échoué."""
    if not any(e.dossier is None or each.dossier in {None, e.dossier} for each in _connues(s)):
        yield avertir("attestation_inconnue", coherence.TITRE, "Aucune attestation à renouveler n'est connue.")


def constater_expiration_attestation(s: Situation, e: provisoire.AttestationProlongationExpiree) -> Iterator[Reponse]:
    """Constater que l'attestation de prolongation a expiré."""
    yield from _delivree(s, e.numero, "constater")
    if s.le.dernier <= e.expire_le.premier:
        yield Motif("attestation_pas_expiree", coherence.TEMPS, f"L'attestation vaut encore le {e.expire_le}.")
    if e.dossier is not None and s.dossier.depose and s.dossier.decision is None and s.dossier.etape.en_cours:
        yield avertir("renouvellement_du", attestation.SOURCE, "Le préfet n'a pas statué : le renouvellement est dû.")


def signaler_erreur_attestation(s: Situation, e: provisoire.ErreurAttestationSignalee) -> Iterator[Reponse]:
    """Signaler une erreur sur l'attestation."""
    yield from _delivree(s, e.numero, "corriger")


def corriger_attestation(s: Situation, e: provisoire.AttestationProlongationCorrigee) -> Iterator[Reponse]:
    """Corriger l'attestation de prolongation."""
    yield from _delivree(s, e.numero, "corriger")
    if e.valide_du is not None and e.valide_au is not None:
        yield from _attestation(s, e.valide_du, e.valide_au, e.mise_a_disposition_le)


def delivrer_recepisse(s: Situation, e: provisoire.RecepisseDelivre) -> Iterator[Reponse]:
    """Délivrer un récépissé."""
    yield from _demande(s, e.dossier)
    yield from _recepisse(s, e.valide_du, e.remis_le)


def _recepisse(s: Situation, start: Jours, given: Jours | None) -> Iterator[Reponse]:
    filed = s.dossier.depot
    if filed is not None and filed.en_ligne:
        yield avertir(
            "recepisse_en_ligne", attestation.SOURCE, "La demande est en ligne : le texte prévoit une attestation."
        )
    if given is None:
        yield avertir("recepisse_non_remis", citees.REMISE, "Rien ne dit que la personne ait reçu le récépissé.")
    elif given.premier > start.premier:
        yield avertir("recepisse_retroactif", citees.REMISE, f"Remis le {given}, pour une validité dès le {start}.")


def renouveler_recepisse(s: Situation, e: provisoire.RecepisseRenouvele) -> Iterator[Reponse]:
    """Renouveler un récépissé."""
    yield from _demande(s, e.dossier)
    yield from _recepisse_connu(s, e.remplace, "renouveler")
    yield from _recepisse(s, e.valide_du, e.remis_le)
    given = sum(isinstance(fait.evenement, _RECEPISSES) for fait in s.faits)
    if given >= circulaire.RECEPISSES_AU_PLUS:
        yield avertir(
            "plus_de_deux_recepisses", circulaire.DEUX_RECEPISSES, f"{given} récépissés ont déjà été délivrés."
        )


def _recepisse_connu(s: Situation, numero: str | None, verb: str) -> Iterator[Motif]:
    known = {each.numero for each in s.de(provisoire.RecepisseDelivre)}
    known |= {each.numero for each in s.de(provisoire.RecepisseRenouvele)}
    if not known or (numero is not None and numero not in known):
        yield Motif("recepisse_jamais_delivre", coherence.TITRE, f"Aucun récépissé n'a été délivré : rien à {verb}.")


def constater_expiration_recepisse(s: Situation, e: provisoire.RecepisseExpire) -> Iterator[Reponse]:
    """Constater que le récépissé a expiré."""
    yield from _recepisse_connu(s, e.numero, "constater")
    if s.le.dernier <= e.expire_le.premier:
        yield Motif("recepisse_pas_expire", coherence.TEMPS, f"Le récépissé vaut encore le {e.expire_le}.")


def delivrer_attestation_decision_favorable(
    s: Situation, e: provisoire.AttestationDecisionFavorableDelivree
) -> Iterator[Reponse]:
    """Délivrer une attestation de décision favorable."""
    yield from _demande(s, e.dossier)
    applications = [s.dossier] if e.dossier is not None else s.deposes
    granted = [each for each in applications if each.decision and each.decision.nature is NatureDecision.FAVORABLE]
    if applications and not granted:
        yield Motif(
            "decision_favorable_absente",
            attestation.DECISION_FAVORABLE,
            "Aucune décision favorable ne tient : rien à attester.",
        )
    if e.dossier is not None and any(each.dossier == e.dossier for each in s.de(TitreRemis)):
        yield avertir(
            "carte_deja_remise",
            attestation.DECISION_FAVORABLE,
            "La carte est déjà remise : l'attestation est sans objet.",
        )
    if e.mise_a_disposition_le is None:
        yield avertir(
            "attestation_non_mise_a_disposition", citees.REMISE, "Rien ne dit que la personne ait reçu l'attestation."
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    provisoire.AttestationProlongationDue: constater_attestation_due,
    provisoire.AttestationProlongationDelivree: delivrer_attestation_prolongation,
    provisoire.AttestationProlongationMiseADisposition: mettre_attestation_a_disposition,
    provisoire.AttestationProlongationRenouvelee: renouveler_attestation,
    provisoire.RenouvellementAttestationDemande: demander_renouvellement_attestation,
    provisoire.RenouvellementAttestationEchoue: signaler_echec_renouvellement,
    provisoire.AttestationProlongationExpiree: constater_expiration_attestation,
    provisoire.ErreurAttestationSignalee: signaler_erreur_attestation,
    provisoire.AttestationProlongationCorrigee: corriger_attestation,
    provisoire.RecepisseDelivre: delivrer_recepisse,
    provisoire.RecepisseRenouvele: renouveler_recepisse,
    provisoire.RecepisseExpire: constater_expiration_recepisse,
    provisoire.AttestationDecisionFavorableDelivree: delivrer_attestation_decision_favorable,
}
