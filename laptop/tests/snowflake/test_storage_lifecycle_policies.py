"""Storage lifecycle policies: who may attach them, what they delete, and what a dynamic table keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import snowflake.connector

from laptop.testing.snowflake import Rows

Run = Callable[..., Rows]
TABLE, POLICY = '"DB"."RAW"."CLICKS"', '"DB"."RAW"."P"'
CREATE = (
    f'CREATE STORAGE LIFECYCLE POLICY {POLICY} AS ("LOADED_AT" TIMESTAMP_LTZ) RETURNS BOOLEAN -> '
    "TO_DATE(CONVERT_TIMEZONE('UTC', \"LOADED_AT\")) < DATEADD(DAY, -30, CURRENT_DATE()) COMMENT = 'c'"
)
ATTACH = f'ALTER TABLE {TABLE} ADD STORAGE LIFECYCLE POLICY {POLICY} ON ("LOADED_AT")'
DETACH = f"ALTER TABLE {TABLE} DROP STORAGE LIFECYCLE POLICY"
REFERENCES = (
    "SELECT POLICY_NAME, REF_ARG_COLUMN_NAMES FROM TABLE(DB.INFORMATION_SCHEMA.POLICY_REFERENCES("
    "REF_ENTITY_NAME => '{}', REF_ENTITY_DOMAIN => 'TABLE')) WHERE POLICY_KIND = 'STORAGE_LIFECYCLE_POLICY'"
)


def insert(run: Run, **days: int) -> None:
    for event_id, ago in days.items():
        run(
            f"INSERT INTO {TABLE} (EVENT_ID, LOADED_AT) SELECT '{event_id}', DATEADD(DAY, -{ago}, CURRENT_TIMESTAMP())"
        )


def ids(run: Run, table: str = TABLE) -> list[str]:
    return [row["EVENT_ID"] for row in run(f"SELECT EVENT_ID FROM {table} ORDER BY 1")]


def test_rows_expire_once_the_policy_is_attached(landing: Run) -> None:
    insert(landing, old=33, new=27)
    landing(CREATE)
    assert ids(landing) == ["new", "old"]
    landing(ATTACH)
    assert ids(landing) == ["new"]
    landing(
        f'ALTER STORAGE LIFECYCLE POLICY {POLICY} SET BODY -> TO_DATE("LOADED_AT") < DATEADD(DAY, -9, CURRENT_DATE())'
    )
    assert ids(landing) == []
    landing(DETACH)
    insert(landing, old=33)
    assert ids(landing) == ["old"]


def test_it_is_shown(landing: Run) -> None:
    landing(CREATE)
    assert landing(REFERENCES.format(TABLE)) == []
    landing(ATTACH)
    (reference,) = landing(REFERENCES.format(TABLE))
    assert reference == {"POLICY_NAME": "P", "REF_ARG_COLUMN_NAMES": '[ "LOADED_AT" ]'}
    (described,) = landing(f"DESC STORAGE LIFECYCLE POLICY {POLICY}")
    assert described["body"] == CREATE.partition("-> ")[2].partition(" COMMENT")[0]
    (shown,) = landing("SHOW STORAGE LIFECYCLE POLICIES LIKE 'P' IN SCHEMA DB.RAW")
    assert (shown["kind"], shown["comment"]) == ("STORAGE_LIFECYCLE_POLICY", "c")


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ((CREATE, ATTACH), ATTACH),
        ((CREATE, ATTACH), f"DROP STORAGE LIFECYCLE POLICY {POLICY}"),
        ((CREATE, ATTACH, f"DROP TABLE {TABLE}"), f"DROP STORAGE LIFECYCLE POLICY {POLICY}"),
        ((), ATTACH),
        ((), DETACH),
        ((), f"DESC STORAGE LIFECYCLE POLICY {POLICY}"),
        ((), f"DROP STORAGE LIFECYCLE POLICY {POLICY}"),
        ((CREATE,), CREATE),
        ((CREATE,), ATTACH.replace("LOADED_AT", "NO_COLUMN")),
        ((CREATE.replace('"LOADED_AT")) <', '"OTHER")) <'),), ATTACH),
    ],
)
def test_what_is_refused(landing: Run, before: tuple[str, ...], refused: str) -> None:
    landing("SELECT 1", *before)
    with pytest.raises(snowflake.connector.ProgrammingError):
        landing(refused)


def test_a_detached_policy_can_be_dropped(landing: Run) -> None:
    landing(CREATE, ATTACH, DETACH, f"DROP STORAGE LIFECYCLE POLICY {POLICY}")
    landing(f"DROP STORAGE LIFECYCLE POLICY IF EXISTS {POLICY}")


def test_expired_rows_of_a_dynamic_table_are_frozen(landing: Run) -> None:
    insert(landing, a=5)
    landing(
        'CREATE DYNAMIC TABLE "DB"."RAW"."D" TARGET_LAG = \'1 day\' WAREHOUSE = COMPUTE_WH REFRESH_MODE = INCREMENTAL '
        f"INITIALIZE = ON_CREATE AS SELECT EVENT_ID, LOADED_AT FROM {TABLE}",
        CREATE,
        f'ALTER DYNAMIC TABLE "DB"."RAW"."D" ADD STORAGE LIFECYCLE POLICY {POLICY} ON (LOADED_AT)',
    )
    insert(landing, b=40, c=4)
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" REFRESH')
    assert ids(landing, '"DB"."RAW"."D"') == ["a", "c"]
    assert [row["POLICY_NAME"] for row in landing(REFERENCES.format('"DB"."RAW"."D"'))] == ["P"]
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" DROP STORAGE LIFECYCLE POLICY')
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" REFRESH')
    assert ids(landing, '"DB"."RAW"."D"') == ["a", "b", "c"]
