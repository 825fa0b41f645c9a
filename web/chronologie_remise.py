"""The timeline as a file: what is on the screen, by the same filter, which the file prints."""

import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import Final

import msgspec
from django.http import HttpResponse

from projections.chronologie import Chronologie, Evenement, Filtre, Silence
from web.api.reponses import encoder
from web.graphiques import cellule
from web.lecture import Vie
from web.limites import phrase

EXTENSIONS: Final = ("csv", "json")
COLONNES: Final = (
    "personne", "vu_du", "filtre", "montres", "total", "numero", "survenu", "enregistre_le", "origine", "phrase",
    "objet", "details", "source", "force", "pieces", "corrige", "corrige_par",
)  # fmt: skip
_CADRE: Final = 5
"""The columns that say whose timeline it is and what was left out, the same on every row."""


class VueRemise(msgspec.Struct, frozen=True, kw_only=True):
    """La chronologie affichée, et le filtre qui l'a faite."""

    personne: str
    au: date
    filtre: Filtre
    filtre_dit: str
    """The same in words, after the dossiers that it is limited to."""
    total: int
    montres: int
    faits: Sequence[Evenement]
    silences: Sequence[Silence]


def remettre(vie: Vie, told: Chronologie, filtre: Filtre, au: date, extension: str) -> HttpResponse:
    """The facts that ``filtre`` keeps, of all years, as ``csv`` or ``json``; with the dossiers that a mandate opens."""
    said = " ; ".join(each for each in (phrase(vie), filtre.dit) if each)
    if extension == "csv":
        body, kind = "\ufeff" + _csv(vie.personne, told, said, au), "text/csv; charset=utf-8"
    else:
        body, kind = _json(vie.personne, told, filtre, said, au), "application/json"
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="chronologie.{extension}"'
    answer["Content-Security-Policy"] = "sandbox"
    return answer


def _json(personne: str, told: Chronologie, filtre: Filtre, said: str, au: date) -> str:
    return encoder(
        VueRemise(
            personne=personne,
            au=au,
            filtre=filtre,
            filtre_dit=said,
            total=told.total,
            montres=told.montres,
            faits=told.faits,
            silences=told.silences,
        )
    ).decode()


def _csv(personne: str, told: Chronologie, said: str, au: date) -> str:
    """One row a fact; where the filter keeps none, one row says so."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLONNES)
    frame = (personne, au, said, told.montres, told.total)
    rows = [(*frame, *_rang(each)) for each in told.faits] or [(*frame, *[""] * (len(COLONNES) - _CADRE))]
    writer.writerows(map(cellule, row) for row in rows)
    return buffer.getvalue()


def _rang(each: Evenement) -> tuple[object, ...]:
    line = each.ligne
    return (
        line.numero or "",
        line.survenu,
        line.enregistre_le.isoformat(),
        each.origine.libelle,
        line.phrase,
        line.objet or "",
        " ; ".join(f"{name} : {value}" for name, value in line.details),
        line.source,
        line.grade,
        " ; ".join(f"{piece.nom} ({piece.sha256})" for piece in line.pieces),
        line.corrige or "",
        line.corrige_par or "",
    )
