"""Django's engine on PostgreSQL: it gives out no connection that the server closed, and asks it nothing for that.

Django's own check is a round trip on every request.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from ledger.recorder import entendre


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, listening to a pooled connection before it is used."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that is not known to be closed."""
        while True:
            connection = super().get_new_connection(conn_params)
            if self.pool is None:
                return connection
            try:
                entendre(connection)
            except psycopg.OperationalError:
                self.pool.putconn(connection)  # which makes another one of it
            else:
                return connection
