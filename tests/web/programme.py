"""A program that asks the API: its token, its reason, its requests."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from ninja.operation import Operation

from tests.web.conftest import Site
from web import demo
from web.acces import Objet, Role
from web.api.objets import PORTEES
from web.api.v1 import api
from web.comptes.models import Jeton

MOTIFS = {
    Role.AGENT: {"Constat-Fondement": "instruction"},
    Role.SUPERVISEUR: {"Constat-Fondement": "instruction"},
    Role.CCC: {"Constat-Fondement": "support_usager", "Constat-Reference": demo.TICKET},
    Role.PAN: {"Constat-Fondement": "support_usager", "Constat-Reference": demo.TICKET},
    Role.DDD: {"Constat-Fondement": "reclamation_ddd", "Constat-Reference": demo.RECLAMATION},
}


def operations() -> Iterator[tuple[str, Operation]]:
    """Every operation of the API, with its path."""
    for router in api._get_bound_routers():  # noqa: SLF001 - the library has no other list
        for path, view in router.path_operations.items():
            for each in view.operations:
                yield path, each


def jeton(site: Site, role: Role, *portees: Objet, jours: int = 30) -> dict[str, str]:
    """The headers of a program that acts for the account of this role."""
    wanted = [each.value for each in portees or PORTEES]
    _, text = Jeton.creer(site.compte(role), "essai", wanted, datetime.now(UTC) + timedelta(days=jours))
    return {"Authorization": f"Bearer {text}", **MOTIFS.get(role, {})}


def demander(path: str, headers: dict[str, str], sujet: str = "", *, method: str = "GET", body: object = None) -> Any:
    """One request of a program."""
    where = "/api/v1" + path.replace("{sujet}", sujet).replace("{numero}", "1")
    data = {"data": json.dumps(body or {}), "content_type": "application/json"} if method == "POST" else {}
    return Client().generic(method, where, **data, headers=headers)  # type: ignore[arg-type] # as Client takes them


def lu(answer: Any) -> Any:
    """What an answer says."""
    return json.loads(answer.content)
