from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import Account, Rows, runner

COLUMNS = {
    "TEXT": "VARCHAR(20)",
    "WHOLE": "NUMBER(38,0)",
    "PRICE": "NUMBER(10,2)",
    "RATIO": "FLOAT",
    "FLAG": "BOOLEAN",
    "DAY": "DATE",
    "CLOCK": "TIME",
    "NTZ": "TIMESTAMP_NTZ",
    "LTZ": "TIMESTAMP_LTZ",
    "TZ": "TIMESTAMP_TZ",
}
VALUES = {
    "TEXT": ("'it''s ü'", "it's ü"),
    "WHOLE": ("-12345678901234567890123456789012345678", -12345678901234567890123456789012345678),
    "PRICE": ("12.50", Decimal("12.50")),
    "RATIO": ("0.1::float", 0.1),
    "FLAG": ("false", False),
    "DAY": ("'2024-02-29'", dt.date(2024, 2, 29)),
    "CLOCK": ("'23:59:01.5'", dt.time(23, 59, 1, 500000)),
    "NTZ": ("'2024-02-29 12:00:00.123456'", dt.datetime(2024, 2, 29, 12, 0, 0, 123456)),
    "LTZ": ("'2024-02-29T12:00:00+02:00'", dt.datetime(2024, 2, 29, 10, tzinfo=dt.UTC)),
    "TZ": ("'1969-12-31T23:59:58.500Z'", dt.datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=dt.UTC)),
}


@pytest.fixture
def typed(landing: Callable[..., Rows]) -> Callable[..., Rows]:
    columns = ", ".join(f"{name} {datatype}" for name, datatype in COLUMNS.items())
    landing("USE SCHEMA DB.RAW", f"CREATE TABLE TYPED ({columns}, DOC VARIANT)")
    return landing


@pytest.mark.parametrize("column", COLUMNS)
def test_values_are_returned_as_python_types(typed: Callable[..., Rows], column: str) -> None:
    sql, expected = VALUES[column]
    typed(f"INSERT INTO TYPED ({column}) SELECT {sql}")
    (row,) = typed(f"SELECT {column} FROM TYPED")
    assert row == {column: expected}
    assert type(row[column]) is type(expected)


@pytest.mark.parametrize("zone", [None, "Asia/Kolkata"])
def test_a_timestamp_ltz_is_in_the_zone_of_the_session(
    account: Account, typed: Callable[..., Rows], zone: str | None
) -> None:
    typed("INSERT INTO TYPED (LTZ) SELECT '2024-02-29T12:00:00Z'")
    session = runner(account.connect(role="SYSADMIN"))
    if zone:
        session(f"ALTER SESSION SET TIMEZONE = '{zone}'")
    (row,) = session("SELECT LTZ, LTZ::DATE AS D, HOUR(LTZ) AS H FROM DB.RAW.TYPED")
    local = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC).astimezone(ZoneInfo(zone or "America/Los_Angeles"))
    assert (row["LTZ"].utcoffset(), row["D"], row["H"]) == (local.utcoffset(), local.date(), local.hour)


TZ = {"a": "2024-03-01T00:30:00+05:30", "b": "2024-02-29T18:30:00-01:00", "c": "2024-02-29T19:00:00Z"}
WALL = {name: dt.datetime.fromisoformat(text) for name, text in TZ.items()}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT TZ FROM TYPED ORDER BY TEXT", [WALL["a"], WALL["b"], WALL["c"]]),
        ("SELECT TZ AS T FROM (SELECT * FROM TYPED) Q ORDER BY T DESC, TEXT", [WALL["b"], WALL["a"], WALL["c"]]),
        ("SELECT MAX(TZ) FROM TYPED", [WALL["b"]]),
        ("SELECT MIN(TZ) FROM TYPED WHERE TEXT = 'a'", [WALL["a"]]),
        ("SELECT TEXT FROM TYPED WHERE TZ > '2024-02-29 19:00:00Z'", ["b"]),
        ("SELECT TEXT FROM TYPED WHERE TZ BETWEEN '2024-02-29T19:00Z' AND '2024-02-29T19:01Z' ORDER BY 1", ["a", "c"]),
        ("SELECT COUNT(DISTINCT TZ) FROM TYPED", [2]),
        ("SELECT COUNT(*) FROM (SELECT TZ FROM TYPED GROUP BY TZ)", [2]),
        ("SELECT COUNT(*) FROM (SELECT DISTINCT TZ FROM TYPED)", [2]),
        ("SELECT TEXT FROM TYPED QUALIFY ROW_NUMBER() OVER (ORDER BY TZ DESC) = 1", ["b"]),
        ("SELECT TZ::DATE FROM TYPED ORDER BY TEXT", [WALL[k].date() for k in "abc"]),
        ("SELECT TO_DATE(TZ) FROM TYPED ORDER BY TEXT", [WALL[k].date() for k in "abc"]),
        ("SELECT HOUR(TZ) FROM TYPED ORDER BY TEXT", [WALL[k].hour for k in "abc"]),
        ("SELECT TZ::TIMESTAMP_NTZ FROM TYPED WHERE TEXT = 'a'", [WALL["a"].replace(tzinfo=None)]),
        ("SELECT DATE_TRUNC('hour', TZ) FROM TYPED WHERE TEXT = 'a'", [WALL["a"].replace(minute=0)]),
        (
            "SELECT COUNT(*), DATE_TRUNC('hour', TZ) AS H FROM TYPED WHERE TEXT = 'a' GROUP BY H ORDER BY H",
            [1],
        ),
        ("SELECT TEXT FROM TYPED WHERE DATE_TRUNC('day', TZ) = '2024-02-29T00:00:00Z'", ["c"]),
        ("SELECT DATEDIFF('minute', MIN(TZ), MAX(TZ)) FROM TYPED", [30]),
        ("WITH L AS (SELECT MAX(TZ) AS M FROM TYPED) SELECT TEXT FROM TYPED, L WHERE TZ = M", ["b"]),
    ],
)  # fmt: skip
def test_a_timestamp_tz_keeps_its_offset_and_is_compared_by_its_moment(
    typed: Callable[..., Rows], sql: str, expected: list[Any]
) -> None:
    values = ", ".join(f"('{name}', '{text}')" for name, text in TZ.items())
    typed(f"INSERT INTO TYPED (TEXT, TZ) VALUES {values}")
    found = [next(iter(row.values())) for row in typed(sql)]
    assert [repr_of(value) for value in found] == [repr_of(value) for value in expected]


def repr_of(value: Any) -> str:
    """Times with different offsets are equal; their texts are not."""
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def test_changes_compare_moments_and_refuse_what_is_no_time(typed: Callable[..., Rows]) -> None:
    typed("INSERT INTO TYPED (TEXT, TZ) SELECT 'a', '2024-03-01T00:30:00+05:30'")
    assert typed("UPDATE TYPED SET TZ = CURRENT_TIMESTAMP() WHERE TZ = '2024-02-29T19:00:00Z'")
    assert typed("DELETE FROM TYPED WHERE TZ > '2024-03-01T00:00:00Z'") == [{"number of rows deleted": 1}]
    typed("INSERT INTO TYPED (TZ) SELECT '2024-12-01 10:00:00'")
    (row,) = typed("SELECT TZ FROM TYPED")
    assert row["TZ"].isoformat() == "2024-12-01T10:00:00-08:00"
    with pytest.raises(ProgrammingError, match="yesterday"):
        typed("INSERT INTO TYPED (TZ) SELECT 'yesterday'")
    assert typed("SELECT COUNT(*) AS N FROM TYPED") == [{"N": 1}]


def test_nulls_are_returned_as_none(typed: Callable[..., Rows]) -> None:
    typed("INSERT INTO TYPED (TEXT) VALUES (NULL)")
    (row,) = typed("SELECT * FROM TYPED")
    assert row == dict.fromkeys([*COLUMNS, "DOC"])


def test_a_variant_is_json_text(typed: Callable[..., Rows]) -> None:
    typed("""INSERT INTO TYPED (DOC) SELECT PARSE_JSON('{"b": [1, null], "a": "x"}')""")
    (row,) = typed("SELECT DOC FROM TYPED")
    assert json.loads(row["DOC"]) == {"a": "x", "b": [1, None]}


def test_the_cursor_has_names_and_types(account: Account, typed: Callable[..., Rows]) -> None:
    with closing(account.connect(role="SYSADMIN").cursor()) as cursor:
        cursor.execute("SELECT WHOLE, PRICE, TZ, COUNT(*) FROM DB.RAW.TYPED GROUP BY ALL")
        described: list[Any] = cursor.description
        assert [item.name for item in described] == ["WHOLE", "PRICE", "TZ", "COUNT(*)"]
        assert [(item.precision, item.scale) for item in described[:2]] == [(38, 0), (10, 2)]


def test_row_counts_of_changes(account: Account, typed: Callable[..., Rows]) -> None:
    with closing(account.connect(role="SYSADMIN", database="DB", schema="RAW").cursor()) as cursor:
        assert cursor.execute("INSERT INTO TYPED (WHOLE) VALUES (1), (2), (3)").rowcount == 3
        assert cursor.execute("UPDATE TYPED SET WHOLE = 9 WHERE WHOLE > 1").rowcount == 2
        assert cursor.execute("DELETE FROM TYPED WHERE WHOLE = 9").rowcount == 2
