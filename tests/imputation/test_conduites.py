"""Conducts told in facts: who filed late, who did not answer, what was never handed over; and to whom the days are due."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.days import Jours, Quand
from ledger.entry import Fait
from ledger.events import cloture, decision, depot, incident, instruction, provisoire, support, titre
from ledger.events.base import Event
from ledger.events.listes import ObjetRendezVous, PartieAbsente
from ledger.events.parts import PieceDemandee
from ledger.events.types import CodeIncident, Grade, NatureDecision, NatureDemande, Source, TypeTitre
from ledger.retained import holding
from projections.imputation.calcul import attributions
from tests.faits import fait
from tests.samples.test_samples import as_entries

J = Jours.lire
PAPIER: dict[str, Any] = {"source": Source.PAPIER, "grade": Grade.B}


def le(day: str, event: Event, objet: str = "D-1", **given: Any) -> Fait:
    """One fact of the day ``day``, from the téléservice's log unless said otherwise."""
    return fait(**{
        "id": f"{event.nom}-{objet}-{day}", "objet": objet, "survenu": day, "source": Source.ANEF, "grade": Grade.A,
        "evenement": event, **given,
    })  # fmt: skip


def carte(du: str, au: str, *, remis: str | None = "", objet: str = "T-1", dossier: str | None = None) -> Fait:
    """A one-year card, handed over on its first day unless said otherwise."""
    event = titre.TitreRemis(
        type_titre=TypeTitre.CST, duree_annees=1, valide_du=J(du), valide_au=J(au), dossier=dossier,
        remis_le=J(du) if remis == "" else (J(remis) if remis else None),
    )  # fmt: skip
    return le(du, event, objet, **PAPIER)


def demande(day: str, nature: NatureDemande = NatureDemande.RENOUVELLEMENT) -> Fait:
    """An application filed online, where the téléservice is compulsory and no département is listed."""
    return le(
        day,
        depot.DemandeDeposee(
            titre_demande=TypeTitre.CST,
            nature=nature,
            deposee_le=J(day),
            departement_liste_l433_3=False,
            en_teleservice_obligatoire=True,
        ),
    )


def papier(day: str, **given: Any) -> Fait:
    """An application received at the desk."""
    event = depot.DemandePapierEnregistree(
        titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, recue_le=J(day)
    )
    return le(day, event, **{**PAPIER, **given})


def attestation(du: str, au: str, dispo: str | None = "") -> Fait:
    """An extension certificate, made available on its first day unless said otherwise."""
    event = provisoire.AttestationProlongationDelivree(
        valide_du=J(du), valide_au=J(au), dossier="D-1",
        mise_a_disposition_le=J(du) if dispo == "" else (J(dispo) if dispo else None),
    )  # fmt: skip
    return le(du, event, "A-1")


def complement(texte: str | None = "CESEDA, annexe 10", echeance: str | None = "2025-08-31") -> Fait:
    """A request for pieces made on 1 August 2025."""
    event = instruction.ComplementDemande(
        complement="C-1",
        demande_le=J("2025-08-01"),
        echeance=J(echeance) if echeance else None,
        pieces=(PieceDemandee(nom="justificatif de domicile", texte=texte),),
        mention_l114_5=True,
    )
    return le("2025-08-01", event)


OUVERT = le("2025-08-02", instruction.ComplementOuvert(complement="C-1", ouvert_le=J("2025-08-02")))
ILLISIBLE = le(
    "2025-08-01",
    instruction.ComplementMisADisposition(complement="C-1", mis_a_disposition_le=J("2025-08-01"), lisible=False),
)
CLOS = le("2025-09-01", cloture.DossierClosAutomatiquement(clos_le=J("2025-09-01"), apres_jours=30))
CARTE = carte("2024-10-01", "2025-09-30")
REFUS = le("2025-09-10", decision.RefusNotifie(notifie_le=J("2025-09-10")))
ANNULE = le(
    "2026-01-15",
    decision.DecisionAnnulee(annulee_le=J("2026-01-15"), vise=NatureDecision.REFUS_EXPRES, decision_du=J("2025-09-10")),
    source=Source.JURIDICTION,
    grade=Grade.B,
)


def tentatives(*days: str, grade: Grade = Grade.D, source: Source = Source.DECLARATION) -> Iterator[Fait]:
    """Failed attempts to file."""
    for day in days:
        event = depot.TentativeDepotEchouee(code_incident=CodeIncident.APPLICATION_ALREADY_PENDING)
        yield le(day, event, grade=grade, source=source)


def repondu(day: str) -> Fait:
    """The pieces produced."""
    event = instruction.ComplementRepondu(complement="C-1", repondu_le=J(day), toutes_les_pieces=True)
    return le(day, event)


def verdicts(facts: list[Fait], au: str) -> list[tuple[str, str, str, str, set[str]]]:
    """Each interval without proof: bounds, attribution, how far it is established, and the breaches it rests on."""
    return [
        (f"{each.du}", f"{each.au}", each.imputation.value, each.statut.value, {cause.code for cause in each.causes})
        for each in attributions(holding(as_entries(facts)), date.fromisoformat(au))
        if each.couche == "preuve"
    ]


A_TEMPS = demande("2025-07-01")
API, FENETRE, REPONSE = {"attestation_prolongation"}, {"depot_dans_la_fenetre"}, {"reponse_complement"}
ADF = {"attestation_decision_favorable"}
ADMIN, USAGER, LES_DEUX, INCONNU = "ADMINISTRATION", "APPLICANT", "SHARED", "UNDETERMINED"


@pytest.mark.parametrize(
    ("facts", "au", "expected"),
    [
        pytest.param(
            [CARTE, A_TEMPS, complement(), ILLISIBLE, CLOS], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="pieces réclamées, illisibles, dossier clos",
        ),
        pytest.param(
            [CARTE, A_TEMPS, complement(), OUVERT, CLOS], "2025-11-30",
            [("2025-10-01", "2025-11-30", USAGER, "etabli", REPONSE)], id="pièces réclamées, lues, sans réponse",
        ),
        pytest.param(
            [CARTE, A_TEMPS, complement(), CLOS], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="pièces réclamées sans que la lecture soit établie",
        ),
        pytest.param(
            [CARTE, A_TEMPS, complement(), OUVERT, repondu("2025-10-20")], "2025-11-30",
            [("2025-10-01", "2025-10-19", USAGER, "etabli", REPONSE), ("2025-10-20", "2025-11-30", ADMIN, "etabli", API)],
            id="pièces produites tard, puis aucune attestation",
        ),
        pytest.param(
            [CARTE, A_TEMPS, complement(None, None), OUVERT], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="demande de pièces sans texte ni délai",
        ),
        pytest.param(
            [CARTE, *tentatives("2025-07-25", "2025-07-27", "2025-07-29"), demande("2025-09-10")], "2025-11-30",
            [("2025-10-01", "2025-11-30", INCONNU, "a_etablir", {"depot_possible", *FENETRE})],
            id="tentatives déclarées, groupées en cinq jours",
        ),
        pytest.param(
            [
                CARTE,
                *tentatives("2025-07-25", "2025-07-27", "2025-07-29", grade=Grade.A, source=Source.ANEF),
                demande("2025-09-10"),
            ], "2025-11-30",
            [("2025-10-01", "2025-11-30", INCONNU, "a_etablir", {"depot_possible", *FENETRE})],
            id="tentatives journalisées, groupées en cinq jours",
        ),
        pytest.param(
            [
                CARTE,
                *tentatives("2025-07-05", "2025-07-15", "2025-07-29", grade=Grade.A, source=Source.ANEF),
                demande("2025-08-12"),
            ], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)],
            id="tentatives espacées, dépôt dans la fenêtre reportée, aucune attestation",
        ),
        pytest.param(
            [CARTE, A_TEMPS, carte("2025-10-01", "2026-09-30", remis=None, objet="T-2", dossier="D-1")], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", ADF)], id="titre fabriqué, jamais remis",
        ),
        pytest.param(
            [CARTE, A_TEMPS, attestation("2025-10-01", "2025-12-31", None)], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="attestation émise, jamais mise à disposition",
        ),
        pytest.param(
            [CARTE, A_TEMPS, attestation("2025-10-01", "2025-12-31", "2025-10-20")], "2025-11-30",
            [("2025-10-01", "2025-10-19", ADMIN, "etabli", API)], id="T04 : attestation antidatée",
        ),
        pytest.param(
            [CARTE, A_TEMPS, REFUS, ANNULE], "2026-02-01",
            [("2025-10-01", "2026-02-01", ADMIN, "etabli", API)], id="T08 : refus annulé, demande faite à temps",
        ),
        pytest.param(
            [CARTE, demande("2025-09-01"), REFUS, ANNULE], "2026-02-01",
            [("2025-10-01", "2026-02-01", USAGER, "etabli", FENETRE)], id="refus annulé, demande tardive",
        ),
        pytest.param(
            [CARTE, demande("2025-09-01"), attestation("2025-10-10", "2025-12-31")], "2026-02-01",
            [
                ("2025-10-01", "2025-10-09", USAGER, "etabli", FENETRE),
                ("2026-01-01", "2026-02-01", ADMIN, "etabli", {"renouvellement_provisoire"}),
            ], id="demande tardive, attestation donnée puis non renouvelée",
        ),
        pytest.param(
            [CARTE, demande("2025-08-02")], "2025-11-30",
            [("2025-10-01", "2025-11-30", USAGER, "etabli", FENETRE)], id="T02 : un jour après la fenêtre",
        ),
        pytest.param(
            [CARTE, demande("2025-08-01")], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="T02 : le dernier jour de la fenêtre",
        ),
        pytest.param(
            [CARTE, demande("2025-05-01")], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="T02 : avant la fenêtre, ce n'est pas tardif",
        ),
        pytest.param(
            [
                CARTE,
                le(
                    "2025-07-30",
                    incident.PannePlateformeConstatee(debut=Quand.lire("2025-07-30"), fin=Quand.lire("2025-08-03")),
                    "I-9",
                ),
                demande("2025-08-05"),
            ], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", API)], id="panne sur la fin de la fenêtre",
        ),
        pytest.param(
            [
                CARTE, A_TEMPS,
                le(
                    "2025-09-15",
                    decision.DecisionFavorablePrise(prise_le=J("2025-09-15"), titre_accorde=TypeTitre.CST),
                ),
                carte("2025-11-01", "2026-10-31", objet="T-2", dossier="D-1"),
            ], "2025-11-30",
            [("2025-10-01", "2025-10-31", ADMIN, "etabli", ADF)], id="P14 : décision favorable sans attestation",
        ),
        pytest.param(
            [CARTE, A_TEMPS, le("2025-09-20", instruction.DemandeRetiree(retiree_le=J("2025-09-20")))], "2025-11-30",
            [("2025-10-01", "2025-11-30", USAGER, "etabli", {"maintien_de_la_demande"})], id="demande retirée",
        ),
        pytest.param(
            [CARTE, papier("2025-09-15", source=Source.AGDREF, grade=Grade.A)], "2025-11-30",
            [("2025-10-01", "2025-11-30", ADMIN, "etabli", {"recepisse"})], id="demande reçue au guichet, sans récépissé",
        ),
        pytest.param(
            [CARTE], "2025-11-30",
            [("2025-10-01", "2025-11-30", USAGER, "probable", FENETRE)], id="jamais déposé, aucun journal du téléservice",
        ),
    ],
)  # fmt: skip
def test_to_whom_the_days_are_due(
    facts: list[Fait], au: str, expected: list[tuple[str, str, str, str, set[str]]]
) -> None:
    """Bounds, attribution, how far it is established and the breaches are those that the texts give."""
    assert verdicts(facts, au) == expected


def test_declarations_alone_attribute_nothing() -> None:
    """A life that only the person tells, without any official source, leaves the answer open and says what is missing."""
    told = [each.model_copy(update={"source": Source.DECLARATION, "grade": Grade.D}) for each in (CARTE, A_TEMPS)]
    [only] = attributions(holding(as_entries(told)), date(2025, 11, 30))
    assert (only.imputation.value, only.cf_administration, only.cf_usager) == (INCONNU, None, False)
    assert only.preuves_manquantes


def test_an_appointment_after_the_useful_date_does_not_save_the_administration() -> None:
    """Asked in time to receive the application otherwise, it offers a day after expiry: the gap is due to it."""
    facts = [
        CARTE,
        *tentatives("2025-07-05", "2025-07-20", grade=Grade.A, source=Source.ANEF),
        le("2025-07-25", support.SubstitutionDemandee(recue_le=J("2025-07-25"), dossier="D-1"), "I-1", **PAPIER),
        le(
            "2025-09-20",
            support.SubstitutionProposee(
                proposee_le=J("2025-09-20"), prevu=Quand.lire("2025-11-10T09:00"), dossier="D-1"
            ),
            "I-1",
        ),
        papier("2025-11-10"),
        le(
            "2025-11-10",
            provisoire.RecepisseDelivre(
                valide_du=J("2025-11-10"), valide_au=J("2026-02-09"), remis_le=J("2025-11-10"), dossier="D-1"
            ),
            "R-1",
        ),
    ]
    assert verdicts(facts, "2025-11-30") == [
        ("2025-10-01", "2025-11-09", ADMIN, "etabli", {"depot_possible", "substitution"})
    ]


def test_an_appointment_that_the_person_missed_shares_the_gap() -> None:
    """Blocked at first, then received in time and absent: either conduct, conforming, would have avoided the gap."""
    missed = instruction.RendezVousManque(
        prevu_le=J("2025-09-01"), objet=ObjetRendezVous.SUBSTITUTION, partie_absente=PartieAbsente.USAGER
    )
    facts = [
        CARTE,
        *tentatives("2025-07-05", "2025-07-20", grade=Grade.A, source=Source.ANEF),
        le("2025-07-25", support.SubstitutionDemandee(recue_le=J("2025-07-25"), dossier="D-1"), "I-1", **PAPIER),
        le("2025-09-01", missed),
        papier("2025-10-20"),
    ]
    [first, *_] = verdicts(facts, "2025-10-19")
    assert first[:3] == ("2025-10-01", "2025-10-19", LES_DEUX)
    assert "rendez_vous" in first[4]
