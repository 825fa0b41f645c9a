"""A bundle: what others' tools read in it, what is closed, that it comes again to the byte, what became of it."""

import json
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import exports
from app.exports import cles_exports, refaire, remis, suite_de
from app.open import Opened
from app.settings import Settings
from evidence import archive
from evidence.archive import Membre
from evidence.contenus import GARDEE
from evidence.journal import PasScelleError, reponse
from evidence.produit import Forme, Produit
from ledger.entry import Piece
from ledger.errors import ConstatError, TamperedError
from ledger.events.acces import ExportProduit
from ledger.kek import DeploymentKeys
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.completeness import check_census
from ledger.seal.note import COSIGNATURE, Note, Verifier
from ledger.seal.policy import Policy
from ledger.seal.proof import consistent, included
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.vie import vie
from tests.evidence.ouverts import AGENT, CONTENTS, WHO, demande, exporter, ouvrir, reglages, samples
from tests.faits import fait, faits

Membres = dict[str, bytes]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A deployment without witnesses or authority of time-stamps."""
    return reglages(tmp_path / "home")


@pytest.fixture
def opened(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """The ledger of the person P-1."""
    return ouvrir(ledger, keys, tmp_path)


def members(path: Path) -> Membres:
    """The files of a bundle, by their names under its root, as Python's own reader finds them."""
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        return {name.partition("/")[2]: found.read(name) for name in found.namelist()}


def lines(there: Membres, name: str) -> list[Any]:
    """The lines of a file of the journal."""
    return [json.loads(line) for line in there[f"data/journal/{name}.jsonl"].splitlines()]


def path(said: dict[str, Any]) -> list[bytes]:
    """The hashes of a proof."""
    return [b64decode(each) for each in said["path"]]


@pytest.fixture
def bundle(settings: Settings, opened: Opened, tmp_path: Path) -> Membres:
    """A bundle of P-1."""
    exporter(settings, opened, tmp_path / "p.zip")
    return members(tmp_path / "p.zip")


def test_the_library_of_congress_takes_the_bag(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """``bagit`` finds it complete and valid."""
    exporter(settings, opened, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        found.extractall(tmp_path / "sac")
    [root] = (tmp_path / "sac").iterdir()
    assert bagit.Bag(str(root)).validate()


def test_every_line_is_proven(settings: Settings, bundle: Membres) -> None:
    """Each line is in the tree of the head, which the log signed; each opened part is the one that its line commits to."""
    policy = Policy.parse(bundle["data/journal/politique.txt"].decode())
    dossier = json.loads(bundle["data/dossier.json"])
    head = Note.parse(bundle[f"data/journal/points/{dossier['point']}.note"])
    assert policy.judge(head).accepted
    point = Checkpoint.parse(head.text)
    raw = bundle["data/journal/feuilles.jsonl"].splitlines()
    for line, said in zip(raw, lines(bundle, "inclusions"), strict=True):
        leaf = sha256(b"\0" + line).digest()
        assert included(leaf=leaf, index=said["index"], size=point.size, path=path(said), root=point.root)
    proof = TlogProof.parse(bundle["data/journal/tete.tlog-proof"])
    assert included(leaf=leaf, index=proof.index, size=point.size, path=proof.path, root=point.root)
    by_place = {(each["stream"], each["pos"]): each for each in lines(bundle, "feuilles")}
    for opened_line in bundle["data/journal/contenus.jsonl"].splitlines():
        said = json.loads(opened_line)
        value = opened_line.split(b'"value":', 1)[1][:-1]
        salted = bytes.fromhex(said["salt"]) + value
        assert by_place[said["stream"], said["pos"]]["c"][said["part"]] == sha256(salted).hexdigest()


def test_nothing_is_missing(bundle: Membres) -> None:
    """The recensement shows each subject's streams to their ends; without its last line, it does not."""
    dossier = json.loads(bundle["data/dossier.json"])
    assert len(dossier["sujets"]) == 2  # her, and the incident that she shares
    raw = bundle["data/journal/feuilles.jsonl"].decode().splitlines()
    census = next(line for line in raw if '"kind":"recensement"' in line)
    counted = [
        {
            "index": each["index"],
            "line": json.dumps({k: each[k] for k in ("leaf", "pos", "stream", "subject")}, separators=(",", ":")),
            "path": each["path"],
        }
        for each in lines(bundle, "recensement")
    ]
    indexes = [each["index"] for each in lines(bundle, "inclusions")]
    for subject in dossier["sujets"]:
        around = _around(counted, subject)
        streams = {each["stream"] for each in dossier["flux"] if each["sujet"] == subject}
        hers = [
            (index, line) for index, line in zip(indexes, raw, strict=True) if json.loads(line)["stream"] in streams
        ]
        assert check_census(subject, census, around, hers) == []
        assert {name for name, _ in check_census(subject, census, around, hers[:-1])} == {"recensement"}


def _around(counted: list[dict[str, Any]], subject: str) -> list[dict[str, Any]]:
    """The lines of one subject, and their neighbours."""
    own = [n for n, each in enumerate(counted) if json.loads(str(each["line"]))["subject"] == subject]
    around = counted[max(own[0] - 1, 0) : own[-1] + 2]
    return [each for each in around if abs(each["index"] - counted[own[0]]["index"]) <= len(own)]


def test_what_names_others_stays_closed(bundle: Membres) -> None:
    """An agent's id and others' dossiers are nowhere in it; each part that is closed is named, with why."""
    text = b"".join(content for name, content in bundle.items() if not name.startswith("verifier."))
    for other in (b"agent-dupont", b"D-autre", b"P-2"):
        assert other not in text
    dossier = json.loads(bundle["data/dossier.json"])
    committed = {
        (each["stream"], each["pos"], part) for each in lines(bundle, "feuilles") if "c" in each for part in each["c"]
    }
    shown = {(each["stream"], each["pos"], each["part"]) for each in lines(bundle, "contenus")}
    told = {(each["stream"], each["pos"], each["part"]) for each in dossier["retenues"]}
    assert (shown | told, shown & told) == (committed, set())
    assert sorted(part for *_, part in told) == ["acteur", "acteur", "acteur", "fait", "fait"]


def test_the_defenseur_reads_all(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """Where third parties may be read, nothing is closed."""
    exporter(settings, opened, tmp_path / "p.zip", demande(tiers=True, profil="defenseur"))
    there = members(tmp_path / "p.zip")
    assert json.loads(there["data/dossier.json"])["retenues"] == []
    assert AGENT.id is not None
    assert AGENT.id.encode() in there["data/journal/contenus.jsonl"]


def test_documents_are_given_as_they_are(bundle: Membres) -> None:
    """Each document once, byte for byte, tied to the facts that cite it; what was never received is said."""
    dossier = json.loads(bundle["data/dossier.json"])
    assert [each["nom"] for each in dossier["pieces"]] == [
        "001 Capture n 1.png", "002 bail ete.pdf", "003 piece.jpg",
    ]  # fmt: skip
    for each, content in zip(dossier["pieces"], CONTENTS.values(), strict=True):
        assert bundle[f"data/pieces/{each['nom']}"] == content
    assert [len(each["faits"]) for each in dossier["pieces"]] == [2, 1, 1]
    assert [(each["nom"], each["motif"]) for each in dossier["absentes"]] == [
        ("jamais venu.pdf", "annoncée, jamais reçue")
    ]


def test_a_fact_that_is_kept_back_is_named(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """Its content and its documents stay closed, its line does not; nobody is told of a fact that there is not."""
    exporter(settings, opened, tmp_path / "p.zip", demande(gardees=frozenset({"A-1"})))
    dossier = json.loads(members(tmp_path / "p.zip")["data/dossier.json"])
    kept = [each["part"] for each in dossier["retenues"] if each["motif"] == GARDEE]
    assert sorted(kept) == ["fait", "pieces"]
    assert [each["nom"] for each in dossier["pieces"]] == ["001 Capture n 1.png", "002 bail ete.pdf"]
    with pytest.raises(ConstatError, match="F-99"):
        exporter(settings, opened, tmp_path / "q.zip", demande(gardees=frozenset({"F-99"})))


def test_what_speaks_against_cannot_be_kept_back(
    settings: Settings, ledger: Ledger, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """A fact of the counter-evidence is refused by its id, and nothing is exported or recorded."""
    samples(ledger, "cas.jsonl")
    opened = ouvrir(ledger, keys, tmp_path)
    asked = demande("lina-exemple-m02", date(2026, 6, 1))
    made, _ = exporter(settings, opened, tmp_path / "p.zip", asked)
    against = {e for lost in made.lu.preuve.attributions for link in lost.contre for e in link.entries}
    ids = [entry.fait.id for entry in made.lu.entries if entry.event_id in against]
    assert ids
    for each in ids:
        with pytest.raises(ConstatError, match="sens contraire"):
            exporter(
                settings,
                opened,
                tmp_path / "q.zip",
                demande("lina-exemple-m02", date(2026, 6, 1), gardees=frozenset({each})),
            )
        with pytest.raises(ConstatError, match="sens contraire"):
            early = demande("lina-exemple-m02", date(2024, 1, 1), gardees=frozenset({each}))
            exporter(settings, opened, tmp_path / "q.zip", early)
    assert not (tmp_path / "q.zip").exists()
    assert len(remis(vie(ledger, "lina-exemple-m02"))) == 1


def test_it_comes_again_to_the_byte(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """After new facts, a new recensement, a new key of exports and a second export: the first one, the same bytes."""
    _, entry = exporter(settings, opened, tmp_path / "p.zip")
    opened.ledger.append(list(faits(9, personnes=3, first=900)))
    cles_exports(settings, opened.ledger.origin).with_new().save(settings.seal_keys.with_name(exports.KEYS))
    exporter(settings, opened, tmp_path / "autre.zip")
    assert isinstance(entry.fait.evenement, ExportProduit)
    refaire(opened, WHO, str(entry.fait.evenement.export), tmp_path / "encore.zip")
    assert (tmp_path / "encore.zip").read_bytes() == (tmp_path / "p.zip").read_bytes()
    assert (tmp_path / "autre.zip").read_bytes() != (tmp_path / "p.zip").read_bytes()
    later = json.loads(members(tmp_path / "autre.zip")["data/dossier.json"])
    assert [each["motif"] for each in later["absentes"]] == [
        "annoncée, jamais reçue",
        "export antérieur, gardé pour être refait",
    ]


def test_a_document_of_hers_named_as_an_export_is_given(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """What is kept of an export is known by the act that keeps it: the name of a document leaves none out."""
    hers = b"%PDF-1.7 " + b"x" * 40
    kept = Piece(nom="export-ANEF.pdf", octets=len(hers), sha256=sha256(hers).hexdigest())
    (tmp_path / kept.sha256).write_bytes(hers)
    opened.ledger.append([fait(id="F-77", pieces=(kept,))])
    with opened.ledger.connection() as conn:
        assert opened.documents.take(opened.ledger.coffre.find(conn, [WHO])[WHO], kept, tmp_path)
    made, _ = exporter(settings, opened, tmp_path / "p.zip")
    assert [each.motif for each in made.lu.pieces if each.piece == kept] == [""]
    exporter(settings, opened, tmp_path / "q.zip")
    assert hers in members(tmp_path / "q.zip").values()


def test_what_is_asked_of_the_future_is_what_is_known_now(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """As known in a century is as known today: a fact recorded meanwhile does not enter what was concluded."""
    late = demande(WHO, date(2026, 11, 27), connu_le=datetime(2126, 1, 1, tzinfo=UTC))
    made, entry = exporter(settings, opened, tmp_path / "p.zip", late)
    assert made.lu.vue.connu_le == max(each.recorded_at for each in made.lu.entries)
    assert isinstance(entry.fait.evenement, ExportProduit)
    opened.ledger.append([fait(id="F-78")])
    told = suite_de(vie(opened.ledger, WHO), entry.fait.evenement)
    assert told is not None
    assert told.refaite
    assert told.depuis == 2  # the act of export, and this fact


def test_a_place_where_nothing_can_be_written_accuses_no_document(tmp_path: Path) -> None:
    """The folder is gone: the system's own error, not that a document is missing or altered."""
    there = Piece(nom="bail", octets=1, sha256="a" * 64)
    made = Produit("p", Forme.ARCHIVE, {}, {"data/bail": there})
    with pytest.raises(OSError, match="proc"):
        made.ecrire(Path("/proc/p.zip"), lambda _: iter([b"x"]))

    def missing(_: Piece) -> Iterator[bytes]:
        raise FileNotFoundError

    with pytest.raises(ConstatError, match="« bail » manque au dépôt"):
        made.ecrire(tmp_path / "p.zip", missing)
    assert list(tmp_path.iterdir()) == []


def test_the_act_stands_before_the_export(
    settings: Settings, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the trace and the file: the ledger says it, nothing is half-written, and it can be made again."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Produit, "ecrire", killed)
        exporter(settings, opened, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()
    [only] = remis(vie(opened.ledger, WHO))
    made = refaire(opened, WHO, str(only.event.export)[:8], tmp_path / "p.zip")
    assert made.empreinte == only.event.sha256
    assert (only.event.reference, only.event.nombre_faits) == ("2609999", 11)
    assert not list(tmp_path.glob(".p.zip*"))


def test_a_later_fact_that_changes_the_conclusion_is_named(
    settings: Settings, ledger: Ledger, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """The conclusion made again is the same; once the late fact is in, the export is told to say otherwise, by which fact."""
    samples(ledger, "cas.jsonl")
    opened = ouvrir(ledger, keys, tmp_path)
    who, day = "amina-exemple-c01", date(2026, 1, 20)
    _, entry = exporter(settings, opened, tmp_path / "p.zip", demande(who, day))
    assert isinstance(entry.fait.evenement, ExportProduit)
    before = suite_de(vie(ledger, who), entry.fait.evenement)
    assert before is not None
    assert (before.refaite, before.change, before.depuis) == (True, None, 1)  # the export itself
    samples(ledger, "tardif.jsonl")
    after = suite_de(vie(ledger, who), entry.fait.evenement)
    assert after is not None
    assert after.refaite
    assert after.change is not None
    assert after.change.fait.id == "C01-090"


def test_nothing_unsealed_is_exported(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """Where the sealer is elsewhere and has not come by yet, the export says to wait, and is not recorded."""
    elsewhere = reglages(tmp_path / "ailleurs", CONSTAT_POLICY=str(tmp_path / "politique"))
    exporter(settings, opened, tmp_path / "p.zip")
    (tmp_path / "politique").write_bytes(members(tmp_path / "p.zip")["data/journal/politique.txt"])
    opened.ledger.append([fait(id="F-10")])
    with pytest.raises(PasScelleError, match="scellés"):
        exporter(elsewhere, opened, tmp_path / "q.zip")
    assert len(remis(vie(opened.ledger, WHO))) == 1


def test_a_bundle_that_its_own_policy_refuses_is_not_made(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """Keys that were changed and not told, or witnesses that did not answer: said before, not by whoever verifies it."""
    exporter(settings, opened, tmp_path / "p.zip")
    policy = members(tmp_path / "p.zip")["data/journal/politique.txt"].decode()
    own, exports = (line for line in policy.splitlines() if line.startswith("log "))
    other = SigningKeys.generate(opened.ledger.origin).verifiers[0].vkey
    witness = Verifier("temoin.exemple/ddd", COSIGNATURE, bytes(range(32))).vkey
    believed = {
        "aucune clé": f"log {other}\n{exports}\nquorum none\n",
        "les témoins": f"{own}\n{exports}\nwitness ddd {witness}\nquorum ddd\n",
    }
    for place, (said, text) in enumerate(believed.items()):
        (tmp_path / "politique").write_text(text, encoding="utf-8")
        with_policy = reglages(settings.home, CONSTAT_POLICY=str(tmp_path / "politique"))
        with pytest.raises(ConstatError, match=said):
            exporter(with_policy, opened, tmp_path / f"{place}.zip")
        assert not (tmp_path / f"{place}.zip").exists()
    assert len(remis(vie(opened.ledger, WHO))) == 1


def test_a_document_that_was_changed_stops_all(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """An export is written whole or not at all: a document changed in the store is told as such, and left out."""
    for stored in (path for path in (tmp_path / "kept").rglob("*") if path.is_file()):
        raw = bytearray(stored.read_bytes())
        raw[-1] ^= 1
        stored.write_bytes(raw)
    made, entry = exporter(settings, opened, tmp_path / "p.zip")
    assert {each.motif[:6] for each in made.lu.pieces if each.fichier is None} == {"annonc", "ne s'o"}
    exporter(settings, opened, tmp_path / "q.zip")
    assert isinstance(entry.fait.evenement, ExportProduit)
    for stored in (path for path in (tmp_path / "kept").rglob("*") if path.is_file()):
        stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(ConstatError):
        refaire(opened, WHO, str(entry.fait.evenement.export), tmp_path / "encore.zip")
    assert not (tmp_path / "encore.zip").exists()


# ------------------------------------------------------------------ the archive and what is kept
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}(/[A-Za-z0-9_-][A-Za-z0-9._ -]{0,20}[a-z]){0,3}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=12))
def test_an_archive_is_read_by_others(content: Membres) -> None:
    """Whatever its members, Python's reader gives back the same names and bytes, in order, all of one date."""
    buffer = BytesIO()
    archive.ecrire(buffer, "racine", [Membre(n, len(content[n]), [content[n]]) for n in sorted(content)])
    with zipfile.ZipFile(buffer) as found:
        assert found.testzip() is None
        assert {n.removeprefix("racine/"): found.read(n) for n in found.namelist()} == content
        assert {info.date_time for info in found.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
    buffer.seek(0)
    assert dict(archive.lire(buffer)) == content


def test_an_archive_holds_what_it_says() -> None:
    """Out of order, of another size, too many or too large: refused."""
    with pytest.raises(ValueError, match="after"):
        archive.ecrire(BytesIO(), "r", [Membre("b", 0, []), Membre("a", 0, [])])
    with pytest.raises(ValueError, match="says 3"):
        archive.ecrire(BytesIO(), "r", [Membre("a", 3, [b"ab"])])
    with pytest.raises(archive.TropGrandError):
        archive.ecrire(BytesIO(), "r", [Membre("a", 1 << 32, [])])
    many = (Membre(f"{n:05}", 0, []) for n in range(archive.MOST_MEMBERS + 1))
    with pytest.raises(archive.TropGrandError):
        archive.ecrire(BytesIO(), "r", many)


def test_what_is_kept_is_given_back_or_refused() -> None:
    """An export that was kept is the same; cut anywhere, or something else, it is not taken for one."""
    piece = Piece(nom="été.pdf", octets=3, sha256=sha256(b"abc").hexdigest())
    made = Produit("preuve-1", Forme.DOSSIER, {"a/été.txt": b"x" * 50, "证.pdf": b"y"}, {"a/é": piece}, (b"\1" * 16,))
    kept = made.garder()
    assert Produit.garde(kept) == made
    directory = kept.index(b"PK\1\2")
    for stop in range(0, directory, 7):
        with pytest.raises(TamperedError):
            Produit.garde(kept[:stop])
    with pytest.raises(TamperedError):
        Produit.garde(b"%PDF-1.7")


@pytest.mark.parametrize("size", [1, 100, 130, 300, 70_000])
def test_a_token_is_answered_in_der(size: int) -> None:
    """The response has the length that it says, in its shortest form (X.690 section 10.1)."""
    der = reponse(b"\x30" * size)
    body = 5 + size
    head = (
        bytes([body]) if body < 128 else bytes([0x80 | (n := (body.bit_length() + 7) // 8)]) + body.to_bytes(n, "big")
    )
    assert der == b"\x30" + head + b"\x30\x03\x02\x01\x00" + b"\x30" * size


def test_points_follow_one_another(settings: Settings, opened: Opened, tmp_path: Path) -> None:
    """Each two neighbouring checkpoints of a bundle are joined by a consistency proof."""
    exporter(settings, opened, tmp_path / "p.zip")
    there = members(tmp_path / "p.zip")
    points = {
        point.size: point.root
        for name, content in there.items()
        if name.endswith(".note") and "points/" in name
        for point in [Checkpoint.parse(Note.parse(content).text)]
    }
    proven = lines(there, "coherences")
    assert len(proven) == len(points) - 1
    for each in proven:
        old, size = each["de"], each["a"]
        assert consistent(old=old, old_root=points[old], size=size, root=points[size], path=path(each))


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """No half-written export stays behind a test."""
    yield
    assert not list(tmp_path.rglob(".*.partiel-*"))
