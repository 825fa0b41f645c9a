"""The fold of a dossier: total over any facts, complete over the vocabulary, never mixing silence with the stage."""

import ast
import inspect
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import dossier as module
from ledger.days import Jours
from ledger.dossier import Dossier, Etape, evolve, fold
from ledger.etat import RefusImplicite
from ledger.events import EVENTS, cloture, decision, depot, instruction, recours
from ledger.events.base import Event
from ledger.events.listes import PartieAbsente
from ledger.events.parts import PieceDemandee
from ledger.events.types import BaseRecours, EtatCompletude, Flux, NatureDecision, NatureDemande, TypeTitre
from tests.projections.vies import e
from tests.strategies import event_of, jours

DOSSIER_EVENTS = tuple(event for event in EVENTS if event.flux is Flux.DOSSIER)


def le(day: str) -> Jours:
    """A day or an interval."""
    return Jours.lire(day)


DEPOSEE = depot.DemandeDeposee(
    titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=le("2025-07-01"), prefecture="Rhône"
)
FAVORABLE = decision.DecisionFavorablePrise(prise_le=le("2025-12-01"), titre_accorde=TypeTitre.CST)
REFUS = decision.RefusDecide(decide_le=le("2025-12-01"), motifs=("motif",), articles=("L.1",))
SILENCE = decision.RefusImpliciteNe(ne_le=le("2025-11-01"))
COMPLEMENT = instruction.ComplementDemande(
    complement="C-1", pieces=(PieceDemandee(nom="Bail"),), echeance=le("2025-08-31")
)


def after(*events: Event, day: str = "2025-07-01") -> Dossier:
    """The dossier that ``events`` add up to, all on one day."""
    dossier = Dossier(objet="D-1")
    for event in events:
        dossier = evolve(dossier, event, le(day))
    return dossier


LIVES = st.lists(st.tuples(st.sampled_from(DOSSIER_EVENTS).flatmap(event_of), jours()), max_size=12)


@given(LIVES)
def test_fold_is_total(life: Sequence[tuple[Event, Jours]]) -> None:
    """Any dossier facts in any order give a dossier that counts them all, and fold the same way twice."""
    once, twice = Dossier(), Dossier()
    for event, day in life:
        once, twice = evolve(once, event, day), evolve(twice, event, day)
    assert once == twice
    assert once.faits == len(life)
    assert once.dernier_le == (life[-1][1] if life else None)


@given(LIVES)
def test_a_fold_is_one_step_after_the_other(life: Sequence[tuple[Event, Jours]]) -> None:
    """It counts as the steps count, whatever the facts."""
    stepped = Dossier(objet="D-1") if life else Dossier()
    for event, day in life:
        stepped = evolve(stepped, event, day)
    assert fold(e("D-1", str(day), event) for event, day in life) == stepped


@given(LIVES)
def test_the_prefecture_is_found_without_the_rest(life: Sequence[tuple[Event, Jours]]) -> None:
    """Of any facts, what says who has the application says the same as all of them."""
    whole, part = Dossier(), Dossier()
    for event, day in life:
        whole = evolve(whole, event, day)
        part = evolve(part, event, day) if isinstance(event, module.SITUENT) else part
    assert part.prefecture == whole.prefecture


@given(LIVES, event_of(decision.RefusImpliciteNe), jours())
def test_implicit_refusal_never_changes_the_stage(
    life: Sequence[tuple[Event, Jours]], silence: decision.RefusImpliciteNe, day: Jours
) -> None:
    """Whatever came before, the birth of an implicit refusal leaves the stage where it was."""
    dossier = Dossier()
    for event, when in life:
        dossier = evolve(dossier, event, when)
    refused = evolve(dossier, silence, day)
    assert refused.etape is dossier.etape
    assert refused.refus_implicite is not None
    assert refused.refus_implicite.ne_le == silence.ne_le


@given(st.sampled_from([event for event in EVENTS if event.flux is not Flux.DOSSIER]).flatmap(event_of))
def test_other_streams_change_nothing(event: Event) -> None:
    """A fact of another stream leaves the dossier as it was."""
    assert evolve(after(DEPOSEE), event, le("2025-08-01")) == after(DEPOSEE)


def test_every_dossier_event_has_its_case() -> None:
    """No class of the dossier's vocabulary is missing from the ``match`` statements of the fold."""
    cases = {
        node.cls.attr
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Attribute)
    }
    assert cases == {event.__name__ for event in DOSSIER_EVENTS}


CHANGES: dict[type[Event], tuple[Sequence[Event], Event, str, Any]] = {
    depot.TentativeDepotEchouee: ((), depot.TentativeDepotEchouee(), "etape", Etape.TENTATIVE),
    depot.DemandeDeposee: ((), DEPOSEE, "etape", Etape.DEPOSE),
    depot.DemandePapierEnregistree: (
        (),
        depot.DemandePapierEnregistree(
            titre_demande=TypeTitre.CST, nature=NatureDemande.PREMIERE_DEMANDE, recue_le=le("2025-07-01")
        ),
        "etape",
        Etape.DEPOSE,
    ),
    instruction.CompletudeAppreciee: (
        (DEPOSEE,),
        instruction.CompletudeAppreciee(etat=EtatCompletude.COMPLET),
        "etape",
        Etape.INSTRUCTION,
    ),
    instruction.ComplementDemande: ((DEPOSEE,), COMPLEMENT, "etape", Etape.COMPLEMENT_DEMANDE),
    instruction.ComplementRepondu: (
        (DEPOSEE, COMPLEMENT),
        instruction.ComplementRepondu(complement="C-1"),
        "etape",
        Etape.INSTRUCTION,
    ),
    instruction.DelaiComplementExpire: (
        (DEPOSEE, COMPLEMENT),
        instruction.DelaiComplementExpire(complement="C-1"),
        "etape",
        Etape.INSTRUCTION,
    ),
    instruction.DelaiComplementProroge: (
        (DEPOSEE, COMPLEMENT, instruction.DelaiComplementExpire(complement="C-1")),
        instruction.DelaiComplementProroge(complement="C-1", nouvelle_echeance=le("2025-09-30")),
        "etape",
        Etape.COMPLEMENT_DEMANDE,
    ),
    instruction.DemandeRetiree: ((DEPOSEE,), instruction.DemandeRetiree(), "etape", Etape.RETIRE),
    instruction.DemandeTransmise: (
        (DEPOSEE,),
        instruction.DemandeTransmise(vers_prefecture="Isère"),
        "prefecture",
        "Isère",
    ),
    cloture.DossierClosAutomatiquement: ((DEPOSEE,), cloture.DossierClosAutomatiquement(), "etape", Etape.CLOS),
    cloture.DossierClosParAgent: ((DEPOSEE,), cloture.DossierClosParAgent(), "etape", Etape.CLOS),
    cloture.EnregistrementRefuse: (
        (DEPOSEE,),
        cloture.EnregistrementRefuse(),
        "etape",
        Etape.ENREGISTREMENT_REFUSE,
    ),
    cloture.DossierRouvert: (
        (DEPOSEE, cloture.DossierClosParAgent()),
        cloture.DossierRouvert(),
        "etape",
        Etape.INSTRUCTION,
    ),
    decision.RefusImpliciteNe: ((DEPOSEE,), SILENCE, "refus_implicite", RefusImplicite(ne_le=le("2025-11-01"))),
    decision.DecisionFavorablePrise: ((DEPOSEE,), FAVORABLE, "etape", Etape.FAVORABLE),
    decision.RefusDecide: ((DEPOSEE,), REFUS, "etape", Etape.REFUSE),
    decision.RefusNotifie: (
        (DEPOSEE,),
        decision.RefusNotifie(notifie_le=le("2025-12-05")),
        "etape",
        Etape.REFUSE,
    ),
    decision.DecisionRetiree: (
        (DEPOSEE, REFUS),
        decision.DecisionRetiree(retiree_le=le("2026-01-01"), vise=NatureDecision.REFUS_EXPRES),
        "etape",
        Etape.INSTRUCTION,
    ),
    decision.DecisionAnnulee: (
        (DEPOSEE, cloture.DossierClosParAgent()),
        decision.DecisionAnnulee(annulee_le=le("2026-01-01"), vise=NatureDecision.CLOTURE),
        "etape",
        Etape.INSTRUCTION,
    ),
}


@pytest.mark.parametrize("event", CHANGES, ids=lambda event: event.nom)
def test_each_act_of_procedure_moves_the_dossier(event: type[Event]) -> None:
    """Each act of procedure leaves the dossier where its name says."""
    before, act, field, expected = CHANGES[event]
    assert getattr(after(*before), field) != expected
    assert getattr(after(*before, act), field) == expected


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (depot.AccuseReceptionDelivre(), "accuses"),
        (depot.AccuseEnregistrementDelivre(), "accuses"),
        (depot.AttestationDepotDelivree(), "accuses"),
        (depot.PieceVersee(piece="Bail"), "pieces"),
        (depot.ReceptionPieceAccusee(piece="Bail"), "pieces"),
        (depot.PieceRecueParPrefecture(piece="Bail"), "pieces"),
        (depot.VersementEchoue(piece="Bail"), "echecs_versement"),
        (instruction.ComplementMisADisposition(complement="C-1"), "complements"),
        (instruction.ComplementOuvert(complement="C-1"), "complements"),
        (instruction.RectificationDemandee(champ="nom"), "rectifications"),
        (instruction.RectificationAppliquee(champ="nom"), "rectifications"),
        (instruction.RelanceEnvoyee(), "relances"),
        (instruction.RendezVousManque(partie_absente=PartieAbsente.INCONNUE), "rendez_vous"),
        (recours.RecoursForme(base=BaseRecours.GRACIEUX), "recours"),
        (recours.RefereForme(base=BaseRecours.REFERE_LIBERTE), "recours"),
        (recours.OrdonnanceRendue(), "decisions_justice"),
        (recours.JugementRendu(), "decisions_justice"),
    ],
    ids=lambda value: getattr(value, "nom", value),
)
def test_a_fact_without_its_beginning_is_kept(event: Event, field: str) -> None:
    """A fact whose beginning is unknown still leaves one part, and no stage that was not reached."""
    dossier = after(event)
    assert len(getattr(dossier, field)) == 1
    assert dossier.etape is Etape.AUCUNE or field == "complements"


def test_silence_and_examination_are_both_true() -> None:
    """Implicitly refused while pieces are asked for: the stage says the one, the field the other."""
    dossier = after(DEPOSEE, SILENCE, COMPLEMENT)
    assert dossier.etape is Etape.COMPLEMENT_DEMANDE
    assert dossier.refus_implicite == RefusImplicite(ne_le=le("2025-11-01"))


def test_withdrawn_refusal_leaves_what_stood_before() -> None:
    """Once the refusal is withdrawn, the closure that it had followed gives the stage again."""
    undone = decision.DecisionRetiree(retiree_le=le("2026-01-01"), vise=NatureDecision.REFUS_EXPRES)
    assert after(DEPOSEE, cloture.DossierClosParAgent(), REFUS, undone).etape is Etape.CLOS


@pytest.mark.parametrize("vise", [NatureDecision.INCONNU, NatureDecision.AUTRE])
def test_undoing_an_unknown_decision_undoes_none(vise: NatureDecision) -> None:
    """A withdrawal that does not say of what leaves every decision standing."""
    undone = decision.DecisionRetiree(retiree_le=le("2026-01-01"), vise=vise)
    told = after(DEPOSEE, REFUS, undone)
    assert told.etape is Etape.REFUSE
    assert [each.debout for each in told.decisions] == [True]


def test_first_filing_keeps_its_date() -> None:
    """A second filing of the same dossier never moves the date of the first (CRPA L.114-3)."""
    again = DEPOSEE.model_copy(update={"deposee_le": le("2025-09-01")})
    filed = after(DEPOSEE, again).depot
    assert filed is not None
    assert filed.le == le("2025-07-01")


def test_reopened_then_refiled_dossier_is_open() -> None:
    """A new filing after a closure opens the dossier, and a later answer does not close it again."""
    dossier = after(DEPOSEE, cloture.DossierClosParAgent(), DEPOSEE, COMPLEMENT)
    assert dossier.etape is Etape.COMPLEMENT_DEMANDE
    answered = evolve(dossier, instruction.ComplementRepondu(complement="C-1"), le("2025-08-01"))
    assert answered.etape is Etape.INSTRUCTION


def test_attempts_are_counted_from_first_to_last() -> None:
    """Failed attempts are counted, with the first and the last day whatever the order of arrival."""
    dossier = Dossier()
    for day in ("2025-03-05", "2025-02-28", "2025-03-01"):
        dossier = evolve(dossier, depot.TentativeDepotEchouee(), le(day))
    attempts = dossier.tentatives
    assert (attempts.nombre, attempts.premiere_le, attempts.derniere_le) == (3, le("2025-02-28"), le("2025-03-05"))


def test_piece_sent_acknowledged_and_received_is_one() -> None:
    """One file that is sent, acknowledged and received is one piece with three dates."""
    digest = "a" * 64
    dossier = after(
        depot.PieceVersee(piece="Bail", sha256=digest),
        depot.ReceptionPieceAccusee(sha256=digest),
        depot.PieceRecueParPrefecture(sha256=digest),
    )
    (piece,) = dossier.pieces
    assert None not in {piece.versee_le, piece.accusee_le, piece.recue_le}
