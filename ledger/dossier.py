"""What the facts of one application add up to.

:func:`evolve` never refuses a fact and never consults a rule: what happened happened, even out of order, incomplete or
unlawful. The implicit refusal stands beside the stage, never in it: an application can be under examination, covered
by a certificate, and implicitly refused, all at once (CE avis 499904).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, assert_never, get_args

from msgspec.structs import replace

from ledger import evolution as step
from ledger.days import Jours
from ledger.entry import Entry
from ledger.etat import (
    Accuse,
    Decision,
    DecisionJustice,
    Dossier,
    EchecVersement,
    Etape,
    NatureAccuse,
    Recours,
    RefusImplicite,
    Relance,
    Tentatives,
    Transfert,
)
from ledger.events import cloture, decision, depot, instruction, recours
from ledger.events.base import Event
from ledger.events.types import NatureDecision

__all__ = ["Dossier", "Etape", "evolve", "fold", "prefecture"]

Depot = (
    depot.TentativeDepotEchouee
    | depot.DemandeDeposee
    | depot.DemandePapierEnregistree
    | depot.AccuseReceptionDelivre
    | depot.AccuseEnregistrementDelivre
    | depot.AttestationDepotDelivree
    | depot.PieceVersee
    | depot.ReceptionPieceAccusee
    | depot.VersementEchoue
    | depot.PieceRecueParPrefecture
)
Complement = (
    instruction.CompletudeAppreciee
    | instruction.ComplementDemande
    | instruction.ComplementMisADisposition
    | instruction.ComplementOuvert
    | instruction.ComplementRepondu
    | instruction.DelaiComplementExpire
    | instruction.DelaiComplementProroge
)
Instruction = (
    instruction.RectificationDemandee
    | instruction.RectificationAppliquee
    | instruction.AnnulationDemandee
    | instruction.DemandeRetiree
    | instruction.DemandeTransmise
    | instruction.RelanceEnvoyee
    | instruction.RendezVousPropose
    | instruction.RendezVousTenu
    | instruction.RendezVousManque
)
Cloture = (
    cloture.DossierClosAutomatiquement
    | cloture.DossierClosParAgent
    | cloture.EnregistrementRefuse
    | cloture.DossierRouvert
)
Decidee = (
    decision.RefusImpliciteNe
    | decision.MotifsDemandes
    | decision.MotifsCommuniques
    | decision.DecisionFavorablePrise
    | decision.RefusDecide
    | decision.RefusNotifie
    | decision.DecisionRetiree
    | decision.DecisionAnnulee
)
Juge = (
    recours.RecoursForme
    | recours.RefereForme
    | recours.OrdonnanceRendue
    | recours.JugementRendu
    | recours.RecoursAdministratifRejete
)

SITUENT: Final = (depot.DemandeDeposee, depot.DemandePapierEnregistree, instruction.DemandeTransmise)
"""All that says who has an application."""


def fold(entries: Iterable[Entry]) -> Dossier:
    """The dossier that the ``entries`` of one stream add up to, in the order in which they are given.

    Give them in the order of the facts, corrections applied: :func:`ledger.retained.holding` does both.
    """
    dossier, faits, objet, le = Dossier(), 0, None, None
    for entry in entries:
        objet = entry.fait.objet if objet is None else objet
        step_of = _STEPS.get(type(entry.fait.evenement))
        if step_of is not None:
            le, faits = entry.fait.survenu.jours, faits + 1
            dossier = step_of(dossier, entry.fait.evenement, le)
    return replace(dossier, objet=objet, faits=faits, dernier_le=le)


def prefecture(entries: Iterable[Entry]) -> str | None:
    """The préfecture that has the application of one stream, as :func:`fold` finds it, without the rest."""
    return fold(entry for entry in entries if isinstance(entry.fait.evenement, SITUENT)).prefecture


def evolve(dossier: Dossier, event: Event, le: Jours) -> Dossier:
    """``dossier`` once ``event`` has happened on ``le``; unchanged by the facts of other streams."""
    step_of = _STEPS.get(type(event))
    if step_of is None:
        return dossier
    after = step_of(dossier, event, le)
    return replace(after, faits=dossier.faits + 1, dernier_le=le)


def _depot(dossier: Dossier, event: Depot, le: Jours) -> Dossier:  # noqa: PLR0911 - one answer per kind of fact
    match event:
        case depot.TentativeDepotEchouee():
            return _attempt(dossier, event, le)
        case depot.DemandeDeposee() | depot.DemandePapierEnregistree():
            return step.file_application(dossier, event)
        case depot.AccuseReceptionDelivre():
            return _receipt(dossier, event, le)
        case depot.AccuseEnregistrementDelivre():
            given = Accuse(
                nature=NatureAccuse.ENREGISTREMENT,
                delivre_le=event.delivre_le or le,
                recue_le=event.recue_le,
                numero=event.numero,
            )
            return replace(dossier, accuses=(*dossier.accuses, given))
        case depot.AttestationDepotDelivree():
            given = Accuse(
                nature=NatureAccuse.ATTESTATION_DEPOT, delivre_le=event.delivree_le or le, numero=event.numero
            )
            return replace(dossier, accuses=(*dossier.accuses, given))
        case depot.PieceVersee():
            return step.add_piece(dossier, event, le)
        case depot.ReceptionPieceAccusee():
            return step.acknowledge_piece(dossier, event, le)
        case depot.VersementEchoue():
            failed = EchecVersement(
                le=le, nom=event.piece, code_incident=event.code_incident, complement=event.complement
            )
            return replace(dossier, echecs_versement=(*dossier.echecs_versement, failed))
        case depot.PieceRecueParPrefecture():
            return step.receive_piece(dossier, event, le)
        case _:
            assert_never(event)


def _attempt(dossier: Dossier, event: depot.TentativeDepotEchouee, le: Jours) -> Dossier:
    known = dossier.tentatives
    codes = known.codes if event.code_incident in {None, *known.codes} else (*known.codes, event.code_incident)
    attempts = Tentatives(
        nombre=known.nombre + 1,
        premiere_le=le if known.premiere_le is None else min(known.premiere_le, le),
        derniere_le=le if known.derniere_le is None else max(known.derniere_le, le),
        codes=tuple(code for code in codes if code is not None),
    )
    etape = Etape.TENTATIVE if dossier.etape is Etape.AUCUNE else dossier.etape
    return replace(dossier, tentatives=attempts, etape=etape)


def _receipt(dossier: Dossier, event: depot.AccuseReceptionDelivre, le: Jours) -> Dossier:
    given = Accuse(
        nature=NatureAccuse.RECEPTION,
        delivre_le=event.delivre_le or le,
        recue_le=event.recue_le,
        numero=event.numero,
        mentions=(
            event.mention_date_reception,
            event.mention_service,
            event.mention_sens_du_silence,
            event.mention_date_decision_implicite,
            event.mention_voies_recours,
            event.mention_sous_reserve_completude,
        ),
        date_decision_implicite=event.date_decision_implicite,
    )
    return replace(dossier, accuses=(*dossier.accuses, given))


def _complement(dossier: Dossier, event: Complement, le: Jours) -> Dossier:  # noqa: PLR0911 - one answer per kind of fact
    match event:
        case instruction.CompletudeAppreciee():
            return replace(
                dossier,
                completude=event.etat,
                completude_le=event.appreciee_le or le,
                manquantes=event.manquantes,
                etape=step.examined(dossier),
            )
        case instruction.ComplementDemande():
            return step.request_complement(dossier, event, le)
        case instruction.ComplementMisADisposition():
            return step.make_available(dossier, event, le)
        case instruction.ComplementOuvert():
            return step.open_message(dossier, event, le)
        case instruction.ComplementRepondu():
            return step.answer(dossier, event, le)
        case instruction.DelaiComplementExpire():
            return step.expire(dossier, event, le)
        case instruction.DelaiComplementProroge():
            return step.extend(dossier, event)
        case _:
            assert_never(event)


def _instruction(dossier: Dossier, event: Instruction, le: Jours) -> Dossier:  # noqa: PLR0911 - one answer per kind of fact
    match event:
        case instruction.RectificationDemandee():
            return step.ask_rectification(dossier, event, le)
        case instruction.RectificationAppliquee():
            return step.apply_rectification(dossier, event, le)
        case instruction.AnnulationDemandee():
            return replace(dossier, annulation_demandee_le=event.demandee_le or le)
        case instruction.DemandeRetiree():
            return replace(dossier, retiree_le=event.retiree_le or le, etape=step.to(dossier, Etape.RETIRE))
        case instruction.DemandeTransmise():
            moved = Transfert(
                le=event.transmise_le or le,
                de=event.de_prefecture,
                vers=event.vers_prefecture,
                vers_departement=event.vers_departement,
                usager_avise=event.usager_avise,
            )
            return replace(dossier, transferts=(*dossier.transferts, moved), etape=step.examined(dossier))
        case instruction.RelanceEnvoyee():
            sent = Relance(le=event.envoyee_le or le, destinataire=event.destinataire, mode=event.mode)
            return replace(dossier, relances=(*dossier.relances, sent))
        case instruction.RendezVousPropose():
            return step.offer_appointment(dossier, event, le)
        case instruction.RendezVousTenu():
            return step.keep_appointment(dossier, event, le)
        case instruction.RendezVousManque():
            return step.miss_appointment(dossier, event, le)
        case _:
            assert_never(event)


def _cloture(dossier: Dossier, event: Cloture, le: Jours) -> Dossier:
    match event:
        case cloture.DossierClosAutomatiquement() | cloture.DossierClosParAgent():
            return step.close(dossier, event, le)
        case cloture.EnregistrementRefuse():
            return step.refuse_registration(dossier, event, le)
        case cloture.DossierRouvert():
            return step.reopen(dossier, event, le)
        case _:
            assert_never(event)


def _decision(dossier: Dossier, event: Decidee, le: Jours) -> Dossier:
    match event:
        case decision.RefusImpliciteNe():
            born = RefusImplicite(
                ne_le=event.ne_le,
                regle=event.regle,
                delai=event.delai,
                depuis_le=event.depuis_le,
                jours_suspendus=event.jours_suspendus,
            )
            return replace(dossier, refus_implicite=born)
        case decision.MotifsDemandes():
            return replace(dossier, motifs_demandes_le=event.demandes_le or le)
        case decision.MotifsCommuniques():
            return replace(dossier, motifs_communiques_le=event.communiques_le or le)
        case decision.DecisionFavorablePrise() | decision.RefusDecide():
            return _decided(dossier, event)
        case decision.RefusNotifie():
            return step.notify(dossier, event)
        case decision.DecisionRetiree() | decision.DecisionAnnulee():
            return step.undo(dossier, event)
        case _:
            assert_never(event)


def _decided(dossier: Dossier, event: decision.DecisionFavorablePrise | decision.RefusDecide) -> Dossier:
    if isinstance(event, decision.DecisionFavorablePrise):
        taken = Decision(
            nature=NatureDecision.FAVORABLE,
            prise_le=event.prise_le,
            auteur_qualite=event.auteur_qualite,
            titre_accorde=event.titre_accorde,
            valide_du=event.valide_du,
            valide_au=event.valide_au,
        )
        return replace(dossier, decisions=(*dossier.decisions, taken), etape=Etape.FAVORABLE)
    taken = Decision(
        nature=NatureDecision.REFUS_EXPRES,
        prise_le=event.decide_le,
        motifs=event.motifs,
        articles=event.articles,
        auteur_qualite=event.auteur_qualite,
        oqtf=event.oqtf,
    )
    return replace(dossier, decisions=(*dossier.decisions, taken), etape=Etape.REFUSE)


def _recours(dossier: Dossier, event: Juge, le: Jours) -> Dossier:
    match event:
        case recours.RecoursForme() | recours.RefereForme():
            lodged = Recours(
                base=event.base,
                forme_le=event.forme_le or le,
                refere=isinstance(event, recours.RefereForme),
                vise=event.vise,
                numero=event.numero,
                juridiction=event.juridiction,
            )
            return replace(dossier, recours=(*dossier.recours, lodged))
        case recours.OrdonnanceRendue() | recours.JugementRendu():
            ruled = DecisionJustice(
                le=(event.rendue_le if isinstance(event, recours.OrdonnanceRendue) else event.rendu_le) or le,
                ordonnance=isinstance(event, recours.OrdonnanceRendue),
                base=event.base,
                numero=event.numero,
                sens=event.sens,
                injonctions=event.injonctions,
                delai_injonction_jours=event.delai_injonction_jours,
                notifiee_le=event.notifiee_le if isinstance(event, recours.OrdonnanceRendue) else event.notifie_le,
            )
            return replace(dossier, decisions_justice=(*dossier.decisions_justice, ruled))
        case recours.RecoursAdministratifRejete():
            return step.reject_appeal(dossier, event)
        case _:
            assert_never(event)


_STEPS: Final[dict[type[Event], Callable[[Dossier, Any, Jours], Dossier]]] = {
    kind: taken
    for kinds, taken in (
        (Depot, _depot),
        (Complement, _complement),
        (Instruction, _instruction),
        (Cloture, _cloture),
        (Decidee, _decision),
        (Juge, _recours),
    )
    for kind in get_args(kinds)
}
