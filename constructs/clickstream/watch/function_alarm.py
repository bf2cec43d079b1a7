"""Says when one of our functions fails."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm


class FunctionErrors(PipelineAlarm):
    """Runs of a function end in an error.

    CDK's own functions (the provider framework, the notifications' handler) are not watched: they run in
    deployments only, and a deployment that they fail tells whoever started it.

    Args:
        scope: the parent.
        construct_id: its name there; `FunctionErrors` makes the runbook's entry `function-errors`.
        alerting: what it has in common with the others.
        name: what the function is called in the alarm's name.
        function: the function.
        evaluation: for how long it must fail.
        consequence: what does not happen when it fails, as a clause.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str = "FunctionErrors",
        *,
        alerting: Alerting,
        name: str,
        function: lambda_.IFunction,
        evaluation: Evaluation,
        consequence: str,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            alerting=alerting,
            subject=name,
            severity=Severity.WARNING,
            metric=function.metric_errors(statistic="Sum"),
            threshold=0,
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"The {name} function fails: {consequence}.",
        )
