"""The pieces that each procedure asks for, and which facts of the ledger tell of them."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.argent import reclamations
from evidence.procedures.modeles import Attendue, Procedure
from evidence.procedures.prejudice import chefs, faits_du_chef, mois_touches, nommer
from evidence.procedures.recours import PREUVES
from evidence.procedures.tentatives import tentatives
from ledger.entry import Entry
from ledger.events import decision, depot, effet, instruction, personne, support, titre
from ledger.events.base import Event
from ledger.events.types import NatureDecision

EMPLOI: Final = (effet.OffreEmploiRetiree, effet.EmploiSuspendu, effet.EmploiRompu)
RESSOURCES: Final = (effet.PrestationSuspendue, effet.RadiationFranceTravail)


class Attendu(NamedTuple):
    """A piece to bring: how it is called, where the ledger tells of it."""

    code: str
    libelle: str
    faits: Callable[[Affaire], list[Entry]]


def _de(*types: type[Event]) -> Callable[[Affaire], list[Entry]]:
    return lambda a: [entry for entry, _ in a.faits(*types)]


def _attaquees(a: Affaire) -> list[Entry]:
    taken = (d for d in a.decisions() if d.decision.nature is not NatureDecision.REFUS_IMPLICITE)
    return [entry for each in taken for entry in a.actes(each)]


def _au_fond(a: Affaire) -> list[Entry]:
    return [entry for d in a.decisions() if d.forme is not None for entry in d.forme.entries]


def _reclamees(a: Affaire) -> list[Entry]:
    return [each.entry for each in reclamations(a)]


_COMMUN: Final = (
    Attendu("identite", "Identité et nationalité de la personne", lambda _: []),
    Attendu("titre", "Titre de séjour expiré, recto et verso", _de(titre.TitreRemis)),
    Attendu(
        "depot",
        "Preuve du jour de la demande : attestation de dépôt, accusés",
        _de(depot.DemandePapierEnregistree, *PREUVES),
    ),
)
_DILIGENCES: Final = (
    support.CccContacte,
    support.CccRepondu,
    support.PanVisite,
    support.RendezVousPanIndisponible,
    support.BlocageAtteste,
    support.SubstitutionDemandee,
)
_EMPLOI: Final = Attendu("emploi", "Emploi : bulletins de paie, lettre de suspension ou de rupture", _de(*EMPLOI))
_LOGEMENT: Final = Attendu("logement", "Logement ou banque : lettre de refus, congé", _de(effet.LogementOuBanqueRefuse))
_SANTE: Final = Attendu("sante", "Santé : fin de couverture, frais restés à charge", _de(effet.CouvertureSantePerdue))

PAR_PROCEDURE: Final[dict[Procedure, tuple[Attendu, ...]]] = {
    Procedure.MESURES_UTILES: (
        Attendu("tentatives", "Captures des tentatives échouées, à sept jours d'écart au moins", tentatives),
        Attendu("relances", "Relances adressées à l'administration", _de(instruction.RelanceEnvoyee)),
        Attendu(
            "diligences", "Échanges avec le centre de contact, le point d'accueil, la préfecture", _de(*_DILIGENCES)
        ),
        Attendu(
            "en_instruction", "Preuve que la demande est toujours en instruction : capture du compte", lambda _: []
        ),
    ),
    Procedure.SUSPENSION: (
        Attendu("decision", "Décision attaquée", _attaquees),
        Attendu("requete_au_fond", "Copie de la requête en annulation", _au_fond),
        Attendu(
            "motifs", "Demande des motifs du refus implicite, et son avis de réception", _de(decision.MotifsDemandes)
        ),
    ),
    Procedure.LIBERTE: (
        _EMPLOI,
        _LOGEMENT,
        Attendu("ressources", "Absence de ressources : notifications de prestations", _de(*RESSOURCES)),
        Attendu("protection", "Protection reconnue, s'il y en a une", _de(personne.ProtectionReconnue)),
    ),
    Procedure.INDEMNITAIRE: (
        Attendu("demande_prealable", "Demande indemnitaire préalable, et son avis de réception", _reclamees),
        _EMPLOI,
        Attendu("offre", "Offre d'emploi perdue", _de(effet.OffreEmploiRecue, effet.OffreEmploiRetiree)),
        _LOGEMENT,
        _SANTE,
    ),
}
_PAR_MOIS: Final = frozenset(each.nom for each in RESSOURCES)


def attendues(a: Affaire, procedure: Procedure) -> Iterator[Attendue]:
    """Every piece that the procedure asks for, the common ones first."""
    money = procedure in {Procedure.INDEMNITAIRE, Procedure.PROVISION}
    own = PAR_PROCEDURE[Procedure.INDEMNITAIRE if money else procedure]
    for each in (*_COMMUN, *own):
        found = each.faits(a)
        yield Attendue(code=each.code, libelle=each.libelle, entries=ids(found), documents=documents(found))
    if money:
        yield from _par_mois(a, procedure)


def _par_mois(a: Affaire, procedure: Procedure) -> Iterator[Attendue]:
    """Benefits are proven month by month: which months have a document, which have none."""
    for chef in chefs(a, procedure):
        facts = faits_du_chef(a, chef)
        if not facts or facts[0].fait.evenement.nom not in _PAR_MOIS:
            continue
        told = [e for e in a.siennes if e in facts or (chef.reference and e.fait.objet == chef.reference)]
        shown = {e.fait.survenu.jours.premier.replace(day=1) for e in told if e.fait.pieces}
        without = [month for month in mois_touches(chef) if month not in shown]
        who = f" ({chef.organisme})" if chef.organisme else ""
        yield Attendue(
            code="notifications",
            libelle=f"Notifications{who}, mois par mois",
            entries=ids(told),
            documents=documents(told),
            reste=f"sans document pour {nommer(without)}" if without else None,
        )
