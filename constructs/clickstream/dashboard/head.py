"""The head of the dashboard: title, runbook, logs and resource names."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from clickstream.dashboard.graphs import GRID
from clickstream.watch.pipeline_alarm import RUNBOOK

_QUERY = "fields @timestamp, @message | sort @timestamp desc | limit 200"


def head(
    *,
    title: str,
    runbook: str,
    names: Mapping[str, str],
    log_groups: Mapping[str, logs.ILogGroup],
) -> cloudwatch.TextWidget:
    """A text with links to the runbook and the logs, and the names to use in commands."""
    links = " · ".join(f"[{label}]({_logs_insights(group)})" for label, group in log_groups.items())
    named = " · ".join(f"{what} `{name}`" for what, name in names.items())
    page = f"`{runbook}`" if runbook == RUNBOOK else f"[{runbook}]({runbook})"
    return cloudwatch.TextWidget(
        markdown=f"# {title}\nRunbook: {page}\n\nLogs: {links}\n\nNames: {named}", width=GRID, height=4
    )


def _logs_insights(group: logs.ILogGroup) -> str:
    """URL of the console's query for the newest lines of one log group, in the region of the deployment."""
    # The console escapes with * what a URL escapes with %.
    query = quote(_QUERY, safe="").replace("%", "*").lower()
    detail = (
        f"~(end~0~start~-3600~timeType~'RELATIVE~unit~'seconds~editorString~'{query}"
        f"~source~(~'{group.log_group_name}))"
    )
    return (
        f"https://{cdk.Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region={cdk.Aws.REGION}"
        f"#logsV2:logs-insights$3FqueryDetail$3D{detail}"
    )
