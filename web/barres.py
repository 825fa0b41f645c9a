"""Bars, three ways: drawing, table and CSV from the same data, as :mod:`web.graphiques` does for days.

A bar is as long as its number; its parts differ by pattern as well as by colour. What is masked is written, not drawn.
"""

import csv
from collections.abc import Iterator
from html import escape
from io import StringIO
from typing import Final

from pydantic import BaseModel, ConfigDict

from projections.francais import compte
from web.graphiques import MOTIFS, cellule

RANGEE: Final = 62
"""Height of a bar, of its name above it and of its number under it, in pixels."""
LISIBLE: Final = 34
"""How many signs of a name are drawn; the table has it whole."""
DITES: Final = 20
"""How many bars the description tells."""
HACHURES: Final = {"administration": "h", "shared": "d", "applicant": "c", "undetermined": "p"}
MASQUE: Final = "masqué"


class Segment(BaseModel):
    """Une part d'une barre."""

    model_config = ConfigDict(frozen=True)

    etat: str
    valeur: int


class Barre(BaseModel):
    """Une barre ; ``valeur`` est ``None`` quand elle est masquée."""

    model_config = ConfigDict(frozen=True)

    nom: str
    valeur: int | None
    texte: str
    """What stands under the bar."""
    segments: tuple[Segment, ...] = ()
    """What is known of its parts; the rest of the bar is drawn plain."""
    cellules: tuple[int | float | str | None, ...]
    """Its row of the table; ``None``: masked."""
    lien: str = ""


class Barres(BaseModel):
    """Un dessin de barres, son texte, sa table et son CSV."""

    model_config = ConfigDict(frozen=True)

    code: str
    titre: str
    unite: str
    """What the length counts, in the plural."""
    legende: tuple[tuple[str, str], ...]
    colonnes: tuple[str, ...]
    """Of the table, the first one being the name."""
    barres: tuple[Barre, ...]

    @property
    def description(self) -> str:
        """What the drawing shows, in words."""
        told = " ; ".join(f"{each.nom} : {each.texte}" for each in self.barres[:DITES])
        more = f" ; et {compte(len(self.barres) - DITES, 'autre')}" if len(self.barres) > DITES else ""
        return f"{told}{more}. La table qui suit dit tout."

    @property
    def cles(self) -> tuple[tuple[str, str], ...]:
        """The part of the legend that the drawing needs."""
        drawn = {part.etat for each in self.barres for part in each.segments}
        if any((each.valeur or 0) > sum(part.valeur for part in each.segments) for each in self.barres):
            drawn.add("reste")
        return tuple(each for each in self.legende if each[0] in drawn)

    @property
    def dessine(self) -> bool:
        """Whether any bar can be drawn: where all are masked there is nothing to see."""
        return any(each.valeur is not None for each in self.barres)

    def svg(self, ident: str) -> str:
        """The drawing; ``ident`` is unique in its page."""
        height = RANGEE * len(self.barres)
        parts = [
            f'<svg class="barres" role="img" aria-labelledby="{ident}-t {ident}-d" width="100%" height="{height}">',
            f'<title id="{ident}-t">{escape(self.titre)}</title>',
            f'<desc id="{ident}-d">{escape(self.description)}</desc>',
            MOTIFS.format(ident=ident),
        ]
        longest = max((each.valeur or 0 for each in self.barres), default=0)
        for place, each in enumerate(self.barres):
            parts.extend(_barre(each, place * RANGEE, longest, ident))
        return "".join([*parts, "</svg>"])

    def csv(self, **contexte: str) -> str:
        """The table as RFC 4180 has it. ``contexte``: what every row says first, so that it is understood alone."""
        buffer = StringIO()
        writer = csv.writer(buffer)
        writer.writerow([*contexte, *self.colonnes])
        for each in self.barres:
            cells = (MASQUE if cell is None else cell for cell in (each.nom, *each.cellules))
            writer.writerow(map(cellule, [*contexte.values(), *cells]))
        return buffer.getvalue()


def _barre(bar: Barre, y: int, longest: int, ident: str) -> Iterator[str]:
    name = bar.nom if len(bar.nom) <= LISIBLE else f"{bar.nom[: LISIBLE - 1]}…"
    yield f'<text class="nom" x="0" y="{y + 14}">{escape(name)}</text>'
    scale = 100 / longest if longest else 0.0
    whole, x = round((bar.valeur or 0) * scale, 3), 0.0
    if bar.valeur:
        yield f'<rect class="part reste" x="0" y="{y + 20}" width="{max(whole, 0.2)}%" height="18"/>'
    for each in bar.segments:
        width = round(each.valeur * scale, 3)
        place = f'x="{round(x, 3)}%" y="{y + 20}" width="{width}%" height="18"'
        yield f'<rect class="part {each.etat}" {place}/>'
        if each.etat in HACHURES:
            yield f'<rect {place} fill="url(#{ident}-{HACHURES[each.etat]})"/>'
        x += width
    below = y + (30 if bar.valeur is None else 52)
    yield f'<text class="dit" x="0" y="{below}">{escape(bar.texte)}</text>'
