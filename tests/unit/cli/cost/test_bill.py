"""Bills computed by hand, line by line."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cli.cost.bill import bill, by_item
from cli.cost.events import event_quantities
from cli.cost.inventory import inventory
from cli.cost.pieces import credits_without_load_history
from cli.cost.prices import load_prices
from cli.cost.traffic import Traffic
from producer import LIMITS, Event
from producer.packing import Packer
from tests.unit.cli.cost.templates import (
    DAY,
    GIB,
    MIB_A_MONTH,
    SECONDS,
    STORED_GB_A_MONTH,
    THOUSAND,
    template,
)


def usd(traffic: Traffic, **changes: Any) -> dict[str, float]:
    lines = bill(inventory([template(**changes)]), traffic, load_prices())
    return {item: found for (_, item), found in by_item(lines).items()}


@pytest.mark.parametrize(
    ("changes", "item", "expected"),
    [
        ({}, "ingestion, records rounded up to 5 KB", (6 * 13 + 2) * 5120 * SECONDS / GIB * 0.029),
        ({}, "stream on demand", 730 * 0.04),
        ({}, "written, records rounded up to 1 KB", (6 * 64 + 9) * 1024 * SECONDS / GIB * 0.08),
        ({}, "read by Firehose", (6 * 64 + 9) * 1024 * SECONDS / GIB * 0.04),
        ({"hours": 72}, "retention to 7 days", (6 * 64 + 9) * 1024 * 3600 / GIB * 48 * 0.10),
        ({"hours": 200}, "retention to 7 days", (6 * 64 + 9) * 1024 * 3600 / GIB * 144 * 0.10),
        ({"hours": 200}, "retention past 7 days", (6 * 64 + 9) * 1024 * 3600 / GIB * 32 * 0.023),
        ({"mode": "PROVISIONED", "shards": 2}, "shards", 2 * 730 * 0.015),
        ({"mode": "PROVISIONED"}, "PUT payload units of 25 KB", (6 * 3 + 1) * SECONDS / 1e6 * 0.014),
        ({"mode": "PROVISIONED", "shards": 2, "hours": 72}, "retention to 7 days", 2 * 730 * 0.02),
        ({}, "calls of the gate", MIB_A_MONTH / 1e6 * 0.20),
        ({}, "work of the gate", MIB_A_MONTH * (0.15 + 0.02 * 0.5) * 0.0000133334),
        ({}, "files written by Firehose", SECONDS / 60 / 1000 * 0.005),
        ({"interval": 15}, "files written by Firehose", 3 * SECONDS / 15 / 1000 * 0.005),
        ({"interval": 900}, "files written by Firehose", MIB_A_MONTH / 128 / 1000 * 0.005),
        ({}, "files read by Snowpipe", SECONDS / 60 / 1000 * 0.0004),
        ({}, "moves to infrequent access", SECONDS / 60 / 1000 * 0.01),
        ({}, "events in standard storage", STORED_GB_A_MONTH * 30 * DAY * 0.023),
        ({}, "events in infrequent access", STORED_GB_A_MONTH * 400 * DAY * 0.0125),
        ({}, "Snowpipe, by uncompressed GB", 1000 * 400 * SECONDS / 1e9 * 0.0037 * 3),
        ({}, "rows, kept as long as the files", 1000 * 400 * SECONDS / 8 / 1e12 * 430 * DAY * 23),
        ({}, "warehouse of the monitor", (SECONDS / 86_400 + 30 * 3.3) * 63 / 3600 * 3),
        ({}, "cloud services of the monitor", (SECONDS / 60 * 2 + SECONDS / 300 * 4) * 0.00002 * 3),
        ({}, "reads of error tables", 30 * 63 / 3600 * 3),
        ({"lag": 60}, "refreshes of dynamic tables", 730 * 63 / 3600 * 3),
        ({}, "metrics read by the monitor", SECONDS / 300 * 4 / 1000 * 0.01),
        ({}, "scheduled calls", SECONDS / 300 / 1e6 * 0.20),
        ({}, "scheduled work", SECONDS / 300 * 2 * 0.5 * 0.0000166667),
        ({}, "schedules", SECONDS / 300 / 1e6 * 1.0),
        ({}, "files listed by the monitor", SECONDS / 300 / 1000 * 0.005),
        ({}, "logs of the gate", MIB_A_MONTH * 1000 / GIB * 0.50),
        ({}, "alarms, by their metrics", 2 * 0.10 + 0.30),  # one has a period of 10 seconds
        ({}, "composite alarms", 0.50),
        ({}, "dashboards", 3.0),
        ({}, "custom metrics", (16 + 1 + 3) * 0.30),
        ({}, "S3's request metrics", 16 * 0.30),
        ({}, "customer keys", 1.0),
        ({}, "secrets", 0.40),
        ({}, "notifications by email", 100 / 100_000 * 2),
        ({}, "sample producer", 730 * 0.0084),
        ({}, "its address", 730 * 0.005),
    ],
)
def test_a_line_is_what_it_is_by_hand(changes: dict[str, Any], item: str, expected: float) -> None:
    assert usd(THOUSAND, **changes)[item] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("traffic", "item", "expected"),
    [
        # Without packing, each event is a record: 5 KB at Firehose, 1 KB at Kinesis.
        (
            Traffic(events_per_second=1000, bytes=400, packed=False),
            "ingestion, records rounded up to 5 KB",
            1000 * 5120 * SECONDS / GIB * 0.029,
        ),
        # A slow producer makes a record of each event; so do ten that share one event a second.
        (
            Traffic(events_per_second=0.1, bytes=400),
            "ingestion, records rounded up to 5 KB",
            0.1 * 5120 * SECONDS / GIB * 0.029,
        ),
        (
            Traffic(events_per_second=1, bytes=400, producers=10),
            "ingestion, records rounded up to 5 KB",
            5120 * SECONDS / GIB * 0.029,
        ),
        # Twenty producers: 50 events, 19,999 bytes, four times 5 KB each.
        (
            Traffic(events_per_second=1000, bytes=400, producers=20),
            "ingestion, records rounded up to 5 KB",
            20 * 4 * 5120 * SECONDS / GIB * 0.029,
        ),
        # No call without an event; files below 128 KB stay in standard storage.
        (Traffic(events_per_second=0.01, bytes=400), "calls of the gate", 0.01 * SECONDS / 1e6 * 0.20),
        (
            Traffic(events_per_second=10, bytes=400),
            "events in standard storage",
            10 * 400 * SECONDS / 8 / GIB * 430 * DAY * 0.023,
        ),
        # A million events a second pass the first tiers: 500 TB and 1.5 PB.
        (
            Traffic(events_per_second=1_000_000, bytes=5120 * 16 + 1, packed=False),
            "ingestion, records rounded up to 5 KB",
            512_000 * 0.029 + 1_536_000 * 0.025 + (1e6 * 16 * 5120 * SECONDS / GIB - 2_048_000) * 0.020,
        ),
    ],
)
def test_other_traffic_is_billed_as_by_hand(traffic: Traffic, item: str, expected: float) -> None:
    assert usd(traffic)[item] == pytest.approx(expected, rel=1e-9)


def test_nothing_is_billed_for_what_is_not_there() -> None:
    items = usd(Traffic(events_per_second=10, bytes=400), gate=False)
    assert not {"work of the gate", "moves to infrequent access", "retention to 7 days"} & items.keys()
    idle = usd(Traffic(events_per_second=0, bytes=400))
    assert "files written by Firehose" not in idle
    assert idle["stream on demand"] == 730 * 0.04
    assert inventory([]).pieces.total() == 0
    assert bill(inventory([]), THOUSAND, load_prices()) == []


@pytest.mark.parametrize(
    ("rate", "size"), [(1, 286), (50, 286), (1000, 400), (229, 286), (3000, 1000), (7, 200_000)]
)
def test_records_are_those_of_the_packer(rate: int, size: int) -> None:
    packer = Packer(LIMITS["firehose"])
    events = [Event(1, "e", b"x" * (size - 1))] * rate
    packed = [record for event in events for record in packer.add(event)] + packer.take()
    computed = Traffic(events_per_second=rate, bytes=size).billed(5120) / SECONDS
    assert computed == sum(math.ceil(len(record.data) / 5120) * 5120 for record in packed)


def test_a_warehouse_is_never_suspended_by_a_short_window() -> None:
    given = load_prices().assumptions
    hours = {window: credits_without_load_history(window, given) for window in (10, 60, 63, 900)}
    assert hours == {10: 730, 60: 730, 63: 730, 900: pytest.approx(730 * 63 / 900)}


@pytest.mark.parametrize(
    ("traffic", "shards"),
    [
        (Traffic(events_per_second=1000, bytes=400), 1),
        (Traffic(events_per_second=3000, bytes=400, peak=2), 3),  # 2.3 MiB/s
        (Traffic(events_per_second=1500, bytes=400, peak=1, packed=False), 2),  # 1,500 records/s
        (Traffic(events_per_second=0, bytes=400), 1),
    ],
)
def test_shards_carry_the_peak(traffic: Traffic, shards: int) -> None:
    assert traffic.shards == shards


def test_kinds_of_event_share_the_traffic() -> None:
    one, two = template(), template()
    two["Resources"] = {f"Other{name}": resource for name, resource in two["Resources"].items()}
    two["Resources"].pop("OtherSchedule")
    found = inventory([one, two])
    ingested = [
        q for _, item, q, _ in event_quantities(found, THOUSAND, load_prices().assumptions) if "5 KB" in item
    ]
    # 500 events: three records of 163, and one of 11 with 4,399 bytes.
    assert ingested == [pytest.approx((3 * 13 + 1) * 5120 * SECONDS / GIB)] * 2
