"""Asking for money: a claim made first, a lawyer, the days that are retained, four years to ask."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.contre import contre_elle
from evidence.procedures.modeles import Gravite, Piege, Procedure, cites, uniques
from ledger.entry import Entry
from ledger.events.listes import PorteeMandat, QualiteMandataire
from ledger.events.personne import MandatDonne, MandatRevoque
from ledger.events.recours import RecoursAdministratifRejete, RecoursForme
from ledger.events.types import BaseRecours
from ledger.francais import jour
from projections.couverture.faits import bornes_ou
from projections.francais import compte
from projections.imputation.devoir import dernier_jour, premier_jour
from projections.imputation.modeles import Attribution, Imputation, Statut
from rules import (
    caa_24pa02879_prejudice,
    cja_r421_1_delai_franc,
    cja_r421_2_reclamation,
    cja_r431_2_avocat,
    cja_r541_1_provision,
    loi_1968_prescription,
)
from rules.base import Source

PREAVIS: Final = timedelta(days=366)
"""How long before its last day a prescription is told."""


def textes(procedure: Procedure) -> tuple[Source, ...]:
    """What a request for money rests on."""
    if procedure is Procedure.PROVISION:
        return (cja_r541_1_provision.SOURCE,)
    return (caa_24pa02879_prejudice.SOURCE,)


# --------------------------------------------------------------------------- the claim made first


class Reclamation(NamedTuple):
    """A claim made to the administration before the court."""

    entry: Entry
    recue: int | None
    """The last day on which it may have been received; ``None`` when no receipt is known."""
    rejetee: int
    """The day of its rejection, by an answer or by two months of silence, from its receipt or, failing it, its day."""
    expresse: Entry | None


def reclamations(a: Affaire) -> list[Reclamation]:
    """The claims for compensation, in the order of days."""
    found = []
    for entry, event in a.faits(RecoursForme):
        if event.base is not BaseRecours.DEMANDE_INDEMNITAIRE_PREALABLE:
            continue
        received = dernier_jour(entry, "recu_le") if event.recu_le is not None else None
        since = received if received is not None else dernier_jour(entry, "forme_le")
        silent = cja_r421_2_reclamation.rejet_le(date.fromordinal(since)).toordinal()
        said = [
            e
            for e, v in a.faits(RecoursAdministratifRejete)
            if e.fait.objet == entry.fait.objet
            and (v.recours == event.numero if v.recours is not None else True)
            and v.implicite is not True
            and premier_jour(e, "rejete_le") >= premier_jour(entry, "forme_le")
        ]
        first = min(said, key=lambda e: premier_jour(e, "rejete_le"), default=None)
        day = silent if first is None else min(silent, premier_jour(first, "rejete_le"))
        found.append(Reclamation(entry, received, day, first))
    return found


def prealable(a: Affaire, procedure: Procedure) -> Iterator[Piege]:
    """R.421-1: a sum is asked of the court only after a decision on a claim made to the administration first."""
    if cja_r421_1_delai_franc.demande_prealable_exigee(procedure.base) is False:
        return
    sources = cites(*_prealable(procedure))
    found = reclamations(a)
    if not found:
        yield Piege(
            code="demande_prealable_absente",
            gravite=Gravite.OBSTACLE,
            texte="Aucune demande indemnitaire préalable n'est au registre.",
            remede="Adressez-la à l'administration par un envoi dont la réception se prouve, et chiffrez chaque chef ;"
            " deux mois de silence la rejettent.",
            sources=sources,
        )
        return
    last = found[-1]
    rejected = date.fromordinal(last.rejetee)
    if last.recue is None:
        yield Piege(
            code="demande_prealable_reception_inconnue",
            gravite=Gravite.RISQUE,
            texte="Le jour où la demande indemnitaire préalable a été reçue n'est pas au registre.",
            remede="Joignez l'avis de réception, et inscrivez son jour : les deux mois se comptent de la réception.",
            sources=sources,
            entries=ids([last.entry]),
        )
    elif not documents([last.entry]):
        yield Piege(
            code="demande_prealable_sans_piece",
            gravite=Gravite.RISQUE,
            texte="La demande indemnitaire préalable est au registre, sans document.",
            remede="Joignez-la, avec son avis de réception.",
            sources=sources,
            entries=ids([last.entry]),
        )
    if rejected > a.au:
        yield Piege(
            code="demande_prealable_pendante",
            gravite=Gravite.OBSTACLE,
            texte="La demande indemnitaire préalable n'est pas encore rejetée : le silence la rejette le"
            f" {jour(rejected)}.",
            remede=f"Attendez une réponse, ou le {jour(rejected)}.",
            sources=sources,
            entries=ids([last.entry]),
            le=rejected,
        )
    elif procedure is Procedure.INDEMNITAIRE:
        yield from _delai(a, last)


def _prealable(procedure: Procedure) -> tuple[Source, ...]:
    """R.421-1, and, for a provision, the decision that reads it so; R.421-2 for the silence."""
    of = cja_r421_1_delai_franc.LECTURES.suivie().sources
    more = of[3:] if procedure is Procedure.PROVISION else ()
    return (of[0], *more, cja_r421_2_reclamation.LECTURES.source())


def _delai(a: Affaire, last: Reclamation) -> Iterator[Piege]:
    seized = [e for e, v in a.faits(RecoursForme) if v.base is BaseRecours.INDEMNITAIRE]
    if seized:
        return
    end = cja_r421_1_delai_franc.dernier_jour(date.fromordinal(last.rejetee))
    how = "par une réponse" if last.expresse is not None else "par le silence"
    when = f"rejetée {how} le {jour(date.fromordinal(last.rejetee))}"
    passed = end < a.au
    yield Piege(
        code="delai_indemnitaire_expire" if passed else "delai_indemnitaire",
        gravite=Gravite.RISQUE if passed else Gravite.ECHEANCE,
        texte=f"La demande préalable a été {when} : le délai de recours, s'il court, "
        f"{'a fini' if passed else 'finit'} le {jour(end)}.",
        remede="Montrez qu'il ne courait pas : voies et délais non mentionnés, ou accusé de réception absent."
        if passed
        else f"Saisissez le tribunal au plus tard le {jour(end)}.",
        sources=cites(
            cja_r421_1_delai_franc.LECTURES.source(),
            cja_r421_1_delai_franc.FRANC,
            cja_r421_2_reclamation.LECTURES.source(),
        ),
        entries=ids([last.entry, *([last.expresse] if last.expresse is not None else [])]),
        le=end,
    )


# --------------------------------------------------------------------------- a lawyer


def avocat(a: Affaire, procedure: Procedure) -> Iterator[Piege]:
    """R.431-2: a sum of money is asked for by a lawyer."""
    if not cja_r431_2_avocat.avocat_exige(procedure.base) or _mandats(a):
        return
    yield Piege(
        code="avocat_obligatoire",
        gravite=Gravite.OBSTACLE,
        texte="Une somme d'argent se demande par un avocat, à peine d'irrecevabilité : aucun mandat d'avocat, valable"
        " ce jour-là, n'est au registre.",
        remede="Faites présenter la requête par un avocat.",
        sources=cites(cja_r431_2_avocat.LECTURES.source()),
    )


def _mandats(a: Affaire) -> list[Entry]:
    ended = [(v.mandat, e) for e, v in a.faits(MandatRevoque)]
    found = []
    for entry, event in a.faits(MandatDonne):
        if event.qualite is not QualiteMandataire.AVOCAT:
            continue
        acts = not event.portee or PorteeMandat.REPRESENTER_EN_JUSTICE in event.portee
        first = bornes_ou(event.valide_du, entry)[0]
        last = event.valide_au.dernier if event.valide_au is not None else date.max
        revoked = any(
            mandat == event.mandat and e.fait.survenu.debut >= entry.fait.survenu.debut for mandat, e in ended
        )
        if acts and not revoked and first <= a.m.au and a.au <= last:
            found.append(entry)
    return found


# --------------------------------------------------------------------------- the days


class Intervalles(NamedTuple):
    """The days without proof that a request for money may rest on, and those it leaves aside, each with why."""

    retenus: tuple[Attribution, ...]
    exclus: tuple[tuple[Attribution, str], ...]

    @property
    def jours(self) -> frozenset[int]:
        """The days retained, as ordinals."""
        return frozenset(day for x in self.retenus for day in range(x.du.toordinal(), x.au.toordinal() + 1))


def intervalles(a: Affaire, procedure: Procedure) -> Intervalles:
    """For a provision, the days due to the administration and established; otherwise those due to it, even in part."""
    kept, left = [], []
    for each in a.preuve.attributions:
        if each.couche == "preuve":
            why = _exclu(each, procedure)
            if why is None:
                kept.append(each)
            else:
                left.append((each, why))
    return Intervalles(tuple(kept), tuple(left))


_POURQUOI: Final = {
    Imputation.SHARED: "la conduite de la personne y a part aussi",
    Imputation.UNDETERMINED: "une preuve manque pour dire à qui ces jours sont dus",
    Imputation.APPLICANT: "ces jours tiennent à la conduite de la personne",
    Imputation.END_OF_RIGHT_BY_DECISION: "une décision a mis fin au droit : ce n'est pas une interruption",
    Imputation.THIRD_PARTY: "ces jours tiennent à un tiers",
}


def _exclu(x: Attribution, procedure: Procedure) -> str | None:
    """Why these days are left aside; ``None`` when they are retained."""
    if procedure is not Procedure.PROVISION:
        return None if x.imputation in {Imputation.ADMINISTRATION, Imputation.SHARED} else _POURQUOI[x.imputation]
    if x.imputation is not Imputation.ADMINISTRATION:
        return _POURQUOI[x.imputation]
    return None if x.statut is Statut.ETABLI else f"le manquement n'est pas établi ({x.statut.value.replace('_', ' ')})"


def jours_retenus(a: Affaire, procedure: Procedure) -> Iterator[Piege]:
    """Which days carry the request, which do not, and what the other side will say of those that do."""
    found = intervalles(a, procedure)
    if not found.retenus:
        yield Piege(
            code="aucun_intervalle",
            gravite=Gravite.OBSTACLE,
            texte="Aucun jour sans preuve n'est dû à l'administration"
            + (", de façon établie." if procedure is Procedure.PROVISION else " d'après les faits connus."),
            remede="Complétez les faits et leurs pièces ; sans jour retenu, rien ne se rattache à un manquement.",
            sources=cites(*textes(procedure)),
            entries=_chaines([x for x, _ in found.exclus]),
        )
    for why in dict.fromkeys(why for _, why in found.exclus):
        left = [x for x, each in found.exclus if each == why]
        yield Piege(
            code="intervalle_exclu",
            gravite=Gravite.RISQUE,
            texte=f"Jours laissés hors de la demande, {_periodes(left)} : {why}.",
            remede="Ne demandez rien pour ces jours" + _ou_reunir(left),
            sources=cites(*textes(procedure)),
            entries=_chaines(left),
        )
    yield from _fragiles(a, found.retenus, procedure)


def _fragiles(a: Affaire, kept: Sequence[Attribution], procedure: Procedure) -> Iterator[Piege]:
    shared = [x for x in kept if x.imputation is Imputation.SHARED]
    if shared:
        yield Piege(
            code="jours_partages",
            gravite=Gravite.RISQUE,
            texte=f"La conduite de la personne a part à des jours retenus : {_periodes(shared)}.",
            remede="Attendez-vous à une réparation partielle ; dites ce qui excuse sa conduite.",
            sources=cites(*textes(procedure)),
            entries=_chaines(shared),
        )
    weak = [x for x in kept if x.statut is not Statut.ETABLI]
    if weak:
        yield Piege(
            code="manquement_non_etabli",
            gravite=Gravite.RISQUE,
            texte=f"Le manquement n'est pas établi pour des jours retenus : {_periodes(weak)}.",
            remede="Réunissez ce qui manque" + _manques(weak),
            sources=cites(*textes(procedure)),
            entries=_chaines(weak),
        )
    against = [c for x in kept for c in contre_elle(a, x)]
    if against:
        yield Piege(
            code="faits_en_sens_contraire",
            gravite=Gravite.RISQUE,
            texte="Des faits vont en sens contraire : " + " ".join(dict.fromkeys(c.texte for c in against)),
            remede="Répondez-y dans la requête : ils figurent au dossier et ne peuvent pas en être écartés.",
            sources=cites(*textes(procedure)),
            entries=uniques(each for c in against for each in c.entries),
        )


def _periodes(found: Sequence[Attribution]) -> str:
    return ", ".join(f"du {jour(x.du)} au {jour(x.au)} ({compte(x.jours, 'jour')})" for x in found)


def _chaines(found: Sequence[Attribution]) -> tuple[UUID, ...]:
    return uniques(each for x in found for c in x.chaine for each in c.entries)


def _ou_reunir(left: Sequence[Attribution]) -> str:
    told = _manques(left)
    return f", ou réunissez d'abord ce qui manque{told}" if told != "." else "."


def _manques(found: Sequence[Attribution]) -> str:
    said = list(dict.fromkeys(each.rstrip(".") for x in found for each in x.preuves_manquantes))
    return f" : {' ; '.join(said)}." if said else "."


# --------------------------------------------------------------------------- four years


def quadriennale(a: Affaire, days: Sequence[tuple[date, tuple[UUID, ...]]]) -> Iterator[Piege]:
    """Four years from the 1 January that follows (law of 31 December 1968). ``days``: each with its facts."""
    years: dict[int, list[UUID]] = {}
    for day, cited in days:
        years.setdefault(day.year, []).extend(cited)
    for year, facts in sorted(years.items()):
        last = loi_1968_prescription.dernier_jour(date(year, 1, 1))
        if last - a.au > PREAVIS:
            continue
        passed = last < a.au
        yield Piege(
            code="prescription_acquise" if passed else "prescription_proche",
            gravite=Gravite.RISQUE if passed else Gravite.ECHEANCE,
            texte=f"Les pertes de {year} se réclament jusqu'au {jour(last)}"
            + (" : ce jour est passé." if passed else "."),
            remede="Montrez ce qui a interrompu ou suspendu la prescription : le texte n'en a pas été lu."
            if passed
            else f"Réclamez avant le {jour(last)}, et gardez la preuve de l'envoi et de sa réception.",
            sources=cites(loi_1968_prescription.SOURCE),
            entries=uniques(facts),
            le=last,
        )
