"""The figures: redone by DuckDB alone, agreeing with those drawn from the ledger, and found out when they were changed."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from app.bulk_export import en_json
from bench.dossiers import lines
from evidence.chiffres import Chiffres, Fichiers, chiffres, periode, refaire
from evidence.chiffres_requetes import TOTAL, TOUT
from evidence.masse import Bilan
from evidence.masse_colonnes import APART
from ledger.errors import ConstatError
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line
from ledger.store import Ledger
from projections.imputation.mesures import MESURES
from projections.interruptions import Interruptions
from projections.statistiques import Par, Statistiques, statistiques
from tests.evidence.conftest import AU
from tests.evidence.populations import d_autres, population

Masse = Callable[..., tuple[Path, Bilan]]
DU = date(2024, 12, 1)
GENERALISED = {Par.PREFECTURE, Par.TITRE}
VUE = Interruptions()
DEMO = Path(__file__).parents[2] / "app" / "demo"


def made(folder: Path, minimum: int = 5, du: date = DU, au: date = AU) -> Chiffres:
    """The figures of a folder."""
    with Fichiers(folder) as fichiers:
        return chiffres(fichiers, du, au, minimum)


def of_the_ledger(ledger: Ledger, par: Par, du: date = DU, au: date = AU) -> Statistiques:
    """The same, as ``constat stats`` draws them."""
    with Follower(ledger, VUE) as follower:
        follower.catch_up()
    with ledger.connection() as conn:
        return statistiques(conn, live_schema(VUE), du=du, au=au, par=par, minimum=5)


def compare(ledger: Ledger, found: Chiffres, pars: tuple[Par, ...], du: date = DU, au: date = AU) -> int:
    """Every cell that both show is the same in both, and none that one masks for its size is shown by the other."""
    tables = {each.chiffre: each for each in found.chiffres}
    compared = 0
    for par in pars:
        told = of_the_ledger(ledger, par, du, au)
        for table in told.tableaux:
            if f"{table.mesure}/{par.value}" not in tables:
                assert table.mesure in APART
                continue
            rows = {row[0]: row for row in tables[f"{table.mesure}/{par.value}"].resultat}
            keys = {_key(cell.cle) for cell in table.cellules}
            assert set(rows) - keys <= ({"autre"} if par in GENERALISED else set())
            assert keys <= set(rows) or par in GENERALISED
            for cell in table.cellules:
                if _key(cell.cle) not in rows:
                    continue
                mine = rows[_key(cell.cle)]
                if not cell.masquee and not mine[1]:
                    timed = (cell.faits, cell.mediane, cell.p90) if table.delai else ()
                    assert mine[2:] == (cell.unites, cell.personnes, cell.oui, *timed)
                    compared += 1
        days = {(row[0], row[1]): row for row in tables[f"jours_perdus/{par.value}"].resultat}
        for each in told.jours_perdus:
            shown = {TOTAL: each.total, **(each.jours or {})}
            for answer, number in shown.items():
                mine = days.get((_key(each.cle), answer))
                assert mine is not None or par in GENERALISED
                if mine is not None and number is not None and not mine[2]:
                    assert mine[3] == number
                    compared += 1
    return compared


def _key(cell: str) -> str:
    return TOUT if cell == "ensemble" else cell


@pytest.fixture
def folder(peuple: tuple[Ledger, Path], tmp_path: Path) -> Path:
    """The bulk tables of the population, to be damaged at will."""
    return Path(shutil.copytree(peuple[1], tmp_path / "masse"))


def test_figures_are_those_that_the_ledger_gives(peuple: tuple[Ledger, Path]) -> None:
    """Whole, by préfecture and by month: each figure that both show."""
    ledger, folder = peuple
    assert compare(ledger, made(folder), (Par.ENSEMBLE, Par.PREFECTURE, Par.MOIS)) > 40


def test_by_title_and_by_malfunction_too_where_nothing_was_generalised(ledger: Ledger, masse: Masse) -> None:
    """With one préfecture and common titles and malfunctions only, every way of counting agrees."""
    ledger.append([read_line(line) for line in lines(30 * 80)])
    folder, bilan = masse()
    assert bilan.masques.titres == 0
    assert compare(ledger, made(folder), tuple(Par)) > 40


def test_the_sample_dossiers_agree(ledger: Ledger, masse: Masse) -> None:
    """Few persons: nearly all is masked on both sides, and what is shown is the same."""
    told = [line for path in sorted(DEMO.glob("*.jsonl")) for line in path.read_bytes().splitlines() if line]
    ledger.append([read_line(line) for line in told])
    au = date(2026, 11, 23)
    folder, _ = masse(au=au)
    found = made(folder, du=date(2024, 1, 1), au=au)
    assert compare(ledger, found, (Par.ENSEMBLE, Par.MOIS), date(2024, 1, 1), au) > 5
    assert sum(each.masquees for each in found.chiffres) > 10


def test_duckdb_alone_redoes_every_figure(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published files and the published queries, pasted into DuckDB in that folder: the published results."""
    (folder / "statistiques.json").write_bytes(en_json(made(folder)))
    alone = tmp_path / "ailleurs"
    alone.mkdir()
    for name in ("unites.parquet", "intervalles.parquet", "statistiques.json"):
        shutil.copy(folder / name, alone)
    monkeypatch.chdir(alone)
    published = msgspec.json.decode((alone / "statistiques.json").read_bytes())
    assert len(published["chiffres"]) == 5 * (len(MESURES) - len(APART) + 1) + 2 * len(APART)
    with duckdb.connect() as db:
        for each in published["chiffres"]:
            cursor = db.execute(each["requete"])
            assert [name[0] for name in cursor.description or ()] == each["colonnes"]
            assert [list(row) for row in cursor.fetchall()] == each["resultat"]
            assert each["point"]["taille"] > 0
            assert each["question"]
            assert each["denominateur"]


def test_no_published_cell_is_of_few_persons(folder: Path) -> None:
    """A cell that is shown holds the minimum at least, whatever it counts."""
    for each in made(folder, 10).chiffres:
        people = each.colonnes.index("personnes")
        hidden = each.colonnes.index("masquee")
        assert all((row[people] is None) if row[hidden] else row[people] >= 10 for row in each.resultat)
        assert each.masquees == sum(row[hidden] for row in each.resultat)


def test_what_was_changed_is_found(folder: Path) -> None:
    """Another result, another query, another file, another masking: each is named; the figures themselves agree."""
    found = made(folder)
    with Fichiers(folder) as fichiers:
        published = msgspec.json.decode(en_json(found), type=Chiffres)
        assert list(refaire(fichiers, published)) == []
        first, *rest = published.chiffres
        row = first.resultat[0]
        forged = {
            "la requête donne un autre résultat": {"resultat": ((*row[:2], row[2] + 1, *row[3:]), *first.resultat[1:])},
            "les fichiers ne sont pas ceux": {"entrees": {"unites.parquet": "0" * 64}},
            "ce n'est pas la requête": {"requete": first.requete + " "},
        }
        for told, change in forged.items():
            changed = (msgspec.structs.replace(first, **change), *rest)
            gaps = list(refaire(fichiers, msgspec.structs.replace(published, chiffres=changed)))
            assert any(told in gap and first.chiffre in gap for gap in gaps)
        missing = list(refaire(fichiers, msgspec.structs.replace(published, chiffres=tuple(rest))))
        assert missing == [f"{first.chiffre} : ce n'est pas la requête, ou le masquage, que la règle donne"]


def test_a_published_query_is_never_run(folder: Path, tmp_path: Path) -> None:
    """A query that comes with the folder and would write a file writes none; it is named as not the rule's."""
    found = made(folder)
    target = folder / "ecrit.csv"
    bad = msgspec.structs.replace(found.chiffres[0], requete=f"COPY (SELECT 1) TO '{target}'")
    with Fichiers(folder) as fichiers:
        gaps = list(refaire(fichiers, msgspec.structs.replace(found, chiffres=(bad, *found.chiffres[1:]))))
        with pytest.raises(ConstatError):
            fichiers.lire(f"COPY (SELECT 1) TO '{tmp_path / 'ailleurs.csv'}'")
        with pytest.raises(ConstatError):
            fichiers.lire("SELECT * FROM read_text('/etc/hostname')")
    assert gaps == [f"{bad.chiffre} : ce n'est pas la requête, ou le masquage, que la règle donne"]
    assert not target.exists()
    assert not (tmp_path / "ailleurs.csv").exists()


def test_files_of_the_same_name_elsewhere_are_not_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started where another unites.parquet lies, it reads the folder's own."""
    expected = made(folder)
    for name in ("unites.parquet", "intervalles.parquet"):
        (tmp_path / name).write_bytes(b"autre chose")
    monkeypatch.chdir(tmp_path)
    assert made(folder) == expected


def test_months_give_the_same_figures(ledger: Ledger, masse: Masse) -> None:
    """Files whose days were brought to the month give each figure as the exact ones do."""
    ledger.append(list(population(60)))
    ledger.append(list(d_autres(12)))
    (days, _), (months, _) = masse(), masse(mois=True)
    told, found = made(days), made(months)
    assert [each.resultat for each in told.chiffres] == [each.resultat for each in found.chiffres]


@pytest.mark.parametrize(
    ("du", "au"),
    [
        (date(2025, 1, 2), None),
        (None, date(2025, 3, 30)),
        (date(2025, 4, 1), date(2025, 3, 31)),
        (None, date(2026, 1, 31)),
    ],
)
def test_a_period_that_is_not_whole_months_is_refused(du: date | None, au: date | None) -> None:
    """Neither half a month, nor backwards, nor beyond what the export saw."""
    with pytest.raises(ConstatError, match="période"):
        periode(AU, du, au)


def test_the_period_is_the_twelve_months_before_unless_said(folder: Path) -> None:
    """Up to the day of observation, or the end of a month."""
    assert periode(AU, None, None) == (DU, AU)
    assert periode(AU, None, date(2025, 2, 28)) == (date(2024, 2, 1), date(2025, 2, 28))
    with Fichiers(folder) as fichiers, pytest.raises(ConstatError, match="moins de 5"):
        chiffres(fichiers, DU, AU, 4)


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    """What is missing is named; files of another form are said to be so."""
    with pytest.raises(ConstatError, match=r"il y manque unites\.parquet"):
        Fichiers(tmp_path)
    for name in ("unites.parquet", "intervalles.parquet", "point.note", "rapport.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ConstatError, match="ne se lit pas"):
        Fichiers(tmp_path)


def test_tables_of_another_form_answer_no_query(folder: Path) -> None:
    """A Parquet file that is cut is an error in French, not of DuckDB's."""
    (folder / "unites.parquet").write_bytes(b"PAR1 et rien")
    with pytest.raises(ConstatError, match="ne répond pas"):
        Fichiers(folder)
    shutil.copy(folder / "intervalles.parquet", folder / "unites.parquet")
    with Fichiers(folder) as fichiers, pytest.raises(ConstatError, match="ne répond pas"):
        chiffres(fichiers, DU, AU, 5)
