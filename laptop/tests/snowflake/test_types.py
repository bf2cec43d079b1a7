from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from laptop.testing.snowflake import Account, Rows

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
    assert getattr(row[column], "tzinfo", None) is None or row[column].utcoffset() == dt.timedelta(0)


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
