from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.errors import STAND_IN
from laptop.testing.snowflake import COPY, KEY_ID, SECRET, Rows


def status(rows: Rows) -> str:
    return str(rows[0]["status"])


def test_if_not_exists_keeps_the_existing_object(landing: Callable[..., Rows]) -> None:
    rows = landing('CREATE TABLE IF NOT EXISTS "DB"."RAW"."CLICKS" ("OTHER" VARCHAR)')
    assert status(rows) == "CLICKS already exists, statement succeeded."
    assert landing('DESC TABLE "DB"."RAW"."CLICKS"')[0]["name"] == "EVENT_ID"


def test_desc_table_has_types_nullability_and_comments(landing: Callable[..., Rows]) -> None:
    landing("""ALTER TABLE "DB"."RAW"."CLICKS" ADD COLUMN IF NOT EXISTS "X" VARCHAR COMMENT 'new'""")
    rows = {row["name"]: row for row in landing('DESC TABLE "DB"."RAW"."CLICKS"')}
    assert (rows["EVENT_ID"]["type"], rows["EVENT_ID"]["null?"]) == ("VARCHAR(16777216)", "N")
    assert (rows["TIMESTAMP"]["type"], rows["TIMESTAMP"]["kind"]) == ("TIMESTAMP_TZ(9)", "COLUMN")
    assert (rows["SCROLL_DEPTH"]["type"], rows["X"]["comment"]) == ("NUMBER(38,0)", "new")


def test_a_column_comment_can_be_set_later(landing: Callable[..., Rows]) -> None:
    landing("""ALTER TABLE "DB"."RAW"."CLICKS" ALTER COLUMN "EVENT_ID" COMMENT 'the key'""")
    assert landing('DESC TABLE "DB"."RAW"."CLICKS"')[0]["comment"] == "the key"
    with pytest.raises(ProgrammingError) as caught:
        landing("""ALTER TABLE "DB"."RAW"."CLICKS" ALTER COLUMN "NOPE" COMMENT 'x'""")
    assert caught.value.errno == 904


def test_adding_a_column_again_needs_if_not_exists(landing: Callable[..., Rows]) -> None:
    landing('ALTER TABLE "DB"."RAW"."CLICKS" ADD COLUMN IF NOT EXISTS "EVENT_ID" VARCHAR')
    with pytest.raises(ProgrammingError, match="already exists"):
        landing('ALTER TABLE "DB"."RAW"."CLICKS" ADD COLUMN "EVENT_ID" VARCHAR')


def test_desc_shows_altered_properties(landing: Callable[..., Rows]) -> None:
    landing(
        'ALTER FILE FORMAT "DB"."RAW"."JSON" SET STRIP_OUTER_ARRAY = FALSE COMMENT = \'x\'',
        'ALTER STAGE "DB"."RAW"."LAKE" SET URL = \'s3://lake/other/\'',
        'ALTER TABLE "DB"."RAW"."CLICKS" SET ENABLE_SCHEMA_EVOLUTION = FALSE, COMMENT = \'clicks\'',
    )
    formats = {r["property"]: r["property_value"] for r in landing('DESC FILE FORMAT "DB"."RAW"."JSON"')}
    assert (formats["TYPE"], formats["STRIP_OUTER_ARRAY"]) == ("JSON", "false")
    stage = {r["property"]: r["property_value"] for r in landing('DESC STAGE "DB"."RAW"."LAKE"')}
    assert stage["URL"] == '["s3://lake/other/"]'
    (table,) = landing('SHOW TABLES LIKE \'cl%\' IN SCHEMA "DB"."RAW"')
    assert (table["comment"], table["enable_schema_evolution"]) == ("clicks", "N")


def test_desc_pipe_has_the_notification_channel(piped: Callable[..., Rows]) -> None:
    piped('ALTER PIPE "DB"."RAW"."PIPE" SET COMMENT = \'def:abc\'')
    (pipe,) = piped('DESC PIPE "DB"."RAW"."PIPE"')
    assert pipe["notification_channel"].startswith("arn:aws:sqs:")
    assert pipe["definition"] == f"{COPY} ON_ERROR = CONTINUE"
    assert (pipe["owner"], pipe["comment"], pipe["kind"]) == ("SYSADMIN", "def:abc", "STAGE")
    assert piped('SHOW PIPES LIKE \'PI_E\' IN SCHEMA "DB"."RAW"') == [pipe]


def test_drop_if_exists_twice(piped: Callable[..., Rows]) -> None:
    for kind, name in (("PIPE", "PIPE"), ("TABLE", "CLICKS"), ("STAGE", "LAKE"), ("FILE FORMAT", "JSON")):
        full = f'"DB"."RAW"."{name}"'
        assert status(piped(f"DROP {kind} IF EXISTS {full}")) == f"{name} successfully dropped."
        assert "already dropped" in status(piped(f"DROP {kind} IF EXISTS {full}"))
        with pytest.raises(ProgrammingError) as caught:
            piped(f"DESC {kind} {full}")
        assert caught.value.errno == 2003


def test_dropping_a_database_drops_its_contents(piped: Callable[..., Rows]) -> None:
    piped('DROP DATABASE "DB"', 'CREATE DATABASE "DB"', 'CREATE SCHEMA "DB"."RAW"')
    assert piped('SHOW TABLES IN DATABASE "DB"') == []
    assert piped('SHOW PIPES IN DATABASE "DB"') == []


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("CREATE STAGE S URL = 's3://lake/' COMENT = 'x'", STAND_IN),
        ("CREATE STAGE S URL = 's3://lake/' STORAGE_INTEGRATION = NOPE", 2003),
        ("CREATE STAGE S URL = 's3://lake/' ENCRYPTION = (TYPE = 'AWS_SSE_KMS')", STAND_IN),
        ("CREATE STAGE S", STAND_IN),
        ("CREATE STAGE S URL = 'gcs://lake/'", STAND_IN),
        ("CREATE FILE FORMAT F TYPE = CSV", STAND_IN),
        ("CREATE FILE FORMAT F TYPE = JSON TRIM_SPACE = TRUE", STAND_IN),
        ("CREATE FILE FORMAT F TYPE = JSON STRIP_OUTER_ARRAY = PERHAPS", 1008),
        ("CREATE TABLE T (A GEOGRAPHY)", STAND_IN),
        ("CREATE TABLE T (A INT DEFAULT 1)", STAND_IN),
        ("CREATE TABLE T (A INT, A INT)", 2025),
        ('CREATE TABLE T (A INT, "a" INT)', STAND_IN),
        ("CREATE TABLE CLICKS (A INT)", 2002),
        ("CREATE OR REPLACE TABLE IF NOT EXISTS T (A INT)", 1402),
        ("CREATE MATERIALIZED VIEW V AS SELECT 1 AS A", STAND_IN),
        ("CALL SOMETHING()", STAND_IN),
        ("CREATE TABLE T (A INT) CLUSTER BY (A)", STAND_IN),
        ("ALTER TABLE CLICKS DROP COLUMN EVENT_ID", STAND_IN),
        ("ALTER PIPE NOPE SET PIPE_EXECUTION_PAUSED = TRUE", 2003),
        ("USE WAREHOUSE W", 2043),
        ("CREATE WAREHOUSE W AUTO_RESUME = FALSE", STAND_IN),
        ("CREATE WAREHOUSE W WAREHOUSE_SIZE = GIANT", 1008),
        ("USE DATABASE NOPE", 2003),
        ("ALTER SESSION SET WEEK_START = 1", STAND_IN),
        ("SELECT 1; SELECT 2", 8),
        ("DROP TABLE CLICKS; DROP STAGE LAKE", 8),
        ("SELEC 1", STAND_IN),
        ("SELECT * FROM NOPE", 2003),
        ("SELECT NOPE FROM CLICKS", 904),
        ("SELECT 'open", 1003),
    ],
)
def test_invalid_or_unknown_statements_are_refused(
    landing: Callable[..., Rows], sql: str, errno: int
) -> None:
    landing('USE SCHEMA "DB"."RAW"')
    with pytest.raises(ProgrammingError) as caught:
        landing(sql)
    assert caught.value.errno == errno, str(caught.value)


@pytest.mark.parametrize(
    ("copy", "errno"),
    [
        (
            "FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE FORCE = TRUE",
            2019,
        ),
        (
            "FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE FILES = ('a')",
            2019,
        ),
        ("FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') ON_ERROR = ABORT_STATEMENT", 1008),
        ("FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') ON_ERROR = SKIP", 1008),
        ("FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'NOPE') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE", 2003),
        ("FROM @NOPE FILE_FORMAT = (FORMAT_NAME = 'JSON') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE", 2003),
        ("FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON')", STAND_IN),
        ("FROM @LAKE MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE", STAND_IN),
        ("FROM @LAKE FILE_FORMAT = (TYPE = JSON) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE", STAND_IN),
        ("FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') MATCH_BY_COLUM_NAME = NONE", STAND_IN),
        ("FROM (SELECT $1 FROM @LAKE)", STAND_IN),
        (
            "FROM @LAKE FILE_FORMAT = (FORMAT_NAME = 'JSON') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE "
            "INCLUDE_METADATA = (NOPE = METADATA$FILENAME)",
            904,
        ),
    ],
)
def test_an_invalid_pipe_is_refused(landing: Callable[..., Rows], copy: str, errno: int) -> None:
    landing('USE SCHEMA "DB"."RAW"')
    with pytest.raises(ProgrammingError) as caught:
        landing(f"CREATE PIPE P AUTO_INGEST = TRUE AS COPY INTO CLICKS {copy}")
    assert caught.value.errno == errno, str(caught.value)
    assert landing("SHOW PIPES") == []


def test_a_failed_statement_changes_nothing(landing: Callable[..., Rows]) -> None:
    before = landing('DESC TABLE "DB"."RAW"."CLICKS"')
    with pytest.raises(ProgrammingError):
        landing('CREATE OR REPLACE TABLE "DB"."RAW"."CLICKS" ("A" INT, "a" INT)')
    assert landing('DESC TABLE "DB"."RAW"."CLICKS"') == before


def test_secrets_are_never_shown(landing: Callable[..., Rows], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="laptop.snowflake")
    shown = str(landing('DESC STAGE "DB"."RAW"."LAKE"')) + str(landing('SHOW STAGES IN SCHEMA "DB"."RAW"'))
    for bad in (
        f'ALTER STAGE "DB"."RAW"."LAKE" SET CREDENTIALS = (AWS_KEY_ID = \'{KEY_ID}\' AWS_SECRET = \'{SECRET}\')',
        f'ALTER STAGE "DB"."RAW"."LAKE" SET CREDENTIALS = (AWS_KEY_ID = \'{KEY_ID}\') \'{SECRET}\'',
    ):
        with pytest.raises(ProgrammingError) as caught:
            landing(bad)
        shown += str(caught.value)
    landing(
        f'ALTER STAGE "DB"."RAW"."LAKE" SET CREDENTIALS = (AWS_KEY_ID = \'{KEY_ID}\' AWS_SECRET_KEY = \'{SECRET}\')'
    )
    for secret in (SECRET, KEY_ID):
        assert secret not in shown
        assert secret not in caplog.text
    assert "ALTER STAGE DB.RAW.LAKE" in caplog.text


def test_a_stage_must_be_within_its_integrations_locations(landing: Callable[..., Rows]) -> None:
    landing(
        "USE ROLE ACCOUNTADMIN",
        """CREATE STORAGE INTEGRATION "INT" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
           STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/events/')""",
        'GRANT USAGE ON INTEGRATION "INT" TO ROLE SYSADMIN',
        "USE ROLE SYSADMIN",
        'CREATE STAGE "DB"."RAW"."IN" URL = \'s3://lake/events/\' STORAGE_INTEGRATION = "INT"',
    )
    with pytest.raises(ProgrammingError, match="not allowed by integration"):
        landing('CREATE STAGE "DB"."RAW"."OUT" URL = \'s3://lake/errors/\' STORAGE_INTEGRATION = "INT"')
    rows = {row["property"]: row["property_value"] for row in landing('DESC INTEGRATION "INT"')}
    assert rows["STORAGE_ALLOWED_LOCATIONS"] == "s3://lake/events/"
    assert rows["STORAGE_AWS_EXTERNAL_ID"]
