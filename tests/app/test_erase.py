"""Erasure: all that can be read is gone, what is proven stays, and what it cost is told."""

import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from obstore.store import LocalStore

from app.affichage_cles import en_francais
from app.erase import Request, erase, preview
from app.open import Opened
from bench.dossiers import lines
from commands.attempts import drain
from commands.base import Refused
from commands.claims import ClaimError, claim, release
from commands.record import record
from ledger import coffre as coffre_module
from ledger import erasure
from ledger.coffre import Id, nobody
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Acteur
from ledger.erasure import register
from ledger.errors import ConstatError
from ledger.events import acces
from ledger.events.correction import FaitRetire
from ledger.events.listes import DroitPersonne
from ledger.events.types import Flux, NatureActeur
from ledger.follower import Follower
from ledger.interchange import read_line, write_line
from ledger.kek import DeploymentKeys
from ledger.rotation import retire, rotate
from ledger.seal.attempt import Line
from ledger.store import Ledger
from projections.imputation.modeles import Imputation
from projections.toutes import PROJECTIONS
from replay.effacement import ReceiptError, lire
from replay.rebuild import rebuild
from replay.verify import verify
from tests.app import effacements
from tests.app.effacements import BY_RULE, NOW, WHO, fill, finished, follow, in_views, stored, subject_of
from tests.faits import fait

lives, opened = effacements.lives, effacements.opened


def test_all_that_can_be_read_is_gone(opened: Opened, tmp_path: Path) -> None:
    """The key, her documents and her rows in every table are gone at once; her lines stay, and the ledger is intact."""
    ledger = opened.ledger
    subject, facts = subject_of(ledger), len(ledger.life(WHO))
    with ledger.connection() as conn:
        kept = conn.execute("SELECT line, leaf_hash FROM ledger.entry WHERE subject = %s", (subject,)).fetchall()
    assert in_views(ledger, subject) > 10
    assert stored(tmp_path) == 6
    done = finished(opened)
    assert (done.documents, done.resumed, done.receipt.faits) == (3, False, facts + 1)
    assert ledger.life(WHO) == ()
    assert in_views(ledger, subject) == 0
    assert stored(tmp_path) == 3
    with ledger.connection() as conn:
        rows = conn.execute("SELECT line, leaf_hash FROM ledger.entry WHERE subject = %s", (subject,)).fetchall()
        assert set(kept) < set(rows)
        assert len(rows) == facts + 1
    with ledger.database.as_owner() as conn:
        left = "SELECT (SELECT count(*) FROM ledger.person_key WHERE subject = %s), (SELECT count(*) FROM work.erasure)"
        assert conn.execute(left, (subject,)).fetchone() == (0, 0)
    assert len(ledger.life("fictif-4")) > 3
    report = verify(ledger)
    assert report.intact
    assert report.unreadable == facts + 1


def test_an_attempt_that_she_claimed_goes_with_her(opened: Opened, tmp_path: Path) -> None:
    """What she deposited at the guichet without her name, then claimed, is read no more; what she gave back stays."""
    ledger, documents = opened.ledger, opened.documents
    hers, other, taken = (
        Line("ab" * 16, n, "2026-01-05T08:30:00.000120Z", bytes([n]) * 32, {"message": "E-503"}, before)
        for n, before in ((1, None), (2, "0" * 64), (3, "0" * 64))
    )
    drain(ledger, documents, [hers, other, taken])
    she = Acteur(nature=NatureActeur.USAGER, id=WHO)
    claim(ledger, documents, hers.id, WHO, "D-1", she, shown=hers)
    claim(ledger, documents, taken.id, WHO, "D-1", she, shown=taken)
    release(ledger, taken.id, "ce n'était pas la mienne", she, datetime(2026, 1, 6, tzinfo=UTC))
    before, kept = len(ledger.life(WHO)), stored(tmp_path)
    done = finished(opened)
    assert done.receipt.faits == before + 2
    assert ledger.life(nobody(Flux.DOSSIER, hers.id)) == ()
    assert [len(ledger.life(nobody(Flux.DOSSIER, each.id))) for each in (other, taken)] == [1, 1]
    assert stored(tmp_path) == kept - done.documents
    assert [each.entries for each in register(ledger)] == [before + 1, 1]
    with pytest.raises(ClaimError, match="aucune tentative"):
        claim(ledger, documents, hers.id, "autre", "D-1", Acteur(nature=NatureActeur.USAGER), shown=hers)


def test_projections_stay_without_her(opened: Opened) -> None:
    """Followers go on, and a rebuild of every projection finds the same rows: none of hers comes back."""
    subject = subject_of(opened.ledger)
    opened.ledger.append([fait(id="apres", personne=WHO), fait(id="apres", personne="fictif-4")])
    finished(opened)
    follow(opened.ledger)
    assert in_views(opened.ledger, subject) == 0
    for view in PROJECTIONS.values():
        differences = {each.table: each for each in rebuild(opened.ledger, view).differences}
        assert differences.keys() <= {"set_aside"}, differences
    assert in_views(opened.ledger, subject) == 0


def test_other_processes_close_her_key(opened: Opened, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that had her key open reads nothing of hers: at once where it reads many, soon where it reads one."""
    monkeypatch.setattr(coffre_module, "LEASE_SECONDS", 0.3)
    with Ledger(opened.ledger.database, keys) as other:
        assert other.life(WHO)
        subject = Id(subject_of(other).bytes)
        finished(opened)
        assert other.lives([subject]) == {}
        time.sleep(0.35)
        assert other.life(WHO) == ()


def test_a_follower_that_had_her_key_adds_nothing(opened: Opened, keys: DeploymentKeys) -> None:
    """A follower in another process, her key open and facts of hers unread, writes no row of hers after the erasure."""
    view = PROJECTIONS["etat"]
    with Ledger(opened.ledger.database, keys) as other, Follower(other, view) as follower:
        other.life(WHO)
        opened.ledger.append(
            [read_line(line).model_copy(update={"id": f"bis-{n}"}) for n, line in enumerate(lines(240))]
        )
        subject = subject_of(opened.ledger)
        finished(opened)
        assert follower.catch_up() > 200
    assert in_views(opened.ledger, subject) == 0


def test_she_may_come_back(opened: Opened) -> None:
    """Facts of the same reference that come later are another life: a new key, a new subject, nothing of before."""
    subject = subject_of(opened.ledger)
    finished(opened)
    [entry] = opened.ledger.append([fait(id="PJ-0", personne=WHO)])
    assert entry.subject != subject
    assert len(opened.ledger.life(WHO)) == 1
    assert [each.subject.hex() for each in register(opened.ledger)] == [subject.hex]


# ---------------------------------------------------------------------- the receipt


def test_the_receipt_names_nobody(opened: Opened) -> None:
    """The receipt holds the reference that was given, days, counts and hashes: no text, no name, not the person's reference."""
    record(opened.ledger, write_line(fait(id="D-1", personne=WHO, objet=None, evenement=DEMANDE)))
    lost = preview(opened, BY_RULE, NOW)[0].constats
    done = finished(opened, BY_RULE._replace(reference="R-77"))
    assert done.receipt.constats == lost
    assert done.receipt.reference == "R-77"
    for text in (done.text, en_francais(done.receipt, None)):
        assert "R-77" in text
        for secret in (WHO, "Secrète", "conservation, Mme", "D-fictif", "piece-0"):
            assert secret not in text
    assert lire(done.text) == done.receipt
    with opened.ledger.connection() as conn:
        leaves = {bytes(row[0]).hex() for row in conn.execute("SELECT leaf_hash FROM ledger.entry")}
    cited = {leaf for each in done.receipt.constats for leaf in each.feuilles}
    assert cited <= leaves
    assert all(each.faits == len(each.feuilles) for each in done.receipt.constats)


DEMANDE = acces.DemandeDroitsRecue(
    demande="R-77", droit=DroitPersonne.EFFACEMENT, recue_le=acces.Jours.lire("2026-11-01")
)


def test_lost_days_and_their_proof_are_told(opened: Opened) -> None:
    """Each attribution of lost days is in the receipt with its days, its answer and the leaves of the facts that bore it."""
    who = next(
        person
        for person in (f"fictif-{n}" for n in range(8))
        if preview(opened, BY_RULE._replace(person=person), NOW)[0].constats
    )
    receipt = finished(opened, BY_RULE._replace(person=who)).receipt
    assert all(each.jours == (each.au - each.du).days + 1 for each in receipt.constats)
    assert any(each.feuilles for each in receipt.constats)
    told = en_francais(receipt, None)
    assert "perdent leur preuve" in told
    assert not any(code in told for code in (*Imputation, "couche preuve", "a_etablir"))


def test_the_ledger_keeps_the_receipt_s_digest(opened: Opened) -> None:
    """The register says when, which KEK, which key, how many entries and the digest of the receipt, and names nobody."""
    subject, facts = subject_of(opened.ledger), len(opened.ledger.life(WHO))
    done = finished(opened)
    [row] = register(opened.ledger)
    assert (row.subject, row.entries, row.kek_id) == (subject.bytes, facts + 1, opened.keys.current)
    assert row.receipt == sha256(done.text.encode()).digest()
    assert row.key_digest.hex() == done.receipt.empreinte_cle
    assert row.final_at is None


@pytest.mark.parametrize("change", [" ", "x", '{"format"', None])
def test_a_receipt_that_was_changed_is_none(opened: Opened, change: str | None) -> None:
    """A receipt in any other form than its one form is refused."""
    text = preview(opened, BY_RULE, NOW)[0].text()
    broken = text.replace('"faits"', ' "faits"') if change is None else change + text
    with pytest.raises(ReceiptError):
        lire(broken)


def test_nothing_is_left_in_the_files_of_the_views(database: Database, tmp_path: Path) -> None:
    """Once the erasure is final no file of a view holds a word of her, where deleted rows had stayed until then."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    with Ledger(database, DeploymentKeys.load(path)) as ledger:
        opened = fill(ledger, DeploymentKeys.load(path), tmp_path)
        ledger.append([fait(id="F-unique", personne=WHO, objet="D-unique")])
        follow(ledger)
        assert words_in_files(database, b"D-unique") > 1
        finished(opened)
        old = opened.keys.current
        rotated = rotate(database, opened.keys).keys
        assert erasure.finish(ledger, rotated.current) == 0
        retire(database, rotated, old)
        assert words_in_files(database, b"D-unique") > 1
        assert erasure.finish(ledger, old) > 5
        assert words_in_files(database, b"D-unique") == 0
        assert in_views(ledger, subject_of(ledger, "fictif-4")) > 10


def words_in_files(database: Database, word: bytes) -> int:
    """In how many of the views' files a word stands, dead rows and compressed values included or not."""
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        conn.execute("CHECKPOINT")
        files = conn.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class AS c JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'i', 't') AND n.nspname LIKE 'vue%'",
            binary=True,
        ).fetchall()
    return sum(word in bytes(content) for (content,) in files)


def test_final_once_the_old_key_is_gone(database: Database, tmp_path: Path) -> None:
    """Backups keep key rows: the erasure is final on the day when the KEK that wrapped the key is destroyed, not before."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    keys = DeploymentKeys.load(path)
    (tmp_path / "documents").mkdir()
    with Ledger(database, keys) as ledger:
        opened = Opened(ledger, keys, DocumentStore(LocalStore(tmp_path / "documents")))
        ledger.append([fait(personne=WHO), fait(personne="autre")])
        receipt = finished(opened).receipt
        assert "pas encore définitif" in en_francais(receipt, None)
        rotate(database, keys)
        assert register(ledger)[0].final_at is None
        retire(database, DeploymentKeys.load(path), keys.current)
        final = register(ledger)[0].final_at
        assert final is not None
        assert "Effacement définitif le " in en_francais(receipt, final)
        assert len(ledger.life("autre")) == 1


# ---------------------------------------------------------------------- what is refused


def test_before_its_term_it_takes_a_request_or_a_rule(opened: Opened) -> None:
    """Without a request of hers nor a rule that applies, the erasure is refused before the term, with all reasons."""
    for request, codes in (
        (Request(WHO, "x"), {"conservation_non_echue"}),
        (Request(WHO, "x", reference="R-0"), {"demande_inconnue", "conservation_non_echue"}),
        (Request(WHO, "x", rule="autre"), {"regle_sans_effacement", "conservation_non_echue"}),
    ):
        with pytest.raises(Refused) as refused:
            erase(opened, request, NOW)
        assert {motif.code for motif in refused.value.motifs} == codes
    assert opened.ledger.life(WHO)


@pytest.mark.parametrize("reference", ["R-77", "D-1"])
def test_her_own_request_is_enough(opened: Opened, reference: str) -> None:
    """A request for erasure that she made, named by its reference or its fact, applies; one that was refused does not."""
    record(opened.ledger, write_line(fait(id="D-1", personne=WHO, objet=None, evenement=DEMANDE)))
    request = Request(WHO, "à sa demande", reference=reference)
    weighed = preview(opened, request, NOW)[1]
    assert "archivage" in {each.code for each in weighed}
    no = acces.DemandeDroitsRepondue(demande=reference, repondue_le=DEMANDE.recue_le, accordee=False)
    record(opened.ledger, write_line(fait(id="D-2", personne=WHO, objet=None, evenement=no, survenu="2026-11-20")))
    with pytest.raises(Refused, match="non refusée"):
        erase(opened, request, NOW)
    record(
        opened.ledger,
        write_line(
            fait(
                id="D-3",
                personne=WHO,
                objet=None,
                evenement=FaitRetire(motif="erreur"),
                flux_choisi=Flux.ACCES,
                corrige="D-2",
            )
        ),
    )
    assert finished(opened, request).receipt.reference == reference


@pytest.mark.parametrize(
    "request_",
    [
        Request(WHO, "x" * 100_001),
        Request(WHO, " ", rule="rgpd_art17_effacement"),
        Request(WHO, "x", rule=""),
        Request(WHO, "x", reference="r" * 201),
    ],
)
def test_what_is_asked_is_bounded(opened: Opened, request_: Request) -> None:
    """A reason, a rule or a reference that no fact could hold is refused by its option."""
    with pytest.raises(ConstatError, match=r"--re|--rule"):
        erase(opened, request_, NOW)
    assert opened.ledger.life(WHO)


def test_nobody_by_that_name(opened: Opened) -> None:
    """An unknown person is said to be unknown, before and after an erasure."""
    for _ in range(2):
        with pytest.raises(ConstatError, match="aucune entrée"):
            erase(opened, BY_RULE._replace(person="inconnue"), NOW)
    finished(opened)
    with pytest.raises(ConstatError, match="aucune entrée"):
        erase(opened, BY_RULE, NOW)
