"""Sessions in the database, with whose they are: revocable one by one, told to their owner."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from web.comptes.models import Compte, Session
from web.comptes.reconnaissance import ouverte

CLE: Final = re.compile(r"[0-9a-z]{32}")


class SessionStore(DatabaseStore):
    """Django's store on our rows."""

    titulaire: Compte | None = None
    """Whose the session was when it was read."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing when there is none of this key, or it has ended."""
        found = ouverte(self.session_key, datetime.now(UTC))
        if found is None:
            self._session_key = None
            return {}
        self.titulaire = found.compte
        held: dict[str, Any] = self.decode(found.contenu)
        return held

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our rows."""
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether it is one as they are drawn: a cookie may hold anything, and a database does not take everything."""
        return CLE.fullmatch(key or "") is not None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """A row, with the account that the session is for."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)  # noqa: S101 - get_model_class is above
        row.compte_id = data.get("_auth_user_id") or None
        row.appareil = str(data.get("appareil", ""))[:80]
        row.ouverte_le = _moment(data.get("ouverte_le"))
        row.vue_le = _moment(data.get("vue"))
        return row


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else datetime.now(UTC)
