"""The content that a receipt shows, laid out: what is known of the type says its labels, and nothing of it is left out.

The part is what somebody committed to, and may be anything: what is of no known form is laid out as it is nested.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from evidence.joint import champ
from evidence.phrases import champs, ecrit, phrase, valeur
from ledger.days import Quand
from ledger.events.base import REGISTRY
from ledger.events.types import Canal, Flux, Grade, Source

TITRES: Final = {"fait": "Ce qui a été enregistré", "pieces": "Les documents", "acteur": "Qui a agi"}
LIBELLES: Final = {
    "nom": "nom", "n": "numéro", "objet": "dossier, ou ce que le fait concerne", "survenu": "survenu",
    "id": "identifiant du fait", "connu_de_la_source": "connu de la source", "grade": "force de preuve",
    "correlation": "affaire", "v": "version du format", "octets": "taille en octets", "sha256": "empreinte SHA-256",
}  # fmt: skip
_LECTEURS: Final[Mapping[str, Callable[[str], Any]]] = {
    "canal": Canal, "source": Source, "grade": Grade, "flux": Flux, "survenu": Quand.lire,
    "connu_de_la_source": Quand.lire,
}  # fmt: skip
AILLEURS: Final = "dans le fichier joint"
LIGNES: Final = 2_500
"""Fields of one part that a page shows; beyond, the attached file has them."""


def contenu(part: str, value: str) -> dict[str, Any]:
    """The section of one shown part. ``value``: canonical JSON."""
    try:
        told = list(islice(_lignes(json.loads(value)), LIGNES + 1))
    except (ValueError, RecursionError):
        told = [("contenu", "il ne s'écrit pas ici : le fichier joint le contient")]
    rows = [champ(name, *ecrit(text, AILLEURS)) for name, text in told[:LIGNES]]
    if len(told) > LIGNES:
        rows.append(champ("suite", phrase(f"au-delà de {LIGNES} lignes, elle est dans le fichier joint")))
    return {"titre": TITRES[part], "champs": rows}


def _lignes(value: Any) -> Iterator[tuple[str, str]]:
    known = REGISTRY.get(str(value.get("nom"))) if isinstance(value, dict) else None
    if known is None:
        yield from _plat(value)
        return
    data = value.get("donnees")
    try:
        event = known.model_validate_json(json.dumps(data))
    except ValidationError:
        yield from _plat(value)
        return
    yield "fait", f"{known.titre_fr()}."
    yield from champs(event)
    yield "type de fait (nom stocké)", known.nom
    yield from _plat({name: _dit(name, each) for name, each in value.items() if name not in {"donnees", "nom"}})


def _dit(name: str, value: Any) -> Any:
    """A value of the envelope as French says it; as it is where it cannot be read."""
    try:
        return valeur(_LECTEURS[name](value))
    except (KeyError, ValueError, TypeError):
        return value


def _plat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """What is nested, one line a leaf, named by its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            label = LIBELLES.get(key) or str(key)
            yield from _plat(each, f"{name}, {label}" if name else label)
    elif isinstance(value, list):
        for at, each in enumerate(value, start=1):
            yield from _plat(each, f"{name} {at}".strip())
    elif isinstance(value, bool):
        yield name or "valeur", "oui" if value else "non"
    elif value not in (None, ""):
        yield name or "valeur", str(value)
