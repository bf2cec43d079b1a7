"""The answer of SYSTEM$PIPE_STATUS, in which most fields are optional."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowflake_setup.sql.pipe_state import PipeState
from snowflake_setup.sql.timestamps import timestamp

TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
)
ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "executionState": st.sampled_from(["RUNNING", "PAUSED", "STALLED_EXECUTION_ERROR"]),
            "pendingFileCount": st.none() | st.integers(0, 10**6),
            "oldestFileTimestamp": st.none() | TIMES.map(lambda time: time.isoformat()),
            "lastIngestedTimestamp": st.none() | TIMES.map(lambda time: time.isoformat()),
            "lastIngestedFilePath": st.none() | st.text(),
            "error": st.text(),
            "somethingNew": st.none() | st.integers(),
        },
    )
)
def test_missing_fields_do_not_affect_the_others(answer: dict[str, Any]) -> None:
    state = PipeState.read({"status": json.dumps(answer)})
    assert state.execution == answer.get("executionState", "")
    assert state.pending == (answer.get("pendingFileCount") or 0)
    assert (state.oldest_pending is None) == (answer.get("oldestFileTimestamp") is None)
    assert state.running == (answer.get("executionState") == "RUNNING")


@pytest.mark.parametrize("answer", ["", "RUNNING", "[]", "null", '"RUNNING"'])
def test_an_answer_that_is_not_a_json_object_is_an_error(answer: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|a JSON object"):
        PipeState.read({"status": answer})


@given(TIMES, ZONES)
def test_a_time_is_the_same_in_every_format(time: datetime, zone: timezone) -> None:
    there = time.astimezone(zone)
    spellings = [
        there,
        there.isoformat(),
        there.isoformat(sep=" ", timespec="milliseconds"),
        f"{there:%Y-%m-%d %H:%M:%S}.{there.microsecond // 1000:03d} {there:%z}",
        f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}000000Z",
        f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d} Z",
        round(time.timestamp() * 1000),
    ]
    assert {timestamp(spelling) for spelling in spellings} == {time}
    assert timestamp(format_datetime(time, usegmt=True)) == time.replace(microsecond=0)
