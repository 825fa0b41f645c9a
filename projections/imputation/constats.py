"""What each conclusion rests on, what speaks against it, what is missing, and what it does not prove."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from ledger.events import cloture, decision, depot, incident, instruction, support
from ledger.events.base import Event
from projections.couverture.modeles import Certitude, NatureLacune
from projections.couverture.motifs import jour_fr
from projections.imputation.exigence import Exigence, constat
from projections.imputation.matiere import OFFICIELLES, Matiere, lus, temoin
from projections.imputation.modeles import Constat, Imputation, Partie, Recherche, Statut
from rules import ceseda_l411_2_fin_de_droit

_NATURES = {
    NatureLacune.RUPTURE: "aucun document ni aucun maintien légal ne couvrait la personne",
    NatureLacune.PREUVE_SEULE: "le droit existait, la personne n'avait pas de quoi le prouver",
    NatureLacune.FIN_DE_DROIT: "une décision avait mis fin au droit",
}


def chaine(
    m: Matiere, span: tuple[int, int], nature: NatureLacune, verdict: Imputation, found: Sequence[Exigence]
) -> Iterator[Constat]:
    """The findings that lead to the conclusion, in their order, each with its facts or its article."""
    held = [d for d in m.trame.docs if d.preuve is not None and d.preuve[0] <= d.preuve[2] < span[0]]
    last = max((d.preuve[2] for d in held if d.preuve is not None), default=0)
    near = [d for d in held if d.preuve is not None and d.preuve[2] == last]
    facts = [entry for d in near for entry in d.entries]
    yield constat(
        "jours_sans_preuve",
        f"Du {jour_fr(span[0])} au {jour_fr(span[1])}, {_NATURES[nature]}.",
        *facts,
        sources=(ceseda_l411_2_fin_de_droit.SOURCE,) if nature is NatureLacune.FIN_DE_DROIT else (),
    )
    told: set[tuple[str, tuple[object, ...]]] = set()
    for x in found:
        for each in (*x.prerequis, *([x.manquement] if x.manquement else [])):
            if (each.code, each.entries) not in told:
                told.add((each.code, each.entries))
                yield each
        yield Constat(
            code="sans_ce_manquement",
            texte=f"{x.texte} : faite par {x.debiteur.nom_fr}, cette diligence aurait couvert ces jours.",
            articles=tuple(each.citation for each in x.sources),
            statut=x.statut,
        )
    if verdict is Imputation.UNDETERMINED and not found:
        yield Constat(
            code="aucun_manquement",
            texte="Aucun manquement constaté, de part ni d'autre, n'explique ces jours.",
            statut=Statut.A_ETABLIR,
        )


def contre(
    m: Matiere, span: tuple[int, int], verdict: Imputation, breaches: Iterable[Exigence], sides: Iterable[Partie]
) -> Iterator[Constat]:
    """What speaks for the other side: its part in the facts, or that it was looked for and not found."""
    charged = set(sides)
    if verdict is Imputation.END_OF_RIGHT_BY_DECISION:
        return
    both = len(charged) > 1  # where both are, what charges the one speaks for the other
    other = [x for x in breaches if (both or x.debiteur not in charged) and x.du <= span[1]]
    found = [x.manquement for x in other if x.manquement is not None]
    yield from found
    for partie in sorted(charged):
        yield from _invoques(m, span, partie)
    if found:
        return
    against = Partie.USAGER if Partie.ADMINISTRATION in charged else Partie.ADMINISTRATION
    told = (entry.fait.survenu.jours.premier for entry in m.entries if temoin(entry))
    first = min(told, default=date.fromordinal(span[0]))
    yield Constat(
        code="rien_en_sens_contraire",
        texte=f"Aucun manquement de {against.nom_fr} n'a été trouvé jusqu'au {jour_fr(span[1])}.",
        recherche=Recherche(
            acte=f"un manquement de {against.nom_fr}",
            du=first,
            au=date.fromordinal(max(span[1], first.toordinal())),
            sources=OFFICIELLES,
            presentes=tuple(each for each in OFFICIELLES if each in m.sources),
        ),
    )


INVOQUES: Final[dict[Partie, tuple[type[Event], ...]]] = {
    Partie.USAGER: (
        depot.TentativeDepotEchouee,
        depot.VersementEchoue,
        incident.IncidentOuvert,
        incident.PannePlateformeConstatee,
        support.CccContacte,
        support.PanVisite,
        support.BlocageAtteste,
        support.SubstitutionRefusee,
        instruction.RendezVousManque,
        cloture.DossierClosAutomatiquement,
        cloture.DossierClosParAgent,
        decision.DecisionAnnulee,
        decision.DecisionRetiree,
    ),
    Partie.ADMINISTRATION: (
        instruction.ComplementDemande,
        instruction.RendezVousManque,
        cloture.EnregistrementRefuse,
    ),
}
"""What each party may invoke when days are charged to it."""


def _invoques(m: Matiere, span: tuple[int, int], partie: Partie) -> Iterator[Constat]:
    """The facts before these days that the party charged may invoke, whatever they are worth."""
    for entry, event in lus(m, *INVOQUES[partie]):
        day = entry.fait.survenu.jours.premier.toordinal()
        if day <= span[1]:
            yield constat("invoque", f"{type(event).titre_fr()} ({jour_fr(day)}).", entry)


def manquantes(verdict: Imputation, found: Sequence[Exigence], certitude: Certitude) -> Iterator[str]:
    """The proof that would decide, where one is missing."""
    if certitude is Certitude.INCERTAIN:
        yield "Le jour exact des faits qui ne sont datés que par un intervalle."
    if verdict is not Imputation.UNDETERMINED:
        return
    open_ = (each for x in found for each in (*x.prerequis, *([x.manquement] if x.manquement else [])))
    for text in dict.fromkeys(each.texte for each in open_ if each.statut is Statut.A_ETABLIR):
        yield f"De quoi trancher : « {text.rstrip('.')} »."
    if not found:
        yield "Les faits qui expliqueraient ces jours : dépôt, demandes de pièces, décisions, tentatives."


def ne_prouve_pas(verdict: Imputation) -> Iterator[str]:
    """What nobody should read into the conclusion."""
    yield "Ni l'existence ni le montant d'un préjudice."
    match verdict:
        case Imputation.ADMINISTRATION | Imputation.SHARED:
            yield "Ni que la demande devait être acceptée, ni l'intention de quiconque."
        case Imputation.APPLICANT:
            yield "Ni que la personne n'avait aucun motif : seuls les faits du registre sont lus."
        case Imputation.UNDETERMINED:
            yield "Ni que l'une des parties a fait tout ce qu'elle devait."
        case _:
            yield "Ni la légalité de la décision."
