"""A form for any act, made from its event: what a form asks is what the fact will say, with the same words and bounds.

Nothing is checked twice: the bounds of a field are the browser's help, the model of the event has the last word, and
what it refuses is shown at the field that it names.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec
from django import forms
from pydantic import BaseModel, ValidationError

from ledger.days import Jours, Quand
from ledger.events.base import Event
from projections.francais import libelle

TEXTE: Final = 500
"""Signs from which a text is asked for in an area."""
LIGNES: Final = 100
"""Lines of a list."""
NUL: Final = "Le caractère nul n'est pas autorisé."
NON_DIT: Final = ("", "non dit")
INSTANT: Final = "Un jour (AAAA-MM-JJ), ou un instant (AAAA-MM-JJThh:mm+02:00)."


class FormulaireActe(forms.Form):
    """The fields of an event. ``evenement`` is what they say, once the form is valid."""

    modele: type[Event]
    evenement: Event

    def clean(self) -> dict[str, Any]:
        """Read the fact; what its model refuses goes to the field concerned."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        told = {name: value for name in self.modele.model_fields if (value := _dit(cleaned.get(name))) is not None}
        try:
            self.evenement = self.modele.model_validate_json(msgspec.json.encode(told))
        except ValidationError as error:
            for each in error.errors():
                where = str(each["loc"][0]) if each["loc"] else None
                self.add_error(where if where in self.fields else None, _en_francais(each["type"], each.get("ctx")))
        return cleaned


def formulaire(
    modele: type[Event], *, sans: Iterable[str] = (), choix: Mapping[str, Iterable[tuple[str, str]]] | None = None
) -> type[FormulaireActe]:
    """The form of an event class. ``sans``: fields not asked for; ``choix``: fields that are chosen in a list."""
    fields: dict[str, Any] = {"modele": modele}
    offered = choix or {}
    for name, info in modele.model_fields.items():
        if name in sans:
            continue
        label = libelle(modele, name)
        common: dict[str, Any] = {
            "label": f"{label[0].upper()}{label[1:]}",
            "required": info.is_required() and not _facultatif(info.annotation),
            "help_text": "",
        }
        if name in offered:
            fields[name] = forms.ChoiceField(**common, choices=[NON_DIT, *offered[name]])
        else:
            fields[name] = _champ(info.annotation, [*info.metadata], common)
    return type(f"Formulaire{modele.__name__}", (FormulaireActe,), fields)


def _champ(  # noqa: PLR0911 - one a kind of value
    annotation: Any, metadata: list[Any], common: dict[str, Any]
) -> forms.Field:
    kind, bounds = _nu(annotation, metadata)
    if kind is bool:
        return forms.TypedChoiceField(
            **common,
            choices=[NON_DIT, ("oui", "oui"), ("non", "non")],
            coerce=lambda text: text == "oui",
            empty_value=None,
        )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return forms.ChoiceField(**common, choices=[NON_DIT, *((str(m.value), _mots(m)) for m in kind)])
    if kind is Jours:
        return forms.CharField(**common, max_length=40, widget=forms.DateInput(attrs={"type": "date"}))
    if kind is Quand:
        return forms.CharField(**{**common, "help_text": INSTANT}, max_length=80)
    if kind is int:
        return forms.IntegerField(**common, min_value=0, max_value=10**12)
    if get_origin(kind) is tuple:
        return Liste(get_args(kind)[0], **common)
    longest = bounds.get("max_length", 100_000)
    area = forms.Textarea(attrs={"rows": 5}) if longest > TEXTE else forms.TextInput()
    return forms.CharField(**common, max_length=longest, widget=area)


class Liste(forms.CharField):
    """Several values, one a line; of a part with two texts, « first ; second »."""

    def __init__(self, item: Any, **common: Any) -> None:
        self._item, _ = _nu(item, [])
        words = "Un par ligne."
        if isinstance(self._item, type) and issubclass(self._item, BaseModel):
            self._names = list(self._item.model_fields)[:2]
            labels = [libelle(self._item, name) for name in self._names]
            words = f"Un par ligne : {' ; '.join(labels)}."
        common["help_text"] = words
        super().__init__(**common, widget=forms.Textarea(attrs={"rows": 3}), max_length=50_000)

    def to_python(self, value: Any) -> Any:
        """The list."""
        if "\0" in str(value or ""):
            raise forms.ValidationError(NUL)
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > LIGNES:
            msg = f"{LIGNES} lignes au plus."
            raise forms.ValidationError(msg)
        if not (isinstance(self._item, type) and issubclass(self._item, BaseModel)):
            return lines
        found = []
        for line in lines:
            parts = [part.strip() for part in line.split(";", 1)]
            found.append({name: part for name, part in zip(self._names, parts, strict=False) if part})
        return found


def _nu(annotation: Any, metadata: Iterable[Any]) -> tuple[Any, dict[str, int]]:
    """The type without what stands around it, and its bounds."""
    bounds: dict[str, int] = {}
    for each in metadata:
        for name in ("max_length", "min_length"):
            if (value := getattr(each, name, None)) is not None:
                bounds[name] = value
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        kind, found = _nu(inner, more)
        return kind, {**found, **bounds}
    if get_origin(annotation) in {Union, UnionType}:
        [kept, *_] = [each for each in get_args(annotation) if each is not NoneType]
        kind, found = _nu(kept, ())
        return kind, {**found, **bounds}
    return annotation, bounds


def _facultatif(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType} and NoneType in get_args(annotation)


def _mots(member: Enum) -> str:
    return str(getattr(member, "libelle", None) or str(member.value).replace("_", " "))


def _dit(value: Any) -> Any:
    """What a field says; ``None`` when it says nothing."""
    return None if value in ("", None, [], ()) else value


_ERREURS: Final[Mapping[str, str]] = {
    "missing": "Ce champ est nécessaire.",
    "string_too_short": "Ce champ est trop court.",
    "string_too_long": "Ce champ est trop long.",
    "string_pattern_mismatch": "Ce champ n'a pas la forme attendue.",
    "enum": "Choisissez l'une des réponses proposées.",
    "too_long": "Trop d'éléments.",
}


def _en_francais(kind: str, context: Mapping[str, Any] | None) -> str:
    """What is wrong with a field, in a sentence; the model's own sentences are French already."""
    if kind in _ERREURS:
        return _ERREURS[kind]
    said = str((context or {}).get("error", ""))
    return f"{said[:1].upper()}{said[1:]}." if said else "Ce champ ne se lit pas : vérifiez sa forme."
