"""Lambda entry point of all custom resources of a landing, behind CDK's Provider(on_event)."""

from __future__ import annotations

import functools
import os
from typing import Any

from clickstream_wire.resources import NOTIFICATION_DELAY
from snowflake_setup import notification_delay
from snowflake_setup.lifecycle import Event, handle
from snowflake_setup.session.clock import InvocationClock
from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.lambda_context import LambdaContext
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretsManager
from snowflake_setup.session.settings import Settings


def on_event(event: Event, context: LambdaContext) -> dict[str, Any]:
    """Carry out one CloudFormation request; an exception's message becomes the reason of the failure."""
    log = Log(
        {
            "request_id": context.aws_request_id,
            "request": event.get("RequestType"),
            "resource_type": event.get("ResourceType"),
            "logical_id": event.get("LogicalResourceId"),
        }
    )
    clock = InvocationClock(context.get_remaining_time_in_millis)
    if event.get("ResourceType") == NOTIFICATION_DELAY:
        return notification_delay.on_event(event, os.environ, clock)
    secrets = SecretsManager()
    try:
        found = settings()
        with SnowflakeSession(found, secrets=secrets, clock=clock, log=log) as session:
            physical_id, data = handle(event, Invocation(found.account, session, secrets, clock, log))
    except SetupError as error:
        log.error("request failed", error=type(error).__name__, reason=str(error))
        raise
    log.info("request done", physical_id=physical_id)
    return {"PhysicalResourceId": physical_id, "Data": data}


@functools.cache
def settings() -> Settings:
    """The function's environment, read at the first request of a cold start, never at import."""
    return Settings.read(os.environ)
