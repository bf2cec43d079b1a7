"""A Snowflake account with a lake, prepared by the administrator's bootstrap SQL, and views of its state."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cli.bootstrap_sql import bootstrap_sql
from cli.service_logins import KeyPairLogin
from config.files import load_config
from config.sections.rows import RowsConfig
from config.sections.snowflake import AccessConfig
from laptop.testing.snowflake import KEY_ID, SECRET, Account, KeyPair
from laptop.testing.stand_in import (
    DynamicTable,
    FileFormat,
    Integration,
    Name,
    Notification,
    Pipe,
    Stage,
    Table,
    View,
    now,
)
from laptop.testing.waiting import eventually
from tests.faults.invocation import Settings
from tests.faults.templates import BUCKET, CREDENTIALS_ARN, PREFIX

LOGIN_ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:login"
# With the privileges to create an integration and dynamic tables, so that every kind of object can be created.
CONFIG = load_config("local").model_copy(
    update={
        "access": AccessConfig(mode="storage_integration"),
        "rows": RowsConfig(deduplicate="dynamic_table"),
    }
)
WATCHERS = "WATCHERS"
SETTLING_SECONDS = 60.0
# Properties that show when and how an object was created, not its definition.
_VOLATILE = {
    "id",
    "created_on",
    "error_logging_since",
    "location_id",
    "stage_id",
    "name",
    "owner",
    "text",
    "refreshed_on",
}
Snapshot = dict[str, Any]


class World:
    """An account whose service user has the grants of the bootstrap SQL, and no others."""

    def __init__(self, state_dir: Path, key: KeyPair) -> None:
        self.account = Account(state_dir, key)
        self.engine: Any = self.account.engine
        self.sent = 0
        self._numbers = itertools.count()
        self.run("ACCOUNTADMIN", f"CREATE ROLE {WATCHERS}")
        login = KeyPairLogin(key.public_body)
        self.run("ACCOUNTADMIN", *statements(bootstrap_sql(CONFIG, login, login)))
        self.settings = Settings(
            environment={
                "SNOWFLAKE_ACCOUNT": "local",
                "SNOWFLAKE_USER": CONFIG.snowflake.user,
                "SNOWFLAKE_ROLE": CONFIG.snowflake.role,
                "SNOWFLAKE_WAREHOUSE": CONFIG.snowflake.warehouse,
                "SNOWFLAKE_LOGIN": "key_pair",
                "SNOWFLAKE_LOGIN_SECRET_ARN": LOGIN_ARN,
                "SNOWFLAKE_HOST": "127.0.0.1",
                "SNOWFLAKE_PORT": str(self.account.server.port),
                "SNOWFLAKE_PROTOCOL": "http",
                "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            secrets={
                LOGIN_ARN: json.dumps({"private_key": key.private}),
                CREDENTIALS_ARN: json.dumps({"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}),
            },
        )
        self.secrets = (SECRET, KEY_ID, "".join(key.private.splitlines()[1:-1])[:40])

    def run(self, role: str, *sql: str) -> list[tuple[Any, ...]]:
        """Run statements as the administrator, bypassing the connector; return the rows of the last one."""
        return self.account.run(role, *sql)

    def land(self) -> None:
        """Put a file with one event into the lake, and its notification into the queue."""
        key = f"{PREFIX}{next(self._numbers):04d}.json"
        self.account.lake.put(BUCKET, key, json.dumps({"event_id": key}).encode())
        self.sent += 1
        self.account.queue.send(Notification(BUCKET, key, now()))

    def settle(self) -> tuple[int, int]:
        """Wait until all events are loaded, or nothing changes any more; return rows and distinct events."""
        with suppress(AssertionError):
            eventually(lambda: self._idle() and self.rows()[0] >= self.sent, within=SETTLING_SECONDS)
        return self.rows()

    def rows(self) -> tuple[int, int]:
        """Number of rows of the table and of distinct events in them; zero without a table."""
        names = CONFIG.snowflake
        table = f'"{names.database}"."{names.schema_name}"."CLICK_EVENTS"'
        if self.engine.catalog.find(Table, Name((names.database, names.schema_name, "CLICK_EVENTS"))) is None:
            return 0, 0
        ((count, distinct),) = self.run(
            "ACCOUNTADMIN", f'SELECT COUNT(*) AS A, COUNT(DISTINCT "EVENT_ID") AS B FROM {table}'
        )
        return int(count), int(distinct)

    def snapshot(self) -> Snapshot:
        """All objects of the pipeline, with their properties and grants."""
        found: Snapshot = {}
        with self.engine.store.lock:
            for entity_type in (FileFormat, Integration, Stage, Table, View, DynamicTable, Pipe):
                for entity in self.engine.catalog.all(entity_type):
                    grants = {(grant.privilege, grant.role) for grant in self.engine.grants.on(entity.id)}
                    properties = entity.model_dump(exclude=_VOLATILE)
                    if isinstance(entity, Table):
                        properties["error_logging"] = entity.error_logging_since is not None
                    found[f"{entity.kind} {entity.name.last}"] = {**properties, "grants": sorted(grants)}
        return found

    def watch(self) -> None:
        """Grant the role WATCHERS what an operator would grant on the pipe."""
        for pipe in self.engine.catalog.all(Pipe):
            self.run("ACCOUNTADMIN", f"GRANT MONITOR, OPERATE ON PIPE {pipe.name} TO ROLE {WATCHERS}")

    def _idle(self) -> bool:
        with self.engine.store.lock:
            pipes = list(self.engine.catalog.all(Pipe))
            waiting = [file for pipe in pipes for file in self.engine.pipes.pending.of(pipe)]
        return not self.account.queue.undeleted and not waiting

    def close(self) -> None:
        """Stop the account."""
        self.account.close_connections()
        self.account.server.stop()


@contextmanager
def world(key: KeyPair) -> Iterator[World]:
    """An account that is stopped at the end of the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = World(Path(folder) / "state", key)
        try:
            yield made
        finally:
            made.close()


def statements(script: str) -> list[str]:
    """The statements of the bootstrap SQL, one a line, without comments."""
    lines = [line for line in script.splitlines() if line and not line.startswith("--")]
    return [line.removesuffix(";") for line in lines]
