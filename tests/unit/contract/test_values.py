"""Valid values that their column would not give back are found."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from contract import SnowflakeType
from contract.values import misfit_of


def problem(kind: SnowflakeType, value: Any) -> str | None:
    misfit = misfit_of(kind)
    assert misfit is not None
    return misfit(value)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22T10:15:30Z",
        "2026-11-22T10:15:30.123456789+14:00",
        "0001-01-01T00:00:00-00:00",
        "9999-12-31T23:59:59.999999999Z",
        "2026-11-22T10:15:59.60Z",
    ],
)
def test_times_that_fit(moment: str) -> None:
    assert problem("TIMESTAMP_TZ", moment) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (
            "2016-12-31T23:59:60Z",
            "a leap second, which Snowflake does not have; send second 59 or the next minute",
        ),
        (
            "2016-12-31T23:59:60.5+00:00",
            "a leap second, which Snowflake does not have; send second 59 or the next minute",
        ),
        ("0000-01-01T00:00:00Z", "year 0, which Snowflake does not have"),
        ("2026-11-22t10:15:30Z", "T and Z must be capital letters"),
        ("2026-11-22T10:15:30z", "T and Z must be capital letters"),
        ("2026-11-22T10:15:30.0000000001Z", "a column keeps nine digits of a second"),
        ("2026-11-22T10:15:30+14:01", "no time zone is more than 14 hours from UTC"),
        ("2026-11-22T10:15:30-23:00", "no time zone is more than 14 hours from UTC"),
    ],
)
def test_times_that_do_not(moment: str, expected: str) -> None:
    assert problem("TIMESTAMP_TZ", moment) == expected


@pytest.mark.parametrize("value", ["noon", 5, None, ["2016-12-31T23:59:60Z"], {}, True])
def test_what_the_contract_refuses_is_left_to_it(value: Any) -> None:
    assert [problem(kind, value) for kind in get_args(SnowflakeType) if misfit_of(kind)] == [None] * 4


def test_days() -> None:
    assert problem("DATE", "0001-01-01") is None
    assert problem("DATE", "0000-12-31") == "year 0, which Snowflake does not have"


def test_integers_written_as_other_numbers() -> None:
    assert problem("NUMBER(38,0)", 10**37 + 1) is None
    assert problem("NUMBER(38,0)", float(2**53)) is None
    assert (
        problem("NUMBER(38,0)", float(2**53 + 2)) == "write so large an integer without a point or exponent"
    )
    assert problem("NUMBER(38,0)", -1e20) == "write so large an integer without a point or exponent"


def test_integers_in_a_column_of_doubles() -> None:
    assert problem("FLOAT", 2**53) is None
    assert problem("FLOAT", 10**22) is None
    assert problem("FLOAT", 2**53 + 1) == "has more digits than a column keeps"
    assert problem("FLOAT", -(10**37) - 1) == "has more digits than a column keeps"


def test_all_texts_and_documents_fit() -> None:
    assert [misfit_of(kind) for kind in ("VARCHAR", "BOOLEAN", "VARIANT")] == [None] * 3
