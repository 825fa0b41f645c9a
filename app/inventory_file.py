"""An inventory as a command reads it from a file."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from evidence.controle import MO
from evidence.inventaire import Inventaire
from ledger.errors import ConstatError

LARGEST: Final = 10 * MO


def read_inventory(path: Path) -> Inventaire:
    """The inventory that the JSON file ``path`` holds.

    :raises ConstatError: it is none; what it holds is not shown.
    """
    if path.stat().st_size > LARGEST:
        msg = f"{path.name} est trop long pour un inventaire"
        raise ConstatError(msg)
    try:
        return Inventaire.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "le fichier entier"
        msg = f"{path.name} n'est pas un inventaire de pièces : {where} ne se lit pas"
        raise ConstatError(msg) from error
