"""Dépôt : ce qui peut être demandé avant et pendant le dépôt, et pour chaque pièce."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.gardes import demande_deposee, demande_en_cours, nom
from commands.situation import Situation
from ledger.days import Jours
from ledger.events import depot
from ledger.events.base import Event
from ledger.events.support import BlocageAtteste, SubstitutionProposee
from ledger.events.titre import TitreRemis
from ledger.events.types import Flux, NatureDemande, TypeTitre
from rules import ceseda_r431_2_teleservice as teleservice
from rules import ceseda_r431_5_fenetre as fenetre
from rules import ceseda_r431_8_six_mois as six_mois
from rules import constat_coherence as coherence
from rules import crpa_l112_8_saisine as saisine
from rules import crpa_l113_12_une_seule_fois as une_fois
from rules import crpa_r112_11_1_mentions as mentions
from rules import crpa_r112_11_2_accuses as accuses
from rules.crpa_r112_11_1_mentions import Mention

_RENEWALS: Final = frozenset({NatureDemande.RENOUVELLEMENT, NatureDemande.CHANGEMENT_STATUT})


def signaler_echec_depot(s: Situation, _e: depot.TentativeDepotEchouee) -> Iterator[Reponse]:
    """Signaler une tentative de dépôt qui a échoué."""
    if s.dossier.depose:
        yield avertir(
            "tentative_apres_depot", coherence.SOURCE, f"La tentative a échoué alors que {nom(s)} est déjà déposé."
        )


def deposer_demande(s: Situation, e: depot.DemandeDeposee) -> Iterator[Reponse]:
    """Déposer une demande en ligne."""
    yield from _pas_deja_deposee(s)
    yield from _fenetre(s, e.deposee_le, e.nature, e.titre_precedent, online=e.en_teleservice_obligatoire is not False)


def enregistrer_demande_papier(s: Situation, e: depot.DemandePapierEnregistree) -> Iterator[Reponse]:
    """Enregistrer une demande reçue hors du téléservice."""
    yield from _pas_deja_deposee(s)
    online = e.en_teleservice_obligatoire is True
    yield from _fenetre(s, e.recue_le, e.nature, e.titre_precedent, online=online)
    if online and e.incident is None and not s.connait(BlocageAtteste, SubstitutionProposee):
        yield avertir(
            "papier_sans_substitution",
            teleservice.TELESERVICE,
            "Le titre se demande par le téléservice, et rien n'établit que la personne puisse déposer autrement.",
        )


def _pas_deja_deposee(s: Situation) -> Iterator[Motif]:
    if s.dossier.etape.en_cours:
        yield Motif("deja_depose", coherence.SOURCE, f"Une demande est déjà en cours : {nom(s)} est déposé.")
    if s.dossier.decision is not None:
        yield Motif(
            "depot_apres_decision",
            coherence.SOURCE,
            f"Une décision a déjà été prise : {nom(s)} ne se dépose pas de nouveau.",
        )


def _fenetre(s: Situation, filed: Jours, nature: NatureDemande, held: str | None, *, online: bool) -> Iterator[Reponse]:
    """The window and the six months are counted only when both days are known."""
    if nature not in _RENEWALS:
        return
    expiry = _expiration(s, held)
    if expiry is None:
        yield avertir(
            "titre_precedent_inconnu", fenetre.SOURCE, "Aucun titre détenu n'est connu : la fenêtre ne se calcule pas."
        )
        return
    if not (filed.exact and expiry.exact):
        return
    day, end = filed.premier, expiry.premier
    first, last = fenetre.fenetre(end, teleservice=online)
    if fenetre.moment(day, end, teleservice=online) is not fenetre.Moment.DANS_LA_FENETRE:
        yield avertir(
            "hors_fenetre",
            fenetre.SOURCE,
            f"Dépôt le {filed}, hors de la fenêtre du {first} au {last} (expiration {expiry}).",
        )
    if six_mois.hors_delai(day, end):
        yield avertir("six_mois_depasses", six_mois.SOURCE, f"Dépôt plus de six mois après l'expiration du {expiry}.")


def _expiration(s: Situation, held: str | None) -> Jours | None:
    titles = [
        (fait.objet, fait.evenement)
        for fait in s.faits
        if fait.flux is Flux.TITRE
        and isinstance(fait.evenement, TitreRemis)
        and fait.evenement.type_titre not in {TypeTitre.TITRE_VOYAGE, TypeTitre.RESIDENT_LONGUE_DUREE_UE}
    ]
    named = [event for objet, event in titles if held is not None and held in {objet, event.numero}]
    candidates = named or [event for _, event in titles]
    return max((event.valide_au for event in candidates), default=None)


def delivrer_accuse_reception(s: Situation, e: depot.AccuseReceptionDelivre) -> Iterator[Reponse]:
    """Délivrer l'accusé de réception de la demande."""
    yield from demande_deposee(s)
    missing = mentions.manquantes({
        Mention.DATE_RECEPTION: e.mention_date_reception,
        Mention.SERVICE: e.mention_service,
        Mention.SENS_DU_SILENCE: e.mention_sens_du_silence,
        Mention.DATE_DECISION_IMPLICITE: e.mention_date_decision_implicite,
        Mention.VOIES_RECOURS: e.mention_voies_recours,
    })  # fmt: skip
    if missing:
        yield avertir(
            "accuse_sans_mention",
            mentions.SOURCE,
            f"L'accusé ne porte pas : {', '.join(missing)} ; le délai de recours ne serait pas opposable.",
        )
    yield from _accuse_a_temps(s, e.delivre_le, accuses.JOURS_RECEPTION)


def delivrer_accuse_enregistrement(s: Situation, e: depot.AccuseEnregistrementDelivre) -> Iterator[Reponse]:
    """Délivrer l'accusé d'enregistrement d'un envoi."""
    yield from demande_deposee(s)
    yield from _accuse_a_temps(s, e.delivre_le, accuses.JOURS_ENREGISTREMENT)


def _accuse_a_temps(s: Situation, given: Jours | None, days: int) -> Iterator[Reponse]:
    filed, day = s.dossier.depot, given or s.le
    if filed is None or not filed.en_ligne or not (filed.le.exact and day.exact):
        return
    due = (
        accuses.accuse_reception_du_le(filed.le.premier)
        if days == accuses.JOURS_RECEPTION
        else accuses.accuse_enregistrement_du_le(filed.le.premier)
    )
    if day.premier > due:
        yield avertir("accuse_tardif", accuses.SOURCE, f"L'accusé, délivré le {day}, était dû au plus tard le {due}.")


def delivrer_attestation_depot(s: Situation, _e: depot.AttestationDepotDelivree) -> Iterator[Reponse]:
    """Délivrer l'attestation de dépôt en ligne."""
    yield from demande_deposee(s)
    if s.dossier.depot is not None and not s.dossier.depot.en_ligne:
        yield Motif(
            "attestation_de_depot_papier",
            coherence.SOURCE,
            "La demande a été faite sur papier : elle donne droit à un récépissé.",
        )


def verser_piece(s: Situation, e: depot.PieceVersee) -> Iterator[Reponse]:
    """Verser une pièce au dossier."""
    yield from demande_en_cours(s)
    yield from _complement_connu(s, e.complement)


def _complement_connu(s: Situation, ref: str | None) -> Iterator[Motif]:
    if ref is not None and s.dossier.complement(ref) is None:
        yield Motif("complement_inconnu", coherence.COMPLEMENT, f"Aucune demande de complément « {ref} » n'est connue.")


def accuser_reception_piece(s: Situation, e: depot.ReceptionPieceAccusee) -> Iterator[Reponse]:
    """Accuser réception d'une pièce."""
    yield from demande_deposee(s)
    yield from _piece_versee(s, e.piece, e.sha256)


def _piece_versee(s: Situation, named: str | None, sha256: str | None) -> Iterator[Motif]:
    known = s.dossier.pieces
    if sha256 is not None:
        found = any(piece.sha256 == sha256 for piece in known)
    else:
        found = any(named is None or (piece.nom and une_fois.meme_piece(piece.nom, named)) for piece in known)
    if not found:
        yield Motif(
            "piece_jamais_versee", coherence.SOURCE, f"Aucune pièce de cette désignation n'a été versée : {nom(s)}."
        )


def signaler_echec_versement(s: Situation, e: depot.VersementEchoue) -> Iterator[Reponse]:
    """Signaler une pièce qui n'a pas pu être versée."""
    if e.complement is not None and s.dossier.complement(e.complement) is None:
        yield avertir("complement_inconnu", coherence.COMPLEMENT, f"La demande « {e.complement} » n'est pas connue.")


def recevoir_piece(s: Situation, e: depot.PieceRecueParPrefecture) -> Iterator[Reponse]:
    """Constater qu'une pièce est arrivée dans l'outil de la préfecture."""
    yield from demande_deposee(s)
    yield from _piece_versee(s, e.piece, e.sha256_envoye or e.sha256)
    if e.sha256 is not None and e.sha256_envoye is not None and e.sha256 != e.sha256_envoye:
        yield avertir(
            "piece_alteree",
            saisine.SOURCE,
            "Le fichier reçu n'est pas celui qui a été envoyé : l'envoi saisit pourtant le service.",
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    depot.TentativeDepotEchouee: signaler_echec_depot,
    depot.DemandeDeposee: deposer_demande,
    depot.DemandePapierEnregistree: enregistrer_demande_papier,
    depot.AccuseReceptionDelivre: delivrer_accuse_reception,
    depot.AccuseEnregistrementDelivre: delivrer_accuse_enregistrement,
    depot.AttestationDepotDelivree: delivrer_attestation_depot,
    depot.PieceVersee: verser_piece,
    depot.ReceptionPieceAccusee: accuser_reception_piece,
    depot.VersementEchoue: signaler_echec_versement,
    depot.PieceRecueParPrefecture: recevoir_piece,
}
