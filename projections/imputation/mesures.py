"""What the Défenseur des droits counts across dossiers: units, each with its day, and how they ended.

A measure names its unit, which is its denominator: what is not a unit is not counted at all. A unit is counted on the
day ``le``; what was awaited came on ``fait_le``, the same day at the earliest, or has not come. Days are ordinals.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, reclamation, recours, support
from ledger.events.base import Event
from projections.couverture.documents import SANS_FIN, Doc
from projections.couverture.faits import bornes
from projections.couverture.modeles import BaseCouverture
from projections.imputation.completude import complements
from projections.imputation.empechements import empechements
from projections.imputation.exigence import PROTEGES, Exigence, protections
from projections.imputation.incidents import Genre
from projections.imputation.matiere import Matiere, atteintes, cartes, depots, instruction_de, jour, lus
from projections.imputation.modeles import Attribution, Imputation
from rules import (
    ceseda_l424_1_protection,
    ceseda_r431_2_substitution,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_3_refugie,
    crpa_l114_5_complement,
    loi_2011_333_suites,
)
from rules.base import Source


class Unite(NamedTuple):
    """One unit of a measure."""

    dossier: str | None
    le: int
    fait_le: int | None
    oui: bool
    """What the measure asks of it."""


class Lu(NamedTuple):
    """What the measures of one person are read from."""

    m: Matiere
    duties: Sequence[Exigence]
    lost: Sequence[Attribution]


class Mesure(NamedTuple):
    """Ce que l'on compte, et comment on le lit."""

    code: str
    unite: str
    """What is counted: the denominator."""
    question: str
    """What is asked of each unit: the numerator."""
    delai: str | None
    """From what to what a delay runs; ``None`` when none is measured."""
    sources: tuple[Source, ...]
    unites: Callable[[Lu], Iterable[Unite]]


def _attestations(x: Lu) -> Iterator[Unite]:
    for duty in x.duties:
        if duty.code == "attestation_prolongation":
            given = _remis(x.m, duty.dossier, {BaseCouverture.API}, duty.du)
            yield Unite(duty.dossier, duty.du, given, given == duty.du)


def _remis(m: Matiere, dossier: str | None, bases: set[BaseCouverture], since: int) -> int | None:
    """The first day from ``since`` on which such a document was in the person's hands."""
    found = [
        max(d.preuve[1], since)
        for d in m.trame.docs
        if d.base in bases and d.dossier in {dossier, None} and d.preuve is not None and d.preuve[2] >= since
    ]
    return min(found, default=None)


def _renouvellements(x: Lu) -> Iterator[Unite]:
    """Each provisional document that ran out while the application was still examined."""
    for doc in x.m.trame.docs:
        if not _provisoire(doc) or doc.droit[2] >= SANS_FIN:
            continue
        after = doc.droit[2] + 1
        examined = instruction_de(x.m, doc.dossier, after).fin
        if examined is None or examined >= after:
            again = min((max(du, after) for du, au in x.m.tenus if au >= after), default=None)
            yield Unite(doc.dossier, after, again, again != after)


def _provisoire(doc: Doc) -> bool:
    return doc.base in {BaseCouverture.API, BaseCouverture.RECEPISSE}


def _attestations_protegees(x: Lu) -> Iterator[Unite]:
    if not any(True for _ in protections(x.m)):
        return
    for doc in x.m.trame.docs:
        stated = doc.evenement
        if doc.base is BaseCouverture.API and stated.valide_au.exact:
            short = ceseda_r431_15_3_refugie.jours_manquants(stated.valide_du.premier, stated.valide_au.dernier)
            yield Unite(doc.dossier, doc.droit[0], None, short is not None)


def _cartes_protegees(x: Lu) -> Iterator[Unite]:
    for _, event in protections(x.m):
        filed = [d for d in depots(x.m) if d.le[1] >= bornes(event.reconnue_le)[0]]
        if event.statut not in ceseda_l424_1_protection.REMISE_PAR_STATUT or not filed:
            continue
        due = ceseda_l424_1_protection.carte_due_le(event.reconnue_le.dernier).toordinal()
        since = filed[0].le[0]
        handed = [d.preuve[0] for d in cartes(x.m) if d.preuve is not None and d.preuve[0] >= since]
        first = min(handed, default=None)
        limit = max(due, filed[0].le[1])
        yield Unite(
            filed[0].dossier, limit, None if first is None else max(first, limit), first is None or first > limit
        )


def _clotures(x: Lu) -> Iterator[Unite]:
    hit = [t for t in atteintes(x.m) if t.genre is not Genre.FENETRE]
    told = lus(x.m, support.CccContacte, support.PanVisite, support.BlocageAtteste)
    for entry, event in lus(x.m, cloture.DossierClosAutomatiquement):
        day, dossier = jour(event.clos_le, entry), entry.fait.objet
        before = any(t.dossier in {dossier, None} and t.du <= day for t in hit)
        asked = any(v.dossier in {dossier, None} and e.fait.survenu.jours.premier.toordinal() <= day for e, v in told)
        yield Unite(dossier, day, None, before or asked)


def _complements(x: Lu) -> Iterator[Unite]:
    for each in complements(x.m):
        asked = jour(each.evenement.demande_le, each.entry)
        opened = None if each.ouvert is None else each.ouvert.fait.survenu.jours.premier.toordinal()
        yield Unite(each.entry.fait.objet, asked, None if opened is None else max(opened, asked), opened is None)


def _substitutions(x: Lu) -> Iterator[Unite]:
    for entry, event in lus(x.m, support.SubstitutionDemandee):
        asked = jour(event.recue_le or event.demandee_le, entry)
        slots = [v.prevu.jours.premier.toordinal() for _, v in lus(x.m, support.SubstitutionProposee) if v.prevu]
        slots += [jour(v.tenu_le, e) for e, v in lus(x.m, support.RendezVousSubstitutionTenu)]
        first = min((day for day in slots if day >= asked), default=None)
        yield Unite(event.dossier, asked, first, first is not None)


def _ccc(x: Lu) -> Iterator[Unite]:
    answers = lus(x.m, support.CccRepondu)
    for entry, event in lus(x.m, support.CccContacte):
        asked = jour(event.contacte_le, entry)
        days = [jour(v.repondu_le, e) for e, v in answers if _meme_ticket(entry, event, e, v)]
        first = min((day for day in days if day >= asked), default=None)
        yield Unite(event.dossier, asked, first, first is not None)


def _meme_ticket(asked: Entry, contact: Any, answered: Entry, answer: Any) -> bool:
    if contact.ticket is not None and answer.ticket is not None:
        return bool(contact.ticket == answer.ticket)
    return asked.fait.objet == answered.fait.objet


def _blocages(x: Lu) -> Iterator[Unite]:
    for each in empechements(x.m):
        after = None if each.suite is None else each.suite.le[0]
        yield Unite(each.dossier, each.du, after, after is None)


def _demandes(x: Lu) -> Iterator[Unite]:
    blocked = {id(each.suite.entry) for each in empechements(x.m) if each.suite is not None}
    for filed in depots(x.m):
        yield Unite(filed.dossier, filed.le[0], None, id(filed.entry) in blocked)


_INTERVENTIONS: Final[tuple[type[Event], ...]] = (
    reclamation.ReclamationDddOuverte,
    reclamation.ExplicationsDddDemandees,
    reclamation.RecommandationDddEmise,
    recours.RefereForme,
    recours.OrdonnanceRendue,
    recours.JugementRendu,
)


def _interruptions(x: Lu) -> Iterator[Unite]:
    """Each stretch of days without proof: its end is what is awaited."""
    acts = [entry.fait.survenu.jours.premier.toordinal() for entry, _ in lus(x.m, *_INTERVENTIONS)]
    holes = [h for h in x.lost if h.couche == "preuve" and h.imputation is not Imputation.END_OF_RIGHT_BY_DECISION]
    spans: list[list[int]] = []
    for hole in holes:
        du, au = hole.du.toordinal(), hole.au.toordinal()
        if spans and spans[-1][1] + 1 == du:
            spans[-1][1] = au
        else:
            spans.append([du, au])
    for du, au in spans:
        over = au + 1 if au < x.m.au else None
        yield Unite(None, du, over, over is not None and any(du <= day <= au for day in acts))


MESURES: Final = (
    Mesure(
        "attestation_prolongation",
        "demandes complètes déposées en ligne dans la fenêtre, encore instruites à l'expiration du titre",
        "attestation entre les mains de la personne dès le lendemain de l'expiration",
        "du jour où elle est due à celui où la personne l'a",
        (ceseda_r431_15_1_attestation.SOURCE,),
        _attestations,
    ),
    Mesure(
        "renouvellement_provisoire",
        "attestations et récépissés arrivés à leur fin alors que la demande était encore instruite",
        "sans renouvellement le lendemain",
        "du lendemain de la fin au document suivant",
        (ceseda_r431_15_1_attestation.SOURCE,),
        _renouvellements,
    ),
    Mesure(
        "attestation_protege",
        "attestations délivrées à des bénéficiaires d'une protection",
        "moins de six mois",
        None,
        tuple(PROTEGES.values()),
        _attestations_protegees,
    ),
    Mesure(
        "carte_protege",
        "bénéficiaires d'une protection qui ont demandé leur carte",
        "carte remise après le délai légal, ou pas encore",
        "de la fin du délai légal à la remise",
        tuple(ceseda_l424_1_protection.REMISE_PAR_STATUT.values()),
        _cartes_protegees,
    ),
    Mesure(
        "cloture_automatique",
        "dossiers clos automatiquement",
        "un incident, ou une demande d'aide, est au registre avant la clôture",
        None,
        (crpa_l114_5_complement.SOURCE,),
        _clotures,
    ),
    Mesure(
        "complement",
        "demandes de pièces conformes",
        "jamais ouverte par la personne",
        "de la demande à son ouverture",
        (crpa_l114_5_complement.SOURCE,),
        _complements,
    ),
    Mesure(
        "substitution",
        "demandes de déposer autrement",
        "un créneau donné",
        "de la réception de la demande au créneau",
        (ceseda_r431_2_substitution.SOURCE,),
        _substitutions,
    ),
    Mesure(
        "centre_de_contact",
        "contacts avec le centre de contact citoyen",
        "une réponse donnée",
        "du contact à la réponse",
        (ceseda_r431_2_substitution.ARRETE,),
        _ccc,
    ),
    Mesure(
        "blocage",
        "suites de tentatives de dépôt échouées, signalées ou non",
        "aucune demande n'a suivi",
        "de la première tentative au dépôt",
        (ceseda_r431_2_substitution.SOURCE,),
        _blocages,
    ),
    Mesure(
        "demande",
        "demandes de titre déposées, en ligne ou autrement",
        "précédée de tentatives échouées",
        None,
        (ceseda_r431_2_substitution.SOURCE,),
        _demandes,
    ),
    Mesure(
        "interruption",
        "suites de jours sans preuve du séjour, fins de droit par décision exclues",
        "terminée après l'intervention du Défenseur des droits ou d'un juge",
        "du premier jour sans preuve à la fin",
        (loi_2011_333_suites.SOURCE,),
        _interruptions,
    ),
)
LUS: Final[tuple[type[Event], ...]] = (
    cloture.DossierClosAutomatiquement,
    support.RendezVousSubstitutionTenu,
    *_INTERVENTIONS,
)
"""The types of facts that measures read beside those of attribution."""
