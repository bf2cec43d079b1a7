"""Metrics from canaries: freshness and end-to-end latency."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.metrics import Measure
from pipeline_monitor.statements import CanaryRows, LoadHistory, Query
from snowflake_setup.session.errors import SnowflakeError
from tests.unit.pipeline_monitor.fakes import FakeWarehouse, Load, round_of
from tests.unit.pipeline_monitor.measuring import FIVE, MINUTE, NOON, by_time, measured


def test_freshness_is_the_age_of_the_newest_canary_in_the_table() -> None:
    loads = [
        Load(NOON - timedelta(seconds=60 * ago), canary=NOON - timedelta(seconds=60 * ago + 40))
        for ago in (3, 2, 1)
    ]
    assert measured(FakeWarehouse(NOON, loads))["EndToEndFreshness", NOON] == 100


@pytest.mark.parametrize("hours", [2, 23, 1000])
def test_freshness_grows_in_an_outage_without_reading_old_rows(hours: int) -> None:
    """A day of rows may be billions; the newest row is in the table's metadata."""
    warehouse = FakeWarehouse(NOON + timedelta(hours=hours), [Load(NOON, seconds=0, canary=NOON - MINUTE)])
    assert measured(warehouse)["EndToEndFreshness", warehouse.now] == hours * 3600
    (read,) = [statement for statement in warehouse.asked if isinstance(statement, CanaryRows)]
    assert warehouse.now - read.since <= timedelta(minutes=80)


def test_other_rows_do_not_hide_that_no_canary_arrives() -> None:
    now = NOON + timedelta(hours=5)
    loads = [Load(NOON, canary=NOON - MINUTE), Load(now - MINUTE)]
    assert measured(FakeWarehouse(now, loads))["EndToEndFreshness", now] == 75 * 60


def test_an_empty_table_is_late_since_the_first_canary_could_have_been_a_row() -> None:
    assert measured(FakeWarehouse(NOON))["EndToEndFreshness", NOON] == 75 * 60


def test_a_forged_canary_from_the_future_does_not_hide_an_outage() -> None:
    real = Load(NOON, canary=NOON - MINUTE)
    forged = [Load(NOON, rows=n, canary=NOON + timedelta(hours=n)) for n in range(1, 24)]
    for hours in (1, 3, 12):
        later = NOON + timedelta(hours=hours)
        assert measured(FakeWarehouse(later, [real, *forged]))["EndToEndFreshness", later] >= hours * 3600


def test_a_small_clock_difference_loses_no_canary() -> None:
    loads = [Load(NOON, canary=NOON + timedelta(seconds=30))]
    assert measured(FakeWarehouse(NOON + MINUTE, loads))["EndToEndFreshness", NOON + MINUTE] == 30


def test_end_to_end_latency_is_from_sending_the_canary_to_the_commit_of_its_file() -> None:
    loads = [
        Load(NOON + timedelta(seconds=10), canary=NOON - timedelta(seconds=30)),
        Load(NOON + timedelta(seconds=80), canary=NOON + timedelta(seconds=30)),
    ]
    found = measured(FakeWarehouse(NOON + 2 * FIVE, loads))
    assert (found["EndToEndLatencyP50", NOON], found["EndToEndLatencyP95", NOON]) == (40, 50)


def test_a_duplicate_canary_counts_with_its_first_arrival() -> None:
    sent = NOON - MINUTE
    loads = [Load(NOON + timedelta(seconds=s), canary=sent) for s in (5, 95)]
    assert measured(FakeWarehouse(NOON + 2 * FIVE, loads))["EndToEndLatencyP95", NOON] == 65


def test_load_metrics_are_published_if_the_canaries_cannot_be_read() -> None:
    def refuse(statement: Query) -> None:
        if isinstance(statement, CanaryRows):
            raise SnowflakeError("invalid identifier 'SOURCE_FILE'", code=904)

    found = round_of("history", FakeWarehouse(NOON, [Load(NOON)], refuse=refuse))
    assert "SOURCE_FILE" in found.failures["clicks"]
    assert by_time(found.measures["clicks"])["FilesLoaded", NOON] == 1


def test_freshness_is_published_if_the_load_history_cannot_be_read() -> None:
    def refuse(statement: Query) -> None:
        if isinstance(statement, LoadHistory):
            raise SnowflakeError("out of reach")

    loads = [Load(NOON, canary=NOON - MINUTE)]
    found = round_of("history", FakeWarehouse(NOON, loads, refuse=refuse))
    assert found.measures["clicks"] == [Measure(PipeMetric.END_TO_END_FRESHNESS, 60, "Seconds", NOON)]
