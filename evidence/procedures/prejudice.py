"""The heads of loss: each against the days retained, day by day, with what links it to them and what proves it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.argent import Intervalles, intervalles, quadriennale
from evidence.procedures.modeles import Chef, Gravite, Piege, Procedure, Situation, cites
from ledger.entry import Entry
from ledger.events import effet
from ledger.francais import MOIS, jour
from projections.couverture.effets import effets
from projections.couverture.modeles import Effet
from projections.francais import compte
from rules import caa_24pa02879_prejudice

MENSUELS: Final = (effet.EmploiSuspendu, effet.EmploiRompu, effet.PrestationSuspendue, effet.RadiationFranceTravail)
"""The losses of what was paid every month."""


def chefs(a: Affaire, procedure: Procedure) -> tuple[Chef, ...]:
    """Every loss known on the day of observation, against the days that the procedure retains."""
    return _chefs(a, intervalles(a, procedure))


def _chefs(a: Affaire, found: Intervalles) -> tuple[Chef, ...]:
    return tuple(_chef(a, each, found) for each in effets(a.m.trame.faits) if each.du <= a.au)


def _chef(a: Affaire, effect: Effet, found: Intervalles) -> Chef:
    end = min(effect.au or a.au, a.au)
    sure_end = min(effect.au_certain or a.au, a.au)
    days, kept = (end - effect.du).days + 1, found.jours
    most = _dans(effect.du, end, kept)
    least = _dans(effect.du_certain, sure_end, kept)
    begins = all(
        any(caa_24pa02879_prejudice.dates_compatibles(day, x.du, x.au) for x in found.retenus)
        for day in (effect.du, effect.du_certain)
    )
    situation = Situation.DEDANS if most == days else Situation.EN_PARTIE if most else Situation.DEHORS
    return Chef(
        libelle=effect.libelle,
        organisme=effect.organisme,
        reference=effect.reference,
        du=effect.du,
        au=end,
        ouvert=effect.au is None,
        jours=days,
        dedans=least,
        dedans_au_plus=most,
        commence_dedans=begins,
        situation=situation,
        entries=effect.entries,
    )


def _dans(first: date, last: date, kept: frozenset[int]) -> int:
    return sum(1 for day in range(first.toordinal(), last.toordinal() + 1) if day in kept)


def faits_du_chef(a: Affaire, chef: Chef) -> list[Entry]:
    """The facts that tell of a loss."""
    return [entry for entry in a.lue.entries if entry.event_id in chef.entries]


def mois_touches(chef: Chef) -> list[date]:
    """The months that a loss touches, each by its first day."""
    months, day = [], chef.du.replace(day=1)
    while day <= chef.au:
        months.append(day)
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def nommer(months: list[date]) -> str:
    """« mai 2024, juin 2024 »."""
    return ", ".join(f"{MOIS[day.month - 1]} {day.year}" for day in months)


def pieges_du_prejudice(a: Affaire, procedure: Procedure) -> Iterator[Piege]:
    """Each head of loss: where it falls, what proves it, what links it to the days; then the time to ask for it."""
    found = intervalles(a, procedure)
    heads = _chefs(a, found)
    if not heads:
        yield Piege(
            code="aucun_chef",
            gravite=Gravite.RISQUE,
            texte="Aucune perte n'est au registre : ni emploi, ni prestation, ni santé, ni logement.",
            remede="Inscrivez chaque perte avec son premier jour et sa pièce ; le juge écarte ce qui n'est pas prouvé.",
            sources=cites(caa_24pa02879_prejudice.SOURCE),
        )
    for head in heads:
        yield from _hors_des_jours(head)
        yield from _preuve_du_chef(a, head)
    claimed = [(day, chef.entries) for chef in heads for day in _premiers_jours(chef.du, chef.au)]
    claimed += [(day, ()) for x in found.retenus for day in _premiers_jours(x.du, x.au)]
    yield from quadriennale(a, claimed)


def _premiers_jours(first: date, last: date) -> list[date]:
    """One day for each year that a stretch touches."""
    return [max(first, date(year, 1, 1)) for year in range(first.year, last.year + 1)]


def _nom(chef: Chef) -> str:
    who = f" ({chef.organisme})" if chef.organisme else ""
    end = ", sans fin connue" if chef.ouvert else f" au {jour(chef.au)}"
    return f"« {chef.libelle} »{who}, du {jour(chef.du)}{end}"


def _hors_des_jours(chef: Chef) -> Iterator[Piege]:
    if chef.situation is Situation.DEDANS and chef.commence_dedans:
        return
    inside = compte(chef.dedans_au_plus, "jour")
    if chef.dedans != chef.dedans_au_plus:
        inside = f"entre {chef.dedans} et {inside}, selon la date retenue,"
    outside = chef.situation is Situation.DEHORS
    begins = "" if chef.commence_dedans else " Cette perte ne commence pas pendant ces jours."
    yield Piege(
        code="chef_hors_intervalle" if outside else "chef_en_partie",
        gravite=Gravite.RISQUE,
        texte=f"{_nom(chef)} : sur {compte(chef.jours, 'jour')}, {inside} dans les jours retenus"
        f" ({chef.situation.libelle}).{begins}",
        remede="Ne rattachez pas cette perte à l'interruption, ou prouvez autrement qu'elle en vient."
        if outside
        else "Ne demandez que les jours qui tombent dans l'intervalle, ou prouvez que le reste en vient aussi.",
        sources=cites(*caa_24pa02879_prejudice.SOURCES[:2]),
        entries=chef.entries,
        le=chef.du,
    )


def _preuve_du_chef(a: Affaire, chef: Chef) -> Iterator[Piege]:
    facts = faits_du_chef(a, chef)
    if not documents(facts):
        yield Piege(
            code="chef_sans_piece",
            gravite=Gravite.RISQUE,
            texte=f"{_nom(chef)} : aucun document au registre.",
            remede=f"Joignez la pièce qui la prouve{_par_mois(facts, chef)}.",
            sources=cites(caa_24pa02879_prejudice.SOURCE),
            entries=ids(facts),
        )
    if facts and not _lien_dit(facts[0].fait.evenement):
        yield Piege(
            code="chef_sans_lien",
            gravite=Gravite.RISQUE,
            texte=f"{_nom(chef)} : ni le motif, ni le document présenté ou refusé ne sont au registre.",
            remede="Joignez la lettre qui cite le document de séjour : le lien de causalité se prouve chef par chef.",
            sources=cites(caa_24pa02879_prejudice.SOURCE),
            entries=ids(facts[:1]),
        )


def _par_mois(facts: list[Entry], chef: Chef) -> str:
    """What was to come every month is proven month by month."""
    monthly = any(isinstance(entry.fait.evenement, MENSUELS) for entry in facts)
    return f", mois par mois : {nommer(mois_touches(chef))}" if monthly else ""


def _lien_dit(event: Any) -> bool:
    """Whether the third party gave a reason, or named the document that it was shown or refused."""
    return any(event.lire_champ(name) is not None for name in ("motif", "document_presente", "document_refuse"))
