"""The evidence of a dossier (W2): each interval of lost days with its chain; and the duties of both parties."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.template.loader import render_to_string
from markupsafe import Markup

from evidence.mots import SOURCES
from evidence.rapport_chaines import anterieure
from evidence.rapport_mots import COLONNES, COUCHES, IMPUTATIONS, NATURES, PARTIES, PORTEES, SENS, TENUS
from ledger.retained import holding
from projections.francais import compte
from projections.imputation.modeles import Attribution, Cause, Constat, Imputation, Partie, Statut
from replay.as_of import Moment
from replay.calcul import Calcul, calcul
from replay.preuve import Preuve
from rules.calcul import JOURS, MOIS, OUVRES, REPORT, Operation
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet, permis
from web.lecture import Vie
from web.lu import numerotes, operations_de, preuve_datee, preuve_de, refaite
from web.moments import exact, lu
from web.pages.commun import remplir
from web.registre import registre
from web.renvois import Renvois, adresse_si
from web.requete import Requete, page

SECTIONS: Final = {
    "preuve": "Jours sans preuve du droit au séjour",
    "effets": "Effets chez des tiers",
    "duree": "Durées retranchées d'une attestation",
    "delai": "Délais légaux dépassés",
}
"""The layers, in their order; their days are never added up."""
CONTESTE: Final = frozenset({"fait_conteste", "source_contraire", "source_plus_faible"})
"""Findings that dispute a fact of the chain."""
JOUR: Final = timedelta(days=1)
EMPREINTE: Final = re.compile("[0-9a-f]{64}")
MOTS: Final = {
    "couches": COUCHES, "colonnes": COLONNES, "imputations": IMPUTATIONS, "natures": NATURES,
    "sens": SENS, "sources": SOURCES, "tenus": TENUS,
}  # fmt: skip


class Rejeu(NamedTuple):
    """What a conclusion became when it was computed again."""

    empreinte: str
    """The digest that was given."""
    trouvee: bool
    """Whether a conclusion computed now has it."""


class Intervalle(NamedTuple):
    """One interval of lost days, with where it is in the page."""

    ancre: str
    perdu: Attribution
    colonnes: Sequence[tuple[Partie, bool | None, Sequence[Cause]]]
    """For each party: had it done what it owed, would the days be covered; and what that supposes."""
    contre: Sequence[Constat]
    contestations: Sequence[Constat]
    depuis: Sequence[int]
    """The facts by which the ledger came to this answer."""
    avant: Sequence[tuple[str, str]]
    """What it answered before, and an instant at which it did."""
    calcul: Calcul
    """Step by step."""


@page(Objet.PREUVES)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """What is lost, to whom it is due, what shows it and what speaks against it."""
    vie, at = request.vie, lu(request)
    report = adresse_si("signaler", sujet) if permis(request.profil.role, Objet.SIGNALEMENT) else ""
    hand = adresse_si("export", sujet) if permis(request.profil.role, Objet.EXPORT) else ""
    again = request.GET.get("rejouer", "")
    if EMPREINTE.fullmatch(again):
        made = _preuves(vie, at.moment, report, hand, again)
    else:
        key = ("preuves", at.moment, report, hand, empreinte(ACTUEL))
        made = registre().lecteur.rendu(vie, key, lambda: _preuves(vie, at.moment, report, hand))
    return remplir(request, "preuves.html", titre="Preuves", corps=made, lu=at)


@page(Objet.PREUVES)
def obligations(request: Requete, sujet: str) -> HttpResponse:
    """Who owed what, from when until when, and what was not done."""
    del sujet
    vie, at = request.vie, lu(request)
    only = request.GET.get("manquements") == "1"
    key = ("obligations", at.moment, only, empreinte(ACTUEL))
    made = registre().lecteur.rendu(vie, key, lambda: _obligations(vie, at.moment, only=only))
    return remplir(request, "preuves.html", titre="Obligations", corps=made, lu=at)


def _preuves(vie: Vie, moment: Moment, signaler: str, exporter: str, rejouer: str = "") -> Markup:
    """``rejouer``: the digest of a conclusion; everything is computed again from the facts, and compared with it."""
    proof = preuve_datee(vie, moment)
    held = holding(vie.entries, at=moment.connu_le, on=moment.au)
    found = intervalles(proof, vie)
    again: set[str] = set()
    if rejouer:
        made, counted = refaite(vie, moment)
        again = {each.calcul.empreinte for each in intervalles(made, vie, counted)}
    return _fait(
        "preuves_corps.html",
        vie=vie,
        proof=proof,
        bilan=bilan(proof.attributions),
        sections=[
            (words, [each for each in found if each.perdu.couche == layer])
            for layer, words in SECTIONS.items()
            if any(each.perdu.couche == layer for each in found)
        ],
        signaler=signaler,
        exporter=exporter,
        rejeu=Rejeu(rejouer, rejouer in again) if rejouer else None,
        connu=moment.connu_le,
        abandonnees=[anterieure(each) for each in proof.abandonnees],
        renvois=Renvois(vie.reference, numerotes(vie), proof, {each.event_id for each in held}),
    )


def _obligations(vie: Vie, moment: Moment, *, only: bool) -> Markup:
    proof = preuve_de(vie, moment)
    numbered = list(enumerate(proof.obligations, start=1))
    return _fait(
        "obligations_corps.html",
        vie=vie,
        proof=proof,
        seules=only,
        bilan=[
            (partie, sum(bool(o.manquements) for o in proof.obligations if o.debiteur is partie)) for partie in PARTIES
        ],
        groupes=[
            (words, shown)
            for reach, words in PORTEES.items()
            if (shown := [(n, o) for n, o in numbered if o.portee is reach and (o.manquements or not only)])
        ],
        veille=lambda day: day - JOUR,
        renvois=Renvois(vie.reference, numerotes(vie), proof),
    )


def _fait(gabarit: str, **contexte: Any) -> Markup:
    made = render_to_string(gabarit, {**contexte, "mots": MOTS, "jeu": ACTUEL, "compte_de": compte_de, "exact": exact})
    return Markup(made)  # noqa: S704 - made by an escaping template


def bilan(lost: Sequence[Attribution]) -> dict[tuple[Imputation, Statut], int]:
    """Days without proof, by whose they are and how far that is established; ends of right by decision among them."""
    days: Counter[tuple[Imputation, Statut]] = Counter()
    for each in lost:
        if each.couche == "preuve":
            days[each.imputation, each.statut] += each.jours
    return dict(days.most_common())


def intervalles(proof: Preuve, vie: Vie, operations: Sequence[Operation] | None = None) -> Sequence[Intervalle]:
    """Every interval, each with the anchor by which other pages point to it: « du-2024-03-18 ».

    ``operations``: what rules counted when ``proof`` was made, where it was not made for the pages.
    """
    counted = operations_de(vie, Moment(proof.connu_le, proof.au)) if operations is None else operations
    seen: Counter[str] = Counter()
    lines = numerotes(vie)
    arrived: dict[datetime, list[int]] = {}
    for entry in vie.entries:
        number = lines[entry.event_id].numero
        if number is not None:
            arrived.setdefault(entry.recorded_at, []).append(number)
    found = []
    for lost in sorted(proof.attributions, key=lambda each: (list(SECTIONS).index(each.couche), each.du)):
        anchor = f"du-{lost.du}" if lost.couche == "preuve" else f"{lost.couche}-du-{lost.du}"
        seen[anchor] += 1
        found.append(
            Intervalle(
                ancre=anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}",
                perdu=lost,
                colonnes=_colonnes(lost),
                contre=[each for each in lost.contre if each.code not in CONTESTE],
                contestations=[each for each in lost.contre if each.code in CONTESTE],
                depuis=arrived.get(lost.connue_depuis, []) if lost.connue_depuis else [],
                avant=[(anterieure(each), exact(each.jusqu_a - timedelta(microseconds=1))) for each in lost.avant],
                calcul=calcul(lost, proof, counted, vie.entries),
            )
        )
    return found


def compte_de(operation: Operation) -> str:
    """What a rule counted, in words; the days are before and after."""
    n = operation.nombre
    sign = "moins " if n < 0 else "plus "
    match operation.unite:
        case u if u == MOIS:
            return f"{sign}{abs(n)} mois, au même quantième"
        case u if u == JOURS:
            return "le lendemain" if n == 1 else "la veille" if n == -1 else f"{sign}{compte(abs(n), 'jour')}"
        case u if u == OUVRES:
            return f"{sign}{compte(n, 'jour ouvré', 'jours ouvrés')}"
        case u if u == REPORT:
            return f"reporté de {compte(n, 'jour')}, au premier jour ouvré" if n else "jour ouvré : sans report"
    raise ValueError(operation.unite)


def _colonnes(lost: Attribution) -> Sequence[tuple[Partie, bool | None, Sequence[Cause]]]:
    """What the history replayed says of each party; nothing where it was not replayed."""
    if lost.cf_administration is None and lost.cf_usager is None and not lost.causes:
        return ()
    answers = {Partie.ADMINISTRATION: lost.cf_administration, Partie.USAGER: lost.cf_usager}
    return [(each, answers[each], [cause for cause in lost.causes if cause.debiteur is each]) for each in PARTIES]
