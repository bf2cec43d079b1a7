"""Alarms on the pipeline's own Lambdas."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from clickstream.metric_source import MINUTE, MetricOptions
from clickstream.watch.alarm_topics import Severity
from clickstream.watch.canary_events import CanaryMetrics
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.pipeline_alarm import AlarmDefinition, Evaluation, MissingData


def function_alarm(
    name: str, function: lambda_.IFunction, *, evaluation: Evaluation, consequence: str
) -> AlarmDefinition:
    """Runs of a function end in an error; `consequence` is a clause that says what then does not happen.

    CDK's own functions (the provider framework, the notifications' handler) are not watched: they run only in
    deployments, and a failed deployment is reported to the person who started it.
    """
    return AlarmDefinition(
        group=f"{name.title()}Function",
        construct_id="FunctionErrors",
        subject=name,
        severity=Severity.WARNING,
        metric=partial(function.metric_errors, statistic="Sum"),
        threshold=0,
        evaluation=evaluation,
        missing_data=MissingData.NO_TRAFFIC,
        meaning=f"The {name} function fails: {consequence}.",
    )


def landing_alarm(function: lambda_.IFunction, *, period: cdk.Duration) -> AlarmDefinition:
    """The landing Lambda fails; it runs in deployments only, so each error counts."""
    return function_alarm(
        "landing",
        function,
        evaluation=Evaluation(period=period, datapoints=1, periods=1),
        consequence="a deployment could not change Snowflake objects",
    )


def canary_alarm(function: lambda_.IFunction, *, window: cdk.Duration) -> AlarmDefinition:
    """The canary fails. If it does not run at all, freshness tells."""
    return function_alarm(
        "canary",
        function,
        evaluation=_in_two_of_three(window),
        consequence="a front door refuses canaries, or the pipeline is not tested",
    )


def monitor_alarm(function: lambda_.IFunction, pipe: PipeMetrics, canary: CanaryMetrics) -> AlarmDefinition:
    """The monitor fails, or does not report on the load history although canaries are sent; it then catches up.

    Canaries tell an old deployment from a new one, which has no report yet. It is critical, since events may be late
    unnoticed. One alarm for all kinds of event, since a Snowflake that cannot be queried is one fault.

    Args:
        function: the monitor.
        pipe: the metrics of any kind of event.
        canary: the canaries of the same kind.
    """
    definition = function_alarm(
        "monitor",
        function,
        evaluation=_in_two_of_three(pipe.window),
        consequence="events may be late or missing in Snowflake unnoticed",
    )
    failing_or_silent = partial(_failing_or_silent, function, pipe, canary)
    return replace(definition, severity=Severity.CRITICAL, metric=failing_or_silent)


def _failing_or_silent(
    function: lambda_.IFunction,
    pipe: PipeMetrics,
    canary: CanaryMetrics,
    **options: Unpack[MetricOptions],
) -> cloudwatch.MathExpression:
    period = options.setdefault("period", MINUTE)
    return cloudwatch.MathExpression(
        # A missing value counts as zero if the other side has one; a report outweighs all canaries of a window.
        expression="MAX([errors, canaries - 1000 * reports])",
        using_metrics={
            "errors": function.metric_errors(statistic="Sum", period=period),
            "canaries": canary.tried(period=period),
            "reports": pipe.reports(period=period),
        },
        **options,
    )


def _in_two_of_three(window: cdk.Duration) -> Evaluation:
    return Evaluation(period=window, datapoints=2, periods=3)
