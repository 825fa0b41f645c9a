"""Le relevé de blocage dit chaque tentative, leur étalement, ce que demande la substitution et ce qui n'est pas prouvé."""

import json
import re
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from evidence.blocage import blocage_pdf
from evidence.joint import designation
from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.incident import IncidentOuvert, IncidentResolu
from ledger.events.types import CodeIncident, Grade, Source
from ledger.retained import holding
from projections.imputation.blocage import releve
from tests.evidence.lecture import codes, d_un_trait, dans_la_page, joints, needs_poppler, needs_zbar
from tests.evidence.pdf import verifier_pdf
from tests.evidence.vies_releves import cas, entrees
from tests.faits import fait

AU = date(2026, 11, 27)
REGISTRE = "constat.test/essai"


def document(entries: list[Entry], au: date = AU, personne: str = "P-1") -> bytes:
    """Le relevé de ces entrées, vu et daté de ce jour."""
    held = holding(entries, on=au)
    return blocage_pdf(personne, REGISTRE, releve(held, au), held, au)


def tentative(n: int, jour: str, message: str = "Une erreur est survenue.") -> object:
    """Une tentative fictive."""
    return fait(
        id=f"T-{n}", survenu=jour, source=Source.DECLARATION, grade=Grade.D,
        evenement=TentativeDepotEchouee(texte_erreur=message, code_incident=CodeIncident("B02"), incident="I-1"),
    )  # fmt: skip


def trois(*jours: str) -> list[Entry]:
    """Des tentatives ces jours-là, et l'incident de personne qui les a touchées."""
    ouvert = IncidentOuvert(code=CodeIncident("B02"), depuis=Quand.lire("2025-06-01"), dossiers=("D-1",))
    resolu = IncidentResolu(resolu_le=Jours.lire("2025-06-20"))
    return entrees([
        *(tentative(n, jour) for n, jour in enumerate(jours, start=1)),
        fait(id="I-1", personne=None, objet="I-1", survenu="2025-06-01", evenement=ouvert),
        fait(id="I-2", personne=None, objet="I-1", survenu="2025-06-20", evenement=resolu),
    ])  # fmt: skip


def test_le_document_porte_ses_donnees_et_se_refait_a_l_identique() -> None:
    """Les données jointes sont celles du relevé, avec la ligne scellée de chaque fait ; les mêmes octets deux fois."""
    entries = cas("dalia-exemple-c05")
    made = document(entries, personne="dalia-exemple-c05")
    assert made == document(entries, personne="dalia-exemple-c05")
    verifier_pdf(made, "blocage", joints=["releve-blocage-2026-11-27.json"])
    [(name, (content, relation))] = joints(made).items()
    assert (name, relation) == ("releve-blocage-2026-11-27.json", "/Source")
    said = json.loads(content)
    assert (said["personne"], said["registre"]) == ("dalia-exemple-c05", REGISTRE)
    tried = [each["event_id"] for each in said["releve"]["blocages"][0]["empeches"]]
    assert len(tried) == 3
    lines = {each["event_id"]: each["ligne"] for each in said["faits"]}
    assert [lines[each] for each in tried] == [
        entry.position for entry in entries if isinstance(entry.fait.evenement, TentativeDepotEchouee)
    ]


@needs_poppler
def test_les_tentatives_leur_etalement_et_leurs_incidents(tmp_path: Path) -> None:
    """Trois tentatives en dix jours, dont deux pendant l'incident ; dates entières, force, fait et ligne du journal."""
    read = d_un_trait(document(trois("2025-06-16", "2025-06-20", "2025-06-26")), tmp_path)
    assert "3 tentatives, sur 3 jours différents" in read
    assert "du 16 juin 2025 au 26 juin 2025 : 10 jours d'écart" in read
    assert "Repère : 7 jours au moins, atteint (CE, 10 juin 2020, n° 435594 (connu par un résumé de tiers" in read
    for each in ("16 juin 2025", "20 juin 2025", "26 juin 2025", "T-1", "T-3", "ligne 3 du", "D, déclaration"):
        assert each in read
    assert "2 tentatives" in read
    assert "du 1er juin 2025 au 20 juin 2025" in read
    assert "nommé par le fait" in read


@needs_poppler
def test_cinq_jours_sur_deux_semaines_ne_suffisent_pas(tmp_path: Path) -> None:
    """Du vendredi 13 au mercredi 18 septembre 2019 : cinq jours d'écart, repère non atteint (CE n° 435594)."""
    entries = trois("2019-09-13", "2019-09-16", "2019-09-18")
    read = d_un_trait(document(entries), tmp_path)
    assert "du 13 septembre 2019 au 18 septembre 2019 : 5 jours d'écart" in read
    assert "non atteint" in read
    assert "Des tentatives assez espacées" in read
    assert "Aucun texte ne donnait alors d'autre voie de dépôt" in read


@needs_poppler
def test_ce_que_demande_la_substitution_change_avec_le_texte(tmp_path: Path) -> None:
    """Rien avant juin 2022 ; la seule décision de justice ensuite ; puis l'article ; puis le parcours de l'arrêté."""
    asked = {
        "2022-07-01": "CE, Section, 3 juin 2022, n° 452798 (texte lu en partie)",
        "2023-05-02": "[CESEDA, art. R.431-2 al. 3 (texte lu dans une copie)]",
        "2024-05-02": "Arrêté du 1er août 2023, parcours de substitution (connu par un résumé de tiers, texte non lu)",
    }
    for day, said in asked.items():
        read = d_un_trait(document(trois(day)), tmp_path)
        for each, other in asked.items():
            if each != "2023-05-02" or day == "2022-07-01":
                assert (other in read) == (each == day), (day, each)
        assert said in read
    assert "toutes les diligences qui lui incombent" in read


@needs_poppler
def test_ce_qui_manque_et_ce_qui_n_est_pas_prouve_sont_dits(tmp_path: Path) -> None:
    """Chaque manque du relevé, et ses deux « ne prouve pas », mot pour mot ; jamais un mot qui accuse."""
    entries = trois("2024-05-02")
    [found] = releve(holding(entries, on=AU), AU).blocages
    read = d_un_trait(document(entries), tmp_path)
    assert len(found.manque) == 5
    for each in (*found.manque, *found.ne_prouve_pas):
        assert each in read
    assert "faute" not in read.lower()


@needs_poppler
def test_sans_tentative_il_le_dit(tmp_path: Path) -> None:
    """Une vie sans tentative donne un relevé qui le dit, avec ses autres échecs s'il y en a."""
    assert "Aucune tentative de dépôt échouée" in d_un_trait(document(cas("gael-exemple-n01")), tmp_path)


@needs_zbar
def test_le_code_nomme_le_registre_le_jour_et_les_donnees(tmp_path: Path) -> None:
    """Ce qui est lu par zbar est l'empreinte des données jointes."""
    made = document(trois("2024-05-02"))
    [(content, _)] = joints(made).values()
    expected = designation("releve-blocage", REGISTRE, "2026-11-27", sha256(content).hexdigest())
    assert codes(made, tmp_path) == [expected]


@needs_poppler
def test_connu_a_un_instant(tmp_path: Path) -> None:
    """Vu comme le registre le savait à un instant : le document le dit."""
    held = holding(trois("2024-05-02"), on=AU)
    known = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    made = blocage_pdf("P-1", REGISTRE, releve(held, AU), held, AU, connu_le=known)
    assert "27 novembre 2026, tel que le registre le savait le 1er février 2026 à 00:30:00" in d_un_trait(
        made, tmp_path
    )


@needs_poppler
def test_un_message_sans_fin_reste_dans_la_page(tmp_path: Path) -> None:
    """Cent mille signes d'un seul mot : coupés, et le document dit où le reste est ; rien ne déborde."""
    long = entrees([tentative(1, "2024-05-02", "x" * 100_000)])
    made = document(long)
    read = d_un_trait(made, tmp_path)
    assert "coupé ici, sur 100 000 signes : le tout est dans le fichier joint" in read
    assert sum(map(len, re.findall("x{10,}", read))) == 20_000
    dans_la_page(made, tmp_path)
    [(content, _)] = joints(made).values()
    assert b"x" * 100_000 in content
