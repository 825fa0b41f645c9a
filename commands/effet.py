"""Effets : ce qui est perdu, et ce qui est rétabli. On ne rétablit que ce qui a été perdu."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import effet, provisoire
from ledger.events.base import Event
from ledger.events.listes import DocumentPresente
from ledger.events.types import Prestation
from rules import ceseda_l433_3_maintien as maintien
from rules import ceseda_r431_15_1_attestation as attestation
from rules import constat_coherence as coherence

_EMPLOI_PERDU: Final = (effet.OffreEmploiRetiree, effet.EmploiSuspendu, effet.EmploiRompu)
_RECONNUS: Final = frozenset({
    DocumentPresente.TITRE,
    DocumentPresente.ATTESTATION_PROLONGATION,
    DocumentPresente.ATTESTATION_DECISION_FAVORABLE,
    DocumentPresente.RECEPISSE,
})  # fmt: skip


def _document_refuse(s: Situation, document: DocumentPresente | None) -> Iterator[Reponse]:
    """A refusal of a document that proves the stay is recorded, and pointed out."""
    if document in _RECONNUS:
        yield avertir(
            "document_valable_refuse",
            attestation.SOURCE,
            f"Le document refusé ({document}) justifie de la régularité du séjour.",
        )
    elif document is DocumentPresente.TITRE_EXPIRE:
        yield avertir(
            "titre_expire_refuse", maintien.SOURCE, "Le titre expiré peut valoir trois mois encore, selon le titre."
        )
    elif document is None and s.connait(provisoire.AttestationProlongationDelivree):
        yield avertir("document_non_nomme", coherence.EFFET, "L'acte ne dit pas quel document a été refusé.")


def recevoir_offre_emploi(s: Situation, _e: effet.OffreEmploiRecue) -> Iterator[Reponse]:
    """Enregistrer une offre d'emploi reçue."""
    if s.ici(effet.OffreEmploiRecue) and not s.ici(effet.OffreEmploiRetiree):
        yield Motif("offre_deja_recue", coherence.EFFET, f"L'offre « {s.objet} » est déjà enregistrée.")


def retirer_offre_emploi(s: Situation, e: effet.OffreEmploiRetiree) -> Iterator[Reponse]:
    """Enregistrer le retrait d'une offre d'emploi."""
    yield from _deja(s, effet.OffreEmploiRetiree, effet.EmploiRepris, "retirée")
    offers = [fait.evenement for fait in s.du_flux(effet.OffreEmploiRecue)]
    if not offers:
        yield avertir(
            "offre_inconnue", coherence.EFFET, "L'offre elle-même n'est pas au registre : la perte reste à établir."
        )
    elif all(
        isinstance(each, effet.OffreEmploiRecue) and e.depuis_le.dernier < each.depuis_le.premier for each in offers
    ):
        yield Motif("retrait_avant_offre", coherence.TEMPS, f"Le retrait du {e.depuis_le} précède l'offre.")
    yield from _document_refuse(s, e.document_presente)


def _deja(s: Situation, lost: type[Event], restored: type[Event], said: str) -> Iterator[Motif]:
    """A loss that still runs does not begin again."""
    last = s.dernier(lost, restored)
    if isinstance(last, lost):
        yield Motif(
            "perte_deja_en_cours", coherence.EFFET, f"« {s.objet} » est déjà dite {said}, et rien ne l'a rétablie."
        )


def _perdu(s: Situation, lost: tuple[type[Event], ...], restored: type[Event]) -> Iterator[Motif]:
    if not isinstance(s.dernier(*lost, restored), lost):
        yield Motif("rien_a_retablir", coherence.EFFET, f"Rien n'a été perdu sous « {s.objet} » : rien à rétablir.")


def _apres_la_perte(s: Situation, day: object, lost: tuple[type[Event], ...]) -> Iterator[Motif]:
    last = s.dernier(*lost)
    start = getattr(last, "depuis_le", None)
    end = getattr(day, "dernier", None)
    if start is not None and end is not None and end < start.premier:
        yield Motif("retabli_avant_perte", coherence.TEMPS, f"Le rétablissement précède la perte du {start}.")


def suspendre_emploi(s: Situation, e: effet.EmploiSuspendu) -> Iterator[Reponse]:
    """Enregistrer la suspension d'un contrat de travail."""
    yield from _deja(s, effet.EmploiSuspendu, effet.EmploiRepris, "suspendue")
    yield from _document_refuse(s, e.document_presente)


def rompre_emploi(s: Situation, e: effet.EmploiRompu) -> Iterator[Reponse]:
    """Enregistrer la rupture d'un contrat de travail."""
    yield from _deja(s, effet.EmploiRompu, effet.EmploiRepris, "rompue")
    yield from _document_refuse(s, e.document_presente)


def reprendre_emploi(s: Situation, e: effet.EmploiRepris) -> Iterator[Reponse]:
    """Enregistrer la reprise d'un emploi."""
    yield from _perdu(s, _EMPLOI_PERDU, effet.EmploiRepris)
    yield from _apres_la_perte(s, e.repris_le, _EMPLOI_PERDU)


def ouvrir_prestation(s: Situation, e: effet.PrestationOuverte) -> Iterator[Reponse]:
    """Enregistrer l'ouverture d'une prestation."""
    yield from _meme_prestation(s, e.prestation)
    if s.ici(effet.PrestationOuverte):
        yield Motif("prestation_deja_ouverte", coherence.EFFET, f"La prestation « {s.objet} » est déjà ouverte.")


def suspendre_prestation(s: Situation, e: effet.PrestationSuspendue) -> Iterator[Reponse]:
    """Enregistrer la suspension d'une prestation."""
    yield from _meme_prestation(s, e.prestation)
    yield from _deja(s, effet.PrestationSuspendue, effet.PrestationRetablie, "suspendue")
    yield from _document_refuse(s, e.document_refuse)
    if not e.motif:
        yield avertir("suspension_sans_motif", coherence.EFFET, "L'organisme n'a donné aucun motif.")


def retablir_prestation(s: Situation, e: effet.PrestationRetablie) -> Iterator[Reponse]:
    """Enregistrer le rétablissement d'une prestation."""
    yield from _meme_prestation(s, e.prestation)
    yield from _perdu(s, (effet.PrestationSuspendue,), effet.PrestationRetablie)
    yield from _apres_la_perte(s, e.retablie_le, (effet.PrestationSuspendue,))


def _meme_prestation(s: Situation, prestation: Prestation) -> Iterator[Motif]:
    """One stream follows one benefit; one that is not known may be it."""
    known = {
        fait.evenement.prestation
        for fait in s.du_flux(effet.PrestationOuverte, effet.PrestationSuspendue, effet.PrestationRetablie)
        if isinstance(fait.evenement, effet.PrestationOuverte | effet.PrestationSuspendue | effet.PrestationRetablie)
    }
    named = known - {Prestation.INCONNU}
    if named and prestation not in {*named, Prestation.INCONNU}:
        yield Motif(
            "autre_prestation", coherence.EFFET, f"« {s.objet} » suit une autre prestation que « {prestation.value} »."
        )


def radier_france_travail(s: Situation, e: effet.RadiationFranceTravail) -> Iterator[Reponse]:
    """Enregistrer une radiation par France Travail."""
    yield from _deja(s, effet.RadiationFranceTravail, effet.InscriptionFranceTravailRetablie, "radiée")
    yield from _document_refuse(s, e.document_refuse)


def retablir_inscription_france_travail(s: Situation, e: effet.InscriptionFranceTravailRetablie) -> Iterator[Reponse]:
    """Enregistrer le rétablissement de l'inscription à France Travail."""
    yield from _perdu(s, (effet.RadiationFranceTravail,), effet.InscriptionFranceTravailRetablie)
    yield from _apres_la_perte(s, e.retablie_le, (effet.RadiationFranceTravail,))


def perdre_couverture_sante(s: Situation, e: effet.CouvertureSantePerdue) -> Iterator[Reponse]:
    """Enregistrer la perte de la couverture de santé."""
    yield from _deja(s, effet.CouvertureSantePerdue, effet.CouvertureSanteRetablie, "perdue")
    yield from _document_refuse(s, e.document_refuse)


def retablir_couverture_sante(s: Situation, e: effet.CouvertureSanteRetablie) -> Iterator[Reponse]:
    """Enregistrer le rétablissement de la couverture de santé."""
    yield from _perdu(s, (effet.CouvertureSantePerdue,), effet.CouvertureSanteRetablie)
    yield from _apres_la_perte(s, e.retablie_le, (effet.CouvertureSantePerdue,))


def refuser_logement_ou_banque(s: Situation, e: effet.LogementOuBanqueRefuse) -> Iterator[Reponse]:
    """Enregistrer le refus d'un bailleur, d'une banque ou d'un autre tiers."""
    yield from _deja(s, effet.LogementOuBanqueRefuse, effet.LogementOuBanqueAccorde, "refusée")
    yield from _document_refuse(s, e.document_refuse)


def accorder_logement_ou_banque(s: Situation, e: effet.LogementOuBanqueAccorde) -> Iterator[Reponse]:
    """Enregistrer l'accord d'un service d'abord refusé."""
    yield from _perdu(s, (effet.LogementOuBanqueRefuse,), effet.LogementOuBanqueAccorde)
    yield from _apres_la_perte(s, e.retablie_le, (effet.LogementOuBanqueRefuse,))


ACTES: Final[Mapping[type[Event], Garde]] = {
    effet.OffreEmploiRecue: recevoir_offre_emploi,
    effet.OffreEmploiRetiree: retirer_offre_emploi,
    effet.EmploiSuspendu: suspendre_emploi,
    effet.EmploiRompu: rompre_emploi,
    effet.EmploiRepris: reprendre_emploi,
    effet.PrestationOuverte: ouvrir_prestation,
    effet.PrestationSuspendue: suspendre_prestation,
    effet.PrestationRetablie: retablir_prestation,
    effet.RadiationFranceTravail: radier_france_travail,
    effet.InscriptionFranceTravailRetablie: retablir_inscription_france_travail,
    effet.CouvertureSantePerdue: perdre_couverture_sante,
    effet.CouvertureSanteRetablie: retablir_couverture_sante,
    effet.LogementOuBanqueRefuse: refuser_logement_ou_banque,
    effet.LogementOuBanqueAccorde: accorder_logement_ou_banque,
}
