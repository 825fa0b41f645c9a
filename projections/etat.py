"""L'état de chaque dossier d'une personne (live), et le même pour toutes les personnes (async).

Both readings use the fold of :mod:`ledger.dossier`. The stage and the implicit refusal are two fields, never one: both
can be true on the same day (CE avis 499904).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

import msgspec
from pydantic import BaseModel, ConfigDict

from ledger.days import Jours
from ledger.dossier import Dossier, Etape, fold
from ledger.entry import Entry
from ledger.etat import Complement, NatureAccuse
from ledger.events import EVENTS
from ledger.events.correction import FaitRetire
from ledger.events.types import (
    BaseRecours,
    CodeIncident,
    EtatCompletude,
    Flux,
    NatureDecision,
    NatureDemande,
    TypeTitre,
)
from ledger.retained import holding
from projections import francais
from projections.vue import Cells, PersonView


class _Etat(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class EtatComplement(_Etat):
    """Une demande de complément et ce qu'elle est devenue."""

    reference: str | None
    """Référence."""
    demande_le: Jours | None
    """Demandé le."""
    pieces: tuple[str, ...]
    """Pièces réclamées."""
    sans_texte: int
    """Pièces réclamées sans qu'un texte soit cité."""
    echeance: Jours | None
    """Dernier jour pour répondre."""
    mis_a_disposition_le: Jours | None
    """Mis à disposition le."""
    lisible: bool | None
    """Lisible."""
    ouvert_le: Jours | None
    """Ouvert le."""
    repondu_le: Jours | None
    """Répondu le."""
    expire_le: Jours | None
    """Expiré le."""


class EtatPieces(_Etat):
    """Les pièces, comptées."""

    versees: int
    """Versées par la personne."""
    accusees: int
    """Dont la réception est accusée."""
    recues: int
    """Reçues dans l'outil de la préfecture."""
    echecs: int
    """Versements échoués."""


class EtatCloture(_Etat):
    """La clôture qui tient."""

    le: Jours
    """Clos le."""
    automatique: bool
    """Automatique."""
    motifs: tuple[str, ...]
    """Motifs."""
    auteur_qualite: str | None
    """Qualité de l'auteur."""


class EtatDecision(_Etat):
    """La décision expresse qui tient."""

    nature: NatureDecision
    """Nature."""
    prise_le: Jours | None
    """Prise le."""
    notifiee_le: Jours | None
    """Notifiée le."""
    titre_accorde: TypeTitre | None
    """Titre accordé."""
    motifs: tuple[str, ...]
    """Motifs."""
    auteur_qualite: str | None
    """Qualité de l'auteur."""


class EtatRefusImplicite(_Etat):
    """Le refus né du silence, à côté de l'étape."""

    ne_le: Jours
    """Né le."""
    delai: str | None
    """Délai appliqué."""
    retire_le: Jours | None
    """Retiré le."""
    annule_le: Jours | None
    """Annulé le."""


class EtatRecours(_Etat):
    """Un recours formé."""

    base: BaseRecours
    """Fondement."""
    forme_le: Jours
    """Formé le."""
    numero: str | None
    """Numéro."""
    rejete_le: Jours | None
    """Rejeté le."""


class EtatDossier(_Etat):
    """Où en est un dossier, d'après les faits qui tiennent."""

    dossier: str | None
    """Dossier."""
    etape: Etape
    """Étape."""
    refus_implicite: EtatRefusImplicite | None
    """Refus implicite."""
    titre_demande: TypeTitre | None
    """Titre demandé."""
    motif_sejour: str | None
    """Motif du séjour."""
    nature: NatureDemande | None
    """Nature de la demande."""
    depose_le: Jours | None
    """Déposé le."""
    en_ligne: bool | None
    """En ligne."""
    prefecture: str | None
    """Préfecture."""
    tentatives_echouees: int
    """Tentatives de dépôt échouées."""
    premiere_tentative_le: Jours | None
    """Première tentative échouée."""
    derniere_tentative_le: Jours | None
    """Dernière tentative échouée."""
    codes_incident: tuple[CodeIncident, ...]
    """Dysfonctionnements reconnus aux tentatives."""
    attestation_depot_le: Jours | None
    """Attestation de dépôt."""
    accuse_enregistrement_le: Jours | None
    """Accusé d'enregistrement."""
    accuse_reception_le: Jours | None
    """Accusé de réception."""
    completude: EtatCompletude | None
    """Complétude."""
    pieces: EtatPieces
    """Pièces."""
    complements: tuple[EtatComplement, ...]
    """Demandes de complément."""
    cloture: EtatCloture | None
    """Clôture."""
    enregistrement_refuse_le: Jours | None
    """Enregistrement refusé le."""
    retire_le: Jours | None
    """Retiré le."""
    decision: EtatDecision | None
    """Décision."""
    motifs_demandes_le: Jours | None
    """Motifs demandés le."""
    motifs_communiques_le: Jours | None
    """Motifs communiqués le."""
    recours: tuple[EtatRecours, ...]
    """Recours."""
    decisions_justice: int
    """Décisions de justice."""
    relances: int
    """Relances."""
    derniere_relance_le: Jours | None
    """Dernière relance."""
    transmissions: int
    """Transmissions à une autre préfecture."""
    faits: int
    """Faits."""
    dernier_fait_le: Jours | None
    """Dernier fait."""

    def lignes(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in French, of each thing that is known: what a person reads."""
        return tuple(_lignes(self))


def _lignes(state: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name in type(state).model_fields:
        value = getattr(state, name)
        label = (type(state).model_fields[name].description or name).rstrip(".")
        label = f"{prefix}, {label[0].lower()}{label[1:]}" if prefix else label
        if value is None or value == () or (value == 0 and value is not False):
            continue
        if isinstance(value, BaseModel):
            yield from _lignes(value, label)
        elif isinstance(value, tuple) and isinstance(value[0], BaseModel):
            for rank, each in enumerate(value, start=1):
                yield from _lignes(each, f"{label} {rank}" if len(value) > 1 else label)
        else:
            yield label, francais.valeur(value)


def etats(entries: Iterable[Entry]) -> tuple[EtatDossier, ...]:
    """The state of each dossier that the ``entries`` of one person tell of, by reference."""
    return _etats(holding(entries))


def _etats(held: Iterable[Entry]) -> tuple[EtatDossier, ...]:
    return tuple(map(etat, dossiers(held)))


def dossiers(held: Iterable[Entry]) -> tuple[Dossier, ...]:
    """What each dossier adds up to, of entries that hold, in the order of the facts; by reference."""
    by_dossier: dict[str, list[Entry]] = defaultdict(list)
    for entry in held:
        if entry.fait.flux is Flux.DOSSIER:
            by_dossier[entry.fait.objet or ""].append(entry)
    return tuple(fold(by_dossier[objet]) for objet in sorted(by_dossier))


def etat(dossier: Dossier) -> EtatDossier:
    """What a person reads of a dossier."""
    filed, attempts = dossier.depot, dossier.tentatives
    return EtatDossier.model_construct(
        dossier=dossier.objet,
        etape=dossier.etape,
        refus_implicite=_silence(dossier),
        titre_demande=filed.titre_demande if filed else None,
        motif_sejour=filed.motif_sejour if filed else None,
        nature=filed.nature if filed else None,
        depose_le=filed.le if filed else None,
        en_ligne=filed.en_ligne if filed else None,
        prefecture=dossier.prefecture,
        tentatives_echouees=attempts.nombre,
        premiere_tentative_le=attempts.premiere_le,
        derniere_tentative_le=attempts.derniere_le,
        codes_incident=attempts.codes,
        attestation_depot_le=_accuse(dossier, NatureAccuse.ATTESTATION_DEPOT),
        accuse_enregistrement_le=_accuse(dossier, NatureAccuse.ENREGISTREMENT),
        accuse_reception_le=_accuse(dossier, NatureAccuse.RECEPTION),
        completude=dossier.completude,
        pieces=_pieces(dossier),
        complements=tuple(_complement(each) for each in dossier.complements),
        cloture=_cloture(dossier),
        enregistrement_refuse_le=next((each.le for each in dossier.refus_enregistrement if each.debout), None),
        retire_le=dossier.retiree_le,
        decision=_decision(dossier),
        motifs_demandes_le=dossier.motifs_demandes_le,
        motifs_communiques_le=dossier.motifs_communiques_le,
        recours=tuple(
            EtatRecours.model_construct(
                base=each.base, forme_le=each.forme_le, numero=each.numero, rejete_le=each.rejete_le
            )
            for each in dossier.recours
        ),
        decisions_justice=len(dossier.decisions_justice),
        relances=len(dossier.relances),
        derniere_relance_le=max((each.le for each in dossier.relances), default=None),
        transmissions=len(dossier.transferts),
        faits=dossier.faits,
        dernier_fait_le=dossier.dernier_le,
    )


def _accuse(dossier: Dossier, nature: NatureAccuse) -> Jours | None:
    """The first one: a second receipt does not move the day on which the person had one."""
    return min((each.delivre_le for each in dossier.accuses if each.nature is nature), default=None)


def _pieces(dossier: Dossier) -> EtatPieces:
    return EtatPieces.model_construct(
        versees=sum(each.versee_le is not None for each in dossier.pieces),
        accusees=sum(each.accusee_le is not None for each in dossier.pieces),
        recues=sum(each.recue_le is not None for each in dossier.pieces),
        echecs=len(dossier.echecs_versement),
    )


def _complement(request: Complement) -> EtatComplement:
    return EtatComplement.model_construct(
        reference=request.ref,
        demande_le=request.demande_le,
        pieces=tuple(each.nom for each in request.pieces),
        sans_texte=sum(each.texte is None for each in request.pieces),
        echeance=request.echeance,
        mis_a_disposition_le=request.mis_a_disposition_le,
        lisible=request.lisible,
        ouvert_le=request.ouvert_le,
        repondu_le=request.repondu_le,
        expire_le=request.expire_le,
    )


def _silence(dossier: Dossier) -> EtatRefusImplicite | None:
    born = dossier.refus_implicite
    if born is None:
        return None
    return EtatRefusImplicite.model_construct(
        ne_le=born.ne_le, delai=born.delai, retire_le=born.retire_le, annule_le=born.annule_le
    )


def _cloture(dossier: Dossier) -> EtatCloture | None:
    closed = dossier.cloture
    if closed is None:
        return None
    return EtatCloture.model_construct(
        le=closed.le, automatique=closed.automatique, motifs=closed.motifs, auteur_qualite=closed.auteur_qualite
    )


def _decision(dossier: Dossier) -> EtatDecision | None:
    taken = dossier.decision
    if taken is None:
        return None
    return EtatDecision.model_construct(
        nature=taken.nature,
        prise_le=taken.prise_le,
        notifiee_le=taken.notifiee_le,
        titre_accorde=taken.titre_accorde,
        motifs=taken.motifs,
        auteur_qualite=taken.auteur_qualite,
    )


PERTINENTS: Final = frozenset(event.nom for event in EVENTS if event.flux is Flux.DOSSIER) | {FaitRetire.nom}


class Etat(PersonView):
    """Table ``dossier``: one row a dossier; the whole state as JSON beside the columns that one sorts by."""

    name: ClassVar[str] = "etat"
    pertinents: ClassVar[frozenset[str]] = PERTINENTS
    tables: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dossier", "objet text, etape text, depose_le date, refus_implicite_le date, etat jsonb"),
    )

    def rows(self, entries: Sequence[Entry], shared: Any = None) -> Iterable[tuple[str, Cells]]:  # noqa: ARG002 - nobody's
        """The rows of one person."""
        for state in _etats(entries):
            filed = state.depose_le.premier if state.depose_le else None
            born = state.refus_implicite.ne_le.premier if state.refus_implicite else None
            yield "dossier", (state.dossier, state.etape.value, filed, born, _json(state))


def _json(state: EtatDossier) -> str:
    text = state.model_dump_json()
    if "\\u0000" not in text:
        return text
    return msgspec.json.encode(_holdable(msgspec.json.decode(text))).decode()


def _holdable(value: Any) -> Any:
    """PostgreSQL's jsonb cannot hold U+0000: in this table, not in the ledger, it becomes U+FFFD."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_holdable(each) for each in value]
    if isinstance(value, dict):
        return {key: _holdable(each) for key, each in value.items()}
    return value
