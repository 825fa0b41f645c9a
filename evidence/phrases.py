"""How what a document says is written: our sentences in French typography, what people wrote as they wrote it."""

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from evidence.mots import dire
from evidence.signes import montrable
from ledger.francais import jour
from projections import francais
from rules.base import Source
from rules.jeux import suivi

FINE: Final = "\u202f"
LONGUEUR: Final = 20_000
"""Signs of one text that a document shows; what is cut says so, and where the whole is."""
_AVANT: Final = re.compile(r"[ \u00a0](?=[;:!?»%])")
_APRES: Final = re.compile(r"«[ \u00a0]")
_NUMERO: Final = re.compile(r"(?<=n°) (?=\d)")


def phrase(texte: str) -> str:
    """One of our sentences, which may hold words of a person: shown, with the narrow spaces of French."""
    return _NUMERO.sub("\u00a0", _APRES.sub(f"«{FINE}", _AVANT.sub(FINE, montrable(texte))))


def ecrit(texte: str, ailleurs: str) -> list[str]:
    """What a person wrote, line by line; ``ailleurs``: where the whole of it is, should it be cut."""
    lignes = [montrable(ligne.replace("\t", "    ")) for ligne in texte[:LONGUEUR].split("\n")]
    if len(texte) > LONGUEUR:
        total = francais.compte(len(texte), "signe")
        lignes.append(f"[coupé ici, sur {total}{FINE}: le tout est {ailleurs}]")
    return lignes


def periode(du: date, au: date) -> str:
    """« le 3 mai 2025 », « du 3 mai 2025 au 4 mai 2025 »."""
    return f"le {jour(du)}" if du == au else f"du {jour(du)} au {jour(au)}"


def regles() -> str:
    """The set of rules that is followed, by its name and day."""
    return phrase(f"jeu « {suivi().nom} », adopté le {jour(suivi().adopte_le)}")


def reference(source: Source) -> str:
    """An article with how far it was read: every use of a text that was not verified says so."""
    return f"{source.reference} ({source.verification.sens})"


def valeur(value: Any) -> str:
    """One field's value, for a person who reads French."""
    match value:
        case Enum():
            return dire(value)
        case BaseModel():
            return ", ".join(f"{label} {text}" for label, text in champs(value))
        case tuple() | list():
            return " ; ".join(valeur(each) for each in value)
        case str():
            return value
        case _:
            return francais.valeur(value)


def champs(model: BaseModel) -> Iterator[tuple[str, str]]:
    """The labels and values of the fields that say something; empty and absent ones are left out."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value not in (None, "", ()):
            yield francais.libelle(type(model), name), francais.mesure(name, value) or valeur(value)
