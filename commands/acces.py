"""Accès : consulter, chercher, exporter, sceller, exercer un droit, geler."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import acces
from ledger.events.base import Event
from ledger.events.listes import FondementAcces
from ledger.events.types import NatureActeur
from ledger.holds import standing
from rules import constat_coherence as coherence

_A_REFERENCER: Final = frozenset({FondementAcces.RECLAMATION_DDD, FondementAcces.JURIDICTION, FondementAcces.CONTROLE})


def _titre(s: Situation, fondement: FondementAcces, reference: str | None) -> Iterator[Reponse]:
    """An access by mandate supposes one; one for a complaint, a court or an inspection names its file."""
    if fondement is FondementAcces.MANDAT and not s.mandats(s.acteur.id):
        yield avertir("acces_sans_mandat", coherence.MANDAT, "Aucun mandat en cours n'est connu pour cet accès.")
    if fondement is FondementAcces.PERSONNE_CONCERNEE and s.acteur.nature is not NatureActeur.USAGER:
        yield avertir("acces_par_un_autre", coherence.ACCES, "L'accès est dit celui de la personne ; un autre agit.")
    if fondement in _A_REFERENCER and reference is None:
        yield avertir(
            "acces_sans_reference", coherence.ACCES, f"L'accès ({fondement.value}) ne nomme pas son dossier de saisine."
        )


def consulter_dossier(s: Situation, e: acces.DossierConsulte) -> Iterator[Reponse]:
    """Consulter un dossier."""
    yield from _titre(s, e.fondement, e.reference)
    if e.dossier is not None and e.dossier not in s.dossiers:
        yield Motif("dossier_inconnu", coherence.SOURCE, f"Aucun dossier « {e.dossier} » n'est connu.")


def rechercher(s: Situation, e: acces.RechercheEffectuee) -> Iterator[Reponse]:
    """Faire une recherche dans le registre."""
    yield from _titre(s, e.fondement, e.reference)


def produire_export(s: Situation, e: acces.ExportProduit) -> Iterator[Reponse]:
    """Produire un export."""
    yield from _titre(s, e.fondement, e.reference)
    if e.tiers_masques is False:
        yield avertir("tiers_non_masques", coherence.ACCES, "Les noms des tiers ne sont pas masqués dans l'export.")


def sceller_dossier_preuve(s: Situation, e: acces.DossierPreuveScelle) -> Iterator[Reponse]:
    """Sceller un dossier de preuve."""
    if not any(
        e.export is None or e.export == fait.id for fait in s.faits if isinstance(fait.evenement, acces.ExportProduit)
    ):
        yield avertir("scelle_sans_export", coherence.ACCES, "L'export scellé n'est pas au registre.")


def demander_exercice_droit(s: Situation, e: acces.DemandeDroitsRecue) -> Iterator[Reponse]:
    """Enregistrer une demande d'exercice d'un droit sur ses données."""
    if e.demande is not None and any(each.demande == e.demande for each in s.de(acces.DemandeDroitsRecue)):
        yield Motif("demande_deja_recue", coherence.ACCES, f"La demande « {e.demande} » est déjà reçue.")


def repondre_exercice_droit(s: Situation, e: acces.DemandeDroitsRepondue) -> Iterator[Reponse]:
    """Répondre à une demande d'exercice d'un droit sur ses données."""
    asked = [each for each in s.de(acces.DemandeDroitsRecue) if e.demande in {None, each.demande}]
    if not asked:
        yield Motif("demande_jamais_recue", coherence.ACCES, "Aucune demande de ce genre n'a été reçue.")
    elif all(e.repondue_le.dernier < each.recue_le.premier for each in asked):
        yield Motif("reponse_avant_demande", coherence.TEMPS, f"La réponse du {e.repondue_le} précède la demande.")
    if e.accordee is False and not e.motif:
        yield avertir("refus_sans_motif", coherence.ACCES, "Le refus ne donne aucun motif.")


def gels(s: Situation) -> list[acces.GelConservationPose]:
    """The holds that stand on the day of the act."""
    placed = [fait.evenement for fait in standing(s.faits) if isinstance(fait.evenement, acces.GelConservationPose)]
    return [each for each in placed if each.jusqu_au is None or s.le.premier <= each.jusqu_au.dernier]


def poser_gel(s: Situation, e: acces.GelConservationPose) -> Iterator[Reponse]:
    """Poser un gel de conservation."""
    if e.gel is not None and any(each.gel == e.gel for each in gels(s)):
        yield Motif("gel_deja_pose", coherence.ACCES, f"Le gel « {e.gel} » est déjà posé.")
    if e.jusqu_au is not None and e.jusqu_au.dernier < s.le.premier:
        yield Motif("gel_deja_fini", coherence.TEMPS, f"Le gel finirait le {e.jusqu_au}, avant d'être posé.")


def lever_gel(s: Situation, e: acces.GelConservationLeve) -> Iterator[Reponse]:
    """Lever un gel de conservation."""
    if not any(e.gel in {None, each.gel} for each in gels(s)):
        yield Motif("gel_jamais_pose", coherence.ACCES, "Aucun gel de ce genre ne court : rien à lever.")


ACTES: Final[Mapping[type[Event], Garde]] = {
    acces.DossierConsulte: consulter_dossier,
    acces.RechercheEffectuee: rechercher,
    acces.ExportProduit: produire_export,
    acces.DossierPreuveScelle: sceller_dossier_preuve,
    acces.DemandeDroitsRecue: demander_exercice_droit,
    acces.DemandeDroitsRepondue: repondre_exercice_droit,
    acces.GelConservationPose: poser_gel,
    acces.GelConservationLeve: lever_gel,
}
