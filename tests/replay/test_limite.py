"""What a mandate limited to some dossiers opens: all of these, nothing of the others, and no number that tells of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours, Quand
from ledger.entry import Entry, Fait
from ledger.events import EVENTS, FROM_OUTSIDE
from ledger.events.acces import DossierConsulte
from ledger.events.correction import FaitConteste, FaitRetire
from ledger.events.depot import DemandeDeposee, TentativeDepotEchouee
from ledger.events.effet import EmploiRompu
from ledger.events.incident import IncidentOuvert, IncidentResolu
from ledger.events.instruction import ComplementDemande, RelanceEnvoyee
from ledger.events.listes import CategorieVulnerabilite, FondementAcces
from ledger.events.personne import (
    ChangementAdresseDeclare,
    ConnexionReussie,
    MajoriteAtteinte,
    MandatDonne,
    MandatRevoque,
    VulnerabiliteSignalee,
)
from ledger.events.provisoire import AttestationProlongationDelivree
from ledger.events.reclamation import ReclamationDddOuverte
from ledger.events.support import CccContacte
from ledger.events.titre import TitreRemis
from ledger.events.types import CodeIncident, Flux, NatureDemande, TypeTitre
from ledger.interchange import write_line
from projections.chronologie import Filtre, chronologie
from projections.historique import historique
from replay.limite import COMMUNS, RESERVES, Limite, limiter, tient
from tests.evidence.vies_releves import cas, entrees
from tests.faits import fait
from tests.strategies import event_of

OUVERT, FERME = "D-OUVERT", "D-FERME"
LIMITE = Limite(frozenset({OUVERT}), "cabinet")
LE = date(2026, 11, 27)


def ouverts(*faits: Fait, limite: Limite = LIMITE) -> dict[str, Fait]:
    """What the mandate opens of these facts, by id."""
    return {entry.fait.id: entry.fait for entry in limiter(entrees(faits), limite)}


def un(ident: str, evenement: Any, objet: str | None = None, **plus: Any) -> Fait:
    """A fact of hers."""
    return fait(id=ident, evenement=evenement, objet=objet, **plus)


DEMANDE = DemandeDeposee(
    titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=Jours.lire("2025-07-01")
)
TITRE = TitreRemis(type_titre=TypeTitre.CST, valide_du=Jours.lire("2024-10-01"), valide_au=Jours.lire("2025-09-30"))
API = AttestationProlongationDelivree(
    mise_a_disposition_le=Jours.lire("2025-10-01"),
    valide_du=Jours.lire("2025-10-01"),
    valide_au=Jours.lire("2026-01-01"),
)
ROMPU = EmploiRompu(depuis_le=Jours.lire("2026-02-01"))
OUVERTURE = un("D", DEMANDE.model_copy(update={"titre_precedent": "T-1"}), OUVERT)
AUTRE = un("X", DEMANDE, FERME)


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        (un("f", RelanceEnvoyee(), OUVERT), True),
        (un("f", RelanceEnvoyee(), FERME), False),
        (un("f", TentativeDepotEchouee(), None), False),
        (un("f", TentativeDepotEchouee(), None, correlation=OUVERT), True),
        (un("f", TentativeDepotEchouee(), None, correlation=FERME), False),
        (un("f", TentativeDepotEchouee(), None, cause="X"), False),
        (un("f", RelanceEnvoyee(), FERME, correlation=OUVERT), False),
        (un("f", TITRE.model_copy(update={"dossier": FERME}), "T-1"), True),
        (un("f", TITRE.model_copy(update={"dossier": FERME}), "T-2"), False),
        (un("f", TITRE.model_copy(update={"dossier": FERME}), None), False),
        (un("f", TITRE, "T-9"), True),
        (un("f", API, "A-9"), False),
        (un("f", API.model_copy(update={"dossier": OUVERT}), "A-9"), True),
        (un("f", API, "A-9", correlation=FERME), False),
        (un("f", CccContacte(dossier=OUVERT), "I-1"), True),
        (un("f", CccContacte(dossier=FERME), "I-1"), False),
        (un("f", CccContacte(), None), False),
        (un("f", ROMPU, "E-1", correlation=OUVERT), True),
        (un("f", ROMPU, "E-1", cause="D"), True),
        (un("f", ROMPU, "E-1", cause="X"), False),
        (un("f", ROMPU, "E-1"), False),
        (un("f", ReclamationDddOuverte(numero="R", dossiers=(OUVERT,)), "R"), True),
        (un("f", ReclamationDddOuverte(numero="R", dossiers=(OUVERT, FERME)), "R"), False),
        (un("f", ReclamationDddOuverte(numero="R"), "R"), False),
        (un("f", MajoriteAtteinte(atteinte_le=Jours.lire("2025-01-01"))), True),
        (un("f", ConnexionReussie()), True),
        (un("f", ConnexionReussie(), correlation=FERME), False),
        (un("f", ConnexionReussie(), correlation="une-affaire-inconnue"), False),
        (un("f", ChangementAdresseDeclare(numero=FERME)), False),
        (un("f", DossierConsulte(fondement=FondementAcces.MANDAT)), False),
        (un("f", VulnerabiliteSignalee(categorie=next(iter(CategorieVulnerabilite)), consentement=True)), False),
        (un("f", MandatDonne(mandataire="cabinet", dossiers=(OUVERT, FERME))), True),
        (un("f", MandatDonne(mandataire="cabinet", dossiers=(FERME,))), False),
        (un("f", MandatDonne(mandataire="un-autre")), False),
        (un("f", MandatRevoque(mandataire="un-autre")), False),
        (un("f", FaitConteste(faits_contestes=("D",), motif="non")), True),
        (un("f", FaitConteste(faits_contestes=("D", "X"), motif="non")), False),
        (un("f", FaitRetire(motif="non"), OUVERT, corrige="D", flux_choisi=Flux.DOSSIER), True),
        (un("f", FaitRetire(motif="non"), FERME, corrige="X", flux_choisi=Flux.DOSSIER), False),
    ],
)  # fmt: skip
def test_a_fact_is_open_when_it_belongs_to_a_dossier_of_the_mandate_or_to_all(said: Fait, opened: bool) -> None:
    """By what it is recorded under, what it names, what caused it; what is of no dossier by its kind."""
    shown = ouverts(OUVERTURE, AUTRE, said)
    assert "D" in shown
    assert "X" not in shown
    assert ("f" in shown) is opened
    assert all(FERME not in write_line(each).decode() for each in shown.values())


def test_an_incident_of_two_dossiers_is_told_to_its_end_and_names_one() -> None:
    """Closed, it would take the cause of what happened to this one away; its end names no dossier."""
    opened = IncidentOuvert(
        code=CodeIncident.API_ISSUE_OR_RENEWAL_ERROR, depuis=Quand.lire("2025-08-01"), dossiers=(OUVERT, FERME)
    )
    shown = ouverts(
        OUVERTURE, un("o", opened, "I-1"), un("r", IncidentResolu(), "I-1"), un("s", IncidentResolu(), "I-2")
    )
    assert shown.keys() == {"D", "o", "r"}
    assert shown["o"].evenement.lire_champ("dossiers") == (OUVERT,)


def test_what_was_moved_to_another_dossier_is_not_told_as_holding() -> None:
    """Nor what it had replaced itself; what this dossier replaces there is told, without what it replaces."""
    moved = [
        un("a", RelanceEnvoyee(), OUVERT),
        un("b", RelanceEnvoyee(), OUVERT, corrige="a"),
        un("c", RelanceEnvoyee(), FERME, corrige="b"),
        un("e", RelanceEnvoyee(), FERME),
        un("g", RelanceEnvoyee(), OUVERT, corrige="e", cause="X", correlation=FERME),
    ]
    shown = ouverts(OUVERTURE, AUTRE, *moved)
    assert shown.keys() == {"D", "g"}
    assert (shown["g"].corrige, shown["g"].cause, shown["g"].correlation) == (None, None, None)


def test_facts_that_cause_each_other_in_a_circle_open_nothing() -> None:
    """And end."""
    circle = [un("a", ROMPU, "E-1", cause="b"), un("b", ROMPU, "E-2", cause="a")]
    assert ouverts(OUVERTURE, *circle).keys() == {"D"}


def test_every_kind_of_fact_of_a_person_was_decided_on() -> None:
    """A new one is closed until it is in one of the lists, and this test asks for it."""
    decided = {FaitRetire, FaitConteste, MandatDonne, MandatRevoque, *COMMUNS, *RESERVES}
    provisional = {each for each in EVENTS if each.__module__.endswith(".provisoire")}
    asked = {each for each in EVENTS if each.flux in {Flux.PERSONNE, Flux.TITRE}} - provisional
    assert asked == decided


def test_a_conclusion_holds_or_is_known_not_to() -> None:
    """A title of the other dossier covers the days that this one alone would call lost."""
    title = un("T", TITRE, "T-1")
    later = TitreRemis(
        type_titre=TypeTitre.CST, valide_du=Jours.lire("2025-10-01"), valide_au=Jours.lire("2027-09-30"), dossier=FERME
    )
    reminder = un("T2", RelanceEnvoyee(), FERME)
    for other, holds in ((un("T2", later, "T-2"), False), (reminder, True)):
        whole = entrees([title, OUVERTURE, un("X", RelanceEnvoyee(), FERME), other])
        part = limiter(whole, LIMITE)
        assert [entry.fait.id for entry in part] == ["T", "D"]
        assert tient(whole, part, LE) is holds


def test_what_speaks_against_is_never_left_out_by_a_mandate() -> None:
    """The same days, due to the same: but a request of the other dossier is invoked, and could not be shown here."""
    hers = [entry.fait for entry in cas("amina-exemple-c01") if entry.fait.personne is not None]
    asked = {"personne": "amina-exemple-c01", "survenu": "2026-10-04T09:00:00Z"}
    limite = Limite(frozenset({"D-C01-1"}), "cabinet")
    for event, holds in ((ComplementDemande(), False), (RelanceEnvoyee(), True)):
        whole = entrees([*hers, un("autre", event, FERME, **asked)])
        part = limiter(whole, limite)
        assert len(part) == len(hers)
        assert tient(whole, part, LE) is holds


# ------------------------------------------------------------------ all histories of two dossiers

NOMMANTS = ("dossier", "dossiers", "faits_contestes", "titre_precedent", "incident")
DEUX = tuple(each for each in FROM_OUTSIDE if each.flux not in {Flux.ACCES, Flux.PERSONNE} and not each.tout_flux)
COMMUNES = tuple(sorted(COMMUNS, key=lambda each: each.nom))


def _tied(kind: type[Any], dossier: str) -> st.SearchStrategy[Any]:
    def tie(event: Any) -> Any:
        given = {
            "dossier": dossier,
            "dossiers": (dossier,),
            "faits_contestes": (),
            "titre_precedent": None,
            "incident": None,
        }
        return event.model_copy(update={name: given[name] for name in NOMMANTS if name in type(event).model_fields})

    return event_of(kind).map(tie)


@st.composite
def histoires(draw: st.DrawFn) -> tuple[list[Fait], list[Fait]]:
    """Facts of a dossier and of the person; and those with facts of another dossier among them, in any order."""
    hers: list[Fait] = []
    both: list[Fait] = []
    for n in range(draw(st.integers(1, 8))):
        which = draw(st.sampled_from((OUVERT, FERME, FERME, None)))
        if which is None:
            event = draw(event_of(draw(st.sampled_from(COMMUNES))))
            event = event.model_copy(
                update={name: None for name in ("dossier", "numero", "incident") if name in type(event).model_fields}
            )
            one = un(f"P-{n}", event)
        else:
            kind = draw(st.sampled_from(DEUX))
            objet = which if kind.flux is Flux.DOSSIER else f"{which}-objet-{draw(st.integers(0, 1))}"
            one = un(f"{which}-{n}", draw(_tied(kind, which)), objet, correlation=which)
        both.append(one)
        if which != FERME:
            hers.append(one)
    return hers, both


def _lus(entries: Sequence[Entry]) -> Any:
    """All that pages make of facts without a rule of law: the history and the timeline, their places in the log apart."""
    told = chronologie(entries, Filtre(), LE)
    return [_sans_place(each) for each in historique(entries)], told.par_origine, told.total, told.silences


def _sans_place(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__struct_fields__ if name != "position"}


@given(histoires())
def test_what_the_other_dossier_holds_changes_nothing_of_what_is_read(histoire: tuple[list[Fait], list[Fait]]) -> None:
    """For all histories of two dossiers: the same facts, numbers, counts and silences as had the other never been."""
    hers, both = histoire
    part = limiter(entrees(both), LIMITE)
    assert [entry.fait for entry in part] == hers
    assert FERME not in _texte(entry.fait for entry in part)
    assert _lus(part) == _lus(entrees(hers))


def _texte(faits: Iterable[Fait]) -> str:
    return "\n".join(write_line(each).decode() for each in faits)
