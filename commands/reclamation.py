"""Réclamation : Défenseur des droits, communication de documents, CADA."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import reclamation
from ledger.events.base import Event
from rules import constat_coherence as coherence


def ouvrir_reclamation_ddd(s: Situation, e: reclamation.ReclamationDddOuverte) -> Iterator[Reponse]:
    """Ouvrir une réclamation devant le Défenseur des droits."""
    if any(each.numero == e.numero for each in s.de(reclamation.ReclamationDddOuverte)):
        yield Motif(
            "reclamation_deja_ouverte", coherence.RECLAMATION, f"La réclamation « {e.numero} » est déjà ouverte."
        )
    unknown = [ref for ref in e.dossiers if ref not in s.dossiers]
    if unknown:
        yield avertir(
            "reclamation_dossier_inconnu", coherence.RECLAMATION, f"{len(unknown)} dossier(s) visés ne sont pas connus."
        )


def _ouverte(s: Situation, numero: str | None) -> Iterator[Motif]:
    if not any(numero in {None, each.numero} for each in s.de(reclamation.ReclamationDddOuverte)):
        named = f" « {numero} »" if numero else ""
        yield Motif("reclamation_inconnue", coherence.RECLAMATION, f"Aucune réclamation{named} n'est ouverte.")


def demander_explications_ddd(s: Situation, e: reclamation.ExplicationsDddDemandees) -> Iterator[Reponse]:
    """Demander des explications, au nom du Défenseur des droits."""
    yield from _ouverte(s, e.numero)
    day = e.demandees_le or s.le
    if e.echeance is None:
        yield avertir("explications_sans_echeance", coherence.RECLAMATION, "La demande ne fixe aucun délai de réponse.")
    elif e.echeance.dernier < day.premier:
        yield Motif("echeance_passee", coherence.TEMPS, f"L'échéance du {e.echeance} précède la demande du {day}.")


def fournir_explications_ddd(s: Situation, e: reclamation.ExplicationsDddFournies) -> Iterator[Reponse]:
    """Fournir des explications au Défenseur des droits."""
    asked = [each for each in s.de(reclamation.ExplicationsDddDemandees) if e.numero in {None, each.numero}]
    if not asked:
        yield Motif("explications_jamais_demandees", coherence.RECLAMATION, "Aucune explication n'a été demandée.")
    unknown = [ref for ref in e.faits_contestes if ref not in s.ids]
    if unknown:
        yield avertir(
            "fait_conteste_inconnu", coherence.RECLAMATION, f"Faits contestés qui ne sont pas connus : {len(unknown)}."
        )


def emettre_recommandation_ddd(s: Situation, e: reclamation.RecommandationDddEmise) -> Iterator[Reponse]:
    """Émettre une recommandation, au nom du Défenseur des droits."""
    yield from _ouverte(s, e.numero)
    if not any(e.numero in {None, each.numero} for each in s.de(reclamation.ExplicationsDddDemandees)):
        yield avertir(
            "recommandation_sans_contradictoire", coherence.RECLAMATION, "Aucune demande d'explications n'a précédé."
        )


def rapporter_suite_recommandation(s: Situation, e: reclamation.SuiteRecommandationRapportee) -> Iterator[Reponse]:
    """Rendre compte des suites données à une recommandation."""
    if not any(e.numero in {None, each.numero} for each in s.de(reclamation.RecommandationDddEmise)):
        yield Motif("recommandation_inconnue", coherence.RECLAMATION, "Aucune recommandation n'a été émise.")


def demander_documents_administratifs(
    _s: Situation, e: reclamation.DocumentsAdministratifsDemandes
) -> Iterator[Reponse]:
    """Demander la communication de documents administratifs."""
    if not e.documents:
        yield avertir("documents_non_nommes", coherence.RECLAMATION, "La demande ne nomme aucun document.")
    if e.recue_le is not None and e.demandes_le is not None and e.recue_le.dernier < e.demandes_le.premier:
        yield Motif("recue_avant_envoi", coherence.TEMPS, f"La demande serait reçue le {e.recue_le}, avant son envoi.")


def saisir_cada(s: Situation, _e: reclamation.DemandeCadaDeposee) -> Iterator[Reponse]:
    """Saisir la Commission d'accès aux documents administratifs."""
    if not s.connait(reclamation.DocumentsAdministratifsDemandes):
        yield avertir("cada_sans_demande", coherence.RECLAMATION, "Aucune demande de documents n'est connue.")


def rendre_avis_cada(s: Situation, _e: reclamation.AvisCadaRendu) -> Iterator[Reponse]:
    """Enregistrer l'avis de la Commission d'accès aux documents administratifs."""
    if not s.connait(reclamation.DemandeCadaDeposee):
        yield Motif("cada_jamais_saisie", coherence.RECLAMATION, "La Commission n'a pas été saisie : aucun avis.")


ACTES: Final[Mapping[type[Event], Garde]] = {
    reclamation.ReclamationDddOuverte: ouvrir_reclamation_ddd,
    reclamation.ExplicationsDddDemandees: demander_explications_ddd,
    reclamation.ExplicationsDddFournies: fournir_explications_ddd,
    reclamation.RecommandationDddEmise: emettre_recommandation_ddd,
    reclamation.SuiteRecommandationRapportee: rapporter_suite_recommandation,
    reclamation.DocumentsAdministratifsDemandes: demander_documents_administratifs,
    reclamation.DemandeCadaDeposee: saisir_cada,
    reclamation.AvisCadaRendu: rendre_avis_cada,
}
