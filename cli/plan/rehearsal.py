"""A Snowflake to rehearse a deployment in: the laptop's stand-in, in this process, with nothing in its lake.

The Lambda's own code runs against it, so the statements it records are the ones a deployment sends. With a person's
connection, questions about what the plan has not yet changed are put to the real account, and only questions.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from laptop.snowflake.engine import Engine, open_engine
from laptop.snowflake.errors import SnowflakeError as Refused
from laptop.snowflake.executor import execute
from laptop.snowflake.lake import LakeFile, LakeKeys, LakeMissingError, LakeObject
from laptop.snowflake.queue import Message
from laptop.snowflake.session import Session
from laptop.snowflake.sql.parser import parse
from snowflake_setup.session.errors import ObjectMissingError, WarehouseNeededError
from snowflake_setup.session.logs import Log
from snowflake_setup.session.refusals import statement_refusal
from snowflake_setup.session.tools import Row, Tools
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import SchemaName
from snowflake_setup.sql.secret import Secret

CHANNEL = "arn:known-after-deploy:notification-channel"
_QUESTIONS = ("DESC", "SELECT", "SHOW", "LIST", "GET_DDL")
# What happened in the lake and the table: the rehearsal has no idea of it, the account has.
_OF_THE_MOMENT = (
    "LIST",
    "SELECT COPY_HISTORY",
    "SELECT DISTINCT files",
    "SHOW TABLES",
    "SHOW GRANTS ON PIPE",
)
_UNSUPPORTED = 2
_VALIDATION = "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION"


class Account(Protocol):
    """A real account, for questions."""

    def ask(self, statement: Statement) -> list[Row]:
        """The rows of a statement that changes nothing."""


def is_question(statement: Statement) -> bool:
    """Whether the statement only reads."""
    return statement.kind.split()[0] in _QUESTIONS


class Rehearsal:
    """The warehouse of a plan: records what would be sent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session = Session(1, "ADMIN", "ACCOUNTADMIN")
        self._schemas: set[SchemaName] = set()
        self._changed: set[str] = set()
        self._history_known = True
        self.account: Account | None = None
        self._sent: list[Statement] = []

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Answer a question, or record a change and carry it out in the rehearsal."""
        self._sent.append(statement)
        if is_question(statement):
            rows = self._answer(statement)
        else:
            rows = self._change(statement)
            self._changed.add(str(statement.name))
        return [row for row in rows if keep is None or keep(row)]

    def take(self) -> list[Statement]:
        """What was sent since the last call."""
        sent, self._sent = self._sent, []
        return sent

    def forget(self) -> None:
        """What happened so far was the past, not the plan."""
        self._sent.clear()
        self._changed.clear()

    def _answer(self, statement: Statement) -> list[Row]:
        if statement.kind == _VALIDATION:
            # Only AWS can tell, and only when role and trust are there.
            return [{"validation": '{"status": "success"}'}]
        if self.account is None:
            return self._run(statement)
        if statement.kind in _OF_THE_MOMENT:
            return self._answer_of_the_moment(self.account, statement)
        if str(statement.name) in self._changed:
            return self._run(statement)
        return self.account.ask(statement)

    def _answer_of_the_moment(self, account: Account, statement: Statement) -> list[Row]:
        if statement.kind == "LIST" and not self._history_known:
            return self._run(statement)
        try:
            return account.ask(statement)
        except ObjectMissingError:
            return self._run(statement)
        except WarehouseNeededError:
            # Without the history a list of files would look like a list of files to load.
            self._history_known = False
            return self._run(statement)

    @property
    def knows_files(self) -> bool:
        """Whether the files to refresh were found by asking the account."""
        return self.account is not None and self._history_known

    def _change(self, statement: Statement) -> list[Row]:
        try:
            return self._run(statement)
        except ObjectMissingError:
            if self.account is None:
                raise
        return [{"status": "Statement executed successfully."}]

    def _run(self, statement: Statement) -> list[Row]:
        self._make_schema(statement)
        try:
            return self._rows(statement.sql())
        except Refused as refused:
            if refused.errno == _UNSUPPORTED and not is_question(statement):
                return [{"status": "Statement executed successfully."}]
            raise statement_refusal(_ConnectorError(refused), statement).error from None

    def _make_schema(self, statement: Statement) -> None:
        if len(statement.name.parts) == 1 or statement.name.parent in self._schemas:
            return
        schema = statement.name.parent
        self._rows(f"CREATE DATABASE IF NOT EXISTS {schema.database.sql()}")
        self._rows(f"CREATE SCHEMA IF NOT EXISTS {schema.sql()}")
        self._schemas.add(schema)

    def _rows(self, sql: str) -> list[Row]:
        result = execute(self._engine, self._session, parse(sql))
        names = [column.name.lower() for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]


@contextmanager
def rehearsal(account_name: str) -> Iterator[tuple[Rehearsal, Tools, io.StringIO]]:
    """A rehearsal, the Lambda's tools for it, and what they log; gone when the block ends."""
    with TemporaryDirectory(prefix="clickstream-plan-") as folder:
        engine = open_engine(Path(folder), lake=_EmptyLake(), make_queue=lambda _: _NoQueue())
        log = io.StringIO()
        try:
            stage = Rehearsal(engine)
            yield stage, Tools(account_name, stage, _MaskedSecrets(), _QuickClock(), Log(stream=log)), log
        finally:
            engine.close()


def log_lines(log: io.StringIO) -> list[dict[str, object]]:
    """What was logged since the last call."""
    lines: list[dict[str, object]] = [json.loads(line) for line in log.getvalue().splitlines()]
    log.seek(0)
    log.truncate()
    return lines


class _ConnectorError:
    """A refusal of the rehearsal as the connector would raise it."""

    def __init__(self, refused: Refused) -> None:
        self.errno = refused.errno
        self.sqlstate: str | None = refused.sqlstate
        self.sfqid: str | None = None
        self.raw_msg = refused.message


class _EmptyLake:
    def list(self, bucket: str, prefix: str, keys: LakeKeys) -> list[LakeObject]:
        return []

    def get(self, bucket: str, key: str, keys: LakeKeys) -> LakeFile:
        raise LakeMissingError(f"s3://{bucket}/{key}")


class _NoQueue:
    def ensure(self) -> str:
        return CHANNEL

    def receive(self, *, wait_seconds: int) -> list[Message]:
        return []

    def delete(self, messages: Sequence[Message]) -> None:
        """There are none."""


class _MaskedSecrets:
    """Secrets nobody needs to know for a plan."""

    def read(
        self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Secret]:
        return {name: Secret("***") for name in required}


class _QuickClock:
    """Waiting takes no time, and does not go on for ever."""

    def __init__(self) -> None:
        self._slept = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def remaining(self) -> float:
        return max(0.0, 600.0 - self._slept)

    def sleep(self, seconds: float) -> None:
        self._slept += seconds
