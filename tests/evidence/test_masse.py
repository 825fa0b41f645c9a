"""The bulk tables: all that one checkpoint holds and nothing else, whose, and what cannot be told from them."""

import csv
import json
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evidence.masse import Bilan, sceller
from evidence.masse_intervalles import par_mois
from evidence.masse_lignes import Pseudonymes
from ledger.coffre import DeploymentKeys
from ledger.errors import ConstatError
from ledger.events.types import Flux
from ledger.interchange import read_line
from ledger.rows import read_sealed
from ledger.seal.sealer import Sealer
from ledger.store import Ledger
from replay.as_of import Moment
from replay.ensemble import preuves
from tests.cles import detruire
from tests.evidence.conftest import AU, CLE
from tests.evidence.populations import d_autres, population
from tests.faits import fait, line

Masse = Callable[..., tuple[Path, Bilan]]
TABLES = ("faits", "intervalles", "unites")


def read(folder: Path, table: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(ledger: Ledger, persons: int) -> None:
    """A population, with what is sensitive of its first persons."""
    ledger.append(list(population(persons)))
    ledger.append(list(d_autres(12)))


def test_all_that_the_checkpoint_holds_and_nothing_else(ledger: Ledger, sealer: Sealer, masse: Masse) -> None:
    """Each fact up to the size, once; what was sealed since, or is not sealed, is not there."""
    fill(ledger, 20)
    note = sealer.seal()
    ledger.append([fait(id="TARD", personne="fictif-1")])
    sealer.seal()
    ledger.append([fait(id="PAS-SCELLE", personne="fictif-2")])
    assert note is not None
    folder, bilan = masse(point=bytes(note))
    with ledger.connection() as conn:
        rows = read_sealed(conn, 0, bilan.taille)
    held = {Pseudonymes(CLE).fait(row.event_id) for row in rows if row.state}
    told = [row["fait"] for row in read(folder, "faits")]
    assert len(told) == len(set(told)) == bilan.comptes.faits
    assert set(told) == held
    counts = bilan.comptes
    assert counts.feuilles == bilan.taille == counts.faits + counts.du_registre + counts.illisibles
    assert (folder / "point.note").read_bytes() == bytes(note)


def test_parquet_and_csv_say_the_same(ledger: Ledger, masse: Masse) -> None:
    """Row by row, each in its type, in one order."""
    fill(ledger, 15)
    folder, _ = masse()
    with duckdb.connect() as db:
        for table in TABLES:
            told = db.execute(f"SELECT * FROM '{folder / table}.parquet'").fetchall()
            shown = [["" if cell is None else str(cell).removesuffix(" 00:00:00") for cell in row] for row in told]
            texts = [
                [cell.capitalize() if cell in {"true", "false"} else cell for cell in row.values()]
                for row in read(folder, table)
            ]
            assert shown == texts
            assert shown


def test_the_same_facts_and_key_give_the_same_bytes(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """Two exports at one checkpoint: every file; under another key, no pseudonym in common and other rows in order."""
    fill(ledger, 15)
    note = bytes(sealer.seal() or b"")
    (one, _), (again, _), (other, _) = masse(point=note), masse(point=note), masse(point=note, cle=b"x" * 32)
    for each in one.iterdir():
        assert each.read_bytes() == (again / each.name).read_bytes()
    names = ("personne", "flux", "fait")
    mine, theirs = ({row[name] for row in read(folder, "faits") for name in names} - {""} for folder in (one, other))
    assert mine
    assert not mine & theirs
    assert len(read(one, "faits")) == len(read(other, "faits"))


def test_nothing_that_names_or_was_written_is_in_any_file(ledger: Ledger, masse: Masse) -> None:
    """No reference, text, digest, name of a service, random id of the ledger, line or instant."""
    fill(ledger, 15)
    told_by = "NOM-DE-FAMILLE"
    raw = json.loads(line(id=told_by, objet=told_by, personne="fictif-1"))
    raw |= {
        "acteur": {"nature": "agent", "id": told_by, "service": told_by, "qualite": told_by},
        "correlation": told_by,
    }
    raw["donnees"] = dict.fromkeys(("texte_erreur", "code_erreur", "etape", "incident"), told_by)
    ledger.append([read_line(json.dumps(raw).encode())])
    folder, _ = masse()
    content = b"".join(each.read_bytes() for each in folder.iterdir() if each.name != "point.note")
    with ledger.connection() as conn:
        rows = read_sealed(conn, 0, 10_000)
    told = {each.hex().encode() for row in rows for each in (row.stream, row.subject, row.event_id)}
    assert not any(each in content for each in told)
    for text in (told_by, "fictif-", "D-1", "technique est survenue", "Où en est ma demande", "Mme Exemple", "E500",
                 sha256(b"fictif-1/1").hexdigest(), "pièce", "T0", "fictive"):  # fmt: skip
        assert text.encode() not in _tables(folder), text


def _tables(folder: Path) -> bytes:
    return b"".join((folder / f"{table}.csv").read_bytes() for table in TABLES)


def test_no_row_tells_a_protection_or_a_birthday(ledger: Ledger, masse: Masse) -> None:
    """Reserved facts keep their place and lose all else; measures of the protected are tied to nobody's other rows."""
    fill(ledger, 12)
    folder, _ = masse()
    reserved = [row for row in read(folder, "faits") if row["type"] == "fait_reserve"]
    assert len(reserved) == 13
    kept = {
        "personne",
        "nature_flux",
        "flux",
        "rang",
        "fait",
        "type",
        "enregistre_le",
        "corrige_par_un_autre",
        "pieces_jointes",
    }
    assert all({name for name, value in row.items() if value} <= kept for row in reserved)
    text = _tables(folder)
    assert b"protection" not in text
    assert b"titre_voyage" not in text
    assert b"B17" not in text
    persons = {row["personne"] for row in read(folder, "faits")}
    apart = [row for row in read(folder, "unites") if row["mesure"] in {"attestation_protege", "carte_protege"}]
    assert apart
    assert not persons & {row["personne"] for row in apart}
    assert all((row["prefecture"], row["titre"], row["codes"], row["le"][-2:]) == ("", "", "", "01") for row in apart)
    others = {row["personne"] for row in read(folder, "unites") if row not in apart}
    assert others <= persons


def test_what_is_nobodys_has_no_person(ledger: Ledger, masse: Masse) -> None:
    """The facts of an incident declared for all are there, with one stream and no person."""
    fill(ledger, 12)
    folder, _ = masse()
    mine = [row for row in read(folder, "faits") if row["nature_flux"] == "incident"]
    assert [row["type"] for row in mine] == ["incident_ouvert", "portee_incident_fixee"]
    assert {row["personne"] for row in mine} == {""}
    assert len({row["flux"] for row in mine}) == 1
    assert mine[0]["code"] == "B08"


@pytest.mark.parametrize("minimum", [5, 10, 25])
def test_no_prefecture_and_title_together_point_at_few(ledger: Ledger, masse: Masse, minimum: int) -> None:
    """Counted anew over all tables: every couple that somebody bears is borne by the minimum at least."""
    fill(ledger, 70)
    folder, bilan = masse(minimum=minimum)
    where: dict[str, set[str]] = {}
    titles: dict[str, set[str]] = {}
    for table in TABLES:
        for row in read(folder, table):
            if row["personne"]:
                where.setdefault(row["personne"], set()).update(
                    row[name] for name in ("prefecture", "de_prefecture", "vers_prefecture") if row.get(name)
                )
                titles.setdefault(row["personne"], set()).update(
                    row[name] for name in ("titre", "titre_demande", "titre_accorde", "type_titre") if row.get(name)
                )
    cells: dict[tuple[str, str], set[str]] = {}
    for who in where.keys() & titles.keys():
        for couple in ((p, t) for p in where[who] for t in titles[who]):
            cells.setdefault(couple, set()).add(who)
    assert min(map(len, cells.values())) >= minimum
    found = bilan.verifiee
    assert (found.cases, found.plus_petite) == (len(cells), min(map(len, cells.values())))
    assert found.personnes == 70
    assert bilan.masques.titres > 0


def test_a_population_that_is_too_small_is_one_cell(ledger: Ledger, masse: Masse) -> None:
    """Three persons: no préfecture or title is told, and the report says how few they are."""
    ledger.append(list(population(3)))
    folder, bilan = masse()
    told = {
        row[name] for row in read(folder, "faits") for name in ("prefecture", "titre_demande", "type_titre", "type")
    }
    assert told <= {"", "autre", "rare"}
    assert bilan.verifiee.plus_petite == 3


def test_whose_key_was_destroyed_is_counted_and_not_told(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """Her facts are leaves that nothing opens; the others are as before."""
    ledger.append(list(population(8)))
    [first, *_] = ledger.append([fait(id="X-1", personne="partie"), fait(id="X-2", personne="partie")])
    note = bytes(sealer.seal() or b"")
    _, before = masse(point=note)
    detruire(ledger, first.subject)
    folder, after = masse(point=note)
    assert (before.comptes.illisibles, after.comptes.illisibles) == (0, 2)
    assert after.comptes.faits == before.comptes.faits - 2
    gone = Pseudonymes(CLE).personne(first.subject.bytes)
    assert gone not in {row["personne"] for row in read(folder, "faits")}


def test_lost_days_are_those_of_the_evidence_of_everybody(
    ledger: Ledger, keys: DeploymentKeys, masse: Masse, sealer: Sealer
) -> None:
    """Put together again from their months, the intervals are those of each person's evidence seen from that day."""
    fill(ledger, 30)
    note = bytes(sealer.seal() or b"")
    folder, _ = masse(point=note)
    with ledger.connection() as conn:
        subjects = {
            key.reference: subject for subject, key in ledger.coffre.of_subjects(conn, _subjects(ledger)).items()
        }
    expected = []
    for _, lines in preuves(ledger, keys, Moment(None, AU), workers=0):
        for each in map(json.loads, lines.splitlines()):
            who = Pseudonymes(CLE).personne(subjects[each["personne"]])
            for lost in each["preuve"]["attributions"]:
                days = par_mois(date.fromisoformat(lost["du"]), date.fromisoformat(lost["au"]))
                answer = [lost[name] for name in ("couche", "nature", "imputation", "statut")]
                expected += [[who, *answer, str(du), str(au)] for du, au in days]
    names = ("personne", "couche", "nature", "imputation", "statut", "du", "au")
    found = [[row[name] for name in names] for row in read(folder, "intervalles")]
    rare = [["" if cell == "rare" else cell for cell in row] for row in found]
    assert sorted(row[:2] + row[3:] for row in rare) == sorted(row[:2] + row[3:] for row in expected)
    assert found
    assert sum(int(row["jours"]) for row in read(folder, "intervalles")) == sum(
        (date.fromisoformat(au) - date.fromisoformat(du)).days + 1 for *_, du, au in expected
    )


def _subjects(ledger: Ledger) -> list[bytes]:
    return ledger.persons(b"", 1_000)


def test_entries_after_the_checkpoint_change_no_interval(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """What was sealed since, an incident of nobody included, moves nothing of what is seen at the checkpoint."""
    ledger.append(list(population(15)))
    note = bytes(sealer.seal() or b"")
    before, _ = masse(point=note)
    ledger.append([*d_autres(12), fait(id="Z", personne="fictif-3", survenu="2025-01-02")])
    assert ledger.shared(Flux.INCIDENT)
    sealer.seal()
    after, _ = masse(point=note)
    for each in before.iterdir():
        assert each.read_bytes() == (after / each.name).read_bytes()


def test_months_keep_the_numbers_of_days(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """Every day is the first of its month, and delays and lost days are the same as by days."""
    fill(ledger, 20)
    note = bytes(sealer.seal() or b"")
    (days, _), (months, bilan) = masse(point=note), masse(point=note, mois=True)
    assert bilan.dates == "mois"
    for table, number in (("intervalles", "jours"), ("unites", "delai")):
        by_day, by_month = (sorted(row[number] for row in read(folder, table)) for folder in (days, months))
        assert by_day == by_month
    dated = [name for name in read(months, "faits")[0] if name.endswith(("_pas_avant", "_pas_apres", "enregistre_le"))]
    told = {row[name][-2:] for row in read(months, "faits") for name in dated if row[name]}
    assert told == {"01"}


def test_workers_give_the_same_bytes(
    ledger: Ledger, masse: Masse, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn by other processes or by this one alone: every file."""
    fill(ledger, 15)
    note = bytes(sealer.seal() or b"")
    alone, _ = masse(point=note)
    monkeypatch.setattr("evidence.masse.SEUL", 0)
    shared, _ = masse(point=note)
    for each in alone.iterdir():
        assert each.read_bytes() == (shared / each.name).read_bytes()


def test_an_empty_checkpoint_gives_empty_tables(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """Leaves of the log alone: no fact, and tables that have their columns."""
    sealer.say("essai", {"n": 1})
    folder, bilan = masse()
    assert (bilan.comptes.faits, bilan.comptes.du_registre, bilan.verifiee.plus_petite) == (0, 1, None)
    assert all(read(folder, table) == [] for table in TABLES)
    with duckdb.connect() as db:
        assert db.execute(f"SELECT count(*) FROM '{folder}/faits.parquet'").fetchall() == [(0,)]


def test_a_checkpoint_beyond_the_ledger_is_refused(ledger: Ledger, masse: Masse, sealer: Sealer) -> None:
    """A note of more leaves than there are: nothing is claimed that is not held."""
    ledger.append([fait()])
    note = sealer.seal()
    assert note is not None
    beyond = bytes(note).replace(b"\n1\n", b"\n9\n", 1)
    with pytest.raises(ConstatError, match="compte 9 feuilles"):
        masse(point=beyond)


def test_the_list_of_digests_names_every_file(ledger: Ledger, masse: Masse) -> None:
    """Each file once, with its digest, by name; the private work has left nothing."""
    ledger.append(list(population(6)))
    folder, _ = masse()
    digest = sceller(folder)
    content = (folder / "manifest-sha256.txt").read_bytes()
    assert sha256(content).hexdigest() == digest
    lines: list[Any] = [each.split("  ") for each in content.decode().splitlines()]
    assert {name for _, name in lines} == {each.name for each in folder.iterdir()} - {"manifest-sha256.txt"}
    assert all(sha256((folder / name).read_bytes()).hexdigest() == told for told, name in lines)
    assert not any(each.is_dir() for each in folder.iterdir())
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.iterdir())
