"""The exact text of every statement, and its check against sqlfluff's Snowflake grammar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from snowflake_setup.sql import (
    dynamic_table,
    file_format,
    pipe,
    retention,
    stage,
    storage_integration,
    table,
    view,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import CopyInto, MetadataColumn
from snowflake_setup.sql.first_arrivals import Kept
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.secret import Secret
from tests.unit.snowflake_setup.first_arrivals import DATED, DATED_SQL, FIRST, FIRST_SQL, UNTYPED
from tests.unit.snowflake_setup.grammar import problems, statements_of

N = ObjectName.of("DB", "RAW", "THING")
Q = '"DB"."RAW"."THING"'
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = stage.Credentials(Secret("AKIA"), Secret("a/b'c\\d"))
KEY_SQL = "CREDENTIALS = (AWS_KEY_ID = 'AKIA' AWS_SECRET_KEY = 'a/b''c\\\\d')"
COLUMN = table.Column(Identifier("TS"), "TIMESTAMP_TZ", "when it's")
METADATA = (
    MetadataColumn(Identifier("SOURCE_FILE"), "METADATA$FILENAME"),
    MetadataColumn(Identifier("SOURCE_ROW"), "METADATA$FILE_ROW_NUMBER"),
)
COPY = CopyInto(
    ObjectName.of("DB", "RAW", "T"),
    ObjectName.of("DB", "RAW", "S"),
    ObjectName.of("DB", "RAW", "F'"),
    METADATA,
    "CONTINUE",
)
COPY_SQL = (
    """COPY INTO "DB"."RAW"."T" FROM @"DB"."RAW"."S" FILE_FORMAT = (FORMAT_NAME = '"DB"."RAW"."F''"') """
    "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE INCLUDE_METADATA = "
    '("SOURCE_FILE" = METADATA$FILENAME, "SOURCE_ROW" = METADATA$FILE_ROW_NUMBER) ON_ERROR = CONTINUE'
)
BARE = CopyInto(COPY.table, COPY.stage, N, (), "SKIP_FILE")
INTEGRATION = ObjectName.of("LAKE")
BOUND = stage.BoundIntegration(INTEGRATION)
ROLE = "arn:aws:iam::123456789012:role/reader"


INNER_SQL = DATED_SQL[len('SELECT "ID", "EVENT_DATE" FROM ') : DATED_SQL.index(" QUALIFY")]
PARTS_SQL = (
    f"""SELECT "ID", "EVENT_DATE" FROM {INNER_SQL} WHERE "ID" IS NOT NULL QUALIFY ROW_NUMBER() OVER """
    """(PARTITION BY "ID", "EVENT_DATE" ORDER BY "AT", "ROW") = 1 """
    f"""UNION ALL SELECT "ID", "EVENT_DATE" FROM {INNER_SQL} WHERE "ID" IS NULL"""
)
REFRESHED_SQL = (
    """TARGET_LAG = '60 minutes' WAREHOUSE = "WH" REFRESH_MODE = INCREMENTAL INITIALIZE = ON_CREATE """
    """CLUSTER BY ("EVENT_DATE") COMMENT = 'it''s' """
)
KEPT = (N, DATED, (Identifier("ID"),), 60, Identifier("WH"), "it's")

LOADS, POLICY = retention.Expiry.of_loads(Identifier("AT"), 400), ObjectName.of("DB", "RAW", "P")

STATEMENTS: list[tuple[Statement, str]] = [
    (file_format.DescribeFileFormat(N), f"DESC FILE FORMAT {Q}"),
    (stage.ShowStage(N), """SHOW STAGES LIKE 'THING' IN SCHEMA "DB"."RAW\""""),
    (stage.ShowStage(ObjectName.of("D", "S", "a\\'b")), """SHOW STAGES LIKE 'a_''b' IN SCHEMA "D"."S\""""),
    (table.DescribeTable(N), f"DESC TABLE {Q}"),
    (pipe.DescribePipe(N), f"DESC PIPE {Q}"),
    (file_format.DropFileFormat(N), f"DROP FILE FORMAT IF EXISTS {Q}"),
    (stage.DropStage(N), f"DROP STAGE IF EXISTS {Q}"),
    (table.DropTable(N), f"DROP TABLE IF EXISTS {Q}"),
    (pipe.DropPipe(N), f"DROP PIPE IF EXISTS {Q}"),
    (
        file_format.CreateFileFormat(N, "AUTO", True, False, "it's"),
        f"CREATE FILE FORMAT IF NOT EXISTS {Q} TYPE = JSON COMPRESSION = AUTO "
        "STRIP_OUTER_ARRAY = TRUE MULTI_LINE = FALSE COMMENT = 'it''s'",
    ),
    (
        file_format.AlterFileFormat(N, "GZIP", False, True, ""),
        f"ALTER FILE FORMAT {Q} SET COMPRESSION = GZIP STRIP_OUTER_ARRAY = FALSE MULTI_LINE = TRUE COMMENT = ''",
    ),
    (
        stage.CreateStage(N, "s3://b/e/", KEY, "c"),
        f"CREATE STAGE IF NOT EXISTS {Q} URL = 's3://b/e/' {KEY_SQL} COMMENT = 'c'",
    ),
    (
        stage.MoveStage(N, url="s3://b/", access=KEY, comment=""),
        f"ALTER STAGE {Q} SET URL = 's3://b/' {KEY_SQL} COMMENT = ''",
    ),
    (stage.AlterStage(N, access=KEY), f"ALTER STAGE {Q} SET {KEY_SQL}"),
    (
        stage.CreateStage(N, "s3://b/e/", BOUND, "c"),
        f"CREATE STAGE IF NOT EXISTS {Q} URL = 's3://b/e/' STORAGE_INTEGRATION = \"LAKE\" COMMENT = 'c'",
    ),
    (stage.AlterStage(N, access=BOUND), f'ALTER STAGE {Q} SET STORAGE_INTEGRATION = "LAKE"'),
    (stage.AlterStage(N, comment="c"), f"ALTER STAGE {Q} SET COMMENT = 'c'"),
    (stage.ListStage(N), f"LIST @{Q}"),
    (
        table.CreateTable(N, (COLUMN, table.Column(Identifier("N"), "NUMBER(38,0)")), True, "c"),
        f"""CREATE TABLE IF NOT EXISTS {Q} ("TS" TIMESTAMP_TZ COMMENT 'when it''s', "N" NUMBER(38,0)) """
        "ENABLE_SCHEMA_EVOLUTION = TRUE COMMENT = 'c'",
    ),
    (
        table.AddColumn(N, COLUMN),
        f"""ALTER TABLE {Q} ADD COLUMN IF NOT EXISTS "TS" TIMESTAMP_TZ COMMENT 'when it''s'""",
    ),
    (table.SetColumnComment(N, Identifier("TS"), "c"), f"""ALTER TABLE {Q} ALTER COLUMN "TS" COMMENT 'c'"""),
    (table.SetTableComment(N, "c"), f"ALTER TABLE {Q} SET COMMENT = 'c'"),
    (table.SetSchemaEvolution(N, False), f"ALTER TABLE {Q} SET ENABLE_SCHEMA_EVOLUTION = FALSE"),
    (table.KeepRefusedRows(N), f"ALTER TABLE {Q} SET ERROR_LOGGING = TRUE"),
    (table.DropErrorTable(N), f"ALTER TABLE {Q} SET ERROR_LOGGING = FALSE"),
    (table.ShowColumns(N), f"SHOW COLUMNS IN TABLE {Q}"),
    (
        table.RenameColumn(N, Identifier("A"), Identifier("A_EVOLVED")),
        f'ALTER TABLE {Q} RENAME COLUMN "A" TO "A_EVOLVED"',
    ),
    (
        table.SetColumnType(N, table.Column(Identifier("A"), "NUMBER(38,0)", "not set")),
        f'ALTER TABLE {Q} ALTER COLUMN "A" SET DATA TYPE NUMBER(38,0)',
    ),
    (table.DropNotNull(N, Identifier("A")), f'ALTER TABLE {Q} ALTER COLUMN "A" DROP NOT NULL'),
    (table.ShowTable(N), """SHOW TABLES LIKE 'THING' IN SCHEMA "DB"."RAW\""""),
    (
        table.CopyHistory(N, NOON),
        "SELECT FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT, PIPE_RECEIVED_TIME FROM "
        f"""TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{Q}', """
        "START_TIME => TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00')))",
    ),
    (
        table.LoadedFiles(N, Identifier("SOURCE_FILE"), Identifier("LOADED_AT"), NOON),
        f"""SELECT "SOURCE_FILE" AS FILE_NAME, MAX("LOADED_AT") AS LAST_SCAN FROM {Q} """
        """WHERE "LOADED_AT" >= TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00') GROUP BY "SOURCE_FILE\"""",
    ),
    (
        table.LoadedFiles(N, Identifier("SOURCE_FILE"), None, NOON),
        f'SELECT DISTINCT "SOURCE_FILE" AS FILE_NAME, NULL AS LAST_SCAN FROM {Q}',
    ),
    (storage_integration.DescribeIntegration(INTEGRATION), 'DESC INTEGRATION "LAKE"'),
    (storage_integration.DropIntegration(INTEGRATION), 'DROP INTEGRATION IF EXISTS "LAKE"'),
    (view.DropView(N), f"DROP VIEW IF EXISTS {Q}"),
    (
        storage_integration.CreateStorageIntegration(
            INTEGRATION, ROLE, "ours", ("s3://b/e/", "s3://b/f/"), "it's"
        ),
        """CREATE STORAGE INTEGRATION IF NOT EXISTS "LAKE" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' """
        f"ENABLED = TRUE STORAGE_AWS_ROLE_ARN = '{ROLE}' STORAGE_AWS_EXTERNAL_ID = 'ours' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://b/e/', 's3://b/f/') COMMENT = 'it''s'",
    ),
    (
        storage_integration.AlterStorageIntegration(INTEGRATION, True, ROLE, "ours", ("s3://b/e/",), ""),
        f"""ALTER STORAGE INTEGRATION "LAKE" SET ENABLED = TRUE STORAGE_AWS_ROLE_ARN = '{ROLE}' """
        "STORAGE_AWS_EXTERNAL_ID = 'ours' STORAGE_ALLOWED_LOCATIONS = ('s3://b/e/') COMMENT = ''",
    ),
    (
        storage_integration.AlterStorageIntegration(INTEGRATION, role_arn=ROLE),
        f"""ALTER STORAGE INTEGRATION "LAKE" SET STORAGE_AWS_ROLE_ARN = '{ROLE}'""",
    ),
    (
        storage_integration.ValidateStorageIntegration(INTEGRATION, "s3://b/e/"),
        "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION('LAKE', 's3://b/e/', 'unused', 'list')",
    ),
    (
        view.CreateView(N, "c", FIRST, (Identifier("ID"), Identifier("KIND"))),
        f"CREATE VIEW IF NOT EXISTS {Q} COMMENT = 'c' AS {FIRST_SQL}",
    ),
    (
        view.ReplaceView(N, "c", FIRST, (Identifier("ID"), Identifier("KIND"))),
        f"CREATE OR REPLACE VIEW {Q} COPY GRANTS COMMENT = 'c' AS {FIRST_SQL}",
    ),
    (
        view.ReplaceView(N, "c", DATED, (Identifier("ID"),)),
        f"CREATE OR REPLACE VIEW {Q} COPY GRANTS COMMENT = 'c' AS {DATED_SQL}",
    ),
    (
        view.CreateView(N, "", UNTYPED, (Identifier("ID"),)),
        f"""CREATE VIEW IF NOT EXISTS {Q} COMMENT = '' AS SELECT "ID" FROM "DB"."RAW"."T" QUALIFY "ID" IS NULL """
        'OR ROW_NUMBER() OVER (PARTITION BY "ID" ORDER BY "AT", "ROW") = 1',
    ),
    (
        view.ReplaceView(N, "", Kept(COPY.table), (Identifier("ID"),)),
        f"""CREATE OR REPLACE VIEW {Q} COPY GRANTS COMMENT = '' AS SELECT "ID", "EVENT_DATE" FROM "DB"."RAW"."T\"""",
    ),
    (
        dynamic_table.CreateDynamicTable(*KEPT),
        f"CREATE DYNAMIC TABLE IF NOT EXISTS {Q} {REFRESHED_SQL}AS {PARTS_SQL}",
    ),
    (
        dynamic_table.ReplaceDynamicTable(*KEPT),
        f"CREATE OR REPLACE DYNAMIC TABLE {Q} {REFRESHED_SQL}COPY GRANTS AS {PARTS_SQL}",
    ),
    (
        dynamic_table.SetRefreshes(N, 15, Identifier("WH")),
        f"""ALTER DYNAMIC TABLE {Q} SET WAREHOUSE = "WH" TARGET_LAG = '15 minutes'""",
    ),
    (
        dynamic_table.SetDynamicTableComment(N, "it's"),
        f"ALTER DYNAMIC TABLE {Q} SET COMMENT = 'it''s'",
    ),
    (dynamic_table.ResumeDynamicTable(N), f"ALTER DYNAMIC TABLE {Q} RESUME"),
    (dynamic_table.DropDynamicTable(N), f"DROP DYNAMIC TABLE IF EXISTS {Q}"),
    (dynamic_table.DescribeDynamicTable(N), f"DESC DYNAMIC TABLE {Q}"),
    (dynamic_table.DynamicTableDefinition(N), f"SELECT GET_DDL('DYNAMIC_TABLE', '{Q}')"),
    (dynamic_table.ShowDynamicTable(N), """SHOW DYNAMIC TABLES LIKE 'THING' IN SCHEMA "DB"."RAW\""""),
    (view.DescribeView(N), f"DESC VIEW {Q}"),
    (view.SetViewComment(N, "it's"), f"ALTER VIEW {Q} SET COMMENT = 'it''s'"),
    (view.ViewDefinition(N), f"SELECT GET_DDL('VIEW', '{Q}')"),
    (view.ShowView(N), """SHOW VIEWS LIKE 'THING' IN SCHEMA "DB"."RAW\""""),
    (
        pipe.CreatePipe(N, "c", COPY),
        f"CREATE PIPE IF NOT EXISTS {Q} AUTO_INGEST = TRUE COMMENT = 'c' AS {COPY_SQL}",
    ),
    (
        pipe.ReplacePipe(N, "c", BARE),
        f"""CREATE OR REPLACE PIPE {Q} AUTO_INGEST = TRUE COMMENT = 'c' AS """
        """COPY INTO "DB"."RAW"."T" FROM @"DB"."RAW"."S" """
        f"FILE_FORMAT = (FORMAT_NAME = '{Q}') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = SKIP_FILE",
    ),
    (pipe.PausePipe(N), f"ALTER PIPE {Q} SET PIPE_EXECUTION_PAUSED = TRUE"),
    (pipe.ResumePipe(N), f"ALTER PIPE {Q} SET PIPE_EXECUTION_PAUSED = FALSE"),
    (pipe.SetPipeComment(N, "c"), f"ALTER PIPE {Q} SET COMMENT = 'c'"),
    (pipe.RefreshPipe(N), f"ALTER PIPE {Q} REFRESH"),
    (pipe.RefreshPipe(N, prefix="dt=1/f.gz"), f"ALTER PIPE {Q} REFRESH PREFIX = 'dt=1/f.gz'"),
    (
        pipe.RefreshPipe(N, modified_after=NOON),
        f"ALTER PIPE {Q} REFRESH MODIFIED_AFTER = '2026-11-23T12:00:00+00:00'",
    ),
    (pipe.PipeStatus(N), f"SELECT SYSTEM$PIPE_STATUS('{Q}')"),
    (pipe.ShowPipeGrants(N), f"SHOW GRANTS ON PIPE {Q}"),
    (pipe.GrantOnPipe(N, "MONITOR", Identifier("OPS")), f'GRANT MONITOR ON PIPE {Q} TO ROLE "OPS"'),
    (
        pipe.GrantOnPipe(N, "OPERATE", Identifier("OPS"), True),
        f'GRANT OPERATE ON PIPE {Q} TO ROLE "OPS" WITH GRANT OPTION',
    ),
    (retention.DescribePolicy(N), f"DESC STORAGE LIFECYCLE POLICY {Q}"),
    (retention.DropPolicy(N), f"DROP STORAGE LIFECYCLE POLICY IF EXISTS {Q}"),
    (
        retention.CreatePolicy(N, LOADS, "it's"),
        f"""CREATE STORAGE LIFECYCLE POLICY IF NOT EXISTS {Q} AS ("AT" TIMESTAMP_LTZ) RETURNS BOOLEAN -> """
        """TO_DATE(CONVERT_TIMEZONE('UTC', "AT")) < DATEADD(DAY, -400, CURRENT_DATE()) COMMENT = 'it''s'""",
    ),
    (
        retention.SetPolicyBody(N, retention.Expiry.of_events(400)),
        f"""ALTER STORAGE LIFECYCLE POLICY {Q} SET BODY -> "EVENT_DATE" < DATEADD(DAY, -399, CURRENT_DATE())""",
    ),
    (
        retention.AttachPolicy(N, POLICY, Identifier("AT")),
        f"""ALTER TABLE {Q} ADD STORAGE LIFECYCLE POLICY "DB"."RAW"."P" ON ("AT")""",
    ),
    (
        retention.AttachToDynamicTable(N, POLICY, Identifier("AT")),
        f"""ALTER DYNAMIC TABLE {Q} ADD STORAGE LIFECYCLE POLICY "DB"."RAW"."P" ON ("AT")""",
    ),
    (retention.DetachPolicy(N), f"ALTER TABLE {Q} DROP STORAGE LIFECYCLE POLICY"),
    (retention.DetachFromDynamicTable(N), f"ALTER DYNAMIC TABLE {Q} DROP STORAGE LIFECYCLE POLICY"),
    (
        retention.AttachedPolicies(N),
        """SELECT POLICY_DB, POLICY_SCHEMA, POLICY_NAME FROM TABLE("DB".INFORMATION_SCHEMA.POLICY_REFERENCES("""
        f"""REF_ENTITY_NAME => '{Q}', REF_ENTITY_DOMAIN => 'TABLE')) """
        "WHERE POLICY_KIND = 'STORAGE_LIFECYCLE_POLICY'",
    ),
]


@pytest.mark.parametrize(("statement", "sql"), STATEMENTS, ids=lambda value: getattr(value, "kind", ""))
def test_a_statement_renders_exactly_this(statement: Statement, sql: str) -> None:
    assert statement.sql() == sql


def test_every_statement_is_tested_here() -> None:
    assert {type(statement) for statement, _ in STATEMENTS} == statements_of("snowflake_setup")


def test_snowflakes_grammar_accepts_every_statement() -> None:
    assert problems(STATEMENTS) == []


def test_a_statement_with_a_secret_does_not_show_it() -> None:
    statement = stage.CreateStage(
        N, "s3://b/", stage.Credentials(Secret("AKIA-marker"), Secret("marker")), ""
    )
    assert "marker" in statement.sql()
    assert "marker" not in f"{statement} {statement!r} {statement.kind} {statement.name}"
