"""Alarms on the pipeline's own Lambdas."""

from __future__ import annotations

from functools import partial

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from clickstream.watch.alarm_topics import Severity
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


def watcher_alarm(name: str, function: lambda_.IFunction, *, window: cdk.Duration) -> AlarmDefinition:
    """The monitor or the canary fails; they run each minute, their slowest job once a window, and then catch up."""
    return function_alarm(
        name,
        function,
        evaluation=Evaluation(period=window, datapoints=2, periods=3),
        consequence="the events' way to Snowflake is not monitored",
    )
