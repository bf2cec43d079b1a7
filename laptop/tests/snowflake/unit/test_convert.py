from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from laptop.snowflake.datatypes import DataType, make_type
from laptop.snowflake.loading.convert import DoesNotFitError, convert


@pytest.mark.parametrize(
    ("value", "datatype", "expected"),
    [
        (12, "VARCHAR", "12"),
        ({"a": [1, None]}, "VARCHAR", '{"a":[1,null]}'),
        (True, "VARCHAR", "true"),
        ("7.5", "NUMBER", "8"),
        (-2.5, "NUMBER", "-3"),
        (10**37, "NUMBER", str(10**37)),
        ("1e2", "FLOAT", 100.0),
        ("Yes", "BOOLEAN", True),
        (0, "BOOLEAN", False),
        ("2024-05-01T10:00:00+02:00", "TIMESTAMP_TZ", "2024-05-01 10:00:00.000000+02:00"),
        ("2024-05-01T10:00:00Z", "TIMESTAMP_TZ", "2024-05-01 10:00:00.000000+00:00"),
        ("2024-05-01 10:00:00", "TIMESTAMP_TZ", "2024-05-01 10:00:00.000000-07:00"),
        ("2024-12-01T10:00", "TIMESTAMP_TZ", "2024-12-01 10:00:00.000000-08:00"),
        ("2024-12-01", "TIMESTAMP_TZ", "2024-12-01 00:00:00.000000-08:00"),
        ("1800-01-01T00:00:00", "TIMESTAMP_TZ", "1799-12-31 23:59:58.000000-07:53"),
        ("2024-05-01 10:00:00", "TIMESTAMP_LTZ", "2024-05-01 17:00:00+00:00"),
        ("2024-05-01T10:00:00+02:00", "TIMESTAMP_NTZ", "2024-05-01 10:00:00"),
        (1714557600, "TIMESTAMP_TZ", "2024-05-01 10:00:00.000000+00:00"),
        ("1714557600123", "TIMESTAMP_TZ", "2024-05-01 10:00:00.123000+00:00"),
        ("2024-05-01T23:59:59Z", "DATE", "2024-05-01"),
        ("10:30:00", "TIME", "10:30:00"),
        ({"a": 1}, "OBJECT", '{"a": 1}'),
        (1, "ARRAY", "[1]"),
        (None, "VARIANT", "null"),
        (None, "NUMBER", None),
    ],
)
def test_values_that_can_be_converted(value: Any, datatype: str, expected: Any) -> None:
    assert convert(value, make_type(datatype), ZoneInfo("America/Los_Angeles")) == expected


@pytest.mark.parametrize(
    ("value", "datatype", "message"),
    [
        ("far", DataType("NUMBER"), 'Failed to cast variant value "far" to FIXED'),
        ({"a": 1}, DataType("NUMBER"), "to FIXED"),
        (1000, DataType("NUMBER", precision=3), "representable range: type FIXED, value 1000"),
        (98765.4321, DataType("NUMBER", precision=3, scale=1), "type FIXED, value 98765.4"),
        ("2016-12-31T23:59:60Z", DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        ("2016-12-31T23:59:59.0123456789Z", DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        ("20161231T235959Z", DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        ("2016-12-31t23:59:59z", DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        ("NaN", DataType("NUMBER"), "to FIXED"),
        ("perhaps", DataType("BOOLEAN"), "to BOOLEAN"),
        ("yesterday", DataType("TIMESTAMP_TZ"), 'value "yesterday" to TIMESTAMP_TZ'),
        (1.5, DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        (10**30, DataType("TIMESTAMP_TZ"), "to TIMESTAMP_TZ"),
        ([1], DataType("OBJECT"), "to OBJECT"),
        ("abcdef", DataType("VARCHAR", length=5), "length limit (5) exceeded"),
    ],
)
def test_values_that_cannot_be_converted_have_a_reason(value: Any, datatype: DataType, message: str) -> None:
    with pytest.raises(DoesNotFitError) as caught:
        convert(value, datatype)
    assert message in str(caught.value)
