"""An environment whose lake is in memory, and whose Snowflake is the stand-in."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from typer.testing import CliRunner

from cli.main import app
from cli.output import CommandError
from clickstream_wire.columns import EVENT_ID, LOADED_AT, SOURCE_FILE, SOURCE_ROW
from clickstream_wire.folders import HOUR_FOLDER
from config.files import load_config
from laptop.testing.snowflake import KEY_ID, SECRET, Account, Rows, runner
from snowflake_setup.sql.copy_into import CopyInto, MetadataColumn
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from tests.unit.cli.rejects.lakes import Bucket

CONFIG = load_config("dev")
CLICKS = CONFIG.event_stream("clicks")
SCHEMA = CONFIG.snowflake.database, CONFIG.snowflake.schema_name
NOW = datetime.now(UTC)
AGES_AGO = (NOW - timedelta(days=30)).replace(minute=0, second=0, microsecond=0)


def named(name: str) -> str:
    """The full name of an object of the environment."""
    return ObjectName.of(*SCHEMA, name).sql()


TABLE, AGAIN = named(CLICKS.table), named("AGAIN")
_COPY = CopyInto(
    ObjectName.of(*SCHEMA, CLICKS.table),
    ObjectName.of(*SCHEMA, CLICKS.stage),
    ObjectName.of(*SCHEMA, "JSON_LINES"),
    tuple(
        MetadataColumn(Identifier(column), f"METADATA${source}")
        for column, source in (
            (SOURCE_FILE, "FILENAME"),
            (SOURCE_ROW, "FILE_ROW_NUMBER"),
            (LOADED_AT, "START_SCAN_TIME"),
        )
    ),
    "CONTINUE",
)
_LANDING = (
    f"CREATE DATABASE {Identifier(SCHEMA[0]).sql()}",
    f"CREATE SCHEMA {Identifier(SCHEMA[0]).sql()}.{Identifier(SCHEMA[1]).sql()}",
    f"CREATE FILE FORMAT {named('JSON_LINES')} TYPE = JSON MULTI_LINE = FALSE STRIP_OUTER_ARRAY = TRUE",
    f"CREATE STAGE {named(CLICKS.stage)} URL = 's3://lake/{CLICKS.data_prefix}' "
    f"CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' AWS_SECRET_KEY = '{SECRET}')",
    f'CREATE TABLE {TABLE} ("{EVENT_ID}" VARCHAR COMMENT \'the key\', "AT" TIMESTAMP_LTZ, "SIZE" NUMBER(3,0), '
    f'"PROPERTIES" VARIANT, "{SOURCE_FILE}" VARCHAR, "{SOURCE_ROW}" NUMBER(38,0), "{LOADED_AT}" TIMESTAMP_LTZ)',
    f"CREATE PIPE {named(CLICKS.pipe)} AUTO_INGEST = TRUE AS {_COPY.sql()}",
)


@dataclass
class Lake(Bucket):
    """A bucket that the stand-in reads, too."""

    account: Account | None = None

    def put(self, key: str, body: bytes, written: datetime = NOW) -> str:
        assert self.account
        self.account.lake.put("lake", key, body, written)
        return super().put(key, body, written)


@dataclass
class Environment:
    """Environment dev, deployed."""

    account: Account
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        self.lake = Lake(account=self.account)
        self.sql = runner(self.account.connect(role="SYSADMIN"))
        self.sql(*_LANDING)

    def put(self, name: str, *lines: str, at: datetime = AGES_AGO) -> str:
        """Put a file into the folder of an hour, as old as its folder; return its key."""
        key = f"{CLICKS.data_prefix}{at:{HOUR_FOLDER}}{name}.json.gz"
        return self.lake.put(key, gzip.compress("".join(f"{line}\n" for line in lines).encode()), at)

    def load(self) -> None:
        """Load all files, as another pipe once did."""
        self.sql(_COPY.sql())

    def replay(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run `clickstream replay … --json`."""
        result = CliRunner().invoke(app, ["replay", "--env", "dev", "--json", *arguments])
        if isinstance(result.exception, CommandError):
            assert code == result.exception.exit_code, result.exception
            return {"error": str(result.exception)}
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def ids(self, table: str = TABLE) -> list[str]:
        """The ids of all rows of a table."""
        return [row["ID"] for row in self.rows(f'"{EVENT_ID}" AS ID', table)]

    def rows(self, what: str, table: str = TABLE) -> Rows:
        """A query of a table."""
        return self.sql(f"SELECT {what} FROM {table} ORDER BY 1")


def event(event_id: str, **fields: Any) -> str:
    """A line of the lake."""
    return json.dumps({"event_id": event_id, **fields})
