"""Lambda entry point of the gate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import contract
from clickstream_wire.environment import CONTRACT_FILE
from clickstream_wire.environment import Gate as Variable
from event_gate.folding import Folder
from event_gate.gate import Gate
from event_gate.rejects import RejectStore
from event_gate.tally import Tally


def on_records(request: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer a request for data transformation.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
    """
    settings = os.environ
    tally = Tally(settings[Variable.DEPLOYMENT], settings[Variable.EVENTS])
    answer = _gate().transform(request, tally)
    tally.publish()
    return answer


@cache
def _gate() -> Gate:
    """The gate of this function; its contract is compiled once for all invocations."""
    import boto3
    from botocore.config import Config

    event_contract = contract.load(Path(__file__).parents[1] / CONTRACT_FILE)
    config = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
    store = RejectStore(
        boto3.client("s3", config=config), os.environ[Variable.BUCKET], os.environ[Variable.REJECT_PREFIX]
    )
    return Gate(contract.Checker(event_contract), Folder(event_contract), store, os.environ[Variable.EVENTS])
