"""``constat rules`` as a user meets it: what the law says, without any ledger."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ledger.francais import jour
from rules.catalogue import REGLES, empreinte
from rules.jeux import JEUX
from tests import forked


@pytest.fixture
def constat_rules(tmp_path: Path) -> "Rules":
    """The command, where no server answers and no home may be made."""
    return Rules(tmp_path / "absent")


class Rules:
    """Runs ``constat rules`` with a database that cannot be reached."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        absent = {"DATABASE_URL": "postgresql://127.0.0.1:1/absent", "CONSTAT_HOME": str(self.home), "COLUMNS": "200"}
        done = forked.constat(["rules", *arguments], env={**os.environ, **absent}, timeout=60)
        assert not self.home.exists()
        return done


def test_every_rule_is_listed_with_its_label_and_its_dates(constat_rules: Rules) -> None:
    """Each identifier and title is there; a source says its label in words, its three dates and its reading."""
    done = constat_rules()
    assert done.returncode == 0, done.stderr
    for rule in REGLES:
        assert f"\n{rule.identifiant}\n{rule.titre}\n" in done.stdout
    assert "CESEDA, art. R.431-2 al. 1 : Titres demandés par le téléservice (version de 2021)" in done.stdout
    assert (
        "[S] connu par un résumé de tiers, texte non lu · en vigueur depuis le 5 août 2023 · publiée le 4 août 2023"
        " · connue depuis le 23 novembre 2026 · lecture 1" in done.stdout
    )
    assert "en vigueur depuis le 1er mai 2021, jusqu'au 23 mars 2023 · publication non trouvée" in done.stdout
    assert "[M] de mémoire, non vérifié · début non trouvé · publication non trouvée" in done.stdout
    assert empreinte() in done.stdout


def test_one_rule_is_shown_whole(constat_rules: Rules) -> None:
    """With an identifier: the text above the code, what is not coded included, then the sources of that rule only."""
    done = constat_rules("ce_435594_tentatives")
    assert done.returncode == 0, done.stderr
    for line in ("Plusieurs tentatives espacées", "Convention  [I] On mesure l'écart", "Non codé    Le nombre de"):
        assert f"\n{line}" in done.stdout
    assert "CE, 10 juin 2020, n° 435594 : " in done.stdout
    assert "R.431-5" not in done.stdout
    assert "1 règle, 4 sources" in done.stdout


def test_the_readings_of_a_rule_are_told_with_the_sets_that_follow_them(constat_rules: Rules) -> None:
    """Each reading by its number, since when it is known, and the sets by name; each set with its digest and its day."""
    done = constat_rules("cja_r421_1_delai_franc")
    assert "lecture 1, connue depuis le 23 novembre 2026 : suivie par « premières notes », « recherche »" in done.stdout
    assert "lecture 2, connue depuis le 26 novembre 2026 : suivie par « relecture »" in done.stdout
    for jeu in JEUX:
        assert f"{empreinte(jeu)}\n      {jeu.nom}, adopté le {jour(jeu.adopte_le)} : {jeu.texte}" in done.stdout


def test_a_label_keeps_only_the_sources_so_verified(constat_rules: Rules) -> None:
    """--label M: the sources from memory, and only the rules that have one."""
    done = constat_rules("--label", "M", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    expected = {
        rule.identifiant: [source.reference for source in rule.sources if source.verification.value == "M"]
        for rule in REGLES
    }
    found = {rule["identifiant"]: [source["reference"] for source in rule["sources"]] for rule in told["regles"]}
    assert found == {name: references for name, references in expected.items() if references}
    assert found


def test_json_gives_every_field_of_every_source(constat_rules: Rules) -> None:
    """Stable keys, dates as texts or null, and the digest of the whole set."""
    told = json.loads(constat_rules("--json").stdout)
    assert told["empreinte"] == empreinte()
    assert [rule["identifiant"] for rule in told["regles"]] == [rule.identifiant for rule in REGLES]
    [rule] = [each for each in told["regles"] if each["identifiant"] == "ceseda_r431_5_fenetre"]
    assert set(rule) == {"identifiant", "titre", "sources", "non_code", "texte", "lectures"}
    assert rule["lectures"] == [
        {"numero": 1, "connue_le": "2026-11-23", "jeux": [each["empreinte"] for each in told["jeux"]]}
    ]
    assert [each["empreinte"] for each in told["jeux"]] == [empreinte(jeu) for jeu in JEUX]
    assert rule["sources"][0] == {
        "reference": "CESEDA, art. R.431-5 1°",
        "sens": "texte lu dans une copie",
        "code": "CESEDA",
        "article": "R.431-5 1°",
        "libelle": "Fenêtre de dépôt d'une demande de renouvellement",
        "verification": "F",
        "en_vigueur_depuis": "2021-05-01",
        "en_vigueur_jusqu_au": None,
        "version": "LEGIARTI000043292776",
        "url_ou_copie": "doctrine.fr",
        "publiee_le": None,
        "connue_le": "2026-11-23",
        "lecture": 1,
    }


def test_an_unknown_rule_says_what_to_do(constat_rules: Rules) -> None:
    """One French line that names the identifier and the command that lists them; exit code 1, nothing printed."""
    done = constat_rules("ceseda_r431_6")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("constat : aucune règle « ceseda_r431_6 » : « constat rules » donne tous les identifiants\n")


def test_an_unknown_label_is_wrong_usage(constat_rules: Rules) -> None:
    """A label that does not exist is refused before anything is shown."""
    done = constat_rules("--label", "X")
    assert done.returncode == 2
    assert "F-part" in done.stderr
