"""The page of an erasure's receipt: its cost in evidence, when it is final, the digest that the ledger keeps."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from evidence.joint import designation
from evidence.recu_effacement import FEUILLES, effacement_pdf
from replay.effacement import FORMAT, Exception17, Perdu, ReceiptError, Recu
from tests.evidence.lecture import codes, d_un_trait, dans_la_page, joints, needs_poppler, needs_zbar
from tests.evidence.pdf import verifier_pdf

JOUR = date(2026, 11, 27)


def perdu(**given: object) -> Perdu:
    """A finding that loses its proof, invented."""
    said = {
        "du": date(2025, 10, 1), "au": date(2025, 11, 11), "jours": 42, "couche": "preuve",
        "imputation": "ADMINISTRATION", "statut": "etabli", "faits": 2, "feuilles": ("a" * 64, "b" * 64),
    }  # fmt: skip
    return Perdu(**{**said, **given})  # type: ignore[arg-type]  # a struct of the fields above


RECU = Recu(
    format=FORMAT, registre="constat.test/essai", sujet="0f" * 16, reference="DEM-1",
    regle="rgpd_art17_effacement (RGPD, art. 17(1) (non vérifié))", etabli_le="2026-11-26T23:30:00Z",
    cle_deploiement="d603f75beaea3389", empreinte_cle="2f" * 32, faits=1_200, documents=3, constats=(perdu(),),
    pesees=(Exception17(code="creance_non_prescrite", source="RGPD, art. 17(3)(e)"),),
)  # fmt: skip
RAW = RECU.text().encode() + b"\n"


def test_it_carries_the_file_and_is_the_same_twice() -> None:
    """The file as ``constat erase`` wrote it, its end of line included; without it, the same receipt all the same."""
    document = effacement_pdf(RAW, JOUR)
    assert document == effacement_pdf(RAW, JOUR)
    assert list(joints(document).values()) == [(RAW, "/Source")]
    assert list(joints(effacement_pdf(RAW.rstrip(b"\n"), JOUR)).values()) == [(RAW.rstrip(b"\n"), "/Source")]
    verifier_pdf(document, "effacement")


@needs_poppler
def test_it_says_the_cost_and_the_digest_that_the_ledger_keeps(tmp_path: Path) -> None:
    """Facts, documents, findings with their days, leaves, exceptions that were weighed, the digest of the text."""
    document = effacement_pdf(RAW, JOUR)
    read = d_un_trait(document, tmp_path)
    for each in (
        "La clé qui rendait lisibles 1 200 faits est détruite", "effacés du dépôt : 3", "1 constat perd sa preuve",
        "42 jours", "imputables à l'administration, établi", "a" * 64, "b" * 64, "créance non prescrite",
        sha256(RAW.rstrip(b"\n")).hexdigest(), "27 novembre 2026 à 00:30:00, heure de Paris", "1er octobre 2025",
        "Il le sera quand celle-ci aura été remplacée", "Personne n'a signé ce fichier",
    ):  # fmt: skip
        assert each in read, each
    assert "définitif depuis" not in read
    dans_la_page(document, tmp_path)


@needs_poppler
def test_it_says_since_when_it_is_final(tmp_path: Path) -> None:
    """The day in Paris on which the deployment's key was destroyed, when the ledger says so."""
    read = d_un_trait(effacement_pdf(RAW, JOUR, definitif_le=datetime(2026, 12, 31, 23, 5, tzinfo=UTC)), tmp_path)
    assert "L'effacement est définitif depuis le 1er janvier 2027" in read
    assert "n'est pas encore définitif" not in read


@needs_zbar
def test_the_code_names_the_ledger_the_subject_and_the_digest(tmp_path: Path) -> None:
    """What anybody needs to have it compared with the register."""
    expected = designation("effacement", RECU.registre, RECU.sujet, sha256(RAW.rstrip(b"\n")).hexdigest())
    assert codes(effacement_pdf(RAW, JOUR), tmp_path) == [expected]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        RAW.replace(b'"faits"', b' "faits"', 1),
        RAW.replace(FORMAT.encode(), b"autre"),
    ],
)
def test_what_is_no_receipt_is_refused(raw: bytes) -> None:
    """Another file, another form of the same, bytes that are no text."""
    with pytest.raises(ReceiptError):
        effacement_pdf(raw, JOUR)


@needs_poppler
def test_a_hostile_receipt_is_shown_and_bounded(tmp_path: Path) -> None:
    """Nobody signed it: it may say anything, and as many leaves as it likes; the page says where the rest is."""
    lost = tuple(perdu(feuilles=tuple(f"{n:064x}" for n in range(FEUILLES))) for _ in range(2))
    hostile = msgspec.structs.replace(
        RECU, constats=(*lost, perdu(imputation="#panic()", couche="证" * 40)), etabli_le="jamais", reference="x" * 900
    )
    document = effacement_pdf(hostile.text().encode(), JOUR)
    read = d_un_trait(document, tmp_path)
    assert "#panic(), etabli" in read
    assert f"Au-delà de {FEUILLES} feuilles, elles sont dans le fichier joint" in read
    dans_la_page(document, tmp_path)


@needs_poppler
def test_nothing_lost_is_said(tmp_path: Path) -> None:
    """An erasure that costs no finding says so."""
    read = d_un_trait(effacement_pdf(msgspec.structs.replace(RECU, constats=()).text().encode(), JOUR), tmp_path)
    assert "aucun constat ne perd sa preuve" in read
