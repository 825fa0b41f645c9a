"""Who may look: the one function, for every role, object and tie; what is not granted is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.events.listes import FondementAcces, PorteeMandat
from ledger.events.personne import MandatDonne, MandatRevoque
from ledger.retained import holding
from tests.evidence.vies_releves import entrees
from tests.faits import fait
from web.acces import (
    DROITS,
    FONDEMENTS,
    Attaches,
    Motif,
    Objet,
    Portee,
    Profil,
    Role,
    attaches,
    limite,
    mandats,
    motif_admis,
    motif_d_office,
    permis,
    peut_voir,
)

ELLE, AUTRE = bytes(16), bytes([1] * 16)
LE = date(2026, 11, 27)


def profil(role: Role, **given_: object) -> Profil:
    """Who looks, with a role and what the test gives."""
    return replace(Profil(role=role, acteur="moi", service="Service"), **given_)  # type: ignore[arg-type] # as the test names them


def donne(**given_: object) -> MandatDonne:
    """A mandate to look, with what the test changes."""
    return MandatDonne(**{"mandataire": "moi", "mandat": "M-1", "portee": (PorteeMandat.CONSULTER,), **given_})  # type: ignore[arg-type] # as the test names them


@given(st.sampled_from(Role), st.sampled_from(Objet))
def test_without_any_tie_nobody_sees_anybody(role: Role, objet: Objet) -> None:
    """Of a person who has no tie with who looks, nothing is shown, whatever the role and the page."""
    assert not peut_voir(profil(role, prefecture="Préfecture A", sujet=AUTRE), objet, ELLE, Attaches(), LE)


def test_every_role_is_in_the_table_and_sees_its_own_account() -> None:
    """No role is forgotten; each may close its own sessions."""
    assert set(DROITS) == set(Role) == set(FONDEMENTS)
    assert all(permis(role, Objet.COMPTE) is Portee.SANS_PERSONNE for role in Role)


def test_the_administrator_of_accounts_sees_no_person() -> None:
    """Whatever a person's ties are."""
    ties = Attaches(frozenset({"prefecture a"}), (donne(),), frozenset({"T"}), frozenset({"R"}))
    assert not any(peut_voir(profil(Role.ADMINISTRATEUR, sujet=ELLE), each, ELLE, ties, LE) for each in Objet)


def test_a_person_sees_her_own_dossier_and_no_other() -> None:
    """Her subject, and that one only."""
    me = profil(Role.USAGER, sujet=ELLE)
    assert peut_voir(me, Objet.CHRONOLOGIE, ELLE, Attaches(), LE)
    assert not peut_voir(me, Objet.CHRONOLOGIE, AUTRE, Attaches(), LE)
    assert not peut_voir(me, Objet.ACTES, ELLE, Attaches(), LE)


@pytest.mark.parametrize(
    ("prefecture", "seen"), [("PREFECTURE de l'Exemple", True), ("Préfecture d'Ailleurs", False), (None, False)]
)
def test_an_agent_sees_those_of_their_prefecture(prefecture: str | None, seen: bool) -> None:
    """Names are compared without case or accents; without a préfecture, nobody."""
    ties = Attaches(prefectures=frozenset({"prefecture de l'exemple"}))
    assert peut_voir(profil(Role.AGENT, prefecture=prefecture), Objet.ACTES, ELLE, ties, LE) is seen


@pytest.mark.parametrize(
    ("given_", "objet", "seen"),
    [
        ({}, Objet.CHRONOLOGIE, True),
        ({}, Objet.EXPORT, False),
        ({"portee": (PorteeMandat.EXPORTER,)}, Objet.EXPORT, True),
        ({"portee": (PorteeMandat.EXPORTER,)}, Objet.CHRONOLOGIE, False),
        ({"portee": ()}, Objet.CHRONOLOGIE, True),
        ({"portee": ()}, Objet.EXPORT, False),
        ({"mandataire": "un-autre"}, Objet.CHRONOLOGIE, False),
        ({"valide_au": Jours.lire("2026-11-26")}, Objet.CHRONOLOGIE, False),
        ({"valide_au": Jours.lire("2026-11-27")}, Objet.CHRONOLOGIE, True),
        ({"valide_du": Jours.lire("2026-11-28")}, Objet.CHRONOLOGIE, False),
        ({"valide_au": Jours.lire("2026-11")}, Objet.CHRONOLOGIE, False),
    ],
)
def test_a_mandate_opens_what_it_permits_for_as_long_as_it_says(
    given_: dict[str, object], objet: Objet, seen: bool
) -> None:
    """The last day is included; a day that is not sure is not counted; an act that is not named is not permitted."""
    ties = Attaches(mandats=(donne(**given_),))
    assert peut_voir(profil(Role.REPRESENTANT), objet, ELLE, ties, LE) is seen


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_no_day_outside_of_a_mandate_is_opened(begins: int, ends: int) -> None:
    """For all spans and days."""
    du, au = LE + timedelta(days=min(begins, ends)), LE + timedelta(days=max(begins, ends))
    ties = Attaches(mandats=(donne(valide_du=Jours(du, du), valide_au=Jours(au, au)),))
    assert bool(mandats(profil(Role.REPRESENTANT), Objet.CHRONOLOGIE, ties, LE)) is (du <= LE <= au)


DEUX = frozenset({"D-1", "D-2"})


@pytest.mark.parametrize(
    ("dossiers", "objet", "opened"),
    [
        ([()], Objet.CHRONOLOGIE, None),
        ([("D-1",)], Objet.CHRONOLOGIE, {"D-1"}),
        ([("D-1", "D-2")], Objet.CHRONOLOGIE, {"D-1", "D-2"}),
        ([("D-1",), ("D-2",)], Objet.PREUVES, {"D-1", "D-2"}),
        ([("D-1",), ()], Objet.CHRONOLOGIE, None),
        ([("D-1", "D-9")], Objet.CHRONOLOGIE, {"D-1", "D-9"}),
    ],
)
def test_a_mandate_opens_the_dossiers_that_it_names(
    dossiers: list[tuple[str, ...]], objet: Objet, opened: set[str] | None
) -> None:
    """All of them where one names none; several add up; one that she does not have adds nothing by itself."""
    ties = Attaches(mandats=tuple(donne(dossiers=each) for each in dossiers), dossiers=DEUX)
    me = profil(Role.REPRESENTANT)
    assert peut_voir(me, objet, ELLE, ties, LE)
    found = limite(me, objet, ties, LE)
    assert (set(found.dossiers) if found is not None else None) == opened


def test_a_mandate_for_dossiers_that_are_not_hers_opens_nothing() -> None:
    """Whether they are nobody's, or were mistyped."""
    ties = Attaches(mandats=(donne(dossiers=("D-9",)),), dossiers=DEUX)
    assert not peut_voir(profil(Role.REPRESENTANT), Objet.CHRONOLOGIE, ELLE, ties, LE)


def test_each_act_is_limited_by_the_mandates_that_permit_it() -> None:
    """To look at all, to answer for one: the answer is for that one; nobody else is limited."""
    look = donne(portee=(PorteeMandat.CONSULTER,))
    answer = donne(portee=(PorteeMandat.REPONDRE,), dossiers=("D-1",))
    ties = Attaches(mandats=(answer, look), dossiers=DEUX)
    me = profil(Role.REPRESENTANT)
    assert limite(me, Objet.CHRONOLOGIE, ties, LE) is None
    found = limite(me, Objet.SIGNALEMENT, ties, LE)
    assert found is not None
    assert found.dits == ("D-1",)
    assert limite(profil(Role.DDD), Objet.CHRONOLOGIE, ties, LE) is None


def test_the_mandate_that_is_named_in_a_trace_is_the_widest() -> None:
    """One for all her dossiers, where there is one beside one that is limited."""
    ties = Attaches(mandats=(donne(mandat="M-1", dossiers=("D-1",)), donne(mandat="M-2")), dossiers=DEUX)
    found = motif_d_office(profil(Role.REPRESENTANT), Objet.PREUVES, ties, LE)
    assert found == Motif(FondementAcces.MANDAT, "M-2")


def test_a_revoked_mandate_opens_nothing_and_a_new_one_does() -> None:
    """The facts of the person say it, in their order."""
    facts = [fait(id="1", evenement=donne()), fait(id="2", evenement=MandatRevoque(mandat="M-1"))]
    assert attaches(holding(entrees(facts))).mandats == ()
    facts.append(fait(id="3", evenement=donne(mandat="M-2")))
    assert [each.mandat for each in attaches(holding(entrees(facts))).mandats] == ["M-2"]


@pytest.mark.parametrize("role", [each for each in Role if FONDEMENTS[each]])
def test_a_reason_of_another_role_is_refused(role: Role) -> None:
    """Each role has its own reasons; those that name a file need one that the ledger knows."""
    ties = Attaches(assistances=frozenset({"T-1"}), reclamations=frozenset({"R-1"}))
    for fondement in FondementAcces:
        known = {FondementAcces.SUPPORT_USAGER: "T-1", FondementAcces.RECLAMATION_DDD: "R-1"}.get(fondement, "X")
        said = motif_admis(profil(role), Motif(fondement, known), ties)
        assert (said is None) is (fondement in FONDEMENTS[role]), fondement
    if role in {Role.DDD, Role.CCC, Role.PAN}:
        assert motif_admis(profil(role), Motif(FONDEMENTS[role][0], "inventée"), ties) is not None
        assert motif_admis(profil(role), Motif(FONDEMENTS[role][0], None), ties) is not None


def test_who_is_never_asked_has_a_reason_all_the_same() -> None:
    """Her own dossier; the mandate by its reference; everybody else is asked."""
    ties = Attaches(mandats=(donne(),))
    assert motif_d_office(profil(Role.USAGER, sujet=ELLE), Objet.PREUVES, ties, LE) == Motif(
        FondementAcces.PERSONNE_CONCERNEE, None
    )
    assert motif_d_office(profil(Role.REPRESENTANT), Objet.PREUVES, ties, LE) == Motif(FondementAcces.MANDAT, "M-1")
    assert motif_d_office(profil(Role.AGENT), Objet.PREUVES, ties, LE) is None
