"""Answers: the structures of the projections as they are, in JSON, and where the next ones begin."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, TypeVar

import msgspec
from django.http import HttpResponse
from pydantic import BaseModel, ConfigDict, Field

from ledger.entry import Acteur
from web.api.problemes import Code, Probleme

TYPE: Final = "application/json"
LIMITE: Final = 200
PLAFOND: Final = 1_000
CURSEUR: Final = 400

Un = TypeVar("Un")


class Suite(BaseModel):
    """Combien, et après quoi."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    limite: Annotated[int, Field(ge=1, le=PLAFOND)] = LIMITE
    """Combien de lignes au plus."""
    apres: Annotated[str, Field(max_length=CURSEUR)] = ""
    """Où reprendre : le champ « suite » de la réponse précédente."""


@lru_cache(maxsize=4096)
def _acteur(acteur: Acteur) -> msgspec.Raw:
    return msgspec.Raw(acteur.model_dump_json().encode())  # a few services write most facts


def _autre(value: Any) -> Any:
    if isinstance(value, Acteur):
        return _acteur(value)
    if isinstance(value, BaseModel):
        return msgspec.Raw(value.model_dump_json().encode())
    return str(value)


_ENCODEUR: Final = msgspec.json.Encoder(enc_hook=_autre)


def encoder(value: Any) -> bytes:
    """JSON, in the order of the fields; what is not known to msgspec as its own model writes it."""
    return _ENCODEUR.encode(value)


def repondre(body: bytes, statut: int = 200, entetes: Mapping[str, str] | None = None) -> HttpResponse:
    """The answer."""
    return HttpResponse(body, status=statut, content_type=TYPE, headers=dict(entetes or {}))


def curseur(cle: str) -> str:
    """Where a page ended, as it is given out."""
    return urlsafe_b64encode(cle.encode()).decode().rstrip("=")


def tranche(tous: Sequence[Un], suite: Suite, cle: Callable[[Un], str]) -> tuple[Sequence[Un], str | None]:
    """The elements after the one where the last page ended, and where this one ends if there are more.

    An element keeps its key and its place among the others for ever: what arrives meanwhile moves none of them.

    :raises Probleme: no element has that key.
    """
    begins = 0
    if suite.apres:
        wanted = _lire(suite.apres)
        begins = 1 + next((at for at, each in enumerate(tous) if cle(each) == wanted), len(tous))
        if begins > len(tous):
            raise Probleme(Code.CURSEUR_INCONNU, "Reprenez « apres » tel que la réponse précédente l'a donné.")
    page = tous[begins : begins + suite.limite]
    more = begins + suite.limite < len(tous)
    return page, curseur(cle(page[-1])) if more else None


def _lire(text: str) -> str:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (ValueError, UnicodeDecodeError) as error:
        raise Probleme(Code.CURSEUR_INCONNU) from error
