"""Types of new columns by their first value."""

from __future__ import annotations

import pytest

from laptop.snowflake.loading.evolution import check_new_columns, infer
from laptop.snowflake.loading.model import FileRefusedError
from laptop.snowflake.loading.records import JsonRecord, read_records


@pytest.mark.parametrize(
    ("value", "datatype"),
    [
        # Measured on an account by others.
        ("7", "NUMBER(1,0)"),
        ("12.5", "NUMBER(3,1)"),
        ('"upi"', "VARCHAR(16777216)"),
        ("true", "BOOLEAN"),
        ('"2026-10-06T10:00:02Z"', "TIMESTAMP_NTZ(9)"),
        ('"2026-10-06"', "DATE"),
        ('{"city": "Pune"}', "VARIANT"),
        ('["a", "b"]', "ARRAY"),
        # Documented for INFER_SCHEMA.
        ("1e3", "FLOAT"),
        ("1E2", "FLOAT"),
        # Neighbours.
        ("0", "NUMBER(1,0)"),
        ("-123", "NUMBER(3,0)"),
        ("100", "NUMBER(3,0)"),
        ("10.00", "NUMBER(2,0)"),
        ("9.99", "NUMBER(3,2)"),
        ("0.05", "NUMBER(2,2)"),
        ("9" * 38, "NUMBER(38,0)"),
        ("9" * 39, "FLOAT"),
        ("0." + "1" * 39, "FLOAT"),
        ('"2026-10-06 10:00"', "TIMESTAMP_NTZ(9)"),
        ('"2026-10-06T10:00:02.123+05:30"', "TIMESTAMP_NTZ(9)"),
        ('"Tue, 06 Oct 2026 10:00:02 +0000"', "TIMESTAMP_NTZ(9)"),
        ('"Tue Oct 06 10:00:02 +0000 2026"', "TIMESTAMP_NTZ(9)"),
        ('"10/6/2026 10:00:02"', "TIMESTAMP_NTZ(9)"),
        ('"06-OCT-2026"', "DATE"),
        ('"10/6/2026"', "DATE"),
        ('"10:00:02.5"', "TIME(9)"),
        ('"10:00"', "TIME(9)"),
        ('"2026-13-06"', "VARCHAR(16777216)"),
        ('"23:59:60"', "VARCHAR(16777216)"),
        # Not measured: the narrowest reading.
        ('"3067"', "NUMBER(4,0)"),
        ('"-1.50"', "NUMBER(2,1)"),
        ('"true"', "BOOLEAN"),
        ('"1e3"', "VARCHAR(16777216)"),
        ('"E2 8RS"', "VARCHAR(16777216)"),
        ('""', "VARCHAR(16777216)"),
        ("{}", "VARIANT"),
        ("[]", "ARRAY"),
        ("null", "None"),
    ],
)
def test_the_first_value_decides_the_type(value: str, datatype: str) -> None:
    (record,) = read_records(f'{{"key": {value}}}', strip_outer_array=True)
    assert isinstance(record, JsonRecord)
    assert str(infer(record.value["key"])) == datatype


@pytest.mark.parametrize(
    ("names", "code"),
    [({f"K{n}" for n in range(101)}, 691), ({""}, 904), ({"N" * 256}, 904), ({"A\0B"}, 904)],
    ids=["101", "empty", "long", "NUL"],
)
def test_columns_that_no_copy_may_add(names: set[str], code: int) -> None:
    with pytest.raises(FileRefusedError) as caught:
        check_new_columns(names)
    assert caught.value.error.code == code


def test_a_hundred_columns_may_be_added() -> None:
    check_new_columns({f"K{n}" for n in range(100)} - {"K0"} | {"N" * 255})
