"""One chart, three ways: drawing, table and CSV from the same data. Drawn by the server, without any script.

Places are percents of the width, so that a drawing is as readable on a telephone as on paper; patterns carry the
meaning, colours only help. An image holds no link: links are in the table beside it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from html import escape
from io import StringIO
from typing import Final

from pydantic import BaseModel, ConfigDict

from ledger.francais import jour
from projections.couverture import Couverture
from projections.couverture.modeles import BaseCouverture, Certitude, Effet, Lacune, NatureLacune, Segment
from projections.francais import compte
from projections.pertes import Perte

RANGEE: Final = 48
"""Height of a row, in pixels."""
NOM: Final = 17
"""Of which its name takes so many."""
MARGE: Final = 22
"""Height of the line of years."""
LARGE: Final = 13.0
"""Percent of the width that a year's number needs."""
SIGNE: Final = 1.2
"""Percent of the width that a sign of a word needs, on the narrowest screen on which words are drawn (46 rem)."""
FORMULES: Final = frozenset("=+-@\t\r")
"""What a spreadsheet would take for a formula."""

DITS: Final = {
    "plein": "couvert",
    "incertain": "couvert selon une lecture des dates seulement",
    "rupture": "ni droit ni preuve",
    "preuve_seule": "droit sans preuve",
    "fin_de_droit": "après une fin de droit par décision",
    "effet": "perte chez un tiers",
}


class Plage(BaseModel):
    """Des jours qui se suivent dans un même état, bornes incluses."""

    model_config = ConfigDict(frozen=True)

    du: date
    au: date
    etat: str
    texte: str
    """What it is, to be read."""
    court: str = ""
    """The same in a word, drawn where there is room."""
    lien: str = ""

    @property
    def jours(self) -> int:
        """How many days."""
        return (self.au - self.du).days + 1


class Rangee(BaseModel):
    """Une rangée du dessin."""

    model_config = ConfigDict(frozen=True)

    nom: str
    plages: tuple[Plage, ...]


class Graphique(BaseModel):
    """Un dessin sur une échelle de jours, son texte, sa table et son CSV."""

    model_config = ConfigDict(frozen=True)

    titre: str
    description: str
    du: date
    au: date
    rangees: tuple[Rangee, ...]

    @property
    def lignes(self) -> Iterator[tuple[str, Plage]]:
        """The rows of the table: every run, with its layer."""
        for each in self.rangees:
            for run in each.plages:
                yield each.nom, run

    @property
    def etats(self) -> tuple[tuple[str, str], ...]:
        """The states that are drawn, with their words, in the order of the legend."""
        drawn = {run.etat for _, run in self.lignes}
        return tuple((each, DITS[each]) for each in DITS if each in drawn)

    def svg(self, ident: str = "frise") -> str:
        """The drawing; ``ident`` is unique in its page."""
        height = MARGE + RANGEE * len(self.rangees)
        parts = [
            f'<svg class="frise" role="img" aria-labelledby="{ident}-titre {ident}-texte"',
            f' width="100%" height="{height}">',
            f'<title id="{ident}-titre">{escape(self.titre)}</title>',
            f'<desc id="{ident}-texte">{escape(self.description)}</desc>',
            MOTIFS.format(ident=ident),
            *self._annees(height),
        ]
        for place, each in enumerate(self.rangees):
            parts.extend(self._rangee(each, MARGE + place * RANGEE, ident))
        return "".join([*parts, "</svg>"])

    def csv(self) -> str:
        """The table as RFC 4180 has it."""
        buffer = StringIO()
        writer = csv.writer(buffer)
        writer.writerow(["couche", "du", "au", "jours", "etat", "texte"])
        for name, run in self.lignes:
            writer.writerow(map(cellule, [name, run.du, run.au, run.jours, DITS[run.etat], run.texte]))
        return buffer.getvalue()

    def _x(self, day: date) -> float:
        whole = (self.au - self.du).days + 1
        return round(100 * (day - self.du).days / whole, 3)

    def _annees(self, height: int) -> Iterator[str]:
        years = range(self.du.year, self.au.year + 1)
        step, free = max(1, -(-len(years) // 12)), 0.0
        for year in years[::step]:
            x = max(0.0, self._x(max(date(year, 1, 1), self.du)))
            yield f'<line class="annee" x1="{x}%" x2="{x}%" y1="0" y2="{height}"/>'
            if x >= free and 100 - x > LARGE:
                free = x + LARGE
                yield f'<text class="an" x="{x}%" dx="4" y="14">{year}</text>'

    def _rangee(self, row: Rangee, y: int, ident: str) -> Iterator[str]:
        yield f'<text class="rang" x="0" y="{y + 12}">{escape(row.nom)}</text>'
        for run in row.plages:
            x, end = self._x(run.du), self._x(run.au + timedelta(days=1))
            width = max(round(end - x, 3), 0.15)
            place = f'x="{x}%" y="{y + NOM}" width="{width}%" height="{RANGEE - NOM - 4}"'
            yield f'<rect class="etat {run.etat}" {place}/>'
            if run.etat in HACHURES:
                yield f'<rect {place} fill="url(#{ident}-{HACHURES[run.etat]})"/>'
            if run.court and width >= SIGNE * len(run.court):
                yield f'<text class="mot {run.etat}" x="{x}%" dx="6" y="{y + NOM + 19}">{escape(run.court)}</text>'


HACHURES: Final = {"rupture": "h", "preuve_seule": "d", "fin_de_droit": "c", "incertain": "p"}
MOTIFS: Final = (
    '<defs><pattern id="{ident}-h" width="7" height="7" patternUnits="userSpaceOnUse">'
    '<path class="trait" d="M-1 1l2-2M0 7l7-7M6 8l2-2"/></pattern>'
    '<pattern id="{ident}-d" width="7" height="7" patternUnits="userSpaceOnUse">'
    '<path class="trait" d="M-1 6l2 2M0 0l7 7M6-1l2 2"/></pattern>'
    '<pattern id="{ident}-c" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<path class="trait" d="M0 4h8M4 0v8"/></pattern>'
    '<pattern id="{ident}-p" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle class="point" cx="3" cy="3" r="1.2"/></pattern></defs>'
)


def cellule(value: object) -> str:
    """A value as a cell of CSV that no spreadsheet takes for a formula."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text[:1] in FORMULES else text


# ------------------------------------------------------------------ the strip of cover


def frise(cover: Couverture, pertes: Sequence[Perte]) -> Graphique | None:
    """The strip of what a person could found, prove and lost, seen from ``cover.au``; ``None`` where nothing is known.

    Three layers that are never merged. Each gap of proof says to whom it is due.
    """
    days = [cover.premier_jour, *(each.du for each in cover.effets)]
    first = min((day for day in days if day is not None), default=None)
    if first is None or first > cover.au:
        return None
    rows = (
        Rangee(nom="Droit", plages=tuple(_droit(cover))),
        Rangee(nom="Preuve", plages=tuple(_preuve(cover, pertes))),
        Rangee(nom="Effets", plages=tuple(_effets(cover.effets, cover.au))),
    )
    gaps = [each for each in cover.lacunes if each.nature is not NatureLacune.FIN_DE_DROIT]
    told = " ; ".join(f"{DITS[each.nature.value]}, du {jour(each.du)} au {jour(each.au)}" for each in gaps[:20])
    more = f" ; et {compte(len(gaps) - 20, 'autre')}" if len(gaps) > 20 else ""  # noqa: PLR2004 - what one listens to
    return Graphique(
        titre=f"Droit au séjour, preuve et effets, du {jour(first)} au {jour(cover.au)}",
        description=(told + more or "aucun jour sans preuve") + ". La table qui suit dit tout.",
        du=first,
        au=cover.au,
        rangees=tuple(each for each in rows if each.plages),
    )


def _segment(each: Segment, au: date) -> Plage:
    sure = each.certitude is Certitude.CERTAIN
    about = f", {each.reference}" if each.reference else ""
    return Plage(
        du=each.du,
        au=min(each.au, au),
        etat="plein" if sure else "incertain",
        texte=f"{each.base.libelle}{about} ({each.source})" if each.source else f"{each.base.libelle}{about}",
        court=_COURTS.get(each.base, each.base.libelle),
    )


_COURTS: Final = {BaseCouverture.TITRE: "titre", BaseCouverture.API: "attestation", BaseCouverture.L433_3: "L.433-3"}


def _droit(cover: Couverture) -> Iterator[Plage]:
    for each in cover.droit:
        if each.base is not BaseCouverture.PROTECTION and each.du <= cover.au:
            yield _segment(each, cover.au)
    for gap in cover.lacunes:
        if gap.nature is not NatureLacune.PREUVE_SEULE:
            yield _lacune(gap, ())


def _preuve(cover: Couverture, pertes: Sequence[Perte]) -> Iterator[Plage]:
    for each in cover.preuve:
        if each.du <= cover.au:
            yield _segment(each, cover.au)
    for gap in cover.lacunes:
        yield _lacune(gap, pertes)


def _lacune(gap: Lacune, pertes: Sequence[Perte]) -> Plage:
    whose = [each for each in pertes if each.du <= gap.au and gap.du <= each.au]
    said = ", ".join(dict.fromkeys(each.imputation.libelle for each in whose))
    return Plage(
        du=gap.du,
        au=gap.au,
        etat=gap.nature.value,
        texte=f"{DITS[gap.nature.value]}{' : ' + said if said else ''}",
        court=compte(gap.jours, "j", "j"),
    )


def _effets(effets: Iterable[Effet], au: date) -> Iterator[Plage]:
    for each in effets:
        if each.du <= au:
            yield Plage(du=each.du, au=min(each.au or au, au), etat="effet", texte=each.libelle, court=each.libelle)
