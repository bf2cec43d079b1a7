"""`clickstream cost`: bills computed by hand, prices of one's own, and the choice of the cheapest."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.cost.alternatives import Alternative, alternatives, cheapest_within, price
from cli.cost.bill import bill, by_item, total
from cli.cost.events import event_quantities
from cli.cost.inventory import inventory
from cli.cost.pieces import warehouse_credits
from cli.cost.prices import OURS, load_prices
from cli.cost.shown import compared, notes
from cli.cost.traffic import Traffic
from cli.main import app
from cli.output import CommandError
from config.files import load_config
from producer import LIMITS, Event
from producer.packing import Packer

SECONDS = 730 * 3600
GIB = 2**30


def template(**changes: Any) -> dict[str, Any]:
    """One kind of event: a Data Stream on demand, 60 s of buffer, a gate, events kept 400 days, a monitor."""
    given = {
        "mode": "ON_DEMAND",
        "shards": 1,
        "hours": 24,
        "interval": 60,
        "gate": True,
        "expire": 400,
        **changes,
    }
    monitor = {"MONITOR_PIPES": json.dumps([{"data_prefix": "events/"}]), "MONITOR_WINDOW_SECONDS": "300"}
    resources = {
        "Stream": {
            "StreamModeDetails": {"StreamMode": given["mode"]},
            "ShardCount": given["shards"],
            "RetentionPeriodHours": given["hours"],
        },
        "Delivery": {
            "ExtendedS3DestinationConfiguration": {
                "Prefix": "events/dt=!{timestamp:yyyy-MM-dd}/",
                "BufferingHints": {"IntervalInSeconds": given["interval"], "SizeInMBs": 128},
                "ProcessingConfiguration": {
                    "Enabled": given["gate"],
                    "Processors": [
                        {
                            "Parameters": [
                                {"ParameterName": "BufferIntervalInSeconds", "ParameterValue": "10"},
                                {"ParameterName": "BufferSizeInMBs", "ParameterValue": "1"},
                            ]
                        }
                    ],
                },
            }
        },
        "Gate": {
            "MemorySize": 512,
            "Architectures": ["arm64"],
            "Environment": {"Variables": {"GATE_DEPLOYMENT": "clickstream-test"}},
        },
        "Lake": {
            "LifecycleConfiguration": {
                "Rules": [
                    {"Prefix": "events/", "Transitions": [{"TransitionInDays": 30}]},
                    {"Prefix": "events/", "ExpirationInDays": given["expire"]},
                    {"Prefix": "errors/", "ExpirationInDays": 7},
                    {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
                ]
            },
            "MetricsConfigurations": [{"Id": "errors"}],
        },
        "Monitor": {"MemorySize": 512, "Environment": {"Variables": monitor}},
        "Schedule": {
            "ScheduleExpression": "rate(5 minutes)",
            "Targets": [{"Arn": {"Fn::GetAtt": ["Monitor", "Arn"]}}],
        },
        "Alarm": {"Period": 300},
        "MathAlarm": {
            "Metrics": [{"Expression": "a + b"}, *[{"MetricStat": {"Period": p}} for p in (60, 10)]]
        },
        "Mail": {"Protocol": "email"},
        "Producer": {"LaunchTemplateData": {"InstanceType": "t4g.micro"}},
        "Secret": {},
        "Key": {},
        "Dashboard": {},
        "Together": {},
    }
    types = {
        "Stream": "AWS::Kinesis::Stream",
        "Delivery": "AWS::KinesisFirehose::DeliveryStream",
        "Gate": "AWS::Lambda::Function",
        "Lake": "AWS::S3::Bucket",
        "Monitor": "AWS::Lambda::Function",
        "Schedule": "AWS::Events::Rule",
        "Alarm": "AWS::CloudWatch::Alarm",
        "MathAlarm": "AWS::CloudWatch::Alarm",
        "Mail": "AWS::SNS::Subscription",
        "Producer": "AWS::EC2::LaunchTemplate",
        "Secret": "AWS::SecretsManager::Secret",
        "Key": "AWS::KMS::Key",
        "Dashboard": "AWS::CloudWatch::Dashboard",
        "Together": "AWS::CloudWatch::CompositeAlarm",
    }
    return {"Resources": {name: {"Type": types[name], "Properties": resources[name]} for name in resources}}


def usd(traffic: Traffic, **changes: Any) -> dict[str, float]:
    lines = bill(inventory([template(**changes)]), traffic, load_prices())
    return {item: found for (_, item), found in by_item(lines).items()}


# 1,000 events of 400 bytes a second. A record of 64 KiB holds 163: six records of 65,199 bytes, and one of the other 22
# with 8,799 bytes. Firehose bills 13 and 2 times 5 KB, Kinesis 64 and 9 times 1 KB, or 3 and 1 units of 25 KB.
THOUSAND = Traffic(events_per_second=1000, bytes=400)
MIB_A_MONTH = 1000 * 400 * SECONDS / 2**20
STORED_GB_A_MONTH = 1000 * 400 * SECONDS / 8 / GIB
DAY = 86_400 / SECONDS  # in months


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
        ({}, "warehouse of the monitor", SECONDS / 300 * 63 / 3600 * 3),
        ({}, "scheduled calls", SECONDS / 300 / 1e6 * 0.20),
        ({}, "scheduled work", SECONDS / 300 * 2 * 0.5 * 0.0000166667),
        ({}, "schedules", SECONDS / 300 / 1e6 * 1.0),
        ({}, "files listed by the monitor", SECONDS / 300 * 2 / 1000 * 0.005),
        ({}, "logs of the gate", MIB_A_MONTH * 1000 / GIB * 0.50),
        ({}, "alarms, by their metrics", 2 * 0.10 + 0.30),  # one has a period of 10 seconds
        ({}, "composite alarms", 0.50),
        ({}, "dashboards", 3.0),
        ({}, "custom metrics", (15 + 1 + 3) * 0.30),
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
    hours = {window: warehouse_credits(window, given) for window in (10, 60, 63, 900)}
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


def test_other_prices_replace_only_themselves(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'region = "eu-central-1"\n[snowflake.usd]\ncredit = 2.6\n[firehose.usd]\nGB = [[0, 0.1], [10, 0.01]]\n'
        "[assumptions]\ncompression = 4\n"
    )
    ours, mine = load_prices(), load_prices(file)
    assert (mine.region, mine.date) == ("eu-central-1", ours.date)
    assert mine.usd("snowflake", "credit", 10) == 26
    assert mine.usd("snowflake", "TB-month", 1) == ours.usd("snowflake", "TB-month", 1)
    assert mine.usd("firehose", "GB", 110) == pytest.approx(2)
    assert mine.assumptions["compression"] == 4
    assert mine.services["snowflake"].source == "--prices"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fire]\n", "the file has 'fire'; allowed are date, region, assumptions, kinesis"),
        ("[firehose.usd]\nTB = 1\n", "[firehose.usd] has 'TB'; allowed are GB"),
        ("firehose = 1\n", "[firehose] is no table"),
        ("[kms.usd]\nkey = -1\n", "-1 is no number of 0 or more"),
        ("[kms.usd]\nkey = 'x'\n", "'x' is no number"),
        ("[kms.usd]\nkey = [[5, 1]]\n", "tiers begin at 0 and go up"),
        ("[kms.usd]\nkey = [5, 1]\n", "is no number"),
        ("[assumptions]\nspeed = 1\n", "[assumptions] has 'speed'; allowed are compression"),
        ("[[", "cannot be used: "),
    ],
)
def test_prices_that_cannot_be_used_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(CommandError) as refused:
        load_prices(tmp_path / "mine.toml")
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_each_price_has_a_date_a_page_and_its_check() -> None:
    prices = load_prices()
    assert prices.date == str(tomllib.loads(OURS.read_text())["date"]) >= "2026-11-28"
    for service in prices.services.values():
        assert service.source.startswith("https://")
        assert service.checked


def alternative(name: str, **changes: Any) -> Alternative:
    return Alternative(**{"name": name, "config": load_config("dev"), "traffic": THOUSAND, **changes})


def test_the_cheapest_is_in_time_carries_the_traffic_and_keeps_guarantees() -> None:
    prices = load_prices()
    configured = price(alternative("on demand"), [template()], prices)
    late = price(alternative("late"), [template(interval=900)], prices)
    ungated = price(alternative("no gate", keeps_guarantees=False), [template(gate=False)], prices)
    some = [configured, late, ungated]
    assert configured.seconds == 1 + 1 + 10 + 60 + 60
    assert (late.seconds, ungated.seconds) == (972, 122)
    assert cheapest_within(132, some) is configured
    assert cheapest_within(972, some) is late
    assert cheapest_within(100, some) is None
    busy = Traffic(events_per_second=3000, bytes=400)
    small, enough = (
        price(alternative("shards", traffic=busy), [template(mode="PROVISIONED", shards=shards)], prices)
        for shards in (2, 3)
    )
    assert small.usd < enough.usd
    assert cheapest_within(132, [small, enough]) is enough


@pytest.mark.parametrize(
    ("region", "traffic", "templates", "said"),
    [
        ("", THOUSAND, template(), []),
        ("us-east-1", THOUSAND, template(), []),
        (
            "eu-west-1",
            THOUSAND,
            template(),
            ["the environment is in eu-west-1, and the prices are those of us-east-1"],
        ),
        (
            "",
            Traffic(events_per_second=3000, bytes=400),
            template(mode="PROVISIONED"),
            ["3 are needed for 2 times"],
        ),
        ("", THOUSAND, template(expire=0), ["events never expire"]),
        ("", THOUSAND, {"Resources": {"New": {"Type": "AWS::X::Y"}}}, ["not counted: AWS::X::Y"]),
    ],
)
def test_what_a_bill_leaves_out_is_said(
    region: str, traffic: Traffic, templates: dict[str, Any], said: list[str]
) -> None:
    config = load_config("dev").model_copy(update={"region": region})
    prices = load_prices()
    found = notes(price(Alternative(name="x", config=config, traffic=traffic), [templates], prices), prices)
    assert len(found) == len(said)
    assert all(part in note for part, note in zip(said, found, strict=True))


def test_alternatives_are_valid_configs_of_the_same_events() -> None:
    found = {each.name: each for each in alternatives(load_config("prod"), THOUSAND)}
    assert len(found) == 3 * 5 + 3
    assert next(iter(found)) == "as configured: Data Stream on demand, buffer 60 s"
    direct = found["Direct PUT, buffer 300 s"]
    assert (direct.config.streaming.source, direct.config.streaming.buffer_interval_seconds) == (
        "direct_put",
        300,
    )
    assert "replay" in direct.gives_up
    assert found["Data Stream of 1 shard, buffer 60 s"].config.streaming.kinesis.mode == "provisioned"
    assert not found["without the gate"].keeps_guarantees
    assert {each.config.env for each in found.values()} == {"prod"}


def test_what_is_no_valid_config_is_no_alternative() -> None:
    """A stream has 10,000 shards at most."""
    many = Traffic(events_per_second=1e8, bytes=400)
    names = [each.name for each in alternatives(load_config("prod"), many)]
    assert "Direct PUT, buffer 60 s" in names
    assert not [name for name in names if "shards" in name]


def test_bills_are_compared_line_by_line() -> None:
    prices = load_prices()
    before, after = (
        bill(inventory([template(interval=seconds, gate=gate)]), THOUSAND, prices)
        for seconds, gate in ((60, True), (15, False))
    )
    rows = [tuple(cell.strip() for cell in row) for row in compared(before, after)]
    assert rows[0] == ("service", "item", "before", "after", "difference")
    assert ("S3", "files written by Firehose", "0.22", "2.63", "+2.41") in rows
    assert ("Lambda", "calls of the gate", "0.20", "0.00", "-0.20") in rows
    assert rows[-1] == (
        "total",
        "",
        f"{total(before):,.2f}",
        f"{total(after):,.2f}",
        f"{total(after) - total(before):+,.2f}",
    )
    assert not [row for row in rows if row[1] == "dashboards"]


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """The `cdk.out` of one stack."""
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "x.template.json", "tags": {"env": "dev"}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"clickstream-dev-X": artifact}}))
    (tmp_path / "x.template.json").write_text(json.dumps(template()))
    return tmp_path


def run(assembly: Path, *arguments: str) -> Result:
    options = ["--env", "dev", "--events-per-second", "1000", "--assembly", str(assembly)]
    return CliRunner().invoke(app, ["cost", *options, *arguments])


def test_the_command_prints_a_table_and_json(assembly: Path) -> None:
    table = run(assembly)
    assert table.exit_code == 0
    assert "2,628.0 million events, 979.0 GB a month" in table.stdout
    assert "List prices of us-east-1, 2026-" in table.stdout
    document = json.loads(run(assembly, "--json").stdout)
    assert f"{document['usd_a_month']:,.2f}" in table.stdout
    assert sum(line["usd"] for line in document["lines"]) == pytest.approx(document["usd_a_month"], abs=0.01)
    assert document["prices"]["sources"]["S3"] == "https://aws.amazon.com/s3/pricing/"
    assert (document["freshness"], document["traffic"]["bytes"]) == (132, 400)
    assert document["cheapest"] == document["name"] == "as configured: Data Stream of 1 shard, buffer 60 s"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--freshness", "132s"], 0, ""),
        (["--freshness", "1m"], 3, "no alternative has its rows within 60 s; the freshest is as configured"),
        (["--freshness", "soon"], 2, "--freshness 'soon' is no time such as 90s, 5m or 1h"),
        (["--env", "prod"], 2, "holds environment dev, not prod"),
        (["--bytes", "0"], 2, "greater than or equal to 2"),
    ],
)
def test_exit_codes_say_what_went_wrong(assembly: Path, arguments: list[str], code: int, said: str) -> None:
    done = run(assembly, *arguments)
    message = done.stderr + str(done.exception or "")
    assert (getattr(done.exception, "exit_code", done.exit_code), said in message) == (code, True), message
