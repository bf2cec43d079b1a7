"""The scaling of Data Streams: how far at once, and how often a day.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import kinesis
from ministack.services.cloudformation import provisioners

from laptop.aws.stack_limits.properties import require_scalable

_A_DAY = 86_400
_MOST_A_DAY = {"shards": 10, "mode": 2}

_update = kinesis._update_shard_count
_changes: dict[tuple[str, str], deque[float]] = defaultdict(deque)
"""The times of the changes of a stream's shards or mode."""


def install() -> None:
    """Refuse what AWS refuses; MiniStack takes any number of shards, at any time."""
    kinesis._update_shard_count = _checked
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Kinesis::Stream"]
    handlers["update"] = _counted(handlers["update"])


def _checked(data: dict[str, Any]) -> Any:
    name, stream = kinesis._resolve_stream(data)
    if stream and stream["StreamModeDetails"]["StreamMode"] == "ON_DEMAND":
        text = f"Request is invalid. Stream {stream['StreamName']} is in On-Demand mode."
        return error_response_json("ValidationException", text, 400)
    try:
        if stream and data.get("TargetShardCount"):
            require_scalable(len(stream["shards"]), int(data["TargetShardCount"]))
            _count(name, "shards")
    except ValueError as error:
        return error_response_json("LimitExceededException", str(error), 400)
    return _update(data)


def _counted(update: Callable[..., Any]) -> Callable[..., Any]:
    def counted(name: str, old: dict[str, Any], new: dict[str, Any], *more: Any) -> Any:
        changed = {"mode": "StreamModeDetails", "shards": "ShardCount"}
        for what, member in changed.items():
            if old.get(member) and new.get(member) and old[member] != new[member]:
                _count(name, what)
        return update(name, old, new, *more)

    return counted


def _count(stream: str, what: str) -> None:
    """Count a change; raise ValueError if there were too many in the last 24 hours."""
    times, now = _changes[stream, what], time.time()
    while times and times[0] < now - _A_DAY:
        times.popleft()
    if len(times) >= _MOST_A_DAY[what]:
        raise ValueError(f"the {what} of stream {stream} can change {_MOST_A_DAY[what]} times in 24 hours")
    times.append(now)
