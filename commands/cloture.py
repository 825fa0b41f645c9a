"""Clôture : fermer, refuser d'enregistrer, rouvrir. Rien n'est empêché ; ce qui manque est dit et gardé."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir, avertir_de
from commands.gardes import consentement, decision_attendue, deja_versee, demande_deposee, incidents_en_cours, nom
from commands.situation import Situation
from ledger.etat import Etape
from ledger.events import cloture
from ledger.events.base import Event
from rules import ceseda_r431_10_dossier_incomplet as incomplet
from rules import cja_r421_5_voies_et_delais as voies
from rules import constat_coherence as coherence
from rules import crpa_l112_8_saisine as saisine
from rules import crpa_l114_5_complement as complement
from rules import crpa_l211_5_motivation as motivation
from rules import crpa_l311_3_1_algorithme as algorithme


def clore_dossier_automatiquement(s: Situation, e: cloture.DossierClosAutomatiquement) -> Iterator[Reponse]:
    """Clore le dossier sans qu'un agent intervienne."""
    yield from _cloture(s, e.motifs, e.articles, e.auteur_qualite, e.complement)
    yield from avertir_de(algorithme.manquements(e.mention_algorithme))
    yield from _voies_de_recours(mention=e.mention_voies_recours)


def clore_dossier(s: Situation, e: cloture.DossierClosParAgent) -> Iterator[Reponse]:
    """Clore le dossier."""
    yield from _cloture(s, e.motifs, e.articles, e.auteur_qualite, e.complement)
    yield from consentement(s, e.mode)
    yield from _voies_de_recours(mention=e.mention_voies_recours)


def _cloture(
    s: Situation, motifs: Sequence[str], articles: Sequence[str], qualite: str | None, ref: str | None
) -> Iterator[Reponse]:
    yield from _peut_finir(s)
    yield from avertir_de(motivation.manquements(motifs, articles))
    yield from decision_attendue(situation=s, qualite=qualite)
    yield from incidents_en_cours(s, "Clôture")
    yield from _sans_reponse(s, ref)
    lost = [piece for piece in s.dossier.pieces if piece.versee_le is not None and piece.recue_le is None]
    if lost:
        yield avertir(
            "pieces_non_recues",
            saisine.SOURCE,
            f"Pièces versées qui ne sont pas connues comme reçues par la préfecture : {len(lost)}.",
        )
    if s.dossier.echecs_versement:
        yield avertir(
            "versements_echoues",
            coherence.CLOTURE_INCIDENT,
            f"Versements de pièces qui ont échoué sur ce dossier : {len(s.dossier.echecs_versement)}.",
        )


def _peut_finir(s: Situation) -> Iterator[Motif]:
    yield from demande_deposee(s)
    if s.dossier.etape is Etape.CLOS:
        yield Motif("deja_clos", coherence.SOURCE, f"L'acte n'a plus d'objet : {nom(s)} est déjà clos.")
    if s.dossier.etape is Etape.RETIRE:
        yield Motif(
            "demande_retiree", coherence.SOURCE, f"L'acte n'a plus d'objet : {nom(s)} a été retiré par la personne."
        )
    if s.dossier.etape is Etape.ENREGISTREMENT_REFUSE:
        yield Motif(
            "enregistrement_refuse", coherence.SOURCE, f"L'acte n'a plus d'objet : {nom(s)} n'a pas été enregistré."
        )
    if s.dossier.decision is not None:
        yield Motif(
            "decision_debout", coherence.DECISION, f"Une décision expresse tient : {nom(s)} n'est plus à clore."
        )


def _sans_reponse(s: Situation, ref: str | None) -> Iterator[Reponse]:
    known = s.dossier.complement(ref)
    if ref is not None and known is None:
        yield Motif("complement_inconnu", coherence.COMPLEMENT, f"Aucune demande de complément « {ref} » n'est connue.")
    if known is None:
        return
    if ref is not None and known.repondu_le is not None:
        yield avertir(
            "complement_repondu", complement.SOURCE, f"La personne a répondu à cette demande le {known.repondu_le}."
        )
    if known.en_attente and known.echeance is not None and s.le.premier <= known.echeance.dernier:
        yield avertir("delai_en_cours", complement.SOURCE, f"Le délai pour compléter court jusqu'au {known.echeance}.")
    if ref is not None or known.en_attente:
        yield avertir(
            "cloture_pour_silence",
            complement.CLOTURE,
            "Le délai passé pour compléter ne donne pas à lui seul le pouvoir de clore.",
        )
        if known.ouvert_le is None:
            yield avertir(
                "complement_jamais_ouvert",
                coherence.CLOTURE_INCIDENT,
                "Rien ne montre que la personne ait ouvert la demande de complément.",
            )
    if known.lisible is False:
        yield avertir(
            "complement_illisible", coherence.CLOTURE_INCIDENT, "La demande de complément ne pouvait pas être lue."
        )


def _voies_de_recours(*, mention: bool | None) -> Iterator[Reponse]:
    if mention is not True:
        yield avertir(
            "sans_voies_recours", voies.SOURCE, "Sans voies et délais de recours, le délai n'est pas opposable."
        )


def refuser_enregistrement(s: Situation, e: cloture.EnregistrementRefuse) -> Iterator[Reponse]:
    """Refuser d'enregistrer la demande."""
    yield from _peut_finir(s)
    yield from avertir_de(incomplet.manquements(e.pieces_manquantes, e.fondement))
    held = [piece.nom for piece in e.pieces_manquantes if deja_versee(s, piece.nom)]
    if held:
        yield avertir(
            "piece_manquante_versee", incomplet.SOURCE, f"Versées au dossier : {complement.enumeration(held)}."
        )
    yield from decision_attendue(situation=s, qualite=e.auteur_qualite)
    yield from incidents_en_cours(s, "Refus d'enregistrer")
    yield from _voies_de_recours(mention=e.mention_voies_recours)


def rouvrir_dossier(s: Situation, e: cloture.DossierRouvert) -> Iterator[Reponse]:
    """Rouvrir le dossier."""
    if s.dossier.etape not in {Etape.CLOS, Etape.ENREGISTREMENT_REFUSE, Etape.RETIRE}:
        yield Motif("rien_a_rouvrir", coherence.SOURCE, f"Rien n'est clos : {nom(s)} n'a pas à être rouvert.")
    if e.date_depot_conservee is not True:
        yield avertir(
            "date_depot_non_conservee",
            coherence.SOURCE,
            "La réouverture ne dit pas que la demande garde sa date de dépôt d'origine.",
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    cloture.DossierClosAutomatiquement: clore_dossier_automatiquement,
    cloture.DossierClosParAgent: clore_dossier,
    cloture.EnregistrementRefuse: refuser_enregistrement,
    cloture.DossierRouvert: rouvrir_dossier,
}
