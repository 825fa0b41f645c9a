"""Two views of one procedure: what the applicant could see, what the agent could see, and where they lasted apart.

Each view holds only what reached its side. Days are civil days in Europe/Paris, both ends included; a divergence is
certain only when it holds under every reading of the dates. Nothing here says who should have acted otherwise.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ledger.entry import Entry
from ledger.events.decision import DecisionFavorablePrise
from ledger.events.depot import DemandeDeposee, PieceVersee
from ledger.events.instruction import ComplementRepondu
from ledger.events.provisoire import AttestationDecisionFavorableDelivree
from ledger.events.types import Grade
from projections.couverture.motifs import jour_fr
from projections.imputation.deux_vues_appuis import B09, appuis, code_de, dossier_de, en_cours, origines_de, quoi
from projections.imputation.deux_vues_arrivees import (
    Arrivee,
    Vie,
    arrivee,
    de_type,
    lien,
    vie,
)
from projections.imputation.deux_vues_ecarts import ECARTS, JOURS_OUVRES_TOLERES, Ecart
from projections.imputation.deux_vues_masques import cachee, masques
from projections.imputation.deux_vues_table import Cote
from projections.imputation.matiere import grade
from projections.imputation.modeles import Constat, Recherche, Statut, moins_etabli, statut_de
from rules.jours_ouvres import apres


class Vu(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'un côté pouvait voir."""

    dossier: str | None
    quoi: str
    """In French."""
    depuis: date
    """The first day on which it was there; the first possible one when ``certain`` is false."""
    certain: bool
    """Whether it was there on the day of the view under every reading of the dates."""
    connaissance: bool
    """Whether the side surely knew; what was only put within its reach proves no knowledge."""
    entry: UUID
    evenement: str
    par: UUID | None
    """The fact that carried it; ``None`` when it reached by itself."""


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'un côté avait et que l'autre n'avait pas, plus longtemps que le délai toléré."""

    code: str
    """B05, B06, B07 or B09 of the catalogue, or a code of its own."""
    dossier: str | None
    vu_par: Cote
    du: date
    au: date
    """The last day, included; the day of observation while ``ouverte``."""
    ouverte: bool
    certaine: bool
    """Whether these days hold under every reading of the dates; otherwise under one of them."""
    entries: tuple[UUID, ...]
    constat: Constat


def vue_usager(entries: Sequence[Entry], au: date) -> tuple[Vu, ...]:
    """What the applicant could see on the day ``au``, by the day it reached her."""
    return _vue(vie(entries, au), Cote.USAGER)


def vue_agent(entries: Sequence[Entry], au: date) -> tuple[Vu, ...]:
    """What the agent could see on the day ``au``, by the day it reached him."""
    return _vue(vie(entries, au), Cote.AGENT)


def divergences(entries: Sequence[Entry], au: date, *, durable: int = JOURS_OUVRES_TOLERES) -> tuple[Divergence, ...]:
    """What one side had and the other had not for more than ``durable`` working days, seen on ``au``."""
    v = vie(entries, au)
    found = [d for entry in v.entries for d in _divergences(v, entry, durable)]
    return tuple(sorted(found, key=lambda d: (d.du, d.au, d.code, d.entries[0].int)))


def _vue(v: Vie, cote: Cote) -> tuple[Vu, ...]:
    found = []
    for entry in v.entries:
        there = arrivee(v, entry, cote)
        hidden = cachee(v, entry, cote)
        if there is not None and there.tot <= v.au and hidden is not True:
            sure = hidden is False and there.tard is not None and there.tard <= v.au
            found.append(
                Vu(
                    dossier=dossier_de(v, entry),
                    quoi=quoi(entry),
                    depuis=date.fromordinal(there.tard if sure and there.tard is not None else there.tot),
                    certain=sure,
                    connaissance=there.connaissance and sure,
                    entry=entry.event_id,
                    evenement=entry.fait.evenement.nom,
                    par=there.par.event_id if there.par else None,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.depuis, each.entry.int)))


def _divergences(v: Vie, entry: Entry, durable: int) -> Iterator[Divergence]:
    rule = ECARTS.get(type(entry.fait.evenement))
    if rule is None or _deja_dit(v, entry):
        return
    seen = arrivee(v, entry, rule.vu_par)
    if seen is None or seen.tot > v.au:
        return
    if isinstance(entry.fait.evenement, DemandeDeposee):
        # The file is in both tools until a malfunction hides it.
        for each in masques(v, entry):
            yield from _lasting(v, entry, rule, (each.depuis, each.fin), each.faits, durable)
        return
    there = arrivee(v, entry, rule.vu_par.autre, rule.fin)
    if there is not None and there.par is None and (there.tot, there.tard) == (seen.tot, seen.tard):
        return  # one fact on one day, known or not
    yield from _lasting(v, entry, rule, (seen, there), (), durable)


def _deja_dit(v: Vie, entry: Entry) -> bool:
    """Whether another fact already tells it: the pieces of an answer one by one, the decision of a certificate."""
    event = entry.fait.evenement
    if isinstance(event, ComplementRepondu):
        return not event.pieces or any(lien(entry, e) is not False for e in de_type(v, PieceVersee))
    if isinstance(event, AttestationDecisionFavorableDelivree):
        return any(lien(entry, e) for e in de_type(v, DecisionFavorablePrise))
    return False


def _lasting(
    v: Vie,
    entry: Entry,
    rule: Ecart,
    sides: tuple[Arrivee, Arrivee | None],
    facts: tuple[Entry, ...],
    durable: int,
) -> Iterator[Divergence]:
    """The divergence between the day one side had it and the day the other had it, when it lasts."""
    seen, there = sides
    after = v.au + 1
    late = seen.tard if seen.tard is not None else after
    tot = min(after, there.tot) if there else after
    tard = after if there is None or there.tard is None else min(after, there.tard)
    if late <= v.au and min(tot, v.au) > _limite(late, durable):  # the last day allowed must be over
        days, sure = (late, tot - 1), True
    elif min(tard, v.au) > _limite(seen.tot, durable):
        days, sure = (seen.tot, tard - 1), False
    else:
        return
    closing = there.par if there is not None and there.par is not None and there.tot <= v.au else None
    evidence = appuis(v, entry, rule, facts)
    yield _divergence(v, rule, entry, days, tuple(e for e in (*evidence, closing) if e is not None), sure=sure)


def _limite(day: int, durable: int) -> int:
    return apres(date.fromordinal(day), durable).toordinal()


def _divergence(
    v: Vie,
    rule: Ecart,
    entry: Entry,
    days: tuple[int, int],
    evidence: tuple[Entry, ...],
    *,
    sure: bool,
) -> Divergence:
    still = days[1] == v.au
    code, origines = code_de(v, entry, rule), origines_de(entry, rule)
    # A read of the file, or a connection, does not show that a source would hold the act; nor does what we deduced.
    told = v.temoins if entry.fait.grade is Grade.E else v.temoins | {entry.fait.source}
    present = tuple(each for each in origines if each in told)
    all_ = tuple({e.event_id: e for e in (entry, *evidence)}.values())
    weakest = grade(*all_)
    doubt = not sure or not present
    return Divergence(
        code=code,
        dossier=dossier_de(v, entry),
        vu_par=rule.vu_par,
        du=date.fromordinal(days[0]),
        au=date.fromordinal(days[1]),
        ouverte=still,
        certaine=sure,
        entries=tuple(e.event_id for e in all_),
        constat=Constat(
            code=code.lower(),
            texte=_texte(v, rule, entry, days, sure=sure),
            articles=tuple(each.citation for each in rule.articles),
            entries=tuple(e.event_id for e in all_),
            grade=weakest,
            recherche=Recherche(
                acte=rule.acte,
                du=date.fromordinal(days[0]),
                au=date.fromordinal(days[1]),
                sources=origines,
                presentes=present,
            ),
            statut=moins_etabli(statut_de(weakest), Statut.A_ETABLIR if doubt else Statut.ETABLI),
        ),
    )


def _texte(v: Vie, rule: Ecart, entry: Entry, days: tuple[int, int], *, sure: bool) -> str:
    one, other = rule.vu_par.nom_fr, rule.vu_par.autre.nom_fr
    until = f"jusqu'au {jour_fr(days[1])} inclus"
    text = (
        f"« {quoi(entry)} » : {one} pouvait le voir depuis le {jour_fr(days[0])} ; "
        f"le registre ne montre pas que {other} ait pu le voir {until}."
    )
    if not sure:
        text = f"Des dates ou des références ne sont pas connues exactement ; selon l'une de leurs lectures, {text}"
    if code_de(v, entry, rule) == B09.value:
        pending = en_cours(v, entry)
        if pending:
            text += f" Une autre demande, {pending[0].fait.objet}, était déjà déposée."
    return f"{text} {rule.droit}".strip()
