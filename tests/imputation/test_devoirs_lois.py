"""Laws of the duty ledger over generated lives: well formed, stable, and without any weight on attribution."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.acces import DemandeDroitsRecue
from ledger.events.base import Event
from ledger.events.cloture import DossierClosAutomatiquement, DossierClosParAgent, DossierRouvert, EnregistrementRefuse
from ledger.events.decision import MotifsCommuniques, MotifsDemandes, RefusDecide
from ledger.events.depot import (
    AccuseEnregistrementDelivre,
    AccuseReceptionDelivre,
    AttestationDepotDelivree,
    PieceVersee,
    ReceptionPieceAccusee,
    VersementEchoue,
)
from ledger.events.instruction import ComplementMisADisposition, DemandeTransmise
from ledger.events.listes import DroitPersonne, Injonction
from ledger.events.personne import MajoriteAtteinte
from ledger.events.reclamation import DocumentsAdministratifsDemandes, ExplicationsDddDemandees, ExplicationsDddFournies
from ledger.events.recours import OrdonnanceRendue, RecoursForme
from ledger.events.types import BaseRecours, Canal, Flux, Grade, Source
from projections.imputation import calcul
from projections.imputation.calcul import attributions, obligations
from projections.imputation.journal import journal
from projections.imputation.modeles import Obligation, Partie, Portee, Statut
from tests.imputation.devoirs_dits import de
from tests.imputation.vies_dues import EXPIRY, GRADES, OBSERVED, SOURCES, graded, jour, numbered, sourced, vies
from tests.projections.vies import e

FORCE = {Statut.ETABLI: 0, Statut.PROBABLE: 1, Statut.A_ETABLIR: 2, Statut.CONTESTE: 3}
EN_POSSESSION = frozenset({
    "attestation_prolongation", "attestation_protege", "recepisse", "renouvellement_provisoire",
    "attestation_decision_favorable", "carte_protege",
})  # fmt: skip
"""The duties to keep the person in possession of a document: done once, they are still owed."""


@st.composite
def procedures(draw: st.DrawFn) -> list[Entry]:
    """A renewal, with what may be sent, received, closed, contested and asked about it, on any day."""
    told = draw(vies())
    mention = st.sampled_from((True, False, None))

    def le(number: int) -> Jours:
        return Jours.lire(jour(number))

    makers: list[Any] = [
        lambda n: AccuseReceptionDelivre(
            delivre_le=le(n), mention_service=draw(mention), mention_voies_recours=draw(mention)
        ),
        lambda n: AccuseEnregistrementDelivre(delivre_le=le(n)),
        lambda n: AttestationDepotDelivree(delivree_le=le(n)),
        lambda _: PieceVersee(piece=draw(st.sampled_from(("Bail", "passeport")))),
        lambda _: ReceptionPieceAccusee(piece=draw(st.sampled_from(("bail", None)))),
        lambda _: VersementEchoue(incident=draw(st.sampled_from((None, "I-1")))),
        lambda _: ComplementMisADisposition(complement="C-1", lisible=draw(mention)),
        lambda n: DossierClosAutomatiquement(clos_le=le(n), mention_algorithme=draw(mention)),
        lambda n: DossierClosParAgent(clos_le=le(n), notifie_le=draw(st.sampled_from((None, le(n))))),
        lambda n: DossierRouvert(rouvert_le=le(n)),
        lambda n: EnregistrementRefuse(refuse_le=le(n)),
        lambda n: RefusDecide(decide_le=le(n), motifs=draw(st.sampled_from(((), ("Motif.",))))),
        lambda n: MotifsDemandes(recue_le=draw(st.sampled_from((None, le(n))))),
        lambda n: MotifsCommuniques(communiques_le=le(n)),
        lambda _: RecoursForme(base=draw(st.sampled_from((BaseRecours.GRACIEUX, BaseRecours.EXCES_DE_POUVOIR)))),
        lambda n: OrdonnanceRendue(
            rendue_le=le(n),
            notifiee_le=draw(st.sampled_from((None, le(n + 3)))),
            injonctions=(draw(st.sampled_from(Injonction)),),
            delai_injonction_jours=draw(st.sampled_from((None, 15))),
        ),
        lambda n: DemandeTransmise(transmise_le=le(n), usager_avise=draw(mention)),
        lambda n: ExplicationsDddDemandees(echeance=le(n + 20)),
        lambda n: ExplicationsDddFournies(fournies_le=le(n)),
        lambda n: DocumentsAdministratifsDemandes(recue_le=le(n)),
        lambda n: DemandeDroitsRecue(droit=DroitPersonne.ACCES, recue_le=le(n)),
        lambda n: MajoriteAtteinte(atteinte_le=le(n)),
    ]
    for make in draw(st.lists(st.sampled_from(makers), max_size=8)):
        number = draw(st.integers(-140, 200))
        event: Event = make(number)
        entry = e("R-1" if event.flux is Flux.RECLAMATION else "D-1", jour(number), event)
        entry = de(entry, canal=draw(st.sampled_from((Canal.TELESERVICE, Canal.GUICHET))))
        told.append(sourced(graded(entry, draw(GRADES)), draw(SOURCES)) if draw(st.booleans()) else entry)
    return numbered(told)


def cle(owed: Obligation) -> tuple[object, ...]:
    """What tells a duty from any other."""
    return owed.debiteur, owed.code, owed.dossier, owed.du, owed.texte


@given(life=procedures(), au=OBSERVED.map(lambda day: day + timedelta(days=200)))
def test_every_duty_is_a_well_formed_interval(life: list[Entry], au: date) -> None:
    """It ends no sooner than it begins; its breaches follow one another inside what was observed, and are shown."""
    for owed in obligations(life, au):
        assert owed.au is None or owed.du <= owed.au, owed
        assert all(owed.du <= span.du <= span.au <= au for span in owed.manquements), owed
        assert all(one.au < other.du for one, other in pairwise(owed.manquements)), owed
        assert bool(owed.manquements) is (owed.manquement is not None), owed
        assert owed.articles or owed.code == "maintien_de_la_demande", owed
        assert "faute" not in " ".join([owed.texte, *(each.texte for each in owed.tous_constats)]).lower()


@given(life=procedures(), au=OBSERVED.map(lambda day: day + timedelta(days=200)))
def test_what_was_done_is_in_breach_no_longer(life: list[Entry], au: date) -> None:
    """No day of breach comes after the day of the last act that it took to satisfy it."""
    by_id = {entry.event_id: entry for entry in life}
    for owed in obligations(life, au):
        if owed.portee is Portee.JOURS and owed.code in EN_POSSESSION:
            continue
        done = max((by_id[each].fait.survenu.jours.dernier for each in owed.satisfaite_par), default=au)
        assert all(span.au <= done for span in owed.manquements), owed


@given(life=procedures(), au=OBSERVED.map(lambda day: day + timedelta(days=200)))
def test_what_the_person_may_do_is_never_a_breach(life: list[Entry], au: date) -> None:
    """A faculty is hers, and not using it is nothing."""
    for owed in obligations(life, au):
        if owed.portee is Portee.FACULTE:
            assert (owed.debiteur, owed.manquements, owed.manquement) == (Partie.USAGER, (), None)


@given(life=procedures(), au=OBSERVED, data=st.data())
def test_the_order_of_recording_changes_no_duty(life: list[Entry], au: date, data: st.DataObject) -> None:
    """Any permutation of the entries gives the same bytes."""
    other = data.draw(st.permutations(life))
    assert msgspec.json.encode(obligations(other, au)) == msgspec.json.encode(obligations(life, au))


@given(life=procedures(), au=OBSERVED, data=st.data())
def test_a_weaker_fact_never_makes_a_duty_more_established(life: list[Entry], au: date, data: st.DataObject) -> None:
    """With one fact of a weaker grade, what is still in breach is established no better than before."""
    index = data.draw(st.integers(0, len(life) - 1))
    grade = data.draw(GRADES)
    assume(grade > life[index].fait.grade)
    weaker = [graded(each, grade) if n == index else each for n, each in enumerate(life)]
    strong = {cle(x): x for x in obligations(life, au)}
    for x in obligations(weaker, au):
        before = strong.get(cle(x))
        if before is not None and before.manquements and x.manquements:
            assert FORCE[x.statut] >= FORCE[before.statut], x


@given(life=procedures(), au=OBSERVED)
def test_declarations_alone_establish_no_breach(life: list[Entry], au: date) -> None:
    """What only the person tells is never shown as established, on either side."""
    told = [sourced(graded(each, Grade.D), Source.DECLARATION) for each in life]
    assert not [x for x in obligations(told, au) if x.manquements and x.statut is Statut.ETABLI]


@given(life=procedures(), au=OBSERVED)
def test_no_replay_and_no_holder_reads_these_duties(life: list[Entry], au: date) -> None:
    """Attribution and the day ledger answer the same where these duties cannot be computed at all."""

    def answers() -> tuple[Sequence[object], Sequence[object]]:
        return attributions(life, au), journal(life, au)

    before = answers()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(calcul, "devoirs", None)
        assert answers() == before
        with pytest.raises(TypeError):
            obligations(life, EXPIRY)
