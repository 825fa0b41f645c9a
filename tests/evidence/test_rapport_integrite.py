"""What the report refuses to be made of, and what it prints so that the proof survives a copy."""

import shutil
import subprocess
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from evidence.inventaire import Inventaire, Piece
from evidence.rapport import donnees, rapport_pdf
from evidence.rapport_integrite import OCTETS, du_registre, qr
from evidence.rapport_modeles import RapportError, Retenue, Scelle, faits_cites
from evidence.rapport_renvois import Renvois
from ledger.entry import Piece as PieceCitee
from ledger.seal.merkle import leaf_hash
from tests.evidence.pdf import verifier_pdf
from tests.evidence.rapports import ORIGINE, du_cas, note, rapport, scellement
from tests.evidence.test_rapport_cas import needs_poppler, texte

JOUR: Final = date(2026, 11, 27)
AILLEURS: Final = UUID(int=7)


def avec_pieces(count: int, **given_: Any) -> Any:
    """A worked case whose first fact cites so many documents, the last one not in the inventory."""
    held = du_cas("C01")
    pieces = tuple(PieceCitee(nom=f"p{n}.pdf", octets=n, sha256=f"{n:064x}") for n in range(count))
    first, *rest = held.entries
    entries = [msgspec.structs.replace(first, fait=first.fait.model_copy(update={"pieces": pieces})), *rest]
    listed = Inventaire().avec(Piece(libelle=f"Pièce {p.nom}", sha256=p.sha256) for p in reversed(pieces[:-1]))
    return rapport(entries, held.preuve.au, inventaire=listed, **given_)


# ---------------------------------------------------------------------- refusals


def test_a_fact_that_is_cited_must_be_there() -> None:
    """A report without a fact that its evidence rests on is refused, whichever fact it is."""
    held = du_cas("C04")
    for cited in faits_cites(held.preuve, held.couverture):
        entries = tuple(each for each in held.entries if each.event_id != cited)
        with pytest.raises(RapportError, match="cite un fait"):
            replace(held, entries=entries, integrite=scellement(entries))


def test_a_finding_cannot_rest_on_what_is_withheld() -> None:
    """The content of a fact that is cited may be masked, not withheld; of one that is not cited, it may."""
    held = du_cas("C04")
    cited = faits_cites(held.preuve, held.couverture)
    for entry in held.entries:
        withheld = Retenue(entry=entry.event_id, part="fait", motif="données d'un tiers")
        masked = Retenue(entry=entry.event_id, part="fait", motif="données d'un tiers", masquee=True)
        assert du_cas("C04", retenues=(masked,)).retenues == (masked,)
        if entry.event_id in cited:
            with pytest.raises(RapportError, match="contenu est retenu"):
                du_cas("C04", retenues=(withheld,))
        else:
            lines = donnees(du_cas("C04", retenues=(withheld,)))["chronologie"]
            assert "Contenu retenu" in [line["titre"] for year in lines for line in year["lignes"]]


@pytest.mark.parametrize(
    "changed",
    [
        lambda held: {"couverture": msgspec.structs.replace(held.couverture, au=date(2024, 1, 1))},
        lambda _: {"retenues": (Retenue(entry=AILLEURS, part="fait", motif="x"),)},
        lambda held: {"retenues": (Retenue(entry=held.entries[0].event_id, part="nom", motif="x"),)},
        lambda held: {
            "integrite": scellement(
                held.entries,
                scelles=(
                    Scelle(entry=AILLEURS, index=1, feuille="0" * 64, pas_avant=None, pas_apres=None, qualifie=False),
                ),
            )
        },
    ],
    ids=["another day", "a part of another fact", "an unknown part", "a leaf of another fact"],
)
def test_what_does_not_go_together_is_refused(changed: Any) -> None:
    """A cover of another day, a part or a leaf of no fact of the report."""
    with pytest.raises(RapportError):
        du_cas("C01", **changed(du_cas("C01")))


# ---------------------------------------------------------------------- pieces


def test_a_piece_is_cited_by_its_number_and_no_other() -> None:
    """Numbers are the inventory's; a document that is not in it is named with why, and has none."""
    held = avec_pieces(4, absentes={f"{3:064x}": "détruite le 3 mars"})
    told = donnees(held)
    [line] = [each for year in told["chronologie"] for each in year["lignes"] if each["n"] == ["1"]]
    assert [each["n"] for each in line["pieces"]] == ["1", "2", "3"]
    assert line["absentes"] == ["p3.pdf\u202f: détruite le 3 mars"]
    assert {each["n"]: each["sha256"] for each in told["integrite"]["pieces"]} == {
        "1": f"{2:064x}", "2": f"{1:064x}", "3": f"{0:064x}",
    }  # fmt: skip
    assert "pièces 1 à 3" in str(told["chaines"]["intervalles"])
    verifier_pdf(rapport_pdf(held, JOUR), "rapport", joints=[], outils=False)


@given(st.sets(st.integers(0, 30), max_size=12), st.sets(st.integers(0, 30), max_size=12))
def test_no_number_is_given_that_the_inventory_lacks(cited: set[int], listed: set[int]) -> None:
    """Whatever is cited and whatever is listed, a number that is printed is that of the very document."""
    held = du_cas("C01")
    pieces = tuple(PieceCitee(nom=f"p{n}", octets=1, sha256=f"{n:064x}") for n in cited)
    entry = msgspec.structs.replace(held.entries[0], fait=held.entries[0].fait.model_copy(update={"pieces": pieces}))
    inventory = Inventaire().avec(Piece(libelle=f"Pièce p{n}", sha256=f"{n:064x}") for n in listed)
    renvois = Renvois(du_cas("C01", inventaire=inventory))
    digests = {line.numero: line.piece.sha256 for line in inventory.lignes}
    assert {digests[n] for n in renvois.numeros_de_pieces(entry)} == {f"{n:064x}" for n in cited & listed}
    assert len(renvois.pieces_absentes(entry)) == len(cited - listed)


# ---------------------------------------------------------------------- the checkpoint


def test_the_code_holds_the_whole_note_while_it_can() -> None:
    """Up to version 25 at level M the code holds the very bytes of the note; beyond, the log's own signature only."""
    for witnesses in range(12):
        proof = scellement([], note=note(witnesses))
        drawn, whole = qr(proof)
        assert whole is (len(proof.note.encode()) <= OCTETS)
        held = proof.note if whole else du_registre(proof)
        code = segno.make(held.encode(), error="m", boost_error=False, micro=False, mode="byte")
        assert int(code.version) <= 25
        assert drawn == code.svg_inline(border=4, omitsize=True)
    assert not whole
    assert held == note(0)
    assert segno.make(b"\x01" * OCTETS, error="m", boost_error=False, micro=False, mode="byte").version == 25


def test_without_room_for_any_code_the_text_stands_alone() -> None:
    """An origin so long that no code holds it: the lines are printed, cut and marked, and the report is made."""
    origin = f"constat.exemple/{'o' * 1_200}"
    held = du_cas("C01", integrite=scellement(du_cas("C01").entries, note=note(0, origine=origin), origine=origin))
    told = donnees(held)["integrite"]
    assert told["qr"] == ""
    assert "".join(line.removesuffix(" ↩") for line in told["note"][:9]) == origin
    verifier_pdf(rapport_pdf(held, JOUR), "rapport", joints=[], outils=False)


@needs_poppler
def test_what_is_not_sure_is_said(tmp_path: Path) -> None:
    """No token, no witness, no census, nothing sealed: each absence is said, and nothing stands for it."""
    bare = scellement([], jetons=(), temoins=(), cles=(), recensement=None, scelles=())
    read = texte(rapport_pdf(du_cas("C01", integrite=bare), JOUR), tmp_path)
    count = len(du_cas("C01").entries)
    for said in (
        "Aucun jeton d'horodatage",
        "Aucun témoin n'a cosigné",
        "rien ne prouve qu'aucun fait n'a été laissé de côté",
        f"{count} faits sans place scellée",
        "révocation des certificats n'a pas été consultée",
    ):
        assert said in read
    assert read.count("pas encore scellé") == count


def test_each_fact_has_its_dates_and_their_quality() -> None:
    """Bounds are instants in UTC; « horodatage non qualifié » stands where a bound is not qualified, and only there."""
    held = du_cas("C04")
    rows = {each["n"]: each for each in donnees(held)["integrite"]["faits"]}
    renvois = Renvois(held)
    for sealed in held.integrite.scelles:
        row = rows[renvois.par_fait[sealed.entry].numero]
        assert (row["index"], row["feuille"]) == (str(sealed.index), sealed.feuille)
        assert ("non qualifié" in row["dates"]) is not sealed.qualifie
        assert ("pas de borne avant" in row["dates"]) is (sealed.pas_avant is None)
    exact = Scelle(
        entry=held.entries[0].event_id, index=0, feuille="a" * 64, pas_avant=None,
        pas_apres=datetime(2026, 10, 24, 23, 30, 5, tzinfo=UTC), qualifie=True,
    )  # fmt: skip
    told = donnees(du_cas("C04", integrite=scellement(held.entries, scelles=(exact,))))["integrite"]["faits"]
    assert told[0]["dates"] == "pas de borne avant\u202f; pas après le 24 octobre 2026 à 23:30:05 UTC"
    near = exact.pas_apres + timedelta(microseconds=1) if exact.pas_apres else None
    bounds = replace(exact, pas_avant=near, pas_apres=near)
    told = donnees(du_cas("C04", integrite=scellement(held.entries, scelles=(bounds,))))["integrite"]["faits"]
    assert told[0]["dates"].startswith("pas avant le 24 octobre 2026 à 23:30:05 UTC")
    assert told[0]["dates"].endswith("pas après le 24 octobre 2026 à 23:30:06 UTC")


def test_the_lines_of_the_note_are_those_that_were_signed() -> None:
    """What is printed, joined again, is the note to the byte, whatever its length."""
    for witnesses in (0, 1, 9):
        told = donnees(du_cas("C01", integrite=scellement([], note=note(witnesses))))["integrite"]["note"]
        assert "\n".join(told) + "\n" == note(witnesses)
    long = f"{ORIGINE}\n1\n{b64encode(bytes(32)).decode()}\n\n— {ORIGINE} {'A' * 3_000}\n"
    told = donnees(du_cas("C01", integrite=scellement([], note=long)))["integrite"]["note"]
    assert "\n".join(told).replace(" ↩\n", "") + "\n" == long


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_printed_command_gives_the_printed_leaf(tmp_path: Path) -> None:
    """A line of the log, put in the third command, gives the leaf hash that the ledger computes."""
    line = '{"at":"2026-11-23T09:00:01Z","pos":1,"v":1}'
    command = donnees(du_cas("C01"))["integrite"]["commandes"][2].replace("LIGNE", line)
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout.decode().split()[0] == leaf_hash(line.encode()).hex()
