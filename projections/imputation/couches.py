"""The other layers, never merged with the days without proof: certificates too short, cards late, losses elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import date

from projections.couverture.effets import effets
from projections.couverture.modeles import BaseCouverture, Certitude, Effet
from projections.couverture.motifs import jour_fr
from projections.imputation.constats import ne_prouve_pas
from projections.imputation.exigence import PROTEGES, Exigence, constat, protections
from projections.imputation.matiere import Matiere
from projections.imputation.modeles import Attribution, Constat, Imputation, Statut, moins_etabli
from rules import ceseda_r431_15_3_refugie, crpa_l100_3_administration


def autres_couches(m: Matiere, duties: Sequence[Exigence], lost: Sequence[Attribution]) -> Iterator[Attribution]:
    """Durations cut short, delays of the law, and effects, each dated against the days without proof."""
    yield from _durees(m)
    yield from _delais(m, duties)
    for each in effets(m.trame.faits):
        yield _effet(m, each, lost)


def _durees(m: Matiere) -> Iterator[Attribution]:
    """R.431-15-3: a protected person's certificate that says less than six months withholds the days it leaves out."""
    for _, event in protections(m):
        source = PROTEGES[event.statut]
        for doc in m.trame.docs:
            stated = doc.evenement
            if doc.base is not BaseCouverture.API or not stated.valide_au.exact:
                continue
            missing = ceseda_r431_15_3_refugie.jours_manquants(stated.valide_du.premier, stated.valide_au.dernier)
            if missing is not None:
                shown = constat(
                    "duree_insuffisante",
                    f"L'attestation s'arrête le {jour_fr(missing[0].toordinal() - 1)} ; six mois allaient jusqu'au"
                    f" {jour_fr(missing[1].toordinal())}.",
                    *doc.entries,
                    sources=(source,),
                )
                yield _couche("duree", missing[0], missing[1], [shown], doc.reference)


def _delais(m: Matiere, duties: Sequence[Exigence]) -> Iterator[Attribution]:
    for x in duties:
        if x.code == "carte_protege" and x.jours and x.manquement is not None:
            first, last = x.jours[0][0], x.jours[-1][1]
            yield _couche(
                "delai",
                date.fromordinal(first),
                date.fromordinal(last),
                [*x.prerequis, x.manquement],
                x.dossier,
                ouvert=last == m.au,
            )


def _couche(
    couche: str, du: date, au: date, chaine: Sequence[Constat], reference: str | None, *, ouvert: bool = False
) -> Attribution:
    return Attribution(
        du=du,
        au=au,
        jours=(au - du).days + 1,
        couche=couche,
        nature=couche,
        imputation=Imputation.ADMINISTRATION,
        statut=moins_etabli(*(each.statut for each in chaine)),
        cf_administration=None,
        cf_usager=None,
        causes=(),
        chaine=tuple(chaine),
        contre=(),
        preuves_manquantes=(),
        ne_prouve_pas=tuple(ne_prouve_pas(Imputation.ADMINISTRATION)),
        reference=reference,
        ouvert=ouvert,
    )


def _effet(m: Matiere, effect: Effet, lost: Sequence[Attribution]) -> Attribution:
    """A loss suffered from a third party: what held on the day it began says whose it is."""
    by_id = {entry.event_id: entry for entry in m.entries}
    facts = [by_id[each] for each in effect.entries if each in by_id]
    began = constat(
        "effet",
        f"{effect.libelle} à partir du {jour_fr(effect.du.toordinal())}.",
        *facts,
        plafond=None if effect.certitude is Certitude.CERTAIN else Statut.A_ETABLIR,
    )
    within = next((a for a in lost if a.du <= effect.du <= a.au), None)
    if within is not None:
        verdict, held = within.imputation, _pendant(within)
        statut = moins_etabli(began.statut, within.statut)
    elif _prouve(m, effect.du.toordinal()):
        verdict, held = Imputation.THIRD_PARTY, _couvert(m, effect.du)
        statut = moins_etabli(began.statut, held.statut)
    else:
        verdict, statut = Imputation.UNDETERMINED, Statut.A_ETABLIR
        held = Constat(
            code="couverture_inconnue",
            texte="Rien ne dit ce que la personne pouvait prouver ce jour-là.",
            statut=statut,
        )
    end = effect.au or date.fromordinal(m.au)
    return Attribution(
        du=effect.du,
        au=end,
        jours=(end - effect.du).days + 1,
        couche="effets",
        nature=effect.nature,
        imputation=verdict,
        statut=statut,
        cf_administration=within.cf_administration if within else None,
        cf_usager=within.cf_usager if within else None,
        causes=within.causes if within else (),
        chaine=(began, held),
        contre=within.contre if within else (),
        preuves_manquantes=(held.texte,) if verdict is Imputation.UNDETERMINED else (),
        ne_prouve_pas=(
            *ne_prouve_pas(verdict),
            "Ni que cette perte vient de ces jours : le registre constate qu'elle y commence, rien de plus.",
        ),
        reference=effect.reference,
        ouvert=effect.au is None,
    )


def _prouve(m: Matiere, day: int) -> bool:
    layers = m.trame.couches
    return layers is not None and any(first <= day <= last for first, last in layers.preuve_sure)


def _pendant(within: Attribution) -> Constat:
    return Constat(
        code="effet_pendant_ces_jours",
        texte=f"Elle commence pendant les jours sans preuve du {jour_fr(within.du.toordinal())} au"
        f" {jour_fr(within.au.toordinal())}.",
        entries=tuple(dict.fromkeys(each for link in within.chaine for each in link.entries)),
        statut=within.statut,
    )


def _couvert(m: Matiere, day: date) -> Constat:
    """The person could prove a lawful stay that day: the loss is the third party's own act."""
    held = [
        entry
        for d in m.trame.docs
        if d.preuve is not None and d.preuve[1] <= day.toordinal() <= d.preuve[2]
        for entry in d.entries
    ]
    return constat(
        "couvert_ce_jour_la",
        "La personne pouvait prouver la régularité de son séjour ce jour-là.",
        *held,
        sources=(crpa_l100_3_administration.SOURCE,),
    )
