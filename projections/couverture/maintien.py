"""The three months of L.433-3: which renewals open them, and which readings would open or close them otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec

from ledger.events.decision import DecisionFavorablePrise
from ledger.events.instruction import DemandeRetiree
from ledger.events.types import NatureDecision, NatureDemande, TypeTitre
from projections.couverture.documents import SANS_FIN, Doc, Relais, finit, plage, plus_tard, relais
from projections.couverture.faits import Bornes, Demande, Fin, ParType, bornes, bornes_ou, tous
from projections.couverture.modeles import BaseCouverture, CodeLecture
from rules import ceseda_l433_3_maintien as loi
from rules.base import Source
from rules.ceseda_l433_3_maintien import Alinea

_SOURCES: Final = {Alinea.AL1: loi.SOURCE, Alinea.AL2: loi.ALINEA_2}


class Maintien(msgspec.Struct, kw_only=True):
    """Three months opened by one renewal of one card."""

    doc: Doc
    alinea: Alinea
    titre: Doc
    demande: Demande
    limite: int
    """The last day the text allows, whatever was decided."""
    favorable: int | None = None
    """The day of a favourable decision that ended it before the limit."""


class Hypothese(msgspec.Struct, kw_only=True):
    """Three months that only another reading would open."""

    code: CodeLecture
    source: Source
    titre: Doc
    demande: Demande
    du: int
    au: int


def maintiens(
    faits: ParType, filed: Sequence[Demande], cards: Sequence[Doc], ended: Sequence[Fin]
) -> tuple[list[Maintien], list[Hypothese], list[Relais]]:
    """What L.433-3 covers, what only another reading of it would, and the days between card and grace."""
    opened: list[Maintien] = []
    supposed: list[Hypothese] = []
    for demande in filed:
        if demande.evenement.nature is not NatureDemande.RENOUVELLEMENT:
            continue
        ends = _fins(faits, ended, demande.dossier)
        for card, surely in renouveles(demande, cards):
            which = _alinea(demande, card)
            found = _maintien(demande, card, which, ends, surely=surely)
            if found is not None:
                opened.append(found)
            supposed.extend(_hypotheses(demande, card, which, ends, opened=found is not None))
    return opened, supposed, [_relais(each) for each in opened if not each.titre.evenement.valide_au.exact]


def renouveles(demande: Demande, cards: Sequence[Doc]) -> list[tuple[Doc, bool]]:
    """The card that the application renews, each with whether that is sure under every reading of the dates.

    It is the one that the application names, else the last to expire of those already begun on the day of filing.
    """
    named = demande.evenement.titre_precedent
    held = [c for c in cards if c.base is BaseCouverture.TITRE]
    if named is not None:
        return [(c, True) for c in held if named in {c.reference, c.evenement.numero}]
    begun = [
        (c, bornes(c.evenement.valide_au), bornes(c.evenement.valide_du)[1] <= demande.le[0])
        for c in held
        if bornes(c.evenement.valide_du)[0] <= demande.le[1]
    ]
    earliest = max((ends[0] for _, ends, surely in begun if surely), default=0)
    return [
        (card, surely and all(ends[0] >= other[1] for each, other, _ in begun if each is not card))
        for card, ends, surely in begun
        if ends[1] >= earliest
    ]


def _alinea(demande: Demande, card: Doc) -> Alinea:
    return loi.alinea(
        card.evenement.type_titre,
        card.evenement.duree_annees,
        stipulation_internationale=card.evenement.stipulation_internationale,
        departement_liste=demande.evenement.departement_liste_l433_3,
    )


class _Arret(NamedTuple):
    """A day, included, on which the three months stop."""

    le: Bornes
    surely: bool
    favorable: bool


def _fins(faits: ParType, ended: Sequence[Fin], dossier: str | None) -> list[_Arret]:
    """What ends the three months: an express decision, or the person taking the application back."""
    withdrawn = [
        _Arret(bornes_ou(v.retiree_le, e), surely=True, favorable=False)
        for e, v in tous(faits, DemandeRetiree)
        if e.fait.objet == dossier
    ]
    favourable = [
        _Arret(bornes(v.prise_le), surely=True, favorable=True)
        for e, v in tous(faits, DecisionFavorablePrise)
        if e.fait.objet == dossier
    ]
    refused = [
        _Arret(each.le, surely=each.debout, favorable=False)
        for each in ended
        if each.nature is NatureDecision.REFUS_EXPRES and each.objet == dossier
    ]
    return withdrawn + favourable + refused


def _maintien(demande: Demande, card: Doc, which: Alinea, ends: Sequence[_Arret], *, surely: bool) -> Maintien | None:
    expires = bornes(card.evenement.valide_au)
    if which not in _SOURCES or demande.le[0] > expires[1] or card.droit[3] < expires[0]:
        return None
    sure = surely and demande.le[1] <= expires[0] and not card.retire
    start = (expires[0] + 1, expires[1] + 1 if sure else SANS_FIN)
    limit = (_fin(expires[0]), _fin(expires[1]))
    span = plage(start, limit)
    for each in ends:
        span = finit(span, each.le, surely=each.surely)
    handed = None if card.evenement.remis_le is None else bornes(card.evenement.remis_le)
    doc = Doc(
        base=BaseCouverture.L433_3,
        reference=demande.dossier,
        dossier=demande.dossier,
        entries=(*card.entries, demande.entry),
        source=_SOURCES[which].citation,
        droit=span,
        preuve=None if handed is None else plage(plus_tard(start, handed), span[2:]),
        evenement=demande.evenement,
        ensemble=handed is not None and handed[1] <= start[0],
    )
    early = (each.le[1] for each in ends if each.favorable and expires[0] <= each.le[1] < limit[1])
    return Maintien(
        doc=doc, alinea=which, titre=card, demande=demande, limite=limit[1], favorable=min(early, default=None)
    )


def _fin(expires: int) -> int:
    return loi.fin(date.fromordinal(expires)).toordinal()


def _relais(opened: Maintien) -> Relais:
    """Where the day of expiry is not exact, one of the two covers: the card, or the three months that follow it."""
    expires = bornes(opened.titre.evenement.valide_au)
    card = msgspec.structs.replace(opened.titre)
    card.droit = (*card.droit[:2], SANS_FIN, SANS_FIN)
    card.preuve = None if card.preuve is None else (*card.preuve[:2], SANS_FIN, SANS_FIN)
    sure = opened.doc.droit[1] < SANS_FIN
    return relais(card, opened.doc, (expires[0] + 1, expires[1] + 1 if sure else 0))


def _hypotheses(
    demande: Demande, card: Doc, which: Alinea, ends: Iterable[_Arret], *, opened: bool
) -> Iterator[Hypothese]:
    expires = bornes(card.evenement.valide_au)
    start, limit = expires[0] + 1, min([_fin(expires[1]), *(each.le[1] for each in ends)])
    if card.retire or limit < start:
        return
    late = demande.le[0] > expires[1]
    if late and which is Alinea.AL1 and demande.le[0] <= limit:
        yield _hypothese(CodeLecture.L433_3_DEPOT_TARDIF, loi.SOURCE, card, demande, start, limit)
    elif opened and which is Alinea.AL2 and demande.le == expires:
        yield _hypothese(CodeLecture.L433_3_DEPOT_JOUR_EXPIRATION, loi.ALINEA_2, card, demande, start, limit)
    elif not late and which is Alinea.INDETERMINE:
        source = loi.SOURCE if demande.evenement.departement_liste_l433_3 is False else loi.ALINEA_2
        yield _hypothese(CodeLecture.L433_3_DONNEE_MANQUANTE, source, card, demande, start, limit)
    elif not (late or opened) and card.evenement.type_titre is TypeTitre.RESIDENT_LONGUE_DUREE_UE:
        yield _hypothese(CodeLecture.L433_3_LONGUE_DUREE_UE, loi.SOURCE, card, demande, start, limit)


def _hypothese(code: CodeLecture, source: Source, card: Doc, demande: Demande, du: int, au: int) -> Hypothese:
    return Hypothese(code=code, source=source, titre=card, demande=demande, du=du, au=au)
