"""The choice of the cheapest alternative, the comparison of bills, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.cost.alternatives import Alternative, alternatives, cheapest_within, price
from cli.cost.bill import bill, total
from cli.cost.inventory import inventory
from cli.cost.prices import load_prices
from cli.cost.shown import compared, notes
from cli.cost.traffic import Traffic
from cli.main import app
from config.files import load_config
from tests.unit.cli.cost.templates import THOUSAND, template


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
    config = load_config("local").model_copy(update={"region": region})
    prices = load_prices()
    found = notes(price(Alternative(name="x", config=config, traffic=traffic), [templates], prices), prices)
    assert len(found) == len(said)
    assert all(part in note for part, note in zip(said, found, strict=True))


def test_a_login_that_rest_apis_may_refuse_is_said() -> None:
    prices = load_prices()
    (note,) = notes(price(alternative("x"), [template()], prices), prices)
    assert "refuses its workload identity" in note
    assert f"add {730 * 3600 / 300 * 63 / 3600 * 3:,.0f} USD" in note


def test_alternatives_are_valid_configs_of_the_same_events() -> None:
    found = {each.name: each for each in alternatives(load_config("prod"), THOUSAND)}
    assert len(found) == 3 * 5 + 2
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
