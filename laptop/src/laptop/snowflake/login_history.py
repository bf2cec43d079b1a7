"""Logins and refused logins, for LOGIN_HISTORY_BY_USER; those of this process only, at most ten thousand."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field

from laptop.snowflake.objects import now

_MOST = 10_000


@dataclass(frozen=True)
class Login:
    """One try to log in; without an error it succeeded."""

    user: str
    error_code: int | None = None
    error_message: str | None = None
    at: dt.datetime = field(default_factory=now)


class Logins:
    """The newest tries."""

    def __init__(self) -> None:
        self._tries: deque[Login] = deque(maxlen=_MOST)

    def note(self, login: Login) -> None:
        """Add a try."""
        self._tries.append(login)

    def of(self, user: str, most: int) -> list[Login]:
        """The newest tries of a user, the newest first."""
        return [login for login in reversed(list(self._tries)) if login.user == user][:most]
