"""Lambda entry point of the monitor: Snowpipe's state and history, as metrics in CloudWatch.

It keeps no state. The status is that of the moment. Each run publishes the history since the last report, whose time
CloudWatch knows: a later run makes up for one that failed or was cut off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from clickstream_wire.environment import JobName
from pipeline_monitor.clients import aws_client
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.failure_measures import LONGEST_OUTAGE
from pipeline_monitor.jobs import JOBS
from pipeline_monitor.lake import EventLake
from pipeline_monitor.load_reports import SnowpipeReports
from pipeline_monitor.metrics import publish
from pipeline_monitor.reports import last_reports
from pipeline_monitor.rounds import Round
from pipeline_monitor.settings import MonitorSettings
from snowflake_setup.session.clock import InvocationClock
from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.errors import PropertyError
from snowflake_setup.session.lambda_context import LambdaContext
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretsManager
from snowflake_setup.session.settings import Settings

Event = Mapping[str, Any]
# Reserved from the function's minute: time for a last statement to time out, and to publish the results so far.
_RESERVE_SECONDS = 25.0


def on_schedule(event: Event, context: LambdaContext) -> dict[str, int]:
    """Carry out the job named by the schedule; return the number of published values.

    Raises:
        SetupError: a part could not be determined; the rest was published.
    """
    log = Log({"request_id": context.aws_request_id, "job": event.get("job")})
    job = JOBS.get(str(event.get("job")))
    if job is None:
        raise PropertyError(f"job must be one of {', '.join(JOBS)}, got {event.get('job')!r}")
    settings, login = MonitorSettings.read(os.environ), Settings.read(os.environ)
    cloudwatch = aws_client("cloudwatch")
    past = {}
    if event["job"] == JobName.HISTORY:
        kinds = [pipe.events for pipe in settings.pipes]
        past = last_reports(cloudwatch, kinds, deployment=settings.deployment, reach=LONGEST_OUTAGE)
    clock = InvocationClock(context.get_remaining_time_in_millis, reserve=_RESERVE_SECONDS)
    secrets = SecretsManager()
    session_of = partial(
        SnowflakeSession, secrets=secrets, clock=clock, log=log, query_tag="pipeline_monitor"
    )
    # Each logs in when it is first used.
    with session_of(replace(login, warehouse=None)) as session, session_of(login) as on_warehouse:
        found = Round(
            session,
            on_warehouse,
            clock,
            log,
            clock.now(),
            settings.window,
            lake=EventLake(settings.bucket),
            file_age=settings.file_age,
            reports=SnowpipeReports(login, secrets),
        )
        job(found, settings.pipes, past)
        published = publish(
            cloudwatch,
            found.measures,
            deployment=settings.deployment,
            resolution=min(settings.window, timedelta(minutes=1)),
        )
    log.info("published", values=published, failures=len(found.failures))
    if found.failures:
        raise MonitorError(f"could not determine {event['job']} for {found.failure_text()}")
    return {"published": published}
