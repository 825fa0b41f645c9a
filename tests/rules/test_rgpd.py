"""RGPD : ce qui s'oppose à un effacement, ce qu'il faut peser avant, et ce que dit la copie remise à la personne."""

from datetime import date

import pytest

from rules import rgpd_art15_copie as copie
from rules import rgpd_art17_effacement as effacement

MAJ = date(2020, 6, 15)


def codes(raisons: object) -> list[str]:
    """The codes of the reasons given."""
    return [code for code, _, _ in raisons]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("au", "demandee", "regle", "attendu"),
    [
        (date(2025, 6, 14), False, None, ["conservation_non_echue"]), (date(2025, 6, 15), False, None, []),
        (date(2021, 1, 1), True, None, []), (date(2021, 1, 1), False, effacement.IDENTIFIANT, []),
        (date(2021, 1, 1), False, effacement.CONSERVATION, ["conservation_non_echue"]),
        (date(2026, 1, 1), False, effacement.CONSERVATION, []),
        (date(2021, 1, 1), False, "cja_r421_1_delai_franc", ["regle_sans_effacement", "conservation_non_echue"]),
        (date(2026, 1, 1), True, "inconnue", ["regle_sans_effacement"]),
    ],
)  # fmt: skip
def test_avant_terme_il_faut_une_demande_ou_une_regle(
    au: date, demandee: bool, regle: str | None, attendu: list[str]
) -> None:
    """Cinq ans sans mise à jour, de quantième à quantième ; avant, la demande de la personne ou la règle nommée, et elle seule."""
    assert codes(effacement.refus(MAJ, au, demandee=demandee, regle=regle)) == attendu


@pytest.mark.parametrize(
    ("en_cours", "recours", "perdu", "attendu"),
    [
        (0, False, None, ["archivage"]), (2, False, None, ["instruction_en_cours", "archivage"]),
        (0, True, None, ["archivage", "recours_en_cours"]), (0, False, date(2021, 3, 1), ["archivage", "creance_non_prescrite"]),
        (0, False, date(2020, 12, 31), ["archivage"]),
        (1, True, date(2025, 1, 1), ["instruction_en_cours", "archivage", "recours_en_cours", "creance_non_prescrite"]),
    ],
)  # fmt: skip
def test_les_exceptions_se_pesent(en_cours: int, recours: bool, perdu: date | None, attendu: list[str]) -> None:
    """Chaque exception de l'article 17(3) que les faits appellent est dite ; l'archivage toujours, il n'est pas au registre."""
    au = date(2025, 12, 31)
    assert codes(effacement.a_peser(au, en_cours=en_cours, recours=recours, dernier_jour_perdu=perdu)) == attendu


def test_rien_n_est_donne_pour_verifie() -> None:
    """Chaque raison, chaque mention cite un texte qui dit lui-même qu'il n'a pas été vérifié."""
    raisons = [
        *effacement.refus(MAJ, date(2021, 1, 1), demandee=False, regle="x"),
        *effacement.a_peser(date(2025, 1, 1), en_cours=1, recours=True, dernier_jour_perdu=date(2025, 1, 1)),
        effacement.sans_demande("R-1"),
    ]
    assert len(raisons) == 7
    assert all(source.a_verifier and texte.endswith(".") for _, source, texte in raisons)
    mentions = [*copie.droit(), *copie.finalites(), *copie.durees(), *copie.droits()]
    assert all(source.a_verifier for _, sources in mentions for source in sources)
    assert {source for _, sources in mentions for source in sources} >= {*copie.SOURCES, *effacement.SOURCES}
