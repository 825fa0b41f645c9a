"""How one fact changes the parts of a dossier: the steps of :mod:`ledger.dossier` that need more than a line.

Each step finds the part that the fact speaks of, or makes one from the fact alone when the beginning of the story is
missing.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec.structs import replace

from ledger.days import Jours
from ledger.etat import (
    Cloture,
    Complement,
    Decision,
    Depot,
    Dossier,
    Etape,
    Piece,
    Rectification,
    RefusEnregistrement,
    RefusImplicite,
    RendezVous,
    Reouverture,
    position_complement,
)
from ledger.events import cloture, decision, depot, instruction, recours
from ledger.events.types import NatureDecision

Part = TypeVar("Part")

_FINISHED: Final = frozenset({Etape.CLOS, Etape.ENREGISTREMENT_REFUSE, Etape.RETIRE})
_DECIDED: Final = {NatureDecision.FAVORABLE: Etape.FAVORABLE, NatureDecision.REFUS_EXPRES: Etape.REFUSE}
_UNDECIDED: Final = frozenset(Etape) - set(_DECIDED.values())


def put(parts: tuple[Part, ...], index: int | None, part: Part) -> tuple[Part, ...]:
    """``parts`` with ``part`` at ``index``, or at the end when there was none."""
    return (*parts, part) if index is None else (*parts[:index], part, *parts[index + 1 :])


def last_where(parts: tuple[Part, ...], wanted: Callable[[Part], bool]) -> int | None:
    """The place of the last part that is ``wanted``."""
    return next((index for index in range(len(parts) - 1, -1, -1) if wanted(parts[index])), None)


def to(dossier: Dossier, etape: Etape) -> Etape:
    """The stage after an act of the procedure: an express decision that stands has the last word."""
    return etape if dossier.etape in _UNDECIDED else dossier.etape


def still_open(dossier: Dossier) -> Etape:
    """The stage once something was undone or answered: what still stands decides, else the examination goes on."""
    if dossier.decision is not None:
        return _DECIDED[dossier.decision.nature]
    if dossier.retiree_le is not None:
        return Etape.RETIRE
    if dossier.cloture is not None:
        return Etape.CLOS
    if any(each.debout for each in dossier.refus_enregistrement):
        return Etape.ENREGISTREMENT_REFUSE
    return Etape.COMPLEMENT_DEMANDE if any(each.en_attente for each in dossier.complements) else Etape.INSTRUCTION


def examined(dossier: Dossier) -> Etape:
    """The stage after an act of examination: a filed application is now under examination."""
    return Etape.INSTRUCTION if dossier.etape is Etape.DEPOSE else dossier.etape


def file_application(dossier: Dossier, event: depot.DemandeDeposee | depot.DemandePapierEnregistree) -> Dossier:
    """One more application; it starts the dossier, or starts it again after it was closed, withdrawn or turned away."""
    online = isinstance(event, depot.DemandeDeposee)
    filed = Depot(
        le=event.deposee_le if isinstance(event, depot.DemandeDeposee) else event.recue_le,
        en_ligne=online,
        titre_demande=event.titre_demande,
        nature=event.nature,
        motif_sejour=event.motif_sejour,
        duree_annees=event.duree_annees,
        fondement=event.fondement,
        prefecture=event.prefecture,
        departement=event.departement,
        departement_liste_l433_3=event.departement_liste_l433_3,
        titre_precedent=event.titre_precedent,
        en_teleservice_obligatoire=event.en_teleservice_obligatoire,
        numero=event.numero,
        incident=None if isinstance(event, depot.DemandeDeposee) else event.incident,
    )
    after = replace(dossier, depots=(*dossier.depots, filed))
    if dossier.etape in _FINISHED:
        after = _unfinished(after, filed.le)
    starts = dossier.etape in {Etape.AUCUNE, Etape.TENTATIVE, *_FINISHED}
    return replace(after, etape=Etape.DEPOSE) if starts else after


def _unfinished(dossier: Dossier, day: Jours) -> Dossier:
    return replace(
        dossier,
        clotures=tuple(replace(each, rouvert_le=day) if each.debout else each for each in dossier.clotures),
        refus_enregistrement=tuple(
            replace(each, rouvert_le=day) if each.debout else each for each in dossier.refus_enregistrement
        ),
        retiree_le=None,
    )


def _same_piece(nom: str | None, sha256: str | None) -> Callable[[Piece], bool]:
    return lambda piece: piece.sha256 == sha256 if sha256 is not None else nom is not None and piece.nom == nom


def add_piece(dossier: Dossier, event: depot.PieceVersee, le: Jours) -> Dossier:
    """A piece sent by the person; when the same file is already known as received, the two are one piece."""
    index = last_where(dossier.pieces, lambda each: each.versee_le is None and _same_piece(None, event.sha256)(each))
    known = Piece() if index is None else dossier.pieces[index]
    piece = replace(
        known, nom=event.piece, sha256=event.sha256, versee_le=le, demandee=event.demandee, complement=event.complement
    )
    return replace(dossier, pieces=put(dossier.pieces, index, piece))


def acknowledge_piece(dossier: Dossier, event: depot.ReceptionPieceAccusee, le: Jours) -> Dossier:
    """A piece whose receipt was acknowledged."""
    index = last_where(dossier.pieces, _same_piece(event.piece, event.sha256))
    known = Piece(nom=event.piece, sha256=event.sha256) if index is None else dossier.pieces[index]
    return replace(dossier, pieces=put(dossier.pieces, index, replace(known, accusee_le=event.recue_le or le)))


def receive_piece(dossier: Dossier, event: depot.PieceRecueParPrefecture, le: Jours) -> Dossier:
    """A piece that the préfecture has in its own tool; a file that was altered is found by what was sent."""
    index = last_where(dossier.pieces, _same_piece(event.piece, event.sha256_envoye or event.sha256))
    known = Piece(nom=event.piece, sha256=event.sha256) if index is None else dossier.pieces[index]
    piece = replace(known, recue_le=event.recue_le or le, empreintes=event.empreintes)
    return replace(dossier, pieces=put(dossier.pieces, index, piece))


def request_complement(dossier: Dossier, event: instruction.ComplementDemande, le: Jours) -> Dossier:
    """A request for pieces; one that was already known by its answer keeps what is known."""
    index = last_where(dossier.complements, lambda each: each.demande_le is None and each.ref == event.complement)
    known = Complement() if index is None else dossier.complements[index]
    asked = replace(
        known,
        ref=event.complement,
        demande_le=event.demande_le or le,
        pieces=event.pieces,
        echeance=known.prorogations[-1] if known.prorogations else event.echeance,
        mention_l114_5=event.mention_l114_5,
        auteur_qualite=event.auteur_qualite,
    )
    after = replace(dossier, complements=put(dossier.complements, index, asked))
    if dossier.etape in _FINISHED or not asked.en_attente:
        return after
    return replace(after, etape=to(dossier, Etape.COMPLEMENT_DEMANDE))


def _complement(dossier: Dossier, ref: str | None, change: Callable[[Complement], Complement]) -> Dossier:
    index = position_complement(dossier, ref)
    known = Complement(ref=ref) if index is None else dossier.complements[index]
    after = replace(dossier, complements=put(dossier.complements, index, change(known)))
    return replace(after, etape=still_open(after)) if dossier.etape is Etape.COMPLEMENT_DEMANDE else after


def make_available(dossier: Dossier, event: instruction.ComplementMisADisposition, le: Jours) -> Dossier:
    """The request reached the person's account, readable or not."""
    day = event.mis_a_disposition_le or le
    return _complement(
        dossier, event.complement, lambda each: replace(each, mis_a_disposition_le=day, lisible=event.lisible)
    )


def open_message(dossier: Dossier, event: instruction.ComplementOuvert, le: Jours) -> Dossier:
    """The person saw the request: the first time counts."""
    day = event.ouvert_le or le
    return _complement(dossier, event.complement, lambda each: replace(each, ouvert_le=each.ouvert_le or day))


def answer(dossier: Dossier, event: instruction.ComplementRepondu, le: Jours) -> Dossier:
    """The person answered, with pieces that are then part of the dossier."""
    day = event.repondu_le or le
    sent = tuple(
        Piece(nom=each.nom, sha256=each.sha256, versee_le=day, demandee=True, complement=event.complement)
        for each in event.pieces
    )
    after = _complement(
        dossier,
        event.complement,
        lambda each: replace(each, repondu_le=day, toutes_les_pieces=event.toutes_les_pieces),
    )
    return replace(after, pieces=(*after.pieces, *sent))


def expire(dossier: Dossier, event: instruction.DelaiComplementExpire, le: Jours) -> Dossier:
    """The time to answer ran out."""
    day = event.echeance or le
    return _complement(dossier, event.complement, lambda each: replace(each, expire_le=day))


def extend(dossier: Dossier, event: instruction.DelaiComplementProroge) -> Dossier:
    """The time to answer is longer: the request waits again."""

    def longer(each: Complement) -> Complement:
        return replace(
            each,
            echeance=event.nouvelle_echeance,
            prorogations=(*each.prorogations, event.nouvelle_echeance),
            expire_le=None,
        )

    after = _complement(dossier, event.complement, longer)
    return replace(after, etape=still_open(after)) if dossier.etape is Etape.INSTRUCTION else after


def ask_rectification(dossier: Dossier, event: instruction.RectificationDemandee, le: Jours) -> Dossier:
    """The person asked for a value to be put right."""
    asked = Rectification(champ=event.champ, demandee_le=le)
    return replace(dossier, rectifications=(*dossier.rectifications, asked))


def apply_rectification(dossier: Dossier, event: instruction.RectificationAppliquee, le: Jours) -> Dossier:
    """A value was put right, asked or not."""
    index = last_where(dossier.rectifications, lambda each: each.champ == event.champ and each.appliquee_le is None)
    known = Rectification(champ=event.champ) if index is None else dossier.rectifications[index]
    done = replace(known, appliquee_le=event.appliquee_le or le)
    return replace(dossier, rectifications=put(dossier.rectifications, index, done))


def offer_appointment(dossier: Dossier, event: instruction.RendezVousPropose, le: Jours) -> Dossier:
    """An appointment was offered."""
    offered = RendezVous(ref=event.rendez_vous, propose_le=event.propose_le or le, prevu=event.prevu, objet=event.objet)
    return replace(dossier, rendez_vous=(*dossier.rendez_vous, offered))


def _appointment(dossier: Dossier, ref: str | None, change: Callable[[RendezVous], RendezVous]) -> Dossier:
    index = last_where(
        dossier.rendez_vous,
        lambda each: each.ref == ref if ref is not None else each.tenu_le is None and each.manque_le is None,
    )
    known = RendezVous(ref=ref) if index is None else dossier.rendez_vous[index]
    return replace(dossier, rendez_vous=put(dossier.rendez_vous, index, change(known)))


def keep_appointment(dossier: Dossier, event: instruction.RendezVousTenu, le: Jours) -> Dossier:
    """The appointment took place: a filed application is under examination."""
    after = _appointment(
        dossier,
        event.rendez_vous,
        lambda each: replace(
            each, tenu_le=event.tenu_le or le, objet=event.objet or each.objet, resultat=event.resultat
        ),
    )
    return replace(after, etape=examined(dossier))


def miss_appointment(dossier: Dossier, event: instruction.RendezVousManque, le: Jours) -> Dossier:
    """The appointment did not take place."""
    return _appointment(
        dossier,
        event.rendez_vous,
        lambda each: replace(
            each,
            manque_le=event.prevu_le or le,
            objet=event.objet or each.objet,
            partie_absente=event.partie_absente,
        ),
    )


def close(
    dossier: Dossier, event: cloture.DossierClosAutomatiquement | cloture.DossierClosParAgent, le: Jours
) -> Dossier:
    """The dossier was closed: with its author and reasons, or with their absence."""
    automatic = isinstance(event, cloture.DossierClosAutomatiquement)
    closed = Cloture(
        le=event.clos_le or le,
        automatique=automatic,
        motifs=event.motifs,
        articles=event.articles,
        auteur_qualite=event.auteur_qualite,
        mention_algorithme=event.mention_algorithme if isinstance(event, cloture.DossierClosAutomatiquement) else None,
        mention_voies_recours=event.mention_voies_recours,
        complement=event.complement,
        notifie_le=None if isinstance(event, cloture.DossierClosAutomatiquement) else event.notifie_le,
    )
    return replace(dossier, clotures=(*dossier.clotures, closed), etape=to(dossier, Etape.CLOS))


def refuse_registration(dossier: Dossier, event: cloture.EnregistrementRefuse, le: Jours) -> Dossier:
    """The application was not registered."""
    refused = RefusEnregistrement(
        le=event.refuse_le or le,
        pieces_manquantes=event.pieces_manquantes,
        motifs=event.motifs,
        auteur_qualite=event.auteur_qualite,
        fondement=event.fondement,
    )
    return replace(
        dossier,
        refus_enregistrement=(*dossier.refus_enregistrement, refused),
        etape=to(dossier, Etape.ENREGISTREMENT_REFUSE),
    )


def reopen(dossier: Dossier, event: cloture.DossierRouvert, le: Jours) -> Dossier:
    """The dossier is open again: every closure, refusal to register or withdrawal that stood is over."""
    day = event.rouvert_le or le
    reopened = Reouverture(le=day, date_depot_conservee=event.date_depot_conservee)
    after = replace(_unfinished(dossier, day), reouvertures=(*dossier.reouvertures, reopened))
    return replace(after, etape=still_open(after))


def notify(dossier: Dossier, event: decision.RefusNotifie) -> Dossier:
    """The refusal reached the person; when no decision is known, the notification alone tells of it."""
    index = last_where(
        dossier.decisions,
        lambda each: each.nature is NatureDecision.REFUS_EXPRES and each.debout and each.notifiee_le is None,
    )
    known = Decision(nature=NatureDecision.REFUS_EXPRES) if index is None else dossier.decisions[index]
    told = replace(
        known,
        notifiee_le=event.notifie_le,
        mode=event.mode,
        mention_voies_recours=event.mention_voies_recours,
        oqtf=known.oqtf if event.oqtf is None else event.oqtf,
    )
    after = replace(dossier, decisions=put(dossier.decisions, index, told))
    return replace(after, etape=still_open(after))


def undo(dossier: Dossier, event: decision.DecisionRetiree | decision.DecisionAnnulee) -> Dossier:
    """A decision is held never to have existed: it is marked, and what still stands gives the stage."""
    by_judge = isinstance(event, decision.DecisionAnnulee)
    day = event.annulee_le if isinstance(event, decision.DecisionAnnulee) else event.retiree_le
    match event.vise:
        case NatureDecision.FAVORABLE | NatureDecision.REFUS_EXPRES:
            index = last_where(dossier.decisions, lambda each: each.nature is event.vise and each.debout)
            known = Decision(nature=event.vise) if index is None else dossier.decisions[index]
            undone = replace(known, annulee_le=day) if by_judge else replace(known, retiree_le=day)
            after = replace(dossier, decisions=put(dossier.decisions, index, undone))
        case NatureDecision.CLOTURE:
            closures = tuple(_undone_closure(each, day, by_judge=by_judge) for each in dossier.clotures)
            after = replace(dossier, clotures=closures)
        case NatureDecision.REFUS_ENREGISTREMENT:
            refusals = tuple(_undone_refusal(each, day, by_judge=by_judge) for each in dossier.refus_enregistrement)
            after = replace(dossier, refus_enregistrement=refusals)
        case NatureDecision.REFUS_IMPLICITE:
            return replace(dossier, refus_implicite=_undone_silence(dossier.refus_implicite, day, by_judge=by_judge))
        case _:
            return dossier
    return replace(after, etape=still_open(after))


def _undone_closure(closure: Cloture, day: Jours, *, by_judge: bool) -> Cloture:
    if not closure.debout:
        return closure
    return replace(closure, annulee_le=day) if by_judge else replace(closure, retiree_le=day)


def _undone_refusal(refusal: RefusEnregistrement, day: Jours, *, by_judge: bool) -> RefusEnregistrement:
    if not refusal.debout:
        return refusal
    return replace(refusal, annule_le=day) if by_judge else replace(refusal, retire_le=day)


def _undone_silence(refusal: RefusImplicite | None, day: Jours, *, by_judge: bool) -> RefusImplicite | None:
    if refusal is None:
        return None
    return replace(refusal, annule_le=day) if by_judge else replace(refusal, retire_le=day)


def reject_appeal(dossier: Dossier, event: recours.RecoursAdministratifRejete) -> Dossier:
    """The administrative appeal was rejected: the one that is named, else the last without an answer."""
    index = last_where(
        dossier.recours,
        lambda each: each.numero == event.recours if event.recours is not None else each.rejete_le is None,
    )
    if index is None:
        return dossier
    return replace(
        dossier, recours=put(dossier.recours, index, replace(dossier.recours[index], rejete_le=event.rejete_le))
    )
