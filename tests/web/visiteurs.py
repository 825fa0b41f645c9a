"""A visitor as a server meets them: failures are answers, and a request gives its connection back."""

from typing import Any

from django.db import close_old_connections
from django.test import Client


class Visiteur:
    """Django's client, whose requests would keep their connection and raise what a server answers."""

    def __init__(self, client: Client) -> None:
        client.raise_request_exception = False
        self._client = client

    def get(self, where: str) -> Any:
        """What is answered to a look."""
        return self._ask(self._client.get, where)

    def post(self, where: str, fields: dict[str, Any]) -> Any:
        """What is answered to a form."""
        return self._ask(self._client.post, where, fields)

    def _ask(self, method: Any, *args: Any) -> Any:
        answer = method(*args)
        close_old_connections()
        return answer
