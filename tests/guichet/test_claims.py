"""Attempts claimed, given back and claimed again: one person's at a time, and nothing is ever removed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from commands.attempts import drain, unclaimed
from commands.claims import ClaimError, acting, claim, release
from ledger.coffre import nobody
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Entry
from ledger.events.types import Flux, Grade, NatureActeur, Source
from ledger.retained import holding
from ledger.seal.attempt import Line
from ledger.store import Ledger
from tests.guichet.lines import AGENT, NADIA, line

NOW: Final = datetime(2026, 11, 28, 9, tzinfo=UTC)
OMAR: Final = acting("P-2", None)
DESK: Final = acting(None, "agent-7")


def test_an_attempt_is_claimed_by_its_receipt_once(ledger: Ledger, documents: DocumentStore) -> None:
    """With the receipt it becomes one declaration of hers; again it is the same entry; nobody else can have it."""
    drain(ledger, documents, [line(1, page="Étape 3"), line(2)])
    entry = claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1, page="Étape 3"))
    assert (entry.fait.grade, entry.fait.source, entry.fait.correlation) == (Grade.D, Source.DECLARATION, line(1).id)
    assert entry.fait.evenement.lire_champ("etape") == "Étape 3"
    assert (
        claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1, page="Étape 3")).event_id
        == entry.event_id
    )
    assert [each.event_id for each in ledger.life("P-1")] == [entry.event_id]
    assert [each.fait.id for each in unclaimed(ledger, 9)] == [line(2).id]
    with pytest.raises(ClaimError, match="déjà rattachée"):
        claim(
            ledger,
            documents,
            line(1).id,
            "P-2",
            "D-2",
            Acteur(nature=NatureActeur.USAGER, id="P-2"),
            shown=line(1, page="Étape 3"),
        )
    assert ledger.life("P-2") == ()
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, ["P-1"])["P-1"]
    assert b"".join(documents.read(key, entry.fait.pieces[0])) == bytes(line(1, page="Étape 3"))


def test_two_persons_who_claim_it_at_once(ledger: Ledger, documents: DocumentStore) -> None:
    """Of several persons who show the same receipt at the same time exactly one has it."""
    drain(ledger, documents, [line(1)])

    def attempt(n: int) -> bool:
        try:
            claim(ledger, documents, line(1).id, f"P-{n}", "D", Acteur(nature=NatureActeur.USAGER), shown=line(1))
        except ClaimError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert sum(len(ledger.life(f"P-{n}")) for n in range(8)) == 1


def test_cut_off_between_the_reservation_and_the_fact(
    ledger: Ledger, documents: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the fact could not be written, the same person's claim goes on, and another's does not come before it."""
    drain(ledger, documents, [line(1)])
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "append", lambda *_, **__: (_ for _ in ()).throw(OSError("coupé")))
        with pytest.raises(OSError, match="coupé"):
            claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    with pytest.raises(ClaimError, match="déjà"):
        claim(ledger, documents, line(1).id, "P-2", "D-1", AGENT, shown=None)
    assert claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1)).fait.personne == "P-1"


@pytest.mark.parametrize(
    ("acteur", "shown", "attempt", "reason"),
    [
        (NADIA, None, line(1).id, "seul un agent"),
        (NADIA, line(2), line(1).id, "n'est pas celui"),
        (NADIA, replace(line(1), salt=bytes(32)), line(1).id, "n'est pas celui"),
        (AGENT, replace(line(1), at="2026-11-27T08:30:00.000121Z"), line(1).id, "n'est pas celui"),
        (AGENT, None, "tentative-inconnue", "aucune tentative"),
    ],
)
def test_une_tentative_ne_se_rattache_pas_sans_son_recu(
    ledger: Ledger, documents: DocumentStore, acteur: Acteur, shown: Line | None, attempt: str, reason: str
) -> None:
    """Without her receipt, with another one, or for an attempt that is not there, nothing is attached."""
    drain(ledger, documents, [line(1), line(2)])
    with pytest.raises(ClaimError, match=reason):
        claim(ledger, documents, attempt, "P-1", "D-1", acteur, shown=shown)
    with pytest.raises(ClaimError, match="référence"):
        claim(ledger, documents, line(1).id, "P" * 201, "D-1", AGENT, shown=None)
    assert ledger.life("P-1") == ()
    assert len(unclaimed(ledger, 9)) == 2


def test_un_agent_rattache_au_nom_de_la_personne(ledger: Ledger, documents: DocumentStore) -> None:
    """An agent may attach it without the receipt; it stays a declaration, of grade D, and says who attached it."""
    drain(ledger, documents, [line(1)])
    entry = claim(ledger, documents, line(1).id, "P-1", "D-1", AGENT, shown=None)
    assert (entry.fait.acteur, entry.fait.grade) == (AGENT, Grade.D)


# ---------------------------------------------------------------------- given back


def held(ledger: Ledger, person: str) -> list[Entry]:
    """What holds in a person's life."""
    return holding(ledger.life(person))


def test_who_claimed_the_wrong_dossier_gives_it_back_and_claims_again(ledger: Ledger, documents: DocumentStore) -> None:
    """Claimed for the wrong dossier, she is told to give it back; then it is claimed for the right one, and only there."""
    drain(ledger, documents, [line(1)])
    wrong = claim(ledger, documents, line(1).id, "P-1", "D-9", NADIA, shown=line(1))
    with pytest.raises(ClaimError, match="attempts release"):
        claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    given = release(ledger, line(1).id, "Ce n'est pas le bon dossier.", NADIA, NOW)
    assert (given.fait.corrige, given.fait.objet, given.fait.grade) == (wrong.fait.id, "D-9", Grade.D)
    assert held(ledger, "P-1") == []
    assert [each.fait.id for each in unclaimed(ledger, 9)] == [line(1).id]
    right = claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    assert claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1)) == right
    assert [each.event_id for each in held(ledger, "P-1")] == [right.event_id]
    assert [each.event_id for each in ledger.life("P-1")] == [wrong.event_id, given.event_id, right.event_id]
    assert unclaimed(ledger, 9) == []


def test_an_agent_takes_it_back_and_whose_it_is_claims_it(ledger: Ledger, documents: DocumentStore) -> None:
    """Claimed by somebody else, an attempt is taken back by an agent only; both lives say what happened, once."""
    drain(ledger, documents, [line(1)])
    claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1))
    with pytest.raises(ClaimError, match="un agent peut la détacher"):
        claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    with pytest.raises(ClaimError, match="pas rattachée à cette personne"):
        release(ledger, line(1).id, "Elle est à moi.", NADIA, NOW)
    given = release(ledger, line(1).id, "Le reçu était à quelqu'un d'autre.", DESK, NOW)
    assert given.fait.personne == "P-2"
    assert given.fait.acteur == DESK
    assert held(ledger, "P-2") == []
    entry = claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    assert [each.event_id for each in held(ledger, "P-1")] == [entry.event_id]
    for _ in range(2):  # and it may go back and forth, each time by facts of its own
        release(ledger, line(1).id, "Encore.", DESK, NOW)
        claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1))
    assert (len(held(ledger, "P-1")), len(held(ledger, "P-2"))) == (0, 1)
    assert (len(ledger.life("P-1")), len(ledger.life("P-2"))) == (2, 5)


def test_given_back_by_two_at_once(ledger: Ledger, documents: DocumentStore) -> None:
    """Given back by several at the same time it is given back once, and whoever claims it then has it alone."""
    drain(ledger, documents, [line(1)])
    claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))

    def back(_: int) -> None:
        try:
            release(ledger, line(1).id, "Tort.", DESK, NOW)
        except ClaimError as error:
            assert "rattachée à personne" in str(error)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(back, range(8)))
    assert len(ledger.life("P-1")) == 2
    claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1))
    assert (held(ledger, "P-1"), len(held(ledger, "P-2"))) == ([], 1)


def test_cut_off_between_the_withdrawal_and_its_turn(
    ledger: Ledger, documents: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off once the claim is withdrawn, the attempt is not free yet; the same again, later, frees it by the same fact."""
    drain(ledger, documents, [line(1)])
    claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    with monkeypatch.context() as broken:
        broken.setattr("commands.claims._say", lambda *_: (_ for _ in ()).throw(OSError("coupé")))
        with pytest.raises(OSError, match="coupé"):
            release(ledger, line(1).id, "Tort.", NADIA, NOW)
    with pytest.raises(ClaimError, match="déjà"):
        claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1))
    given = release(ledger, line(1).id, "Tort.", NADIA, NOW.replace(day=29))
    assert given.fait.survenu.debut == NOW
    assert len(ledger.life("P-1")) == 2
    assert claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1)).fait.personne == "P-2"


def test_a_claim_that_was_never_written_can_be_taken_back(
    ledger: Ledger, documents: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reserved by a claim that was cut off and never came, an attempt is freed by an agent; no life says anything."""
    drain(ledger, documents, [line(1)])
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "append", lambda *_, **__: (_ for _ in ()).throw(OSError("coupé")))
        with pytest.raises(OSError, match="coupé"):
            claim(ledger, documents, line(1).id, "P-2", "D-2", OMAR, shown=line(1))
    given = release(ledger, line(1).id, "Rattachement interrompu.", DESK, NOW)
    assert given.fait.personne is None
    assert [each.event_id for each in ledger.life(nobody(Flux.DOSSIER, line(1).id))][1:] == [given.event_id]
    assert [each.fait.id for each in unclaimed(ledger, 9)] == [line(1).id]
    claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    assert unclaimed(ledger, 9) == []
    assert (len(ledger.life("P-1")), ledger.life("P-2")) == (1, ())


def test_what_cannot_be_given_back(ledger: Ledger, documents: DocumentStore) -> None:
    """An attempt that is nobody's, or not there, or given back without a reason, is refused, and nothing is written."""
    drain(ledger, documents, [line(1)])
    with pytest.raises(ClaimError, match="rattachée à personne"):
        release(ledger, line(1).id, "Tort.", DESK, NOW)
    with pytest.raises(ClaimError, match="aucune tentative"):
        release(ledger, "tentative-inconnue", "Tort.", DESK, NOW)
    claim(ledger, documents, line(1).id, "P-1", "D-1", NADIA, shown=line(1))
    for motif in ("", " \n", "x" * 2_001):
        with pytest.raises(ClaimError, match="motif"):
            release(ledger, line(1).id, motif, NADIA, NOW)
    for references in (("", None), ("x" * 201, None), (None, ""), ("P-1", "x" * 201)):
        with pytest.raises(ClaimError, match="référence"):
            acting(*references)
    assert len(ledger.life("P-1")) == 1
