"""Delivery streams that have just been created: they take records once they are ACTIVE, and none from before.

A delivery stream reads its Data Stream from the LATEST position, that is from its `DeliveryStartTimestamp` on: what was
put earlier is never delivered.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
https://docs.aws.amazon.com/firehose/latest/APIReference/API_KinesisStreamSourceDescription.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.services import firehose
from ministack.services.cloudformation import provisioners, stacks

_TYPE = "AWS::KinesisFirehose::DeliveryStream"
# In AWS about a minute.
_CREATING_SECONDS = 0.3
_POLL_SECONDS = 0.02

Stream = dict[str, Any]


def install() -> None:
    """Let new delivery streams be CREATING for a while, and stacks wait for them."""
    create = _starting(firehose._create_delivery_stream)
    firehose._HANDLERS["CreateDeliveryStream"] = firehose._create_delivery_stream = create
    in_stack = _awaited(provisioners._firehose_delivery_stream_create)
    provisioners._firehose_delivery_stream_create = in_stack
    provisioners._RESOURCE_HANDLERS[_TYPE]["create"] = in_stack
    on_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda resource_type: resource_type == _TYPE or on_thread(resource_type)


def _starting(create: Callable[[Stream], Any]) -> Callable[[Stream], Any]:
    def created(request: Stream) -> Any:
        answer = create(request)
        if answer[0] == 200:
            stream = firehose._streams[request["DeliveryStreamName"]]
            stream["status"] = "CREATING"
            timer = threading.Timer(_CREATING_SECONDS, _start, (stream,))
            timer.daemon = True
            timer.start()
        return answer

    return created


def _start(stream: Stream) -> None:
    if stream["kinesis_source"]:
        stream["kinesis_source"]["DeliveryStartTimestamp"] = time.time()
    stream["status"] = "ACTIVE"


def _awaited(create: Callable[..., Any]) -> Callable[..., Any]:
    def created(*arguments: Any) -> Any:
        name, attributes = create(*arguments)
        while firehose._streams[name]["status"] != "ACTIVE":
            time.sleep(_POLL_SECONDS)
        return name, attributes

    return created
