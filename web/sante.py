"""Two answers for whoever keeps the service up: does this process live, can it answer. Nothing of anybody is in them.

Answered before anything else: whatever name the service is called by, without TLS, without a session.
"""

from collections.abc import Callable
from http import HTTPStatus

import psycopg
import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from web.registre import registre
from web.reglages import ENTETES

PATIENCE = 3
"""Seconds that a server is given to take a connection."""

log = structlog.get_logger("constat.web")


class Sante:
    """Answers ``/sante`` and ``/pret``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response
        self._migre = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        match request.path_info:
            case "/sante":
                return _dire("vivant", HTTPStatus.OK)
            case "/pret":
                ready = self._pret()
                return _dire("prêt", HTTPStatus.OK) if ready else _dire("pas prêt", HTTPStatus.SERVICE_UNAVAILABLE)
            case _:
                return self._next(request)

    def _pret(self) -> bool:
        """Whether the ledger answers, and the accounts with every migration of this program applied."""
        try:
            conninfo = registre().opened.ledger.database.application_conninfo
            with psycopg.connect(conninfo, connect_timeout=PATIENCE) as conn:
                conn.execute("SELECT 1 FROM ledger.log")
            if not self._migre:
                executor = MigrationExecutor(connection)
                self._migre = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except (psycopg.Error, DatabaseError) as error:
            log.warning("not_ready", failure=type(error).__name__)
            return False
        return self._migre


def _dire(texte: str, statut: HTTPStatus) -> HttpResponse:
    headers = {**ENTETES, "Cache-Control": "no-store"}
    return HttpResponse(f"{texte}\n", status=statut, content_type="text/plain; charset=utf-8", headers=headers)
