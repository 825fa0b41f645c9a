"""The dictionary of the bulk tables, drawn from the columns: for programs (JSON, CSVW), for people, and for the docs.

``python -m evidence.masse_dictionnaire`` writes the dictionary into ``docs/bulk.md``; ``--check`` only says, by its
exit code, whether it is up to date.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from evidence.masse_colonnes import RESERVES, TABLES, Colonne, Sorte, exclus

PATH: Final = Path(__file__).resolve().parents[1] / "docs" / "bulk.md"
DEBUT: Final = "<!-- dictionnaire : python -m evidence.masse_dictionnaire ; ne pas modifier à la main -->"
_SENS: Final = {
    "faits": "une ligne par fait, avec ceux qui ne sont à personne",
    "intervalles": "les jours perdus de chaque personne, une ligne par intervalle et par mois",
    "unites": "ce que les statistiques comptent, une ligne par unité",
}
_DATATYPES: Final = {Sorte.JOUR: "date", Sorte.NOMBRE: "integer", Sorte.OUI_NON: "boolean"}


def en_json() -> bytes:
    """The dictionary for programs."""
    tables = {nom: [_colonne(each) for each in columns] for nom, columns in TABLES.items()}
    kept = [{"champ": each.champ, "types": each.types, "motif": each.motif} for each in exclus()]
    return _json({"format": "constat/masse/1", "tables": tables, "non_exportes": kept, "types_reserves": RESERVES})


def en_csvw() -> bytes:
    """The same as CSV on the Web (W3C Recommendation of 17 December 2015): metadata of the CSV files."""
    tables = [
        {
            "url": f"{nom}.csv",
            "dc:title": _SENS[nom],
            "tableSchema": {"columns": [_csvw(each) for each in columns]},
        }
        for nom, columns in TABLES.items()
    ]
    context = ["http://www.w3.org/ns/csvw", {"@language": "fr"}]
    return _json({"@context": context, "dialect": {"header": True}, "tables": tables})


def en_markdown() -> str:
    """The dictionary for people."""
    return "\n".join(_lignes()) + "\n"


def _lignes() -> Iterator[str]:
    for nom, columns in TABLES.items():
        yield f"## Table `{nom}`"
        yield ""
        yield f"{_SENS[nom][0].upper()}{_SENS[nom][1:]}."
        yield ""
        yield "| Colonne | Type | Unité | Sens | D'où | Masqué, ou moins précis |"
        yield "|---|---|---|---|---|---|"
        for each in columns:
            cells = (f"`{each.nom}`", each.sorte.sql, each.unite, each.sens, each.source, each.masquage)
            yield f"| {' | '.join(map(_propre, cells))} |"
        yield ""
    yield "## Ce qui ne part pas"
    yield ""
    yield "De chaque champ du vocabulaire qui n'a pas de colonne, pourquoi."
    yield ""
    yield "| Champ | Types de faits | Motif |"
    yield "|---|---|---|"
    for kept in exclus():
        yield f"| `{kept.champ}` | {', '.join(kept.types)} | {_propre(kept.motif)} |"
    yield ""
    yield "Types réservés, dont rien ne part que leur existence :"
    yield ""
    yield from (f"- `{nom}` : {why}." for nom, why in RESERVES.items())


def _colonne(each: Colonne) -> dict[str, Any]:
    return {
        "nom": each.nom,
        "type": each.sorte.sql,
        "contenu": each.sorte.value,
        "unite": each.unite or None,
        "sens": each.sens,
        "source": each.source,
        "masquage": each.masquage or None,
        "valeurs": list(each.valeurs) or None,
    }


def _csvw(each: Colonne) -> dict[str, Any]:
    described = " ".join(filter(None, (each.sens, f"Masquage : {each.masquage}." if each.masquage else "")))
    base = _DATATYPES.get(each.sorte, "string")
    datatype = {"base": base, "format": "true|false"} if base == "boolean" else base
    return {"name": each.nom, "titles": each.nom, "datatype": datatype, "null": "", "dc:description": described}


def _propre(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def main(arguments: Sequence[str] | None = None, path: Path = PATH) -> int:
    """Write the dictionary into the file at ``path``, or with ``--check`` return 1 when it is not up to date there."""
    parser = argparse.ArgumentParser(
        prog="python -m evidence.masse_dictionnaire", description="Écrit le dictionnaire dans docs/bulk.md."
    )
    parser.add_argument("--check", action="store_true", help="vérifie sans écrire")
    head, _, _ = path.read_text(encoding="utf-8").partition(DEBUT)
    text = f"{head}{DEBUT}\n\n{en_markdown()}"
    if parser.parse_args(arguments).check:
        if path.read_text(encoding="utf-8") != text:
            sys.stderr.write("docs/bulk.md n'est plus à jour : lancez python -m evidence.masse_dictionnaire\n")
            return 1
        return 0
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
