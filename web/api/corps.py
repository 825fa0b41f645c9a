"""The body of a request: one JSON object in UTF-8, read as strictly as the ledger reads its own lines."""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from ninja.parser import Parser

from ledger.errors import UnreadableError
from ledger.interchange import json_object
from web.api.problemes import Code, Probleme

TYPE: Final = "application/json"
PROFONDEUR: Final = 32
"""Objects and lists within one another; no fact needs a third of it."""


class Corps(Parser):
    """Reads a body; what cannot be read is refused whole, nothing is guessed."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The object, its text in NFC.

        :raises Probleme: of another type than JSON, unreadable, too deep, or with a sign that no text has.
        """
        if request.content_type != TYPE:
            raise Probleme(Code.TYPE_DE_CORPS, f"Envoyez du JSON, et dites-le : « Content-Type: {TYPE} ».")
        try:
            value = json_object(request.body)
        except UnreadableError as error:
            said = " ; ".join(each.probleme for each in error.problemes)
            raise Probleme(Code.DEMANDE_ILLISIBLE, f"Le corps attendu est un objet JSON : {said}.") from error
        if nuls := list(_nuls(value, "")):
            wrong = [{"champ": each or "corps", "probleme": "contient le caractère nul"} for each in nuls]
            raise Probleme(Code.CHAMPS_INVALIDES, erreurs=wrong)
        return value


def _nuls(value: Any, ou: str, niveau: int = 0) -> Iterator[str]:
    """Where the sign is that ends a text for some readers and not for others.

    :raises Probleme: it is nested too deeply.
    """
    if niveau > PROFONDEUR:
        raise Probleme(Code.DEMANDE_ILLISIBLE, f"Plus de {PROFONDEUR} niveaux sont imbriqués.")
    match value:
        case str() if "\0" in value:
            yield ou
        case dict():
            for name, each in value.items():
                yield from _nuls(name, ou)
                yield from _nuls(each, f"{ou}.{name}".lstrip("."), niveau + 1)
        case list():
            for at, each in enumerate(value):
                yield from _nuls(each, f"{ou}.{at}".lstrip("."), niveau + 1)
        case _:
            return
