"""The page of a receipt says what its file says, carries it byte for byte, and is refused where the file does not hold."""

from datetime import UTC, date, datetime
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evidence.recus import RecuError, recu_pdf, tentative_pdf
from ledger.seal.attempt import AttemptReceipt, Line, problems, sign
from ledger.seal.policy import Policy
from ledger.seal.receipt import Receipt
from ledger.seal.signing import SigningKeys
from tests.evidence.lecture import codes, d_un_trait, dans_la_page, joints, needs_poppler, needs_zbar
from tests.evidence.pdf import verifier_pdf
from tests.seal.receipts import GOLDEN

JOUR = date(2026, 11, 27)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
ACTE, PROMESSE, TENTATIVE = [(GOLDEN / f"{name}.recu").read_bytes() for name in ("acte", "promesse", "tentative")]
KEYS = SigningKeys.generate("constat.test/essai/guichet")


@pytest.fixture(scope="module")
def policy() -> Policy:
    """That of the receipts that are kept."""
    return Policy.parse((GOLDEN / "politique.txt").read_text())


def tentative(**value: str) -> bytes:
    """The receipt of an invented attempt."""
    line = Line("ab" * 16, 1, "2026-11-27T08:30:00.000120Z", b"s" * 32, {"message": "Erreur", **value}, None)
    return bytes(sign(KEYS, line))


@pytest.mark.parametrize("raw", [ACTE, PROMESSE], ids=["proved", "promised"])
def test_it_carries_its_file_and_is_the_same_twice(raw: bytes, policy: Policy) -> None:
    """The attached file is the receipt, to the byte, as the source of the page; archive, accessible, the same bytes twice."""
    document = recu_pdf(raw, JOUR, policy=policy, now=NOW)
    assert document == recu_pdf(raw, JOUR, policy=policy, now=NOW)
    assert document != recu_pdf(raw, date(2026, 11, 28), policy=policy, now=NOW)
    assert list(joints(document).values()) == [(raw, "/Source")]
    verifier_pdf(document, "recu", joints=joints(document))


def test_an_attempt_too(policy: Policy) -> None:
    """That of a failed attempt, likewise."""
    document = tentative_pdf(TENTATIVE, JOUR, policy=policy, now=NOW)
    assert document == tentative_pdf(TENTATIVE, JOUR, policy=policy, now=NOW)
    assert list(joints(document).values()) == [(TENTATIVE, "/Source")]
    verifier_pdf(document, "recu", joints=joints(document))


@needs_poppler
@pytest.mark.parametrize("raw", [ACTE, PROMESSE])
def test_every_line_of_the_header_is_on_the_page(raw: bytes, policy: Policy, tmp_path: Path) -> None:
    """Each field, its label and its value, whole; the day on one line; what is not proved is said."""
    document = recu_pdf(raw, JOUR, policy=policy, now=NOW)
    read = d_un_trait(document, tmp_path)
    header = raw.decode().split("\n\n")[1]
    assert header.count("\n") > 6
    for line in header.split("\n"):
        label, _, value = line.partition(" : ")
        assert " ".join((value or label).split()) in read, line
    assert "CRPA L.112-11" in read
    assert "27 novembre 2026" in read
    dans_la_page(document, tmp_path)


@needs_zbar
@pytest.mark.parametrize("raw", [ACTE, PROMESSE])
def test_the_code_is_the_signed_promise(raw: bytes, policy: Policy, tmp_path: Path) -> None:
    """What is scanned is the note, which verifies by itself with the key of the policy."""
    assert codes(recu_pdf(raw, JOUR, policy=policy, now=NOW), tmp_path) == [bytes(Receipt.parse(raw).promise)]


@needs_zbar
def test_the_code_of_an_attempt_is_its_promise(tmp_path: Path) -> None:
    """And for the guichet's."""
    assert codes(tentative_pdf(TENTATIVE, JOUR), tmp_path) == [bytes(AttemptReceipt.parse(TENTATIVE).promise)]


@needs_zbar
def test_a_promise_with_too_many_signatures_gives_its_place_to_the_digests(tmp_path: Path) -> None:
    """Beyond what can be read on paper, the code names the guichet, the line and the file."""
    keys = KEYS
    for _ in range(9):
        keys = keys.with_new()
    line = Line("ab" * 16, 1, "2026-11-27T08:30:00.000120Z", b"s" * 32, {"message": "Erreur"}, None)
    raw = bytes(sign(keys, line))
    [scanned] = codes(tentative_pdf(raw, JOUR), tmp_path)
    [(attached, _)] = joints(tentative_pdf(raw, JOUR)).values()
    assert attached == raw
    lines = scanned.decode().split("\n")
    assert lines[:2] == ["constat/1 recu", KEYS.origin]
    assert len(lines) == 5


@pytest.mark.parametrize("raw", [ACTE, PROMESSE], ids=["proved", "promised"])
def test_one_changed_bit_is_refused_even_without_a_policy(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """No byte can be another one: each, in turn with one bit changed, is refused before anything is laid out."""
    monkeypatch.setattr("evidence.recus.composer", lambda *_, **__: pytest.fail("it was laid out"))
    for at in range(0, len(raw), 3):
        changed = raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :]
        with pytest.raises(RecuError, match="rien n'a été écrit"):
            recu_pdf(changed, JOUR)


def test_one_changed_bit_of_an_attempt_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so for an attempt."""
    monkeypatch.setattr("evidence.recus.composer", lambda *_, **__: pytest.fail("it was laid out"))
    for at in range(len(TENTATIVE)):
        changed = TENTATIVE[:at] + bytes([TENTATIVE[at] ^ 1 << at % 8]) + TENTATIVE[at + 1 :]
        with pytest.raises(RecuError):
            tentative_pdf(changed, JOUR)


def test_one_receipt_is_not_taken_for_the_other() -> None:
    """An attempt is no act, an act no attempt, and a text neither."""
    for raw in (TENTATIVE, b"", b"bonjour", b"\xff" * 100):
        with pytest.raises(RecuError, match="forme du fichier"):
            recu_pdf(raw, JOUR)
    with pytest.raises(RecuError, match="forme du fichier"):
        tentative_pdf(ACTE, JOUR)


def test_under_a_policy_somebody_known_must_have_signed() -> None:
    """A policy that does not know the key refuses; without one, the page is made and says that nobody was checked."""
    with pytest.raises(RecuError, match="aucune clé que la politique donne"):
        recu_pdf(ACTE, JOUR, policy=Policy(quorum="none"))
    assert recu_pdf(ACTE, JOUR).startswith(b"%PDF-")


@needs_poppler
def test_who_signed_is_said_not_to_have_been_checked(policy: Policy, tmp_path: Path) -> None:
    """Without a policy it says so; with it, it does not."""
    said = "aucune politique n'a été donnée"
    assert d_un_trait(recu_pdf(ACTE, JOUR), tmp_path).count(said) == 3
    assert said not in d_un_trait(recu_pdf(ACTE, JOUR, policy=policy, now=NOW), tmp_path)


@needs_poppler
def test_what_was_written_is_shown_line_by_line_and_not_obeyed(tmp_path: Path) -> None:
    """Several lines, markup, a word of a thousand letters, signs without a glyph: on the page, within its margins."""
    raw = tentative(
        message='première ligne\n\n#read("/etc/passwd") $x$\n' + "a" * 1000 + "\n证\tfin : tout de même",
        page="https://exemple.fr/" + "x/" * 200,
    )
    document = tentative_pdf(raw, JOUR)
    read = d_un_trait(document, tmp_path)
    assert '#read("/etc/passwd") $x$' in read
    assert "a" * 1000 in read.replace(" ", "")
    assert "[U+8BC1] fin : tout de même" in read
    dans_la_page(document, tmp_path)


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=100))
@settings(max_examples=8)
def test_no_text_stops_it(message: str, page: str) -> None:
    """Whatever a guichet takes, in any script, the page is made."""
    value = {"message": normalize("NFC", message), "page": normalize("NFC", page)}
    assume(not list(problems(value)))
    assert tentative_pdf(tentative(**value), JOUR).startswith(b"%PDF-")


@needs_poppler
def test_the_longest_message_is_whole(tmp_path: Path) -> None:
    """Twelve thousand signs, on as many pages as it takes."""
    raw = tentative(message="\n".join(f"ligne {n} du message affiché" for n in range(400)))
    read = d_un_trait(tentative_pdf(raw, JOUR), tmp_path)
    assert all(f"ligne {n} du message affiché" in read for n in range(400))
