"""The young adult: when to ask for a first permit, and the certificate that answers (R.431-5 2°, 3°, R.431-15-1 al. 3).

Not replayed: no day counts as lost before a first document, and after it the duty that is replayed is its renewal.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.events import personne
from ledger.events.depot import DemandeDeposee
from projections.couverture.faits import Demande, bornes
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.completude import incomplets
from projections.imputation.devoir import Fait, devoir, dire, premier
from projections.imputation.empechements import Empechement, empechements, pannes
from projections.imputation.exigence import absence
from projections.imputation.matiere import Matiere, cartes, depots, instruction_de, lus, soustraire
from projections.imputation.modeles import Constat, Obligation, Partie, Periode, Portee, moins_etabli
from rules import ceseda_r431_5_jeune_majeur, ceseda_r431_15_1_attestation


def jeunes_majeurs(m: Matiere) -> Iterator[Obligation]:
    """R.431-5 2°, 3°: the eve of the 19th birthday, or two months after the 18th; the later day where both may apply.

    Who holds a permit on that day asks for its renewal instead.
    """
    blocked = empechements(m)
    for entry, event in lus(m, personne.MajoriteAtteinte):
        born, since = event.atteinte_le, bornes(event.atteinte_le)
        if since[0] > m.au or any(d.droit[0] <= since[1] <= d.droit[3] for d in cartes(m)):
            continue
        filed = [d for d in depots(m) if d.le[1] >= since[0]]
        first = filed[0] if filed else None
        known = ceseda_r431_5_jeune_majeur.limites(born.dernier, first.evenement.fondement if first else None)
        days = [each.toordinal() for each in known]
        shown = dire("majorite", f"Dix-huit ans le {jour_fr(since[1])}.", entry, sur=born.exact)
        yield _depot(m, first, since, days, shown, blocked)
        if first is not None and isinstance(first.evenement, DemandeDeposee):
            yield from _attestation(m, first, max(days), shown)


def _depot(
    m: Matiere,
    first: Demande | None,
    since: tuple[int, int],
    days: Sequence[int],
    shown: Constat,
    blocked: Sequence[Empechement],
) -> Obligation:
    last = max(days)
    sources = (ceseda_r431_5_jeune_majeur.DEUX_MOIS, ceseda_r431_5_jeune_majeur.SOURCE)[-len(days) :]
    until = m.au if first is None else min(first.le[0] - 1, m.au)
    # Nobody is late on a day on which she tried and could not, whatever shows it.
    excused = [*((e.du, e.au) for e in blocked), *pannes(m)]
    late = soustraire([(last + 1, until)], excused) if last < until else []
    missing = absence(
        m, "sans_demande", "Aucune demande n'a été faite ces jours-là.", "le dépôt d'une demande", late, sources
    )
    other = dire(
        "autre_limite",
        f"Selon le titre, la limite est le {jour_fr(min(days))} ou le {jour_fr(last)} : la plus tardive est retenue.",
        sources=sources,
        sur=False,
    )
    return Obligation(
        code="depot_jeune_majeur",
        debiteur=Partie.USAGER,
        dossier=first.dossier if first else None,
        texte=f"Demander un titre au plus tard le {jour_fr(last)}",
        articles=tuple(each.citation for each in sources),
        du=date.fromordinal(since[1]),
        au=date.fromordinal(last),
        prerequis=(shown,),
        satisfaite_par=(first.entry.event_id,) if first else (),
        manquements=tuple(Periode(du=date.fromordinal(a), au=date.fromordinal(b)) for a, b in late),
        manquement=missing,
        statut=moins_etabli(shown.statut, *([missing.statut] if missing else [])),
        constats=(other,) if len(days) > 1 else (),
        portee=Portee.HORS_JOURS,
    )


def _attestation(m: Matiere, filed: Demande, last: int, shown: Constat) -> Iterator[Obligation]:
    """R.431-15-1 al. 3: filed in time and complete, a certificate from the filing day [I], no document being held."""
    if filed.le[1] > last or incomplets(m, filed.dossier):
        return
    given = [
        Fait(d.preuve[0], d.entries)
        for d in m.trame.docs
        if d.base is BaseCouverture.API and d.preuve is not None and filed.le[0] <= d.preuve[0] <= m.au
    ]
    yield from devoir(
        m,
        "attestation_jeune_majeur",
        f"Mettre à disposition l'attestation de prolongation dès le dépôt, le {jour_fr(filed.le[1])}",
        sources=(ceseda_r431_15_1_attestation.JEUNE_MAJEUR, ceseda_r431_15_1_attestation.SANS_DOCUMENT),
        dossier=filed.dossier,
        du=filed.le[1],
        echeance=filed.le[1],
        acte="l'attestation de prolongation de l'instruction",
        prerequis=(shown, dire("demande_a_temps", f"Demande faite le {jour_fr(filed.le[1])}.", filed.entry)),
        fait=premier(given),
        fin=instruction_de(m, filed.dossier, filed.le[0]).fin,
    )
