"""Lambda entry point of the canary: one event a minute through every front door of the pipeline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from clickstream_wire.metrics import CANARIES_SENT, Dimension, metric_line
from pipeline_monitor.canary_event import canary_id, canary_line
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.settings import CanaryTarget, read_canary_deployment, read_targets
from snowflake_setup.session.errors import PropertyError
from snowflake_setup.session.lambda_context import LambdaContext
from snowflake_setup.session.logs import Log
from snowflake_setup.sql.timestamps import timestamp

Event = Mapping[str, Any]
Clients = Mapping[str, Any]
# A stream that does not answer is given up before the function times out: the next minute sends another canary.
_CONNECT_SECONDS = 3
_READ_SECONDS = 5
_ATTEMPTS = 3


def on_schedule(event: Event, context: LambdaContext) -> dict[str, list[str]]:
    """Send a canary to every target, and publish for each whether it was accepted; return the ids.

    Raises:
        SetupError: one or more were not accepted; all others were sent.
    """
    log = Log({"request_id": context.aws_request_id})
    deployment, targets = read_canary_deployment(os.environ), read_targets(os.environ)
    sent = _scheduled_time(event)
    refused = _send_all(_clients({target.kind for target in targets}), targets, sent)
    for target in targets:
        canary = canary_id(sent, target.events)
        if target in refused:
            log.error("canary not sent", events=target.events, event_id=canary, reason=refused[target])
        else:
            log.info("canary sent", events=target.events, event_id=canary)
        dimensions: dict[str, str] = {Dimension.DEPLOYMENT: deployment, Dimension.EVENTS: target.events}
        print(metric_line(dimensions, {CANARIES_SENT: int(target not in refused)}))
    if refused:
        told = "; ".join(f"{target.events} ({target.name}): {reason}" for target, reason in refused.items())
        raise MonitorError(f"canary not sent to {told}")
    return {"sent": [canary_id(sent, target.events) for target in targets]}


def _scheduled_time(event: Event) -> datetime:
    """The time for which the schedule was due; the same if AWS repeats the invocation."""
    try:
        return timestamp(event["time"])
    except (KeyError, ValueError):
        raise PropertyError(f"a scheduled event has a time, got {event.get('time')!r}") from None


def _clients(kinds: set[str]) -> Clients:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    session = boto3.Session()
    return {kind: session.client(kind, config=config) for kind in kinds}


def _send_all(clients: Clients, targets: Sequence[CanaryTarget], sent: datetime) -> dict[CanaryTarget, str]:
    """Send to all in parallel, so that one slow stream does not delay the others; return the refusals."""
    from botocore.exceptions import BotoCoreError, ClientError

    refused: dict[CanaryTarget, str] = {}
    with ThreadPoolExecutor(len(targets)) as pool:
        sending = {pool.submit(_send, clients[target.kind], target, sent): target for target in targets}
        for done, target in sending.items():
            try:
                done.result()
            except (ClientError, BotoCoreError) as error:
                refused[target] = str(error)
    return refused


def _send(client: Any, target: CanaryTarget, sent: datetime) -> None:
    line = canary_line(sent, target.events)
    if target.kind == "kinesis":
        # The id is the partition key, so that different minutes test different shards.
        client.put_record(StreamName=target.name, Data=line, PartitionKey=canary_id(sent, target.events))
    else:
        client.put_record(DeliveryStreamName=target.name, Record={"Data": line})
