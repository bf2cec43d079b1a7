"""The dashboard: one page that follows an event from producer to row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.dashboard.costs import costs
from clickstream.dashboard.graphs import GRID, graph
from clickstream.dashboard.head import head
from clickstream.dashboard.journey import journey
from clickstream.lake.lake import Lake
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.pipeline_alarm import RUNBOOK

if TYPE_CHECKING:  # optional, and most of what it needs of the CDK nothing else does
    from clickstream.producer.sample_producer import SampleProducer

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_ALARMS_IN_A_WIDGET = 100


class PipelineDashboard(Construct):
    """The data flow from left to right: ingest, deliver, load, freshness; alarms on top, costs at the bottom.

    Args:
        scope: the parent.
        construct_id: its name there.
        name: the dashboard's name, unique in account and region.
        watches: each kind of event, in the order to show them.
        lake: where events are kept.
        alarms: their states are shown on top, in this order.
        functions: the pipeline's Lambdas by their name.
        names: names of resources, for commands.
        log_groups: log groups to link, by label.
        runbook: URL of the runbook.
        producer: the sample producer, if any.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        watches: Sequence[EventWatch],
        lake: Lake,
        alarms: Sequence[cloudwatch.IAlarm],
        functions: Mapping[str, lambda_.IFunction],
        names: Mapping[str, str],
        log_groups: Mapping[str, logs.ILogGroup],
        runbook: str = RUNBOOK,
        producer: SampleProducer | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            # A gauge of a window says the same at any zoom only with the window as its period.
            period_override=cloudwatch.PeriodOverride.INHERIT,
        )
        dashboard.add_widgets(head(title=name, runbook=runbook, names=names, log_groups=log_groups))
        for states in _states(alarms):
            dashboard.add_widgets(states)
        if producer:
            dashboard.add_widgets(_producer(producer))
        rows = [row for watch in watches for row in journey(watch)]
        for row in [*rows, *costs(watches, lake, functions)]:
            dashboard.add_widgets(*row)


def _states(alarms: Sequence[cloudwatch.IAlarm]) -> Iterator[cloudwatch.AlarmStatusWidget]:
    for first in range(0, len(alarms), _ALARMS_IN_A_WIDGET):
        some = alarms[first : first + _ALARMS_IN_A_WIDGET]
        yield cloudwatch.AlarmStatusWidget(
            title="More alarms" if first else "Alarms",
            width=GRID,
            height=1 + ceil(len(some) / 6),  # six in a row
            alarms=list(some),
        )


def _producer(producer: SampleProducer) -> cloudwatch.GraphWidget:
    return graph(
        "0 Sample producer",
        {"events sent": producer.metric_sent_events},
        left_axis="events",
        right={"processor": producer.metric_cpu},
        right_axis="percent",
        width=GRID,
    )
