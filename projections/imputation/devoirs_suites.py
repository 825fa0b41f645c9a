"""What is owed to a judge, to the Défenseur des droits, and to who asks for documents or for her own data.

A day that a judge or the Défenseur des droits sets is read in the facts, never computed beyond what they wrote.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import acces, decision, instruction, reclamation, recours, support
from ledger.events.base import Event
from ledger.events.listes import Injonction
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.devoir import (
    Fait,
    actes,
    dernier_jour,
    devoir,
    dire,
    faculte,
    premier,
    premier_jour,
)
from projections.imputation.matiere import AU_REGISTRE, Matiere, depots, lus
from projections.imputation.modeles import Constat, Obligation
from rules import (
    cja_l911_1_injonction,
    crpa_l311_1_documents,
    crpa_r311_12_acces,
    loi_2011_333_suites,
    rgpd_art12_acces,
)
from rules.base import Source as Regle

# --------------------------------------------------------------------------- judgments


class _Jugement(NamedTuple):
    """A ruling with what it orders."""

    entry: Entry
    lu: int
    notifie: int | None
    ordonne: tuple[Injonction, ...]
    jours: int | None


def executions(m: Matiere) -> Iterator[Obligation]:
    """CJA L.911-1, L.911-2: what a judge orders is done in the days he gives, counted from the notification [I]."""
    for ruling in _jugements(m):
        for order in ruling.ordonne:
            due = None
            if ruling.jours is not None and ruling.notifie is not None:
                due = cja_l911_1_injonction.execution_due_le(date.fromordinal(ruling.notifie), ruling.jours).toordinal()
            known = order in _EXECUTIONS
            told = f" au plus tard le {jour_fr(due)}" if due is not None else ""
            decided_anew = order in {Injonction.REEXAMINER, Injonction.STATUER}
            yield from devoir(
                m,
                f"execution_{order.value}",
                f"Exécuter la décision du juge du {jour_fr(ruling.lu)}{told} : {_NOMS[order]}",
                sources=(cja_l911_1_injonction.source(nouvelle_decision=decided_anew),),
                dossier=ruling.entry.fait.objet,
                du=ruling.notifie or ruling.lu,
                echeance=due if known else None,
                acte=_NOMS[order],
                prerequis=(_ordonne(ruling),),
                fait=premier(_execute(m, ruling, order)),
                constats=_sans_jour(ruling, due, known=known),
            )


def _ordonne(ruling: _Jugement) -> Constat:
    given = f", à exécuter en {ruling.jours} jours" if ruling.jours is not None else ""
    return dire("injonction", f"Le juge a ordonné, le {jour_fr(ruling.lu)}{given}.", ruling.entry)


def _sans_jour(ruling: _Jugement, due: int | None, *, known: bool) -> Iterator[Constat]:
    if due is None:
        text = "Le délai, ou la notification dont il court, n'est pas au registre : aucun retard n'est calculé."
        yield dire("delai_d_execution_inconnu", text, ruling.entry, sur=False)
    elif not known:
        text = "Aucun type de fait ne dit l'exécution de cette mesure : son absence ne montre rien."
        yield dire("execution_inconnaissable", text, ruling.entry, sur=False)


def _jugements(m: Matiere) -> Iterator[_Jugement]:
    """The rulings that order something; an annulment told twice is told once."""
    kinds: tuple[tuple[type[Event], str, str], ...] = (
        (recours.OrdonnanceRendue, "rendue_le", "notifiee_le"),
        (recours.JugementRendu, "rendu_le", "notifie_le"),
    )
    read = set()
    for kind, champ, notified in kinds:
        for entry, event in lus(m, kind):
            day = dernier_jour(entry, champ)
            read.add((entry.fait.objet, day))
            told = event.lire_champ(notified)
            when = None if told is None else dernier_jour(entry, notified)
            if event.injonctions:
                yield _Jugement(entry, day, when, tuple(dict.fromkeys(event.injonctions)), event.delai_injonction_jours)
    for entry, event in lus(m, decision.DecisionAnnulee):
        day = dernier_jour(entry, "annulee_le")
        if event.injonction and (entry.fait.objet, day) not in read:
            yield _Jugement(entry, day, None, (Injonction.AUTRE,), event.delai_injonction_jours)


_NOMS: Final = {
    Injonction.DELIVRER_PROVISOIRE: "un document provisoire",
    Injonction.DELIVRER_TITRE: "la délivrance du titre",
    Injonction.FIXER_RENDEZ_VOUS: "un rendez-vous",
    Injonction.ENREGISTRER_DEMANDE: "l'enregistrement de la demande",
    Injonction.REEXAMINER: "une nouvelle décision",
    Injonction.STATUER: "une décision",
    Injonction.COMMUNIQUER: "la communication des motifs",
    Injonction.AUTRE: "la mesure ordonnée",
}
_EXECUTIONS: Final[dict[Injonction, tuple[tuple[type[Event], str], ...]]] = {
    Injonction.DELIVRER_PROVISOIRE: (),
    Injonction.DELIVRER_TITRE: (),
    Injonction.ENREGISTRER_DEMANDE: (),
    Injonction.FIXER_RENDEZ_VOUS: (
        (instruction.RendezVousPropose, "propose_le"),
        (support.SubstitutionProposee, "proposee_le"),
    ),
    Injonction.REEXAMINER: (
        (decision.DecisionFavorablePrise, "prise_le"),
        (decision.RefusDecide, "decide_le"),
        (decision.RefusNotifie, "notifie_le"),
    ),
    Injonction.STATUER: (
        (decision.DecisionFavorablePrise, "prise_le"),
        (decision.RefusDecide, "decide_le"),
        (decision.RefusNotifie, "notifie_le"),
    ),
    Injonction.COMMUNIQUER: ((decision.MotifsCommuniques, "communiques_le"),),
}
"""The acts that carry out an order; for the first three, the documents and the applications themselves."""
_DOCUMENTS: Final = {
    Injonction.DELIVRER_PROVISOIRE: frozenset({BaseCouverture.API, BaseCouverture.RECEPISSE, BaseCouverture.ADF}),
    Injonction.DELIVRER_TITRE: frozenset({BaseCouverture.TITRE}),
}


def _execute(m: Matiere, ruling: _Jugement, order: Injonction) -> Iterator[Fait]:
    """The acts of the dossier that carry out an order, from the day of the ruling."""
    dossier = ruling.entry.fait.objet
    for kind, champ in _EXECUTIONS.get(order, ()):
        for entry, event in lus(m, kind):
            day = premier_jour(entry, champ)
            if ruling.lu <= day <= m.au and dossier in {entry.fait.objet, event.lire_champ("dossier")}:
                yield Fait(day, (entry,))
    for doc in m.trame.docs:
        handed = doc.preuve[0] if doc.preuve is not None else None
        mine = doc.dossier in {dossier, None} and doc.base in _DOCUMENTS.get(order, frozenset())
        if mine and handed is not None and ruling.lu <= handed <= m.au:
            yield Fait(handed, doc.entries)
    if order is Injonction.ENREGISTRER_DEMANDE:
        yield from (Fait(d.le[0], (d.entry,)) for d in depots(m) if ruling.lu <= d.le[0] <= m.au)


# --------------------------------------------------------------------------- Défenseur des droits


class _Attente(NamedTuple):
    """What the Défenseur des droits waits for: the request, what answers it, and where its day is written."""

    code: str
    demande: type[Event]
    demandee: str
    reponse: type[Event]
    rendue: str
    nom: str
    source: Regle


_ATTENTES: Final = (
    _Attente(
        "explications_ddd",
        reclamation.ExplicationsDddDemandees,
        "demandees_le",
        reclamation.ExplicationsDddFournies,
        "fournies_le",
        "les explications demandées",
        loi_2011_333_suites.EXPLICATIONS,
    ),
    _Attente(
        "suites_recommandation",
        reclamation.RecommandationDddEmise,
        "emise_le",
        reclamation.SuiteRecommandationRapportee,
        "rapportee_le",
        "le compte rendu des suites de la recommandation",
        loi_2011_333_suites.SOURCE,
    ),
)


def attendus_du_defenseur(m: Matiere) -> Iterator[Obligation]:
    """Loi organique 2011-333, art. 18 and 25: explanations, then what follows, by the day that the Défenseur sets."""
    for each in _ATTENTES:
        for entry, event in lus(m, each.demande):
            day = dernier_jour(entry, each.demandee)
            due = None if event.lire_champ("echeance") is None else dernier_jour(entry, "echeance")
            told = f", au plus tard le {jour_fr(due)}" if due is not None else ""
            asked = dire("demande_ddd", f"Le Défenseur des droits l'a demandé le {jour_fr(day)}.", entry)
            yield from devoir(
                m,
                each.code,
                f"Donner au Défenseur des droits {each.nom}{told}",
                sources=(each.source,),
                dossier=entry.fait.objet,
                du=day,
                echeance=due,
                acte=each.nom,
                prerequis=(asked,),
                fait=premier(_rendus(m, each, entry, day)),
                ou=AU_REGISTRE,
            )


def _rendus(m: Matiere, each: _Attente, asked: Entry, depuis: int) -> Iterator[Fait]:
    number = asked.fait.evenement.lire_champ("numero")
    for fait in actes(m, asked.fait.objet, depuis, each.rendue, each.reponse):
        if fait.entries[0].fait.evenement.lire_champ("numero") in {None, number} or number is None:
            yield fait


# --------------------------------------------------------------------------- documents and data


def documents_administratifs(m: Matiere) -> Iterator[Obligation]:
    """CRPA L.311-1, R.*311-12, R.311-13: a month to communicate, then silence refuses and the commission may be seized.

    No type of fact says that documents were communicated: their absence shows nothing, and no day is a breach.
    """
    rule = crpa_r311_12_acces
    for entry, event in lus(m, reclamation.DocumentsAdministratifsDemandes):
        received = dernier_jour(entry, "recue_le" if event.recue_le else "demandes_le")
        refused = rule.refus_le(date.fromordinal(received)).toordinal()
        asked = dire(
            "documents_demandes",
            f"Documents demandés, le {jour_fr(received)}.",
            entry,
            sur=event.recue_le is not None,
        )
        born = dire(
            "refus_de_communiquer",
            f"Sans communication, le silence vaut refus le {jour_fr(refused)}.",
            entry,
            sources=(rule.SOURCE, rule.UN_MOIS),
            sur=False,
        )
        yield from devoir(
            m,
            "communication_documents",
            f"Communiquer les documents demandés avant le {jour_fr(refused)}",
            sources=(crpa_l311_1_documents.SOURCE, rule.SOURCE, rule.UN_MOIS),
            dossier=entry.fait.objet,
            du=received,
            echeance=None,
            acte="la communication des documents",
            prerequis=(asked,),
            fin=refused - 1,
            constats=(born,) if refused <= m.au else (),
        )
        if refused <= m.au:
            yield _saisine(m, entry, refused, (asked, born))


def _saisine(m: Matiere, asked: Entry, refused: int, links: Iterable[Constat]) -> Obligation:
    """R.343-1, L.342-1: two months to seize the commission, without whose opinion no judge may be."""
    rule = crpa_r311_12_acces
    last = rule.saisir_avant_le(date.fromordinal(refused)).toordinal()
    taken = premier(actes(m, asked.fait.objet, refused, "deposee_le", reclamation.DemandeCadaDeposee))
    notes = []
    for entry, event in lus(m, reclamation.DemandeCadaDeposee):
        if entry.fait.objet == asked.fait.objet and event.enregistree_le is not None:
            day = rule.confirmation_le(event.enregistree_le.dernier).toordinal()
            text = f"Le silence confirme le refus le {jour_fr(day)}, deux mois après l'enregistrement."
            notes.append(dire("refus_confirme", text, entry, sources=(rule.CONFIRMATION, rule.DEUX_MOIS)))
    return faculte(
        "saisine_cada",
        f"Saisir la Commission d'accès aux documents administratifs jusqu'au {jour_fr(last)}",
        sources=(rule.SAISINE, rule.PREALABLE),
        dossier=asked.fait.objet,
        du=refused,
        au=last,
        prerequis=links,
        fait=taken,
        constats=notes,
    )


def droits_sur_les_donnees(m: Matiere) -> Iterator[Obligation]:
    """RGPD art. 12(3): a request about one's data is answered within a month."""
    for entry, event in lus(m, acces.DemandeDroitsRecue):
        received = dernier_jour(entry, "recue_le")
        due = rgpd_art12_acces.reponse_due_le(date.fromordinal(received)).toordinal()
        shown = dire("droits_demandes", f"Demande reçue le {jour_fr(received)}.", entry, sur=event.recue_le.exact)
        yield from devoir(
            m,
            "droits_sur_les_donnees",
            f"Répondre à la demande sur les données ({event.droit.value}) au plus tard le {jour_fr(due)}",
            sources=(rgpd_art12_acces.SOURCE,),
            dossier=entry.fait.objet,
            du=received,
            echeance=due,
            acte="la réponse à la demande",
            prerequis=(shown,),
            fait=premier(_reponses(m, entry, event, received)),
            ou=AU_REGISTRE,
        )


def _reponses(m: Matiere, asked: Entry, request: Any, depuis: int) -> Iterator[Fait]:
    for entry, event in lus(m, acces.DemandeDroitsRepondue):
        same = event.demande is None or request.demande is None or event.demande == request.demande
        day = premier_jour(entry, "repondue_le")
        if same and entry.fait.objet == asked.fait.objet and depuis <= day <= m.au:
            yield Fait(day, (entry,))
