"""New keys become columns; the columns can be widened and renamed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from ingesting import PIPE, TABLE, Run, events, history, ids, pipe_status, settled, wait_for
from snowflake.connector.errors import IntegrityError, ProgrammingError

from laptop.testing.snowflake import COPY, Account
from laptop.testing.waiting import eventually


def types(run: Run) -> dict[str, str]:
    return {row["name"]: row["type"] for row in run(f"DESC TABLE {TABLE}")}


def records(run: Run) -> dict[str, dict[str, Any]]:
    found = {row["name"]: row["schema evolution record"] for row in run(f"DESC TABLE {TABLE}")}
    return {name: json.loads(record) for name, record in found.items() if record}


def test_the_first_value_sizes_a_column_for_good(account: Account, piped: Run) -> None:
    account.put("1.json.gz", events("a", visits=7, price=12.5, seen="2026-10-06", empty=None))
    wait_for(piped, "a")
    evolved = {"VISITS": "NUMBER(1,0)", "PRICE": "NUMBER(3,1)", "SEEN": "DATE"}
    assert types(piped).items() >= evolved.items()
    assert "EMPTY" not in types(piped)
    account.put(
        "2.json",
        b"\n".join(
            [
                b'{"event_id": "b", "visits": 7.25}',
                b'{"event_id": "large", "visits": 123456}',
                b'{"event_id": "text", "seen": "soon"}',
                b'{"event_id": "c", "price": 99.94}',
            ]
        ),
    )
    wait_for(piped, "a", "b", "c")
    assert types(piped).items() >= evolved.items()
    rows = piped(f"SELECT VISITS, PRICE FROM {TABLE} ORDER BY EVENT_ID")
    assert [(row["VISITS"], row["PRICE"]) for row in rows] == [
        (7, Decimal("12.5")),
        (7, None),
        (None, Decimal("99.9")),
    ]
    (_, loaded) = history(piped)
    assert (loaded["STATUS"], loaded["ERROR_COUNT"]) == ("Partially loaded", 2)
    assert loaded["FIRST_ERROR_MESSAGE"] == "Number out of representable range: type FIXED, value 123456"


def test_the_first_value_of_several_files_and_records_decides(account: Account, landing: Run) -> None:
    account.put("1.json", b'{"event_id": "a", "n": null}\n{"event_id": "b", "N": "x"}', notify=False)
    account.put("2.json", b'{"event_id": "c", "n": 5}\n{"event_id": "d", "late": 1}', notify=False)
    landing(f"{COPY} ON_ERROR = CONTINUE")
    assert (types(landing)["N"], types(landing)["LATE"]) == ("VARCHAR(16777216)", "NUMBER(1,0)")


def test_the_record_of_an_evolution(account: Account, piped: Run) -> None:
    account.put("dt=1/a.json.gz", events("a", page="/"))
    wait_for(piped, "a")
    (record,) = [records(piped)["PAGE"]]
    assert list(record) == ["evolutionType", "evolutionMode", "fileName", "triggeringTime", "pipeId"]
    assert (record["evolutionType"], record["evolutionMode"]) == ("ADD_COLUMN", "SNOWPIPE")
    assert record["fileName"] == "dt=1/a.json.gz"
    account.put("b.json", b'{"visits": 1}', notify=False)
    cursor = account.connect(role="SYSADMIN").cursor()
    cursor.execute(f"{COPY} ON_ERROR = CONTINUE FILES = ('b.json')")
    by_copy = records(piped)
    assert by_copy["VISITS"].items() >= {"evolutionMode": "COPY", "queryId": cursor.sfqid}.items()
    assert by_copy["EVENT_ID"]["evolutionType"] == "DROP_NOT_NULL"
    rows = piped(
        """SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM DB.INFORMATION_SCHEMA.COLUMNS
        WHERE TABLE_NAME = 'CLICKS' AND SCHEMA_EVOLUTION_RECORD IS NOT NULL ORDER BY ORDINAL_POSITION"""
    )
    assert [tuple(row.values()) for row in rows] == [
        ("EVENT_ID", "TEXT", "YES"),
        ("PAGE", "TEXT", "YES"),
        ("VISITS", "NUMBER", "YES"),
    ]
    piped(f"ALTER TABLE {TABLE} SET ENABLE_SCHEMA_EVOLUTION = FALSE")
    assert "schema evolution record" not in piped(f"DESC TABLE {TABLE}")[0]
    shown = {
        row["column_name"]: row["schema_evolution_record"] for row in piped(f"SHOW COLUMNS IN TABLE {TABLE}")
    }
    assert json.loads(shown["PAGE"]) == record
    assert shown["PROPERTIES"] is None


def test_a_column_changed_by_hand_loses_its_record(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a", x=7, y=7, z=7))
    wait_for(piped, "a")
    piped(
        f"ALTER TABLE {TABLE} ALTER COLUMN X SET DATA TYPE NUMBER(38,0)",
        f"ALTER TABLE {TABLE} RENAME COLUMN Y TO Y_EVOLVED",
        f"ALTER TABLE {TABLE} ALTER COLUMN Z COMMENT 'known'",
    )
    assert records(piped) == {}
    assert types(piped).items() >= {"X": "NUMBER(38,0)", "Y_EVOLVED": "NUMBER(1,0)"}.items()
    account.put("b.json.gz", events("b", x=123456, y=12.5))
    wait_for(piped, "a", "b")
    (row,) = piped(f"SELECT X, Y, Y_EVOLVED FROM {TABLE} WHERE EVENT_ID = 'b'")
    assert row == {"X": 123456, "Y": Decimal("12.5"), "Y_EVOLVED": None}


@pytest.mark.parametrize(
    ("change", "errno", "message"),
    [
        ("SCROLL_DEPTH SET DATA TYPE VARCHAR", 2108, "from type NUMBER(38,0) to VARCHAR(16777216)"),
        (
            "SCROLL_DEPTH SET DATA TYPE NUMBER(38,2)",
            2108,
            "because changing the scale of a number is not supported.",
        ),
        (
            "EVENT_ID TYPE VARCHAR(10)",
            2108,
            "because reducing the byte-length of a varchar is not supported.",
        ),
        (
            "SESSION_DURATION SET DATA TYPE NUMBER(10,2)",
            2108,
            "cannot change column SESSION_DURATION from type FLOAT",
        ),
        ("TIMESTAMP SET DATA TYPE TIMESTAMP_NTZ", 2108, "from type TIMESTAMP_TZ(9) to TIMESTAMP_NTZ(9)"),
        ("PROPERTIES SET DATA TYPE ARRAY", 2108, "from type VARIANT to ARRAY"),
        ("NOPE SET DATA TYPE NUMBER", 904, "invalid identifier 'NOPE'"),
    ],
)
def test_other_changes_of_a_type_are_refused(landing: Run, change: str, errno: int, message: str) -> None:
    with pytest.raises(ProgrammingError, match="SQL compilation error") as caught:
        landing(f"ALTER TABLE {TABLE} ALTER COLUMN {change}")
    assert caught.value.errno == errno
    assert message in str(caught.value.msg)


def test_a_column_may_be_empty_after_its_constraint_is_dropped(landing: Run) -> None:
    def empty() -> None:
        landing(f"INSERT INTO {TABLE} (PROPERTIES) SELECT NULL")

    with pytest.raises(IntegrityError):
        empty()
    landing(f"ALTER TABLE {TABLE} ALTER COLUMN EVENT_ID DROP NOT NULL")
    empty()
    assert {row["null?"] for row in landing(f"DESC TABLE {TABLE}")} == {"Y"}


def test_a_column_is_not_renamed_to_another(landing: Run) -> None:
    with pytest.raises(ProgrammingError, match="column 'PROPERTIES' already exists"):
        landing(f"ALTER TABLE {TABLE} RENAME COLUMN SCROLL_DEPTH TO PROPERTIES")


def test_too_many_new_columns_fail_all_files_of_a_copy_for_good(account: Account, piped: Run) -> None:
    piped(f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE")
    account.put("1.json.gz", events("a"))
    account.put("2.json.gz", events("b", **{f"k{i}": i for i in range(60)}))
    account.put("3.json.gz", events("c", **{f"l{i}": i for i in range(60)}))
    eventually(lambda: pipe_status(piped)["pendingFileCount"] == 3)
    piped(f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = FALSE")
    settled(piped, account, 3)
    assert {(row["STATUS"], row["FIRST_ERROR_MESSAGE"]) for row in history(piped)} == {
        ("Load failed", "Error in Schema Evolution:\nadding too many columns")
    }
    assert len(types(piped)) == 8
    account.put("1.json.gz", events("a"))
    account.put("4.json.gz", events("d", k=1))
    wait_for(piped, "d")


@pytest.mark.parametrize("key", ["", "n" * 256])
def test_a_name_that_no_column_can_have_fails_the_copy(account: Account, piped: Run, key: str) -> None:
    account.put("1.json.gz", events("a", **{key: 1}))
    settled(piped, account, 1)
    assert history(piped)[0]["STATUS"] == "Load failed"


def test_copy_into_with_too_many_new_columns_loads_nothing(account: Account, landing: Run) -> None:
    account.put("1.json.gz", events("a"), notify=False)
    account.put("2.json.gz", events("b", **{f"k{i}": i for i in range(101)}), notify=False)
    with pytest.raises(ProgrammingError, match="adding too many columns") as caught:
        landing(f"{COPY} ON_ERROR = CONTINUE")
    assert (caught.value.errno, caught.value.sqlstate) == (691, "22000")
    assert ids(landing) == []
