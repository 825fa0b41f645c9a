"""The table of the five procedures: what each must establish, what each must bring, what may make each fail."""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from evidence.procedures import argent, prejudice, recours, silence, tentatives, urgence
from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.attendus import attendues
from evidence.procedures.modeles import ADocumenter, Condition, Etat, Piege, Procedure, cites, uniques
from ledger.events.types import NatureDemande
from projections.imputation.modeles import Obligation, Partie, Portee
from rules import (
    caa_24pa02879_prejudice,
    ce_435594_tentatives,
    ce_498497_urgence,
    cja_l521_1_suspension,
    cja_l521_2_liberte,
    cja_l521_3_mesures_utiles,
    cja_r522_1_refere,
    cja_r541_1_provision,
)
from rules.base import Source

Lire = Callable[[Affaire], Iterator[Piege]]

_REFERES: Final[dict[Procedure, tuple[Lire, ...]]] = {
    Procedure.SUSPENSION: (
        silence.sans_decision,
        silence.decision_incertaine,
        recours.sans_grief,
        recours.requete_au_fond,
        recours.delai_de_recours,
        recours.preuve_du_depot,
        recours.motifs,
        urgence.a_justifier_suspension,
    ),
    Procedure.LIBERTE: (urgence.seuil_eleve, urgence.urgence_48_heures, urgence.couverte_liberte),
    Procedure.MESURES_UTILES: (
        silence.voie_fermee,
        silence.decision_expresse,
        tentatives.espacement,
        urgence.a_justifier_mesures,
        urgence.encore_couverte,
    ),
}
_ARGENT: Final[tuple[Callable[[Affaire, Procedure], Iterator[Piege]], ...]] = (
    argent.prealable,
    argent.avocat,
    argent.jours_retenus,
    prejudice.pieges_du_prejudice,
)


def pieges(procedure: Procedure, affaire: Affaire) -> tuple[Piege, ...]:
    """What may make ``procedure`` fail on the day of ``affaire``, in the order in which a lawyer checks it."""
    if procedure in _REFERES:
        return tuple(found for each in _REFERES[procedure] for found in each(affaire))
    return tuple(found for each in _ARGENT for found in each(affaire, procedure))


def a_documenter(procedure: Procedure, affaire: Affaire) -> ADocumenter:
    """What ``procedure`` must establish and bring, and what the ledger has of it on the day of ``affaire``."""
    return ADocumenter(
        procedure=procedure,
        au=affaire.au,
        conditions=tuple(_CONDITIONS[procedure](affaire)),
        pieces=tuple(attendues(affaire, procedure)),
    )


# --------------------------------------------------------------------------- what is to be established


def _condition(code: str, texte: str, etat: Etat, *sources: Source, entries: tuple[UUID, ...] = ()) -> Condition:
    return Condition(code=code, texte=texte, etat=etat, sources=cites(*sources), entries=entries)


def _montree(shown: object, otherwise: Etat = Etat.A_JUSTIFIER) -> Etat:
    return Etat.DOCUMENTEE if shown else otherwise


def _mesures_utiles(a: Affaire) -> Iterator[Condition]:
    renewal = urgence.nature(a) is NatureDemande.RENOUVELLEMENT
    yield _condition(
        "urgence",
        "L'urgence ; elle est présumée pour un renouvellement.",
        Etat.PRESUMEE if renewal else Etat.A_JUSTIFIER,
        ce_435594_tentatives.LECTURES.source(),
        cja_r522_1_refere.SOURCE,
    )
    tried = ids(tentatives.tentatives(a))
    text = "L'utilité de la mesure : dites laquelle est attendue (créneau de dépôt, attestation)."
    yield _condition("utilite", text, Etat.A_JUSTIFIER, cja_l521_3_mesures_utiles.SOURCE, entries=tried)
    closed = [*silence.voie_fermee(a), *silence.decision_expresse(a)]
    open_ = not any(each.code != "refus_implicite_a_naitre" for each in closed)
    text = "La mesure ne fait obstacle à l'exécution d'aucune décision, même implicite."
    yield _condition("sans_obstacle", text, _montree(open_), *cja_l521_3_mesures_utiles.SOURCES)


def _suspension(a: Affaire) -> Iterator[Condition]:
    standing = list(a.decisions())
    facts = uniques(each for d in standing for each in d.decision.constat.entries)
    told = ", ".join(d.decision.nom for d in standing)
    text = f"Une décision à suspendre{f' : {told}' if told else ''}."
    yield _condition("decision", text, _montree(standing), cja_l521_1_suspension.SOURCE, entries=facts)
    presumed = bool(standing) and all(urgence.presumee(a, each) for each in standing)
    yield _condition(
        "urgence",
        "L'urgence ; elle est présumée pour le refus d'un renouvellement, même si une attestation est détenue.",
        Etat.PRESUMEE if presumed else Etat.A_JUSTIFIER,
        ce_498497_urgence.SOURCE,
        ce_498497_urgence.MALGRE_ATTESTATION,
        cja_r522_1_refere.SOURCE,
    )
    owed = _manquements(a)
    text = "Un moyen propre à créer un doute sérieux sur la légalité de la décision."
    yield _condition("doute_serieux", text, _montree(owed), cja_l521_1_suspension.SOURCE, entries=_faits(owed))


def _liberte(a: Affaire) -> Iterator[Condition]:
    losses = urgence.pertes_en_cours(a)
    facts = uniques(each for loss in losses for each in loss.entries)
    source = cja_l521_2_liberte.SOURCE
    yield _condition("urgence_48h", "Une urgence à quarante-huit heures.", _montree(losses), source, entries=facts)
    yield _condition("liberte", "Une liberté fondamentale, nommée.", Etat.A_JUSTIFIER, source)
    owed = [o for o in _manquements(a) if o.manquements[-1].au >= a.au]
    text = "Une atteinte grave et manifestement illégale, qui dure."
    yield _condition("atteinte", text, _montree(owed), source, entries=_faits(owed))


def _argent(a: Affaire, procedure: Procedure) -> Iterator[Condition]:
    kept = argent.intervalles(a, procedure).retenus
    shown = uniques(each for x in kept for c in x.chaine for each in c.entries)
    if procedure is Procedure.PROVISION:
        text = "Une obligation qui n'est pas sérieusement contestable."
        yield _condition("obligation", text, _montree(kept), cja_r541_1_provision.SOURCE, entries=shown)
    else:
        text = "Un manquement de l'administration, et les jours qui lui sont dus."
        yield _condition("manquement", text, _montree(kept), *caa_24pa02879_prejudice.SOURCES[:2], entries=shown)
    heads = prejudice.chefs(a, procedure)
    linked = [each for each in heads if each.commence_dedans]
    text = (
        "Un lien direct et certain entre ces jours et chaque perte ; des dates compatibles ne le prouvent pas seules."
    )
    facts = uniques(each for head in linked for each in head.entries)
    yield _condition("lien", text, Etat.A_JUSTIFIER, caa_24pa02879_prejudice.SOURCE, entries=facts)
    proven = bool(heads) and all(documents(prejudice.faits_du_chef(a, each)) for each in heads)
    text = "Chaque perte prouvée, et chiffrée."
    facts = uniques(each for head in heads for each in head.entries)
    yield _condition("pertes", text, _montree(proven), caa_24pa02879_prejudice.SOURCE, entries=facts)


def _manquements(a: Affaire) -> list[Obligation]:
    """What the administration owed and did not do, in all its findings."""
    return [
        each
        for each in a.preuve.obligations
        if each.debiteur is Partie.ADMINISTRATION and each.manquements and each.portee is not Portee.FACULTE
    ]


def _faits(owed: list[Obligation]) -> tuple[UUID, ...]:
    return uniques(each for o in owed for c in o.tous_constats for each in c.entries)


_CONDITIONS: Final[dict[Procedure, Callable[[Affaire], Iterator[Condition]]]] = {
    Procedure.MESURES_UTILES: _mesures_utiles,
    Procedure.SUSPENSION: _suspension,
    Procedure.LIBERTE: _liberte,
    Procedure.INDEMNITAIRE: lambda a: _argent(a, Procedure.INDEMNITAIRE),
    Procedure.PROVISION: lambda a: _argent(a, Procedure.PROVISION),
}
