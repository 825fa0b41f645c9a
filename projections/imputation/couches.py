"""The other layers, never merged with the days without proof: certificates too short, cards late, losses elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.entry import Entry
from ledger.events.effet import CouvertureSantePerdue, PrestationSuspendue, RadiationFranceTravail
from ledger.events.listes import DocumentPresente
from ledger.events.provisoire import AttestationProlongationCorrigee, ErreurAttestationSignalee
from projections.couverture.effets import effets
from projections.couverture.modeles import BaseCouverture, Certitude, Effet
from projections.couverture.motifs import jour_fr
from projections.imputation.constats import ne_prouve_pas
from projections.imputation.exigence import PROTEGES, Exigence, constat, protections
from projections.imputation.matiere import Matiere, jour, lus
from projections.imputation.modeles import Attribution, Constat, Imputation, Statut, moins_etabli
from rules import ceseda_r431_15_1_attestation, ceseda_r431_15_3_refugie, crpa_l100_3_administration

_SOCIAUX: Final = (PrestationSuspendue, RadiationFranceTravail, CouvertureSantePerdue)


def autres_couches(m: Matiere, duties: Sequence[Exigence], lost: Sequence[Attribution]) -> Iterator[Attribution]:
    """Durations cut short, delays of the law, and effects, each dated against the days without proof."""
    yield from _durees(m)
    yield from _delais(m, duties)
    for each in effets(m.trame.faits):
        yield _effet(m, each, lost)


def _durees(m: Matiere) -> Iterator[Attribution]:
    """R.431-15-3: a protected person's certificate that says less than six months withholds the days it leaves out.

    Who renews a card is under R.431-15-1, which allows three months at most.
    """
    renewing = {demande.dossier for demande, _, _ in m.renouvellements}
    for _, event in protections(m):
        source = PROTEGES[event.statut]
        for doc in m.trame.docs:
            stated = doc.evenement
            if doc.base is not BaseCouverture.API or not stated.valide_au.exact or doc.dossier in renewing:
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
        verdict, held = within.imputation, [_pendant(within)]
    elif _prouve(m, effect.du.toordinal()):
        verdict, held = _malgre_la_preuve(m, effect.du, facts[:1])
    else:
        unknown = "Rien ne dit ce que la personne pouvait prouver ce jour-là."
        verdict = Imputation.UNDETERMINED
        held = [Constat(code="couverture_inconnue", texte=unknown, statut=Statut.A_ETABLIR)]
    statut = moins_etabli(began.statut, *(each.statut for each in held))
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
        chaine=(began, *held),
        contre=within.contre if within else (),
        preuves_manquantes=tuple(
            each.texte for each in held if verdict is Imputation.UNDETERMINED and each.statut is Statut.A_ETABLIR
        ),
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


def _malgre_la_preuve(m: Matiere, day: date, facts: Sequence[Entry]) -> tuple[Imputation, list[Constat]]:
    """A loss on a day that the person could prove: the third party's own act, unless she showed nothing, or what she
    had to show was wrong.
    """
    held = [_couvert(m, day)]
    shown = {
        fact.fait.evenement.lire_champ(name) for fact in facts for name in ("document_presente", "document_refuse")
    }
    if DocumentPresente.AUCUN in shown:
        text = "Aucun document n'a été présenté, alors que la personne en détenait un."
        return Imputation.APPLICANT, [*held, constat("aucun_document_presente", text, *facts)]
    about = {
        d.reference
        for d in m.trame.docs
        if d.base is BaseCouverture.API and d.preuve is not None and d.preuve[1] <= day.toordinal() <= d.preuve[2]
    } - {None}
    corrected = [
        (entry, jour(event.mise_a_disposition_le, entry))
        for entry, event in lus(m, AttestationProlongationCorrigee)
        if entry.fait.objet in about
    ]
    for entry, when in corrected:
        if when > day.toordinal():
            text = f"L'attestation détenue ce jour-là était erronée : elle a été corrigée le {jour_fr(when)}."
            wrong = constat("attestation_erronee", text, entry, sources=(ceseda_r431_15_1_attestation.SOURCE,))
            return Imputation.ADMINISTRATION, [*held, wrong]
    for entry, event in lus(m, ErreurAttestationSignalee):
        if entry.fait.objet in about and not corrected:
            when = jour(event.signalee_le, entry)
            text = (
                f"Une erreur de l'attestation a été signalée le {jour_fr(when)} ; rien ne dit si elle a été reconnue."
            )
            return Imputation.UNDETERMINED, [
                *held,
                constat("erreur_signalee", text, entry, plafond=Statut.A_ETABLIR),
            ]
    if any(isinstance(fact.fait.evenement, _SOCIAUX) for fact in facts):
        text = "L'organisme qui a pris cette mesure est lui-même une administration."
        held.append(constat("organisme_administration", text, *facts, sources=(crpa_l100_3_administration.SOURCE,)))
    return Imputation.THIRD_PARTY, held


def _couvert(m: Matiere, day: date) -> Constat:
    """The person could prove a lawful stay that day: the loss is the third party's own act."""
    held = [
        entry
        for d in m.trame.docs
        if d.preuve is not None and d.preuve[1] <= day.toordinal() <= d.preuve[2]
        for entry in d.entries
    ]
    return constat("couvert_ce_jour_la", "La personne pouvait prouver la régularité de son séjour ce jour-là.", *held)
