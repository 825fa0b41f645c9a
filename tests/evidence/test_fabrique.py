"""The workshop that makes bundles for the verifiers' tests, held against what is not of this house or not of this part."""

import io
import json
import zipfile
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import bagit
import pytest

from ledger.seal import timestamp
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.completeness import check_census, leaf_of
from ledger.seal.note import Note
from ledger.seal.policy import Policy
from ledger.seal.proof import consistent, included
from ledger.seal.timestamp import Trust
from tests.evidence.attaques.fabrique import TAILLES
from tests.evidence.attaques.jetons import jeton_de
from tests.evidence.attaques.monde import Monde, canonique
from tests.evidence.attaques.paquet import JOURNAL, Paquet

MESURE = {"petit", "un", "cinq-cents", "million"}


@pytest.fixture(scope="module", params=sorted(MESURE))
def paquet(request: pytest.FixtureRequest) -> Paquet:
    """A valid bundle of each size, its manifest stamped."""
    return Paquet.de(Monde(TAILLES[request.param])).horodater()


def test_bagit_and_zipfile_accept_it(paquet: Paquet, tmp_path: Path) -> None:
    """The Library of Congress's own program validates the bag that Python's own zipfile unpacked."""
    with zipfile.ZipFile(io.BytesIO(paquet.octets())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist(), key=str.encode)
        archive.extractall(tmp_path)
    assert bagit.Bag(str(tmp_path / paquet.racine)).validate()


def test_the_ledger_accepts_every_proof(paquet: Paquet) -> None:
    """Lines, checkpoints and the proof of the last line hold by the ledger's own checks."""
    points = {size: Checkpoint.parse(Note.parse(note).text) for size, note in paquet.monde.notes.items()}
    head = points[paquet.tete]
    lines = paquet.lignes("feuilles.jsonl")
    proofs = [json.loads(line) for line in paquet.lignes("inclusions.jsonl")]
    assert len(lines) == len(proofs) > 0
    for line, proof in zip(lines, proofs, strict=True):
        path = [b64decode(each) for each in proof["path"]]
        assert included(leaf=leaf_of(line.decode()), index=proof["index"], size=head.size, path=path, root=head.root)
    for line in paquet.lignes("coherences.jsonl"):
        said = json.loads(line)
        old, new = points[said["de"]], points[said["a"]]
        path = [b64decode(each) for each in said["path"]]
        assert consistent(old=old.size, old_root=old.root, size=new.size, root=new.root, path=path)
    last = TlogProof.parse(paquet.membres[JOURNAL + "tete.tlog-proof"])
    assert last.checkpoint == head
    assert bytes(last) == paquet.membres[JOURNAL + "tete.tlog-proof"]
    assert last.index == proofs[-1]["index"]


def test_the_ledger_accepts_every_note_and_token(paquet: Paquet) -> None:
    """Every checkpoint reaches the policy's quorum, every token leads to the root, and the log names the old ones."""
    policy = Policy.parse(paquet.membres[JOURNAL + "politique.txt"].decode())
    trust = Trust(roots=[paquet.monde.autorite.racine.certificate])
    for size, note in paquet.monde.notes.items():
        judged = policy.judge(Note.parse(note))
        assert judged.accepted, size
    said = {json.loads(line).get("sha256") for line in paquet.lignes("feuilles.jsonl")}
    for size, (answer, instant) in paquet.monde.horodatages.items():
        token = jeton_de(answer)
        stamp = timestamp.verify(token, sha256(paquet.monde.notes[size]).digest(), trust)
        assert stamp.time == instant
        assert size == paquet.tete or sha256(token).hexdigest() in said
    note = paquet.membres["manifeste.note"]
    assert timestamp.verify(jeton_de(paquet.membres["manifeste.tsr"]), sha256(note).digest(), trust)
    assert Note.parse(note).verified([each for each in policy.logs if each.name.endswith("/exports")])


def test_the_ledger_accepts_the_recensement(paquet: Paquet) -> None:
    """For each subject, its streams, their ends and their neighbours are what the ledger's own check asks for."""
    monde = paquet.monde
    lines = [line.decode() for line in paquet.lignes("feuilles.jsonl")]
    [leaf] = [line for line in lines if '"kind":"recensement"' in line]
    given = [json.loads(line) for line in paquet.lignes("recensement.jsonl")]
    indexes = [json.loads(line)["index"] for line in paquet.lignes("inclusions.jsonl")]
    for sujet in monde.sujets:
        before = [each for each in given if each["subject"] < sujet][-1:]
        after = [each for each in given if each["subject"] > sujet][:1]
        near = before + [each for each in given if each["subject"] == sujet] + after
        counted = [
            {"index": each.pop("index"), "path": each.pop("path"), "line": canonique(each).decode()}
            for each in map(dict, near)
        ]
        own = [
            (index, line)
            for index, line in zip(indexes, lines, strict=True)
            if monde.registre.sujets[json.loads(line)["stream"]] == sujet
        ]
        assert check_census(sujet, leaf, counted, own) == []


def test_every_part_is_what_its_line_commits_to(paquet: Paquet) -> None:
    """An opened part's salt and value, as they are written, hash to the commitment; so do the cited documents."""
    committed = {
        (said["stream"], said["pos"]): said["c"]
        for said in map(json.loads, paquet.lignes("feuilles.jsonl"))
        if "c" in said
    }
    opened = paquet.lignes("contenus.jsonl")
    for line in opened:
        said = json.loads(line)
        value = line.partition(b',"value":')[2][:-1]
        assert (
            sha256(bytes.fromhex(said["salt"]) + value).hexdigest()
            == committed[said["stream"], said["pos"]][said["part"]]
        )
    assert len(opened) + len(paquet.dossier["retenues"]) == sum(map(len, committed.values()))
    for piece in paquet.dossier["pieces"]:
        octets = paquet.membres[f"data/pieces/{piece['nom']}"]
        assert (len(octets), sha256(octets).hexdigest()) == (piece["octets"], piece["sha256"])
