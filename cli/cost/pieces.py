"""Quantities that depend on the resources alone: pieces, schedules, and the monitor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from cli.cost.events import GIB, HOURS, Quantity
from cli.cost.inventory import REQUEST_METRICS, SCHEDULED, Inventory
from cli.cost.traffic import SECONDS

_DAY = 86_400
# At most, between the run before and the hour in which its files began.
_LISTED_SECONDS = 2 * 3600
_FILES_LISTED_AT_ONCE = 1_000
_REQUESTS = "thousand requests"
_INSTANCE_GIB, _DETAILED_METRICS = 8, 7
_SUBSCRIPTIONS = {"email": "hundred thousand e-mails", "https": "hundred thousand HTTPS calls"}


def piece_quantities(found: Inventory, given: Mapping[str, float]) -> Iterator[Quantity]:
    """Usage by the resources in a month without any event.

    Args:
        found: of the templates.
        given: the assumptions.
    """
    yield from _functions(found, given)
    yield from _monitors(found, given)
    yield from _cloudwatch(found, given)
    yield "kms", "customer keys", found.pieces["customer keys"], "key"
    yield "secrets_manager", "secrets", found.pieces["secrets"], "secret"
    for protocol, unit in _SUBSCRIPTIONS.items():
        sent = found.subscriptions[protocol] * given["notifications"]
        yield "sns", f"notifications by {protocol}", sent / 1e5, unit
    for kind in found.instance_types:
        yield "ec2", "sample producer", HOURS, f"{kind} hour"
        yield "ec2", "its disk", _INSTANCE_GIB, "GB-month gp3"
        yield "ec2", "its address", HOURS, "public IPv4 hour"
        yield "cloudwatch", "detailed monitoring of the sample producer", _DETAILED_METRICS, "metric"


def _functions(found: Inventory, given: Mapping[str, float]) -> Iterator[Quantity]:
    for function in found.functions:
        work = function.scheduled * given["scheduled_call_seconds"] * function.memory_mib / 1024
        yield "lambda", "scheduled calls", function.scheduled / 1e6, "million requests"
        yield "lambda", "scheduled work", work, f"GB-second {function.architecture}"
    calls = found.pieces[SCHEDULED]
    yield "eventbridge", "schedules", calls / 1e6, "million invocations"
    yield "cloudwatch", "logs of scheduled functions", calls * given["log_bytes_per_call"] / GIB, "GB of logs"
    if found.windows:
        yield "cloudwatch", "publishing metrics", calls / 1e3, _REQUESTS


def _monitors(found: Inventory, given: Mapping[str, float]) -> Iterator[Quantity]:
    """The warehouse, which the monitor wakes daily and on incidents, and what its other sources cost."""
    for window in found.windows:
        kinds = len(found.deliveries)
        wakes = SECONDS / _DAY + given["incidents"] * given["wakes_per_incident"]
        statements = SECONDS / 60 * 2 + SECONDS / window * (2 + 2 * kinds)
        cloud = statements / 1e3 * given["cloud_credits_per_thousand"]
        yield "snowflake", "warehouse of the monitor", _woken(wakes, given), "credit"
        yield "snowflake", "cloud services of the monitor", cloud, "credit"
        yield "snowflake", "reads of error tables", _woken(given["error_table_reads"], given), "credit"
        yield "cloudwatch", "metrics read by the monitor", SECONDS / window * 4 * kinds / 1e3, _REQUESTS
        for delivery in found.deliveries:
            files = _LISTED_SECONDS / max(1, delivery.interval_seconds)
            lists = SECONDS / window * math.ceil(files / _FILES_LISTED_AT_ONCE)
            yield "s3", "files listed by the monitor", lists / 1e3, "thousand PUT or LIST"
    for minutes in found.target_lags:
        yield "snowflake", "refreshes of dynamic tables", _woken(SECONDS / 60 / minutes, given), "credit"


def _woken(times: float, given: Mapping[str, float]) -> float:
    """Credits of a warehouse that is woken so often in a month: by the second while it runs, a minute at least.

    https://docs.snowflake.com/en/user-guide/cost-understanding-compute
    """
    awake = given["warehouse_query_seconds"] + given["warehouse_suspend_seconds"]
    return min(SECONDS, times * max(60.0, awake)) / 3600 * given["warehouse_credits_per_hour"]


def credits_without_load_history(window_seconds: float, given: Mapping[str, float]) -> float:
    """Credits a month if the Snowpipe REST API refuses the monitor, which then wakes the warehouse each window."""
    return _woken(SECONDS / window_seconds, given)


def _cloudwatch(found: Inventory, given: Mapping[str, float]) -> Iterator[Quantity]:
    for unit, metrics in found.alarm_metrics.items():
        yield "cloudwatch", "alarms, by their metrics", metrics, unit
    for piece in ("composite alarms", "dashboards"):
        yield "cloudwatch", piece, found.pieces[piece], piece.removesuffix("s")
    yield "cloudwatch", "custom metrics", found.metrics + found.pieces["metrics made from logs"], "metric"
    filters = found.pieces[REQUEST_METRICS] * given["request_metrics_per_filter"]
    yield "cloudwatch", "S3's request metrics", filters, "metric"
