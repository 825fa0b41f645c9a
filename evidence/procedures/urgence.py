"""Urgency: presumed for a renewal, to be shown otherwise, within forty-eight hours for a fundamental freedom."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.modeles import Gravite, Piege, cites
from ledger.entry import Entry
from ledger.events.personne import ProtectionReconnue
from ledger.events.types import NatureDecision, NatureDemande, StatutProtection
from ledger.francais import jour
from projections.couverture.effets import effets
from projections.couverture.modeles import Effet
from projections.imputation.devoirs_recours import Delai
from projections.imputation.matiere import SANS_SEJOUR, cartes
from rules import ce_435594_tentatives, ce_498497_urgence, cja_l521_2_liberte, cja_r522_1_refere
from rules.base import Source, Verification

LIBERTE_497485: Final = Source(
    code="CE",
    article="10 septembre 2024, n° 497485",
    libelle="Récépissé autorisant à travailler demandé par un référé-liberté : issue non lue",
    verification=Verification.S,
    en_vigueur_depuis=date(2024, 9, 10),
    publiee_le=date(2024, 9, 10),
)
SANS_PRESOMPTION: Final = Source(
    code="Convention de l'export",
    article="urgence à quarante-huit heures",
    libelle="La présomption d'urgence du référé-suspension n'est pas étendue au référé-liberté",
    verification=Verification.I,
)
JUSTE_APRES: Final = Source(
    code="Convention de l'export",
    article="saisine juste après l'expiration",
    libelle="Tant qu'un document couvre la personne, l'urgence à obtenir l'attestation se discute",
    verification=Verification.I,
)


def nature(a: Affaire, dossier: str | None = None) -> NatureDemande | None:
    """What the person asks for: as her application says, else a renewal when she tries to file and held a card."""
    filed = a.demande(dossier) if dossier is not None else next(iter(reversed(a.en_cours())), None)
    if filed is not None:
        return filed.evenement.nature
    return NatureDemande.RENOUVELLEMENT if any(c.droit[0] <= a.m.au for c in cartes(a.m)) else None


def protegee(a: Affaire) -> StatutProtection | None:
    """The protection that is recognised to her."""
    found = [v.statut for _, v in a.faits(ProtectionReconnue)]
    return StatutProtection.PROTECTION_SUBSIDIAIRE if StatutProtection.PROTECTION_SUBSIDIAIRE in found else None


_REFUS: Final = frozenset({NatureDecision.REFUS_IMPLICITE, NatureDecision.REFUS_EXPRES})


def presumee(a: Affaire, each: Delai) -> bool:
    """Whether the urgency of suspending this decision is presumed: a refusal to renew, or of subsidiary protection."""
    asked = nature(a, each.decision.dossier)
    refusal = each.decision.nature in _REFUS and asked is not None
    return refusal and ce_498497_urgence.presumee(asked or NatureDemande.INCONNU, protegee(a)) is True


def a_justifier_suspension(a: Affaire) -> Iterator[Piege]:
    """L.521-1: presumed for a renewal and for subsidiary protection, to be shown for any other application."""
    for each in a.decisions():
        if presumee(a, each):
            continue
        found = each.decision
        said = (
            _demande(nature(a, found.dossier)) if found.nature in _REFUS else f"ce n'est pas un refus, mais {found.nom}"
        )
        yield Piege(
            code="urgence_a_justifier",
            gravite=Gravite.RISQUE,
            texte=f"L'urgence n'est pas présumée : {said}.",
            remede=_EFFETS,
            sources=cites(*ce_498497_urgence.SOURCES[:2], cja_r522_1_refere.SOURCE),
            entries=found.constat.entries,
            dossier=found.dossier,
        )


def a_justifier_mesures(a: Affaire) -> Iterator[Piege]:
    """L.521-3: presumed for a renewal, to be shown otherwise."""
    asked = nature(a)
    if asked is NatureDemande.RENOUVELLEMENT:
        return
    filed = [d.entry for d in a.en_cours()]
    yield Piege(
        code="urgence_a_justifier",
        gravite=Gravite.RISQUE,
        texte=f"L'urgence n'est pas présumée : {_demande(asked)}.",
        remede=_EFFETS,
        sources=cites(ce_435594_tentatives.LECTURES.source(), cja_r522_1_refere.SOURCE),
        entries=ids(filed),
    )


_EFFETS: Final = "Justifiez-la par des pièces : emploi, prestations, logement, santé, dates."


def _demande(asked: NatureDemande | None) -> str:
    if asked is None:
        return "aucun titre détenu ni aucune demande n'est au registre"
    return f"la demande est dite « {_DEMANDES.get(asked, asked.value.replace('_', ' '))} », pas « renouvellement »"


_DEMANDES: Final = {
    NatureDemande.PREMIERE_DEMANDE: "première demande",
    NatureDemande.INCONNU: "nature inconnue",
    NatureDemande.AUTRE: "autre demande",
}


def encore_couverte(a: Affaire) -> Iterator[Piege]:
    """A certificate is asked for by L.521-3: the person is still covered, and the refusal may be born meanwhile."""
    covered = a.couverte_jusqu_au()
    filed = [d for d in a.en_cours() if d.evenement.nature not in SANS_SEJOUR]
    if covered is None or not filed:
        return
    yield Piege(
        code="encore_couverte",
        gravite=Gravite.RISQUE,
        texte=f"Ce jour-là, la personne peut prouver son séjour{_jusque(covered)} : l'urgence sera discutée.",
        remede="Saisissez le juge juste après la fin de ce document, avant que le refus implicite ne naisse.",
        sources=cites(JUSTE_APRES, cja_r522_1_refere.SOURCE),
        entries=ids(each.entry for each in filed),
        le=None if covered == date.max else covered,
    )


def _jusque(covered: date) -> str:
    return ", sans fin dite" if covered == date.max else f" jusqu'au {jour(covered)}"


# --------------------------------------------------------------------------- L.521-2


def pertes_en_cours(a: Affaire) -> list[Effet]:
    """The losses that last on the day of observation."""
    return [e for e in effets(a.m.trame.faits) if e.du <= a.au and (e.au is None or e.au >= a.au)]


def seuil_eleve(a: Affaire) -> Iterator[Piege]:
    """L.521-2: a grave and manifestly illegal infringement of a fundamental freedom, ruled on within 48 hours."""
    due = cja_l521_2_liberte.ordonnance_attendue_le(a.au)
    yield Piege(
        code="seuil_eleve",
        gravite=Gravite.RISQUE,
        texte="Il faut une liberté fondamentale, une atteinte grave et manifestement illégale, et une urgence à"
        f" quarante-huit heures : saisi ce jour, le juge se prononcerait d'ici le {jour(due)}.",
        remede="Nommez la liberté, et l'illégalité qui saute aux yeux ; à défaut, préférez L.521-1 ou L.521-3.",
        sources=cites(cja_l521_2_liberte.SOURCE, LIBERTE_497485),
        le=due,
    )


def urgence_48_heures(a: Affaire) -> Iterator[Piege]:
    """L.521-2: what makes two days too long is a loss that lasts, and its document."""
    losses = pertes_en_cours(a)
    facts = _faits(a, losses)
    sources = cites(cja_l521_2_liberte.SOURCE, SANS_PRESOMPTION)
    if not losses:
        yield Piege(
            code="urgence_48h_non_documentee",
            gravite=Gravite.OBSTACLE,
            texte="Aucune perte en cours n'est au registre : ni emploi, ni prestation, ni logement, ni santé.",
            remede="Réunissez ce qui montre qu'une mesure est nécessaire sous quarante-huit heures : lettre de"
            " licenciement, expulsion, absence de ressources. La présomption du référé-suspension ne suffit pas ici.",
            sources=sources,
        )
    elif not documents(facts):
        yield Piege(
            code="urgence_48h_sans_piece",
            gravite=Gravite.RISQUE,
            texte="Les pertes en cours sont au registre, sans document.",
            remede="Joignez la lettre de licenciement, la notification de la prestation, le refus du bailleur.",
            sources=sources,
            entries=ids(facts),
        )


def _faits(a: Affaire, losses: list[Effet]) -> list[Entry]:
    cited = {each for loss in losses for each in loss.entries}
    return [entry for entry in a.lue.entries if entry.event_id in cited]


def couverte_liberte(a: Affaire) -> Iterator[Piege]:
    """L.521-2: whoever can prove her stay that day is asked what cannot wait two days."""
    covered = a.couverte_jusqu_au()
    if covered is not None:
        yield Piege(
            code="couverte",
            gravite=Gravite.RISQUE,
            texte=f"Ce jour-là, la personne peut prouver son séjour{_jusque(covered)}.",
            remede="Dites ce que ce document ne permet pas : travailler, toucher une prestation, voyager.",
            sources=cites(cja_l521_2_liberte.SOURCE),
            le=None if covered == date.max else covered,
        )
