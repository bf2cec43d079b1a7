"""The functions' environment variables: parsed, or refused with the name of the wrong one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from pipeline_monitor.settings import (
    CanaryTarget,
    MonitorSettings,
    WatchedPipe,
    read_canary_deployment,
    read_targets,
)
from snowflake_setup.session.errors import SetupError
from snowflake_setup.sql.identifiers import ObjectName

NAME = {"Database": "DB", "Schema": "RAW", "Name": "CLICKS"}
ENTRY = {"events": "clicks", "pipe": {**NAME, "Name": "PIPE"}, "table": NAME, "data_prefix": "events/"}
ENVIRONMENT = {
    "MONITOR_DEPLOYMENT": "clickstream-dev",
    "MONITOR_WINDOW_SECONDS": "300",
    "MONITOR_BUCKET": "lake",
    "MONITOR_FILE_AGE_SECONDS": "900",
    "MONITOR_PIPES": json.dumps([ENTRY]),
}


def test_the_monitor_reads_its_pipes() -> None:
    pipe, table = ObjectName.of("DB", "RAW", "PIPE"), ObjectName.of("DB", "RAW", "CLICKS")
    for given, evolution in ({}, False), ({"schema_evolution": True}, True):
        pipes = json.dumps([{**ENTRY, **given}])
        assert MonitorSettings.read({**ENVIRONMENT, "MONITOR_PIPES": pipes}) == MonitorSettings(
            deployment="clickstream-dev",
            window=timedelta(seconds=300),
            bucket="lake",
            file_age=timedelta(seconds=900),
            pipes=(WatchedPipe("clicks", pipe, table, "events/", schema_evolution=evolution),),
        )


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_missing_variable_is_named(missing: str) -> None:
    with pytest.raises(SetupError, match=missing):
        MonitorSettings.read({**ENVIRONMENT, missing: " "})


@pytest.mark.parametrize("seconds", ["0", "-60", "3601", "1.5", "five"])
def test_a_window_is_a_number_of_seconds(seconds: str) -> None:
    with pytest.raises(SetupError, match="MONITOR_WINDOW_SECONDS must be 1 to 3600"):
        MonitorSettings.read({**ENVIRONMENT, "MONITOR_WINDOW_SECONDS": seconds})


@pytest.mark.parametrize(
    ("pipes", "said"),
    [
        ("no JSON", "MONITOR_PIPES must be a JSON list"),
        ("{}", "MONITOR_PIPES must be a list of at least 1"),
        ("[]", "MONITOR_PIPES must be a list of at least 1"),
        ("[7]", r"MONITOR_PIPES\[0\] must be a mapping"),
        (json.dumps([{"events": "clicks", "table": NAME}]), r"MONITOR_PIPES\[0\]: pipe is missing"),
        (json.dumps([{**ENTRY, "pipe": {"Name": "P"}}]), r"MONITOR_PIPES\[0\].pipe: Database is missing"),
        (json.dumps([{**ENTRY, "tabel": NAME}]), r"MONITOR_PIPES\[0\]: unknown property tabel"),
    ],
)
def test_malformed_pipes_are_refused(pipes: str, said: str) -> None:
    with pytest.raises(SetupError, match=said):
        MonitorSettings.read({**ENVIRONMENT, "MONITOR_PIPES": pipes})


def test_the_canary_reads_its_streams() -> None:
    targets: list[dict[str, Any]] = [
        {"events": "clicks", "kind": "kinesis", "name": "s"},
        {"events": "orders", "kind": "firehose", "name": "d"},
    ]
    assert read_targets({"CANARY_TARGETS": json.dumps(targets)}) == (
        CanaryTarget("clicks", "kinesis", "s"),
        CanaryTarget("orders", "firehose", "d"),
    )
    assert read_canary_deployment({"CANARY_DEPLOYMENT": "clickstream-test"}) == "clickstream-test"
    with pytest.raises(SetupError, match="CANARY_DEPLOYMENT"):
        read_canary_deployment({})


def test_an_unknown_kind_of_stream_is_refused() -> None:
    text = json.dumps([{"events": "clicks", "kind": "sqs", "name": "s"}])
    with pytest.raises(SetupError, match="kind must be one of firehose, kinesis, got 'sqs'"):
        read_targets({"CANARY_TARGETS": text})
