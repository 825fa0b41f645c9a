"""What goes with a person's copy: purposes, retention, recipients, rights, with articles and how far they were read.

The sentences about the law are those of the rule (:mod:`rules.rgpd_art15_copie`); the others are the ledger's facts.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from evidence.mots import SOURCES, dire
from ledger.entry import Entry
from ledger.events.acces import ExportProduit
from ledger.francais import jour
from projections.francais import compte
from rules import rgpd_art15_copie
from rules.base import Source
from rules.rgpd_art15_copie import Mention


def informations(personne: str, entries: Iterable[Entry], today: date, left_out: tuple[int, int]) -> str:
    """The text, for the person ``personne`` to read; ``entries`` as they are given to her."""
    told = sections(personne, entries, today, left_out, "est dans acces.json")
    return "\n\n".join("\n".join([title, *lines]) for title, lines in told) + "\n"


def sections(
    personne: str, entries: Iterable[Entry], today: date, left_out: tuple[int, int], detail: str
) -> list[tuple[str, list[str]]]:
    """The same, section by section. ``detail``: where each access is told, as « est dans acces.json ».

    ``left_out``: how many mentions were masked, and how many looks may not be told yet.
    """
    known = list(entries)
    told: list[tuple[str, Iterable[str]]] = [
        (f"Copie des données de {personne}, établie le {jour(today)}", _told(rgpd_art15_copie.droit())),
        ("1. Pour quoi ces données sont tenues", _told(rgpd_art15_copie.finalites())),
        ("2. Combien de temps", _told(rgpd_art15_copie.durees())),
        ("3. D'où elles viennent", [", ".join(sorted({SOURCES[entry.fait.source] for entry in known}))]),
        ("4. Qui les a vues, et à qui elles ont été données", _recipients(known, detail)),
        ("5. Vos droits", _told(rgpd_art15_copie.droits())),
        ("6. Ce qui n'est pas dans cette copie", _left_out(*left_out)),
    ]
    return [(title, list(lines)) for title, lines in told]


def _told(mentions: Iterable[Mention]) -> Iterator[str]:
    for sentence, sources in mentions:
        yield f"{sentence} {_cited(sources)}".rstrip()


def _cited(sources: Iterable[Source]) -> str:
    said = " ; ".join(f"{source.reference}, {source.verification.sens}" for source in sources)
    return f"[{said}]" if said else ""


def _recipients(entries: Iterable[Entry], detail: str) -> Iterator[str]:
    given = [entry.fait.evenement for entry in entries if isinstance(entry.fait.evenement, ExportProduit)]
    if not given:
        yield "Aucun export n'est connu du registre."
    for each in given:
        to = each.destinataire or "destinataire non dit"
        yield f"- export ({dire(each.nature)}) : {to}, titre : {dire(each.fondement)}"
    yield f"Le détail, accès par accès, {detail}."


def _left_out(masked: int, tus: int) -> Iterator[str]:
    told = compte(masked, "mention masquée", "mentions masquées")
    yield f"Les autres personnes sont désignées par un numéro ({told})."
    yield "Les textes libres et les documents sont donnés tels quels : aucune règle n'y trouve tous les noms."
    if tus:
        yield compte(
            tus,
            "consultation ne peut pas encore vous être dite.",
            "consultations ne peuvent pas encore vous être dites.",
        )
