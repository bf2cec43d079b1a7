"""A clock and secrets without AWS."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from snowflake_setup.session.secrets import fields_of
from snowflake_setup.sql.secret import Secret

START = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


class FakeClock:
    """A clock that advances only in `sleep`."""

    def __init__(self, seconds: float = 600.0) -> None:
        self.time = START
        self.end = START + timedelta(seconds=seconds)
        self.while_sleeping: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.time

    def remaining(self) -> float:
        return max(0.0, (self.end - self.time).total_seconds())

    def later(self, time: timedelta) -> None:
        """Let time pass before the next invocation."""
        self.time += time
        self.end += time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.while_sleeping()


class FakeSecrets:
    """Secrets by ARN; counts how often each was read."""

    def __init__(self, secrets: dict[str, dict[str, str]]) -> None:
        self.secrets = secrets
        self.reads: Counter[str] = Counter()

    def read(
        self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Secret]:
        self.reads[arn] += 1
        return fields_of(json.dumps(self.secrets[arn]), arn=arn, required=required, optional=optional)
