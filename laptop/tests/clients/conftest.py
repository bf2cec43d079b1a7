"""A laptop cloud with a table, a view, a stage and a file; unmodified clients in their own virtual environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import snowflake.connector

from laptop import LaptopCloud
from laptop.cloud.environment import without_real_accounts
from laptop.testing.aws import REGION, Emulator
from laptop.testing.snowflake import runner

PROGRAMS = Path(__file__).parents[2] / ".venv-clients" / "bin"
Client = Callable[..., str]
_SET_UP = (
    "CREATE DATABASE SHOP",
    "CREATE SCHEMA SHOP.RAW",
    "USE SCHEMA SHOP.RAW",
    "CREATE STAGE LAKE URL = 's3://shop/events/' CREDENTIALS = (AWS_KEY_ID = 'test' AWS_SECRET_KEY = 'test')",
    "CREATE TABLE CLICKS (ID VARCHAR NOT NULL, PAGE VARCHAR, AT TIMESTAMP_TZ, PRICE NUMBER(8,2), PROPERTIES VARIANT)",
    """CREATE VIEW CLICKS_ONCE AS
        SELECT * FROM CLICKS QUALIFY ROW_NUMBER() OVER (PARTITION BY ID ORDER BY AT DESC) = 1""",
    """INSERT INTO CLICKS SELECT 'a', 'home', '2026-11-01T10:05:00Z', 1.5, PARSE_JSON('{"os": "X"}')""",
    """INSERT INTO CLICKS SELECT 'b', 'cart', '2026-11-01T11:05:00Z', 2, PARSE_JSON('{"os": "Y", "n": 7}')""",
    """INSERT INTO CLICKS SELECT 'b', 'cart', '2026-11-01T11:55:00Z', 2, PARSE_JSON('{"os": "Y"}')""",
)


@pytest.fixture(scope="session")
def shop() -> Iterator[LaptopCloud]:
    """A laptop cloud with a bucket, a stream and a database."""
    with LaptopCloud(region=REGION) as cloud:
        emulator = Emulator.of(cloud)
        emulator.create_bucket("shop")
        emulator.client("s3").put_object(Bucket="shop", Key="events/1.json", Body=b'{"id": "a"}')
        emulator.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
        with closing(snowflake.connector.connect(**cloud.snowflake_connection())) as connection:
            runner(connection)(*_SET_UP)
        cloud.write_connections(database="SHOP", schema="RAW")
        yield cloud


@pytest.fixture(scope="session")
def client(shop: LaptopCloud, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Run a client's program with the laptop's variables and return its output; it must end with `code`."""
    own = {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "SNOWFLAKE_CLI_AIR_GAPPED": "true",  # snow would look for a new version on PyPI
    }
    environment = without_real_accounts(os.environ) | shop.environment() | own

    def run(*command: str, code: int = 0) -> str:
        assert (PROGRAMS / command[0]).exists(), f"{PROGRAMS} lacks {command[0]}; run `make test-laptop`"
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr if code else done.stdout

    return run
