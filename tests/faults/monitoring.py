"""The monitor Lambda, invoked as by its schedule, with a list in place of CloudWatch."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from laptop.testing.snowflake import KeyPair
from pipeline_monitor import handler
from pipeline_monitor import lake as event_lake
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.secrets import fields_of
from snowflake_setup.sql.secret import Secret
from tests.faults.cloudformation import Stack
from tests.faults.flows import LANDING
from tests.faults.invocation import Settings, invoke
from tests.faults.templates import BUCKET, ORDER, PREFIX, Properties
from tests.faults.world import CONFIG, LOGIN_ARN, World, world

_NAME = ("Database", "Schema", "Name")
TABLE, PIPE, STAGE = (
    ".".join(f'"{LANDING[kind][part]}"' for part in _NAME) for kind in ("Table", "Pipe", "Stage")
)
WATCHED: list[dict[str, Any]] = [
    {
        "events": "clicks",
        "pipe": {part: LANDING["Pipe"][part] for part in _NAME},
        "table": {part: LANDING["Table"][part] for part in _NAME},
        "data_prefix": PREFIX,
    }
]
# The columns that identify canaries; the other cases do without them.
_MORE_COLUMNS = [
    {"Name": "EVENT_TYPE", "Type": "VARCHAR"},
    {"Name": "LOADED_AT", "Type": "TIMESTAMP_LTZ"},
]
_LOADED_AT = {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"}
_LANDING: dict[str, Properties] = {
    **LANDING,
    "Table": {**LANDING["Table"], "Columns": [*LANDING["Table"]["Columns"], *_MORE_COLUMNS]},
    "Pipe": {**LANDING["Pipe"], "Metadata": [*LANDING["Pipe"]["Metadata"], _LOADED_AT]},
}


@contextlib.contextmanager
def deployed(key: KeyPair, *before: str) -> Iterator[World]:
    """An account where the landing is deployed after these statements."""
    with world(key) as there:
        there.run("ACCOUNTADMIN", *before)
        stack = Stack(lambda event: invoke(event, there.settings, seconds=20))
        for logical_id in ORDER:
            answer = stack.create(logical_id, _LANDING[logical_id])
            assert answer.status == "ok", answer.reason
        yield there


@dataclass
class Run:
    """The metrics a run published, by kind of event and name, and the reason if it failed."""

    published: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    failure: str = ""
    log: str = ""


def run_monitor(
    patch: pytest.MonkeyPatch,
    job: str,
    settings: Settings,
    *,
    seconds: float = 60,
    window: int = 300,
    watched: Sequence[Mapping[str, Any]] = WATCHED,
    lake: Mapping[str, datetime] = MappingProxyType({}),
    before: datetime | None = None,
) -> Run:
    """One invocation, logged in as the monitor's user; the lake has these keys, each with the time of its writing.

    `before` is the time of the last report and complete comparison, in which no file was missing.
    """
    run, log = Run(), io.StringIO()
    ends = time.monotonic() + seconds

    class Secrets:
        def read(
            self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
        ) -> dict[str, Secret]:
            return fields_of(settings.secrets[arn], arn=arn, required=required, optional=optional)

    class CloudWatch:
        def get_paginator(self, operation: str) -> Any:
            assert operation == "get_metric_data"
            return SimpleNamespace(paginate=self.paginate)

        def paginate(self, *, MetricDataQueries: list[dict[str, Any]], **_: Any) -> list[dict[str, Any]]:  # noqa: N803
            series = {"Timestamps": [before], "Values": [0.0]} if before else {"Timestamps": [], "Values": []}
            return [{"MetricDataResults": [{"Id": query["Id"], **series} for query in MetricDataQueries]}]

        def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
            assert Namespace == "Clickstream"
            for datum in MetricData:
                events = {d["Name"]: d["Value"] for d in datum["Dimensions"]}["Events"]
                run.published[events, datum["MetricName"]].append(datum["Value"])

    class S3:
        def get_paginator(self, operation: str) -> Any:
            assert operation == "list_objects_v2"
            return SimpleNamespace(paginate=self.paginate)

        def paginate(self, **given: str) -> list[dict[str, Any]]:
            return [{"Contents": [{"Key": key, "LastModified": at} for key, at in lake.items()]}]

    clients: dict[str, Callable[[], Any]] = {"cloudwatch": CloudWatch, "s3": S3}
    context: Any = SimpleNamespace(
        aws_request_id="r-1", get_remaining_time_in_millis=lambda: round((ends - time.monotonic()) * 1000)
    )
    with patch.context() as patched, contextlib.redirect_stdout(log):
        patched.setattr(handler, "SecretsManager", Secrets)
        for module in (handler, event_lake):
            patched.setattr(module, "aws_client", lambda service: clients[service]())
        patched.setenv("MONITOR_WINDOW_SECONDS", str(window))
        patched.setenv("MONITOR_PIPES", json.dumps(watched))
        for name, value in _environment(settings).items():
            patched.setenv(name, value)
        try:
            handler.on_schedule({"job": job}, context)
        except SetupError as error:
            run.failure = str(error)
    run.log = log.getvalue()
    return run


def _environment(settings: Settings) -> dict[str, str]:
    """The landing Lambda's environment, with another user and role."""
    return {
        **settings.environment,
        "SNOWFLAKE_USER": CONFIG.snowflake.monitor_user,
        "SNOWFLAKE_ROLE": CONFIG.snowflake.monitor_role,
        "SNOWFLAKE_LOGIN_SECRET_ARN": LOGIN_ARN,
        "MONITOR_DEPLOYMENT": CONFIG.prefix,
        "MONITOR_BUCKET": BUCKET,
        "MONITOR_FILE_AGE_SECONDS": "60",
    }
