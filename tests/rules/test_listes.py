"""Which titles are applied for online, and since which day: the dated table of the four arrêtés."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.events.types import Canal, NatureDemande, StatutProtection, TypeTitre
from rules import ceseda_annexe_9_listes as listes
from rules import ceseda_r431_3_guichet as guichet
from rules.ceseda_annexe_9_listes import Categorie, en_ligne

CST, CSP, CARTE = TypeTitre.CST, TypeTitre.CSP, TypeTitre.CARTE_RESIDENT
PREMIERE, RENOUVELLEMENT = NatureDemande.PREMIERE_DEMANDE, NatureDemande.RENOUVELLEMENT
DATES = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("titre", "motif", "nature", "veille", "jour"),
    [
        (CST, "étudiant", PREMIERE, date(2021, 4, 30), date(2021, 5, 1)),
        (CST, "Étudiante", RENOUVELLEMENT, date(2021, 4, 30), date(2021, 5, 1)),
        (CARTE, "réfugié", PREMIERE, date(2022, 5, 1), date(2022, 5, 2)),
        (CSP, "protection subsidiaire", PREMIERE, date(2022, 5, 1), date(2022, 5, 2)),
        (CST, "vie privée et familiale (parent d'enfant français)", RENOUVELLEMENT, date(2023, 4, 4), date(2023, 4, 5)),
        (CST, "vie privée et familiale (parent d'enfants français)", PREMIERE, date(2023, 4, 4), date(2023, 4, 5)),
        (CSP, "vie privée et familiale (conjoint de Français)", RENOUVELLEMENT, date(2023, 4, 4), date(2023, 4, 5)),
        (CSP, "travailleur saisonnier", PREMIERE, date(2023, 4, 4), date(2023, 4, 5)),
        (TypeTitre.CARTE_SEJOUR_UE, "famille d'un citoyen de l'Union européenne", PREMIERE, date(2023, 4, 4),
         date(2023, 4, 5)),
        (CARTE, None, RENOUVELLEMENT, date(2024, 7, 3), date(2024, 7, 4)),
    ],
)  # fmt: skip
def test_un_titre_passe_en_ligne_le_jour_que_dit_son_arrete(
    titre: TypeTitre, motif: str | None, nature: NatureDemande, veille: date, jour: date
) -> None:
    """La veille, le titre n'est pas sur la liste ; ce jour-là, il y est."""
    assert en_ligne(titre, motif, nature, veille) is False
    assert en_ligne(titre, motif, nature, jour) is True


@pytest.mark.parametrize(
    ("le", "found"),
    [(date(2021, 4, 30), False), (date(2021, 5, 1), None), (date(2021, 12, 30), None), (date(2021, 12, 31), True),
     (date(2025, 3, 4), True)],
)  # fmt: skip
def test_le_jour_inconnu_du_passeport_talent_reste_inconnu(le: date, *, found: bool | None) -> None:
    """Passeport talent et visiteur ont suivi en 2021, quel jour n'est pas su : ni oui ni non cette année-là."""
    assert en_ligne(CSP, "passeport talent", RENOUVELLEMENT, le) is found
    assert en_ligne(CST, "visiteur", PREMIERE, le) is found


def test_l_apatride_reste_au_guichet() -> None:
    """Jamais en ligne, par le statut comme par le motif ; le renouvellement d'une carte de résident n'est pas tranché."""
    le = date(2025, 6, 1)
    assert en_ligne(CSP, None, PREMIERE, le, statut=StatutProtection.APATRIDE) is False
    assert en_ligne(CSP, "apatride", PREMIERE, le) is False
    assert en_ligne(CARTE, None, RENOUVELLEMENT, le, statut=StatutProtection.APATRIDE) is None


def test_l_article_invoque_et_le_statut_connu_parlent_comme_le_motif() -> None:
    """« CESEDA L.423-7 » ou un réfugié connu suffisent ; le statut ne vaut que pour les cartes qu'il donne."""
    le = date(2025, 6, 1)
    assert en_ligne(CST, "vie privée et familiale", PREMIERE, le) is None
    assert en_ligne(CST, "vie privée et familiale", PREMIERE, le, fondement="CESEDA L.423-7") is True
    assert en_ligne(CARTE, None, PREMIERE, le, statut=StatutProtection.REFUGIE) is True
    assert en_ligne(TypeTitre.TITRE_VOYAGE, None, PREMIERE, le, statut=StatutProtection.REFUGIE) is None


def test_la_table_cite_un_arrete_par_ligne_et_son_jour() -> None:
    """Chaque catégorie a une ligne ; le jour de la ligne est celui de l'arrêté quand il est su."""
    assert [each.categorie for each in listes.TABLE] == list(Categorie)
    for each in listes.TABLE:
        assert each.source in listes.SOURCES
        if each.source is not listes.MAI_2021 and each.depuis is not None:
            assert each.source.en_vigueur_depuis is not None
            assert each.depuis == Jours.le(each.source.en_vigueur_depuis)


@given(
    titre=st.sampled_from(list(TypeTitre)),
    motif=st.sampled_from([None, "étudiant", "visiteur", "réfugié", "conjoint de Français", "salarié"]),
    nature=st.sampled_from(list(NatureDemande)),
    days=st.tuples(DATES, DATES),
)
def test_ce_qui_est_en_ligne_le_reste(
    titre: TypeTitre, motif: str | None, nature: NatureDemande, days: tuple[date, date]
) -> None:
    """Un titre passé en ligne n'en sort pas ; avant le 1er mai 2021, aucun n'y est."""
    first, last = sorted(days)
    if en_ligne(titre, motif, nature, first):
        assert en_ligne(titre, motif, nature, last)
    if first < date(2021, 5, 1):
        assert en_ligne(titre, motif, nature, first) is False


@pytest.mark.parametrize(
    ("online", "post", "channels"),
    [(None, False, None), (True, False, {Canal.TELESERVICE}), (True, True, {Canal.TELESERVICE}),
     (False, False, {Canal.GUICHET}), (False, True, {Canal.COURRIER})],
)  # fmt: skip
def test_la_voie_depend_de_la_liste(online: bool | None, post: bool, channels: set[Canal] | None) -> None:
    """R.431-3 : sur la liste, le téléservice ; hors d'elle, la préfecture ou la poste ; liste inconnue, voie inconnue."""
    assert guichet.voies(en_ligne=online, courrier_prescrit=post) == channels
