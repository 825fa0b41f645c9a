"""Receipts: given at once, proved once sealed, in words that a person reads."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.database import SEALER
from ledger.entry import Acteur
from ledger.events.types import NatureActeur
from ledger.receipts import NoReceiptError, Receipts
from ledger.seal import checks
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import Verdict
from ledger.seal.note import NoteError
from ledger.seal.policy import Policy
from ledger.seal.receipt import NAMES, verify_receipt
from ledger.seal.sealer import Sealer
from tests.conftest import ORIGIN
from tests.faits import fait
from tests.seal.receipts import WITNESSES, cosign, failing, filed, outcomes, policy_of


def test_a_receipt_is_given_at_once_and_completed_when_enough_have_cosigned(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """The promise comes before any seal; the proof comes with the quorum, not before; the promise never changes."""
    entry = filed(receipts.ledger)
    first = receipts.of(entry)
    found = verify_receipt(bytes(first), policy)
    assert outcomes(found) == dict.fromkeys(("forme", "ligne", "promesse", "dates"), "passé") | dict.fromkeys(
        ("engagement", "inclusion", "point", "temoins"), "impossible"
    )
    assert checks.holding(found)
    note = sealer.seal()
    assert note is not None
    assert bytes(receipts.of(entry)) == bytes(first)
    cosign(receipts.ledger.database, note, WITNESSES[:1])
    assert bytes(receipts.of(entry)) == bytes(first)
    cosign(receipts.ledger.database, note, WITNESSES[1:])
    last = receipts.of(entry)
    assert last.promise == first.promise
    found = verify_receipt(bytes(last), policy, datetime.now(UTC))
    assert outcomes(found) == dict.fromkeys(NAMES, "passé") | {"engagement": "impossible"}
    filed(receipts.ledger, 2)
    later = sealer.seal()
    assert later is not None
    cosign(receipts.ledger.database, later, WITNESSES)
    assert bytes(receipts.of(entry)) == bytes(last)


def test_the_first_checkpoint_that_enough_have_cosigned_is_the_one(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """A checkpoint with too few cosignatures is passed over, and so is one of which a cosignature is false."""
    entry = filed(receipts.ledger)
    sizes = []
    for n in (2, 3, 4):
        note = sealer.seal()
        assert note is not None
        sizes.append(Checkpoint.parse(note.text).size)
        if n == 2:
            cosign(receipts.ledger.database, note, WITNESSES[:1])
        if n == 3:
            other = Checkpoint(ORIGIN, sizes[-1], bytes(32)).text
            with receipts.ledger.database.acting_as(SEALER).connect() as conn:
                conn.execute(
                    "INSERT INTO ledger.cosignature (size, witness, line) VALUES (%s, %s, %s)",
                    (sizes[-1], "faux", str(WITNESSES[0].cosign(other, 1))),
                )
        if n == 4:
            cosign(receipts.ledger.database, note, WITNESSES)
        filed(receipts.ledger, n)
    proof = receipts.of(entry).proof
    assert proof is not None
    assert proof.checkpoint.size == sizes[2]
    assert checks.holding(verify_receipt(bytes(receipts.of(entry)), policy))


@pytest.mark.parametrize("away", [3, 12, 40])
def test_a_witness_that_was_away_for_long_keeps_no_receipt_from_its_proof(
    receipts: Receipts, sealer: Sealer, policy: Policy, monkeypatch: pytest.MonkeyPatch, away: int
) -> None:
    """However many checkpoints one witness missed, a line from before is proved once both cosign again."""
    monkeypatch.setattr("ledger.receipts.ONE_BY_ONE", 2)
    entry = filed(receipts.ledger)
    for n in range(away):
        note = sealer.seal()
        assert note is not None
        cosign(receipts.ledger.database, note, WITNESSES[:1])
        receipts.ledger.append([fait(id=f"suite-{n}")])
    assert receipts.of(entry).proof is None
    back = sealer.seal()
    assert back is not None
    cosign(receipts.ledger.database, back, WITNESSES)
    receipt = receipts.of(entry)
    assert receipt.proof is not None
    assert receipt.proof.checkpoint == Checkpoint.parse(back.text)
    assert outcomes(verify_receipt(bytes(receipt), policy))["temoins"] == "passé"


def test_without_a_policy_the_first_checkpoint_completes_and_a_policy_may_still_come(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """Where nobody is asked to cosign the first checkpoint is kept; where witnesses come later, theirs is kept beside."""
    entry = filed(receipts.ledger)
    alone = replace(receipts, policy=None)
    promised = bytes(alone.of(entry))
    note = sealer.seal()
    assert note is not None
    sealed = bytes(alone.of(entry))
    assert sealed != promised
    assert outcomes(verify_receipt(sealed, policy))["temoins"] == "échoué"
    nobody = policy_of(policy.logs, "quorum none")
    assert outcomes(verify_receipt(sealed, nobody))["temoins"] == "impossible"
    assert checks.holding(verify_receipt(sealed, nobody))
    filed(receipts.ledger, 2)
    sealer.seal()
    assert bytes(alone.of(entry)) == sealed
    cosign(receipts.ledger.database, note, WITNESSES)
    assert bytes(alone.of(entry)) == sealed
    cosigned = bytes(receipts.of(entry))
    assert outcomes(verify_receipt(cosigned, policy))["temoins"] == "passé"
    assert bytes(alone.of(entry)) == cosigned


def test_a_person_reads_what_it_is(receipts: Receipts) -> None:
    """The header says in French what was recorded, when in Paris, where it stands, and what it is not."""
    entry = filed(receipts.ledger)
    text = bytes(receipts.of(entry, mention="dépôt d'une demande")).decode()
    head = text.partition("--- ligne ---")[0]
    assert "heure de Paris (UTC+" in head
    assert f"place {entry.pos}" in head
    assert "Mention, non prouvée  : dépôt d'une demande" in head
    assert "ne remplace pas" in head
    assert "CRPA L.112-11" in head
    shown = bytes(receipts.of(entry, opened=True)).decode()
    assert "tentative_depot_echouee (d'après le contenu montré ci-dessous)" in shown
    assert "Une erreur est survenue (E-503)." in shown


def test_a_sealed_receipt_says_nothing_of_the_person(receipts: Receipts) -> None:
    """Without its content, neither the person, the dossier, nor what was done can be read in a receipt or its table."""
    entry = filed(receipts.ledger)
    raw = bytes(receipts.of(entry))
    with receipts.ledger.connection() as conn:
        kept = "".join(str(row) for row in conn.execute("SELECT * FROM ledger.receipt").fetchall())
    for said in ("P-1", "D-1", "depot-1", "tentative", "E-503", "usager"):
        assert said.encode() not in raw
        assert said not in kept


def test_the_content_shown_is_what_was_filed_and_not_who(receipts: Receipts, policy: Policy) -> None:
    """Opened, the receipt proves the fact and its documents; who acted stays sealed, which the check says."""
    entry = filed(receipts.ledger)
    receipt = receipts.of(entry, opened=True)
    [engagement] = [each for each in verify_receipt(bytes(receipt), policy) if each.name == "engagement"]
    assert engagement.outcome is Verdict.PASSED
    assert engagement.said.endswith("non montré : acteur")
    assert receipt.opened[0].commitment == receipt.line.c["fait"]
    for changed in (
        replace(receipt.opened[0], value=receipt.opened[0].value.replace("E-503", "E-504")),
        replace(receipt.opened[0], salt=bytes(32)),
        replace(receipt.opened[0], pos=receipt.opened[0].pos + 1),
        replace(receipt.opened[0], part="acteur"),
        replace(receipt.opened[0], part="pieces"),
    ):
        assert failing(verify_receipt(bytes(replace(receipt, opened=(changed,))), policy)) == {"engagement"}


@pytest.mark.parametrize(
    ("acteur", "hers"),
    [
        (Acteur(nature=NatureActeur.USAGER), True),
        (Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-1", au_nom_de="P-1"), True),
        (Acteur(nature=NatureActeur.ACCOMPAGNANT), True),
        (Acteur(nature=NatureActeur.AGENT, id="agent-1", au_nom_de="P-1"), True),
        (Acteur(nature=NatureActeur.AGENT), False),
        (Acteur(nature=NatureActeur.SYSTEME), False),
    ],
)
def test_un_recu_se_donne_de_ce_que_fait_la_personne(receipts: Receipts, acteur: Acteur, hers: bool) -> None:
    """A receipt is given of what the person did, or somebody for her; not of what was done to her."""
    [entry] = receipts.ledger.append([fait(acteur=acteur)])
    if hers:
        assert receipts.of(entry).line.pos == 1
    else:
        with pytest.raises(NoReceiptError, match="acte de la personne"):
            receipts.of(entry)


def test_the_first_of_a_stream_is_said_in_french(receipts: Receipts, policy: Policy) -> None:
    """The first line of a stream is « la 1re », the second « la 2e »."""
    for place, entry in enumerate(receipts.ledger.append([fait(id="depot"), fait(id="suite")]), start=1):
        said = {each.name: each.said for each in verify_receipt(bytes(receipts.of(entry)), policy)}
        assert said["ligne"] == f"la promesse est celle de cette ligne, {('1ʳᵉ', '2ᵉ')[place - 1]} de son flux"


@pytest.mark.parametrize(
    "mention", ["deux\nlignes", "x" * 201, " au bord", "--- fin ---", "\x1b[2J", "a\u202eb", "a\tb"]
)
def test_what_a_mention_may_not_hold(receipts: Receipts, mention: str) -> None:
    """A mention that would not stay on its line, or would pass for a part or a command, is refused."""
    with pytest.raises(NoteError, match="mention"):
        receipts.of(filed(receipts.ledger), mention=mention)
