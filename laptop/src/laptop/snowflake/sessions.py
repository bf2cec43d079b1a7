"""Sessions: session tokens, master tokens, renewal."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.session import Session

SESSION_SECONDS = 3600
MASTER_SECONDS = 14_400


@dataclass(frozen=True)
class Tokens:
    """The token that a client sends with each request, and the one that renews it."""

    session: str
    master: str


class Sessions:
    """The open sessions, by token. Unlike Snowflake's, they do not survive a restart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_token: dict[str, Session] = {}
        self._by_master: dict[str, Session] = {}
        self._expired: set[str] = set()
        self._count = 0

    def next_id(self) -> int:
        """A number for a new session."""
        with self._lock:
            self._count += 1
            return self._count

    def open(self, session: Session) -> Tokens:
        """Create tokens after a login or for a renewal."""
        tokens = Tokens(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        with self._lock:
            self._by_token[tokens.session] = session
            self._by_master[tokens.master] = session
        return tokens

    def get(self, token: str) -> Session:
        """The session of a token.

        Raises:
            SnowflakeError: The session has expired or does not exist.
        """
        with self._lock:
            session = self._by_token.get(token)
            if session is not None:
                return session
            if token in self._expired:
                raise SnowflakeError("Session token expired.", errno=390112, sqlstate="08001")
        raise SnowflakeError(
            "Session no longer exists. New login required to access the service.",
            errno=390111,
            sqlstate="08001",
        )

    def renew(self, master: str, old: str) -> tuple[Session, Tokens]:
        """New tokens for old ones.

        Raises:
            SnowflakeError: The master token is invalid.
        """
        with self._lock:
            session = self._by_master.pop(master, None)
            self._by_token.pop(old, None)
        if session is None:
            raise SnowflakeError("Master token is invalid.", errno=390115, sqlstate="08001")
        return session, self.open(session)

    def expire(self, token: str) -> None:
        """Make a client renew its token."""
        with self._lock:
            self._by_token.pop(token, None)
            self._expired.add(token)

    def close(self, token: str) -> Session | None:
        """Log out; return the session, if there was one."""
        with self._lock:
            session = self._by_token.pop(token, None)
            for master in [m for m, owner in self._by_master.items() if owner is session]:
                del self._by_master[master]
            return session
