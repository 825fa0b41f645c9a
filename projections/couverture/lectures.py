"""Other readings of the texts, as data: which text, how far it was checked, which days it would change.

They are not verdicts: nothing here moves a day of the timeline.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.events.support import SubstitutionDemandee
from ledger.events.types import NatureDemande
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, ParType, bornes, bornes_ou, decisions_expresses, tous
from projections.couverture.lacunes import Intervalles, Regime, Trou, complement, union
from projections.couverture.maintien import Hypothese, Maintien
from projections.couverture.modeles import CodeLecture, Lecture, NatureLacune, Periode, RefusImplicite, StatutRefus
from projections.couverture.motifs import jour_fr
from rules import ceseda_l411_2_fin_de_droit
from rules import ceseda_l433_3_maintien as loi
from rules.base import Source
from rules.ceseda_l433_3_maintien import Alinea

_HYPOTHESES: Final = {
    CodeLecture.L433_3_DEPOT_TARDIF: (
        "L'alinéa 1 dit seulement « en demande le renouvellement », sans date limite : une demande faite après"
        " l'expiration ouvrirait le maintien de trois mois."
    ),
    CodeLecture.L433_3_DEPOT_JOUR_EXPIRATION: (
        "L'alinéa 2 exige une demande faite « avant son expiration » : déposée le jour même de l'expiration, elle"
        " n'ouvrirait pas le maintien."
    ),
    CodeLecture.L433_3_DONNEE_MANQUANTE: (
        "La nature ou la durée de la carte, ou l'inscription du département sur la liste de l'alinéa 2, n'est pas"
        " connue : le maintien de trois mois couvrirait ces jours si la donnée manquante l'ouvre."
    ),
    CodeLecture.L433_3_LONGUE_DUREE_UE: (
        "L'alinéa 1 vise la « carte de résident » ; la loi énumère à part la carte de résident de longue durée-UE"
        " (L.411-1 6°). Si elle est comprise, le maintien de trois mois couvre ces jours."
    ),
}


class Matiere(NamedTuple):
    """What the readings are made from."""

    faits: ParType
    demandes: Sequence[Demande]
    docs: Sequence[Doc]
    trous: Sequence[Trou]
    regimes: Sequence[Regime]
    maintiens: Sequence[Maintien]
    hypotheses: Sequence[Hypothese]
    refus: Sequence[RefusImplicite]
    au: int


def lectures(matter: Matiere) -> list[Lecture]:
    """The readings that would change at least one day up to the observation, in the order of days."""
    found = [
        *_refus_implicite(matter),
        *_decision_favorable(matter),
        *_hypotheses(matter),
        *_envoi_papier(matter),
        *_autre_demande(matter),
    ]
    return sorted((each for each in found if each.jours), key=lambda r: (r.du, r.code, r.dossier or "", r.au))


def _lecture(
    code: CodeLecture,
    texte: str,
    source: Source,
    dossier: str | None,
    span: tuple[int, int],
    change: Intervalles,
    deviendrait: NatureLacune | None,
) -> Lecture:
    periods = tuple(Periode(du=date.fromordinal(a), au=date.fromordinal(b)) for a, b in change)
    return Lecture(
        code=code,
        texte=texte,
        source=source.citation,
        verification=source.verification.sens,
        dossier=dossier,
        du=date.fromordinal(span[0]),
        au=date.fromordinal(span[1]),
        change=periods,
        jours=sum(each.jours for each in periods),
        deviendrait=deviendrait,
    )


def _gagnes(matter: Matiere, first: int, last: int, natures: Iterable[NatureLacune]) -> Intervalles:
    """The gap days of these natures between two days."""
    wanted = frozenset(natures)
    return union((max(t.du, first), min(t.au, last)) for t in matter.trous if t.nature in wanted)


def _perdus(matter: Matiere, opened: Maintien, first: int) -> Intervalles:
    """The days from ``first`` that nothing but these three months may prove."""
    if opened.doc.preuve is None:
        return []
    others = union((d.preuve[0], d.preuve[3]) for d in matter.docs if d.preuve is not None and d is not opened.doc)
    start, end = max(first, opened.doc.preuve[0]), min(opened.doc.preuve[3], matter.au)
    return complement(others, start, end)


_NE: Final = frozenset({StatutRefus.NE, StatutRefus.REMPLACE, StatutRefus.INCERTAIN})
_SANS_DROIT: Final = (NatureLacune.RUPTURE,)
_SANS_PREUVE: Final = (NatureLacune.RUPTURE, NatureLacune.PREUVE_SEULE)


def _refus_implicite(matter: Matiere) -> Iterator[Lecture]:
    for opened in matter.maintiens:
        for refusal in matter.refus:
            if refusal.dossier != opened.demande.dossier or refusal.statut not in _NE:
                continue
            after = refusal.ne_le.toordinal() + 1
            last = opened.doc.droit[3]
            if after > last:
                continue
            first = opened.alinea is Alinea.AL1
            text = (
                f"Refus implicite né le {jour_fr(after - 1)} ({refusal.base}), avant la fin du maintien. "
                + (
                    "L'alinéa 1 couvre « entre la date d'expiration » et la décision : si ce refus est cette décision,"
                    if first
                    else "L'alinéa 2 ne contient pas la limite de l'alinéa 1 ; si on la lui applique,"
                )
                + " le maintien s'arrête ce jour-là."
            )
            yield _lecture(
                CodeLecture.L433_3_REFUS_IMPLICITE,
                text,
                loi.SOURCE if first else loi.ALINEA_2,
                refusal.dossier,
                (max(after, opened.doc.droit[0]), last),
                _perdus(matter, opened, after),
                NatureLacune.RUPTURE,
            )


def _decision_favorable(matter: Matiere) -> Iterator[Lecture]:
    for opened in matter.maintiens:
        if opened.alinea is not Alinea.AL2 or opened.favorable is None:
            continue
        first = opened.favorable + 1
        text = (
            f"L'alinéa 2 ne dit pas que la décision, prise le {jour_fr(opened.favorable)}, met fin au maintien :"
            " les trois mois iraient à leur terme."
        )
        yield _lecture(
            CodeLecture.L433_3_DECISION_FAVORABLE,
            text,
            loi.ALINEA_2,
            opened.demande.dossier,
            (first, opened.limite),
            _gagnes(matter, first, opened.limite, _SANS_PREUVE),
            None,
        )


def _hypotheses(matter: Matiere) -> Iterator[Lecture]:
    for each in matter.hypotheses:
        loses = each.code is CodeLecture.L433_3_DEPOT_JOUR_EXPIRATION
        if loses:
            change = [
                days
                for opened in matter.maintiens
                if opened.demande is each.demande and opened.titre is each.titre
                for days in _perdus(matter, opened, each.du)
            ]
        else:
            change = _gagnes(matter, each.du, each.au, _SANS_DROIT)
        yield _lecture(
            each.code,
            _HYPOTHESES[each.code],
            each.source,
            each.demande.dossier,
            (each.du, each.au),
            change,
            NatureLacune.RUPTURE if loses else None,
        )


def _envoi_papier(matter: Matiere) -> Iterator[Lecture]:
    """A complete file sent on paper before the expiry, where the téléservice was blocked."""
    for entry, event in tous(matter.faits, SubstitutionDemandee):
        if event.dossier_complet_joint is not True:
            continue
        received = bornes_ou(event.recue_le or event.demandee_le, entry)
        for card in matter.docs:
            kind = _alinea_sans_liste(card)
            if kind is None or card.retire:
                continue
            expires = bornes(card.evenement.valide_au)
            filed = [d for d in matter.demandes if d.evenement.nature is NatureDemande.RENOUVELLEMENT]
            in_time = any(d.le[0] <= expires[0] and d.le[0] >= bornes(card.evenement.valide_du)[0] for d in filed)
            begun = bornes(card.evenement.valide_du)[0] <= received[0]
            if in_time or not begun or received[1] > expires[0]:
                continue
            first, last = expires[0] + 1, loi.fin(date.fromordinal(expires[1])).toordinal()
            text = (
                f"L'envoi reçu le {jour_fr(received[0])} contenait le dossier complet : s'il vaut demande (CE, 3 juin"
                " 2022, n° 452798, lu en partie), le maintien de trois mois fonde le droit, sans que la personne"
                " ait pu le prouver, et le refus implicite se compte de ce jour."
            )
            yield _lecture(
                CodeLecture.L433_3_ENVOI_PAPIER,
                text,
                kind,
                event.dossier,
                (first, last),
                _gagnes(matter, first, last, _SANS_DROIT),
                NatureLacune.PREUVE_SEULE,
            )


def _alinea_sans_liste(card: Doc) -> Source | None:
    """The paragraph that would cover this card whatever the département; only the first one can."""
    event = card.evenement
    if getattr(event, "type_titre", None) is None:
        return None
    which = loi.alinea(
        event.type_titre,
        event.duree_annees,
        stipulation_internationale=event.stipulation_internationale,
        departement_liste=False,
    )
    return loi.SOURCE if which is Alinea.AL1 else None


def _autre_demande(matter: Matiere) -> Iterator[Lecture]:
    """Another application still pending while the refusal of a first one stands."""
    decided = {objet for objet, _, _ in decisions_expresses(matter.faits)}
    pending = [d for d in matter.demandes if d.dossier not in decided]
    for demande in pending:
        first = demande.le[0]
        change = _gagnes(matter, first, matter.au, (NatureLacune.FIN_DE_DROIT,))
        if change:
            text = (
                f"Une autre demande, déposée le {jour_fr(first)}, n'a reçu aucune décision : si elle suffit à rouvrir"
                " l'instruction du droit, ces jours sont une interruption."
            )
            yield _lecture(
                CodeLecture.FIN_DE_DROIT_AUTRE_DEMANDE,
                text,
                ceseda_l411_2_fin_de_droit.SOURCE,
                demande.dossier,
                (first, change[-1][1]),
                change,
                NatureLacune.RUPTURE,
            )
