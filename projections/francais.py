"""How a day, a moment and a value are written in French for a person to read."""

from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from ledger.days import PARIS, Jours, Quand
from ledger.francais import MOIS, jour

_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_BIDI: Final = {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x2028, 0x2029)
}
_OBEYED: Final = _CONTROL | _BIDI


def propre(text: str) -> str:
    """``text`` without what could command a terminal or turn the line around: such characters are shown, not obeyed."""
    return text if text.isprintable() else text.translate(_OBEYED)


def jours(days: Jours) -> str:
    """« 1er octobre 2025 », « octobre 2024 (jour inconnu) » or « entre le … et le … »."""
    if days.exact:
        return jour(days.premier)
    whole = Jours.lire(f"{days.premier:%Y-%m}")
    if days == whole:
        return f"{MOIS[days.premier.month - 1]} {days.premier.year} (jour inconnu)"
    return f"entre le {jour(days.premier)} et le {jour(days.dernier)}"


def quand(moment: Quand) -> str:
    """The day in Paris, with the hour when the moment is an instant."""
    if not moment.exact:
        return jours(moment.jours)
    local = moment.debut.astimezone(PARIS)
    return f"{jour(local.date())} à {local.isoformat()[11:19]}"


def compte(number: int, singular: str, plural: str | None = None) -> str:
    """« 0 jour », « 1 fait enregistré », « 1 200 faits enregistrés »: zero and one are singular in French.

    Every word of ``singular`` takes the mark of the plural; where one does not, ``plural`` is said.
    """
    digits = f"{number:,}".replace(",", "\u202f")
    if abs(number) < 2:  # noqa: PLR2004 - French plural begins at two
        return f"{digits} {singular}"
    return f"{digits} {plural or ' '.join(_au_pluriel(word) for word in singular.split())}"


def _au_pluriel(word: str) -> str:
    return word if word.endswith(("s", "x", "z")) else f"{word}s"


_UNITES: Final = {"annees": "an", "jours": "jour", "minutes": "minute", "octets": "octet"}


def euros(centimes: int) -> str:
    """« 1 850,00 € »: an amount kept in cents."""
    whole = f"{centimes // 100:,}".replace(",", "\u202f")
    return f"{whole},{centimes % 100:02}\u00a0€"


def mesure(name: str, value: Any) -> str | None:
    """A whole number with its unit, which is the last word of its field's name; ``None`` where there is none.

    Without it, 63 570 cents read as so many euros.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    unit = name.rpartition("_")[2]
    if unit == "centimes":
        return euros(value)
    return compte(value, _UNITES[unit]) if unit in _UNITES else None


def valeur(value: Any) -> str:  # noqa: PLR0911 - one return a kind of value
    """One field's value, for a person."""
    if type(value) is str:  # most are; what is a text and more than that is told below
        return propre(value)
    match value:
        case bool():
            return "oui" if value else "non"
        case Jours():
            return jours(value)
        case Quand():
            return quand(value)
        case date():
            return jour(value)
        case Enum():
            return str(value.value).replace("_", " ")
        case BaseModel():
            return ", ".join(f"{name} {text}" for name, text in champs(value))
        case tuple() | list():
            return " ; ".join(valeur(each) for each in value)
        case _:
            return propre(str(value))


@cache
def libelle(model: type[BaseModel], name: str) -> str:
    """The label of a field: the first words of its description."""
    description = (model.model_fields[name].description or name).strip()
    cut = min(
        (at for mark in (",", "(", ":", ".", ";", "\n") if (at := description.find(mark)) > 0), default=len(description)
    )
    words = description[:cut].strip()
    for article in ("Le ", "La ", "Les ", "L'", "L’"):
        words = words.removeprefix(article)
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


@cache
def _libelles(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple((name, libelle(model, name)) for name in model.model_fields)


def champs(model: BaseModel) -> list[tuple[str, str]]:
    """The labels and values of the fields that say something."""
    held = model.__dict__
    return [
        (label, value if type(value) is str and value.isprintable() else mesure(name, value) or valeur(value))
        for name, label in _libelles(type(model))
        if (value := held[name]) not in (None, "", ())
    ]
