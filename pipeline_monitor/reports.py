"""The monitor's last reports: what it has published is all it knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clickstream_wire.metrics import CANARIES_SENT, NAMESPACE, PipeMetric
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.metrics import dimensions_of

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
RECENT = timedelta(hours=25)


@dataclass(frozen=True)
class Past:
    """Earlier metrics of a kind of event, by the minute or, before a day ago, by the hour.

    Attributes:
        reported: the last report on its load history.
        compared: the last complete comparison, on the warehouse, if it was within a day.
        missing: the files that were missing when this was last reported.
        canary: the last canary that its front door accepted, if it was within a day.
    """

    reported: datetime | None = None
    compared: datetime | None = None
    missing: float = 0
    canary: datetime | None = None


Series = Mapping[datetime, float]
"""The values of a metric, by the start of their period."""


def last_reports(
    cloudwatch: Any, kinds: Sequence[str], *, deployment: str, reach: timedelta
) -> dict[str, Past]:
    """The earlier metrics of each kind of event, as CloudWatch has them.

    Args:
        cloudwatch: the client.
        kinds: names of kinds of event.
        deployment: the value of the dimension `Deployment`.
        reach: how long ago a report may be.

    Raises:
        MonitorError: CloudWatch did not answer.
    """
    reported = _Query(PipeMetric.FILES_FAILED, "SampleCount")
    compared = _Query(PipeMetric.COMPLETE_COMPARISONS, "SampleCount")
    missing, sent = _Query(PipeMetric.FILES_MISSING, "Maximum"), _Query(CANARIES_SENT, "Maximum")
    recent = _read(cloudwatch, kinds, deployment, (reported, compared, missing, sent), RECENT, _MINUTE)
    silent = [kind for kind in kinds if not recent[kind, reported]]
    older = _read(cloudwatch, silent, deployment, (reported,), reach, _HOUR) if silent else {}
    return {
        kind: Past(
            reported=max(recent[kind, reported] or older[kind, reported], default=None),
            compared=max(recent[kind, compared], default=None),
            missing=_newest(recent[kind, missing]),
            canary=max((minute for minute, one in recent[kind, sent].items() if one), default=None),
        )
        for kind in kinds
    }


@dataclass(frozen=True)
class _Query:
    metric: str
    statistic: str


def _newest(series: Series) -> float:
    return series[max(series)] if series else 0


def _read(
    cloudwatch: Any,
    kinds: Sequence[str],
    deployment: str,
    queries: Sequence[_Query],
    reach: timedelta,
    period: timedelta,
) -> dict[tuple[str, _Query], Series]:
    from botocore.exceptions import BotoCoreError, ClientError

    now = datetime.now(UTC)
    asked = {f"m{number}": (kind, query) for number, (kind, query) in enumerate(_pairs(kinds, queries))}
    found: dict[tuple[str, _Query], dict[datetime, float]] = {key: {} for key in asked.values()}
    request = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": str(query.metric),
                    "Dimensions": dimensions_of(deployment, kind),
                },
                "Period": int(period.total_seconds()),
                "Stat": query.statistic,
            },
        }
        for name, (kind, query) in asked.items()
    ]
    try:
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=request, StartTime=now - reach, EndTime=now + _HOUR
        )
        for result in (one for page in pages for one in page["MetricDataResults"]):
            found[asked[result["Id"]]].update(zip(result["Timestamps"], result["Values"], strict=True))
    except (ClientError, BotoCoreError) as error:
        raise MonitorError(f"the last report was not read from CloudWatch: {error}") from None
    return dict(found)


def _pairs(kinds: Sequence[str], queries: Sequence[_Query]) -> list[tuple[str, _Query]]:
    return [(kind, query) for kind in kinds for query in queries]
