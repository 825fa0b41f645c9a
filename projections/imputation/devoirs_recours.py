"""What the person may do in time: go to court, ask for the reasons of a silence. Never a duty, never a breach.

An appeal period is an interval of hers (CJA R.421-1, clear and put off to a working day), which runs against her only
when it was told (CJA R.421-5, CRPA L.112-6, L.112-12), which an administrative appeal interrupts (CRPA L.411-2) and
which reasons that were asked for in time put off (CRPA L.232-4). Of two ways of counting, the earlier day is shown.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, decision, depot, recours, support, titre
from ledger.events.types import BaseRecours, NatureDecision
from projections.couverture.faits import bornes
from projections.couverture.modeles import RefusImplicite, StatutRefus
from projections.couverture.motifs import jour_fr
from projections.imputation.devoir import (
    EN_LIGNE,
    Fait,
    actes,
    dernier_jour,
    devoir,
    dire,
    faculte,
    fin_de_decision,
    premier,
    premier_jour,
)
from projections.imputation.devoirs_accuses import CHAMPS
from projections.imputation.devoirs_silence import silences
from projections.imputation.exigence import constat
from projections.imputation.matiere import OFFICIELLES, Matiere, instruction_de, lus, recherche
from projections.imputation.modeles import Constat, Obligation, Statut
from rules import (
    ceseda_r431_10_dossier_incomplet,
    ceseda_r432_1_silence,
    cja_l521_1_suspension,
    cja_r421_1_delai_franc,
    cja_r421_5_voies_et_delais,
    crpa_l112_12_opposabilite,
    crpa_l232_4_motifs,
    crpa_l411_2_recours_administratif,
)

_ADMINISTRATIFS: Final = frozenset({BaseRecours.GRACIEUX, BaseRecours.HIERARCHIQUE})
_NES: Final = frozenset({StatutRefus.NE, StatutRefus.INCERTAIN})


class Attaquable(NamedTuple):
    """A decision that may be taken to court, and whether the period runs against the person."""

    nature: NatureDecision
    dossier: str | None
    le: int
    """The day of its notification, or of its birth: the earliest that the facts allow, for her safety."""
    nom: str
    constat: Constat
    opposable: bool | None
    opposabilite: Constat
    avertir: tuple[Constat, ...] = ()


class Delai(NamedTuple):
    """Until when a decision may be taken to court, and whether that was done."""

    decision: Attaquable
    dernier: int | None
    """The last day of the period, ``None`` when none binds the person."""
    notes: tuple[Constat, ...]
    """What moves or qualifies that day."""
    fin: int | None
    """The last day on which the decision stands; ``None`` while nothing undid or replaced it."""
    forme: Fait | None
    """The annulment that was asked for."""


def delais(m: Matiere) -> Iterator[Delai]:
    """The appeal period of each decision that exists on the day of observation."""
    for each in attaquables(m):
        if each.le > m.au:
            continue
        last, notes = _dernier_jour(m, each)
        implicit = each.nature is NatureDecision.REFUS_IMPLICITE
        taken = premier(
            Fait(premier_jour(e, "forme_le"), (e,))
            for e, v in _formes(m, each)
            if v.base is BaseRecours.EXCES_DE_POUVOIR
        )
        gone = (_fin_du_silence if implicit else _fin_expresse)(m, each)
        yield Delai(each, last, tuple(notes), gone, taken)


def recours_ouverts(m: Matiere) -> Iterator[Obligation]:
    """R.421-1: for each decision, until when the person may go to court, and whether that day binds her."""
    for each, dernier, notes, gone, taken in delais(m):
        last = dernier
        if gone is not None:
            last = gone if last is None else min(last, gone)
        until = f", jusqu'au {jour_fr(last)}" if last is not None else ""
        yield faculte(
            f"recours_{each.nature.value}",
            f"Saisir le juge contre {each.nom}{until}",
            sources=(cja_r421_1_delai_franc.LECTURES.source(), cja_r421_1_delai_franc.FRANC),
            dossier=each.dossier,
            du=each.le,
            au=last,
            prerequis=(each.constat, each.opposabilite),
            fait=taken,
            constats=(*notes, *each.avertir),
        )


def _fin_du_silence(m: Matiere, each: Attaquable) -> int | None:
    """The last day of an implicit refusal: annulled, taken back, or replaced by an express decision or a permit."""
    decided = instruction_de(m, each.dossier, each.le).fin
    return min((day for day in (_fin_expresse(m, each), decided) if day is not None), default=None)


def _fin_expresse(m: Matiere, each: Attaquable) -> int | None:
    return fin_de_decision(m, each.dossier, each.nature, each.le)


# --------------------------------------------------------------------------- decisions


def attaquables(m: Matiere) -> Iterator[Attaquable]:
    """The decisions that the facts give, the implicit refusals included."""
    yield from _implicites(m)
    named: tuple[tuple[Any, NatureDecision, str, str], ...] = (
        (decision.RefusNotifie, NatureDecision.REFUS_EXPRES, "notifie_le", "le refus notifié"),
        (cloture.DossierClosParAgent, NatureDecision.CLOTURE, "notifie_le", "la clôture"),
        (cloture.DossierClosAutomatiquement, NatureDecision.CLOTURE, "clos_le", "la clôture automatique"),
        (cloture.EnregistrementRefuse, NatureDecision.REFUS_ENREGISTREMENT, "refuse_le", "le refus d'enregistrer"),
        (support.SubstitutionRefusee, NatureDecision.REFUS_SUBSTITUTION, "refusee_le", "le refus de substitution"),
        (titre.TitreRetire, NatureDecision.RETRAIT_TITRE, "notifie_le", "le retrait du titre"),
    )
    for kind, nature, champ, nom in named:
        for entry, event in lus(m, kind):
            yield _expresse(entry, event, nature, champ, nom)


def _expresse(entry: Entry, event: Any, nature: NatureDecision, champ: str, nom: str) -> Attaquable:
    day = premier_jour(entry, champ)
    told = event.lire_champ("mention_voies_recours")
    known = event.lire_champ(champ) is not None
    runs = cja_r421_5_voies_et_delais.opposable(date.fromordinal(day) if known else None, mention=told)
    rule = (cja_r421_5_voies_et_delais.SOURCE,)
    match runs:
        case True:
            said = dire("opposable", "Les voies et délais ont été mentionnés : le délai court.", entry, sources=rule)
        case False:
            said = dire("non_opposable", _NON_OPPOSABLE, entry, sources=rule)
        case _:
            said = dire("opposabilite_inconnue", _INCONNUE, entry, sources=rule, sur=False)
    warn = []
    if event.lire_champ("oqtf"):
        warn.append(
            dire(
                "oqtf",
                "Une obligation de quitter le territoire a ses propres délais, plus courts, non calculés ici : celui"
                f" que la notification écrit{_ecrit(event)} est le seul sûr.",
                entry,
                sur=False,
            )
        )
    if nature is NatureDecision.REFUS_ENREGISTREMENT:
        text = "Un refus d'enregistrer un dossier réellement incomplet ne peut pas être attaqué."
        warn.append(dire("grief", text, entry, sources=(ceseda_r431_10_dossier_incomplet.SOURCE,), sur=False))
    exact = day == dernier_jour(entry, champ)
    shown = dire("decision", f"{nom[0].upper()}{nom[1:]}, le {jour_fr(day)}.", entry, sur=exact)
    dossier = event.lire_champ("dossier") or entry.fait.objet
    return Attaquable(nature, dossier, day, f"{nom} du {jour_fr(day)}", shown, runs, said, tuple(warn))


def _ecrit(event: Any) -> str:
    return f" (« {event.delai_recours} »)" if event.lire_champ("delai_recours") else ""


_NON_OPPOSABLE: Final = (
    "Le délai n'est pas opposable. Un délai raisonnable (texte non lu) peut l'être : agir sans attendre."
)
_INCONNUE: Final = "Rien ne dit si les voies et délais ont été mentionnés : tenir le jour donné pour le dernier."


def _implicites(m: Matiere, statuts: frozenset[StatutRefus] = _NES) -> Iterator[Attaquable]:
    """The implicit refusals that stand; of several possible days of birth of one dossier, the earliest."""
    first: dict[str | None, RefusImplicite] = {}
    for each in silences(m):
        if each.statut in statuts:
            before = first.setdefault(each.dossier, each)
            first[each.dossier] = min(before, each, key=lambda r: (r.ne_le, r.base))
    for dossier, r in first.items():
        day = r.ne_le.toordinal()
        facts = [entry for entry in m.entries if entry.event_id in r.entries]
        shown = constat(
            "refus_implicite_ne",
            f"Refus implicite né le {jour_fr(day)} ({r.base}).",
            *facts,
            sources=(ceseda_r432_1_silence.SOURCE,),
            plafond=None if r.statut is not StatutRefus.INCERTAIN else Statut.A_ETABLIR,
        )
        runs, said = _accuse_complet(m, dossier, day)
        warn = [dire("autre_date", text, *facts, sources=(ceseda_r432_1_silence.SUSPENSION,)) for text in r.motifs]
        yield Attaquable(
            NatureDecision.REFUS_IMPLICITE, dossier, day, f"le refus implicite du {jour_fr(day)}", shown, runs, said,
            tuple(warn),
        )  # fmt: skip


def _accuse_complet(m: Matiere, dossier: str | None, born: int) -> tuple[bool | None, Constat]:
    """L.112-6, L.112-12: without a complete receipt the period does not run; what is not said leaves it open."""
    filed = [d for d in m.trame.demandes if d.dossier == dossier]
    paper = bool(filed) and not isinstance(filed[0].evenement, depot.DemandeDeposee)
    rule = (crpa_l112_12_opposabilite.PAPIER if paper else crpa_l112_12_opposabilite.SOURCE,)
    given = [
        (entry, event)
        for entry, event in lus(m, depot.AccuseReceptionDelivre)
        if entry.fait.objet == dossier and premier_jour(entry, "delivre_le") <= m.au
    ]
    if not given:
        since = filed[0].le[1] if filed else born
        where = OFFICIELLES if paper else EN_LIGNE
        looked, statut = recherche(m, "un accusé de réception complet", since, max(since, m.au), where)
        missing = crpa_l112_12_opposabilite.opposable(None) if statut is Statut.ETABLI else None
        return missing, Constat(
            code="non_opposable" if missing is False else "opposabilite_inconnue",
            texte=f"Aucun accusé de réception au registre. {_NON_OPPOSABLE if missing is False else _INCONNUE}",
            articles=tuple(each.citation for each in rule),
            recherche=looked,
            statut=statut,
        )
    found = [
        (crpa_l112_12_opposabilite.opposable([getattr(v, champ) for champ in CHAMPS.values()]), e) for e, v in given
    ]
    order = (True, None, False)
    runs, entry = min(found, key=lambda each: (order.index(each[0]), each[1].event_id.int))
    code, text = _ACCUSES[runs]
    return runs, dire(code, text, entry, sources=rule, sur=runs is not None)


_ACCUSES: Final = {
    True: ("opposable", "L'accusé de réception porte ses mentions : le délai court."),
    False: ("non_opposable", f"L'accusé de réception est incomplet. {_NON_OPPOSABLE}"),
    None: ("opposabilite_inconnue", _INCONNUE),
}


# --------------------------------------------------------------------------- how the period moves


def _formes(m: Matiere, each: Attaquable) -> Iterator[tuple[Entry, recours.RecoursForme]]:
    for entry, event in lus(m, recours.RecoursForme):
        aimed = event.vise in {None, NatureDecision.INCONNU, each.nature}
        if aimed and entry.fait.objet == each.dossier and each.le <= premier_jour(entry, "forme_le") <= m.au:
            yield entry, event


def _dernier_jour(m: Matiere, each: Attaquable) -> tuple[int | None, list[Constat]]:
    """The last day to go to court, ``None`` when none binds the person, and what moves or qualifies it."""
    start, notes = _apres_recours_administratif(m, each)
    early, late = (d.toordinal() for d in cja_r421_1_delai_franc.derniers_jours(date.fromordinal(start)))
    if early != late:
        text = f"L'autre façon de compter donne le {jour_fr(late)} ; la plus courte est retenue."
        notes.append(dire("autre_comptage", text, sources=(cja_r421_1_delai_franc.FRANC,)))
    last, asked = _apres_motifs(m, each, early)
    notes += asked
    if any(warning.code == "oqtf" for warning in each.avertir):
        return None, []
    if each.opposable is False and last is not None:
        notes.append(dire("dernier_jour_s_il_courait", f"S'il courait, le délai finirait le {jour_fr(last)}."))
        last = None
    return last, notes


def _apres_recours_administratif(m: Matiere, each: Attaquable) -> tuple[int, list[Constat]]:
    """L.411-2: formed in time, it interrupts the period, which starts again once all are rejected, silence included."""
    limit = cja_r421_1_delai_franc.dernier_jour(date.fromordinal(each.le))
    rule = crpa_l411_2_recours_administratif
    rejected, notes = [each.le], []
    for entry, event in _formes(m, each):
        formed = date.fromordinal(dernier_jour(entry, "forme_le"))
        if event.base not in _ADMINISTRATIFS or (each.opposable and not rule.interrompt(formed, limit)):
            continue
        received = premier_jour(entry, "recu_le" if event.recu_le else "forme_le")
        day = rule.rejet_le(date.fromordinal(received)).toordinal()
        said = [
            premier_jour(e, "rejete_le")
            for e, v in lus(m, recours.RecoursAdministratifRejete)
            if e.fait.objet == each.dossier
            and (v.recours is None or v.recours == event.numero)
            and premier_jour(e, "rejete_le") >= received
        ]
        end = min([day, *said])
        rejected.append(end)
        text = f"Le recours {event.base.value} du {jour_fr(formed.toordinal())} interrompt le délai ; rejeté le"
        notes.append(dire("recours_administratif", f"{text} {jour_fr(end)}.", entry, sources=rule.SOURCES))
    return max(rejected), notes


def _apres_motifs(m: Matiere, each: Attaquable, last: int) -> tuple[int | None, list[Constat]]:
    """L.232-4: reasons asked for within the period put it off to two months after they are given."""
    if each.nature is not NatureDecision.REFUS_IMPLICITE:
        return last, []
    for entry, _ in lus(m, decision.MotifsDemandes):
        if entry.fait.objet != each.dossier or not _a_temps(entry, each, last):
            continue
        given = premier(actes(m, each.dossier, each.le, "communiques_le", decision.MotifsCommuniques))
        rule = (crpa_l232_4_motifs.SOURCE,)
        if given is None:
            text = "Les motifs ont été demandés et ne sont pas donnés : les deux mois ne recommencent qu'avec eux."
            return None, [dire("motifs_attendus", text, entry, sources=rule)]
        put_off = crpa_l232_4_motifs.recours_proroge(date.fromordinal(given.jour)).toordinal()
        text = f"Motifs communiqués le {jour_fr(given.jour)} : le délai va au {jour_fr(max(last, put_off))}."
        return max(last, put_off), [dire("motifs_communiques", text, entry, *given.entries, sources=rule)]
    return last, []


def _recus(entry: Entry) -> int:
    return dernier_jour(entry, "recue_le" if entry.fait.evenement.lire_champ("recue_le") else "demandes_le")


def _a_temps(entry: Entry, each: Attaquable, last: int) -> bool:
    """Whether reasons were asked for after the birth and, if the period runs, before its end."""
    return each.le <= _recus(entry) and (not each.opposable or _recus(entry) <= last)


# --------------------------------------------------------------------------- reasons of an implicit refusal


def motifs(m: Matiere) -> Iterator[Obligation]:
    """L.232-4: the reasons of an implicit refusal, asked for within the appeal period, are given within a month."""
    born = {each.dossier: each for each in _implicites(m, _NES | {StatutRefus.REMPLACE})}
    for entry, event in lus(m, decision.MotifsDemandes):
        each, received = born.get(entry.fait.objet), _recus(entry)
        if each is not None and not _a_temps(entry, each, _apres_recours(m, each)) and each.le <= received:
            continue
        due = crpa_l232_4_motifs.due_le(date.fromordinal(received)).toordinal()
        exact = event.recue_le is not None and bornes(event.recue_le)[0] == received
        asked = dire("motifs_demandes", f"Motifs demandés, le {jour_fr(received)}.", entry, sur=exact)
        too_soon = Constat(
            code="refus_implicite_non_ne",
            texte="D'après les faits connus, aucun refus implicite n'était né ce jour-là.",
            statut=Statut.A_ETABLIR,
        )
        given = premier(actes(m, entry.fait.objet, received, "communiques_le", decision.MotifsCommuniques))
        yield from devoir(
            m,
            "communication_motifs",
            f"Communiquer les motifs du refus implicite au plus tard le {jour_fr(due)}",
            sources=(crpa_l232_4_motifs.SOURCE,),
            dossier=entry.fait.objet,
            du=received,
            echeance=due,
            acte="la communication des motifs",
            prerequis=(asked, each.constat if each is not None and each.le <= received else too_soon),
            fait=given,
            fin=None if each is None else _fin_du_silence(m, each),
            constats=() if given or due >= m.au else (_REFERE,),
        )


def _apres_recours(m: Matiere, each: Attaquable) -> int:
    start, _ = _apres_recours_administratif(m, each)
    return cja_r421_1_delai_franc.dernier_jour(date.fromordinal(start)).toordinal()


_REFERE: Final = dire(
    "recours_non_expire",
    "Le délai de recours ne recommence qu'à la communication des motifs ; la demande et l'absence de réponse se"
    " produisent à l'appui d'un référé-suspension.",
    sources=(crpa_l232_4_motifs.SOURCE, cja_l521_1_suspension.SOURCE),
)
