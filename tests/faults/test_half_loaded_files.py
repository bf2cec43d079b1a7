"""A pipe that has loaded a part of a file is not replaced, and none of its rows is lost."""

from __future__ import annotations

import json

from laptop.testing.snowflake import KeyPair
from laptop.testing.stand_in import Notification, now
from laptop.testing.waiting import eventually
from tests.faults.cloudformation import Stack
from tests.faults.flows import LANDING
from tests.faults.invocation import RESERVE_SECONDS, invoke
from tests.faults.templates import BUCKET, ORDER, PREFIX
from tests.faults.world import world

OTHER_COPY = {**LANDING["Pipe"], "OnError": "SKIP_FILE"}


def test_a_half_loaded_file_keeps_the_pipe_until_it_is_whole() -> None:
    with world(KeyPair()) as there:
        stack = Stack(lambda event: invoke(event, there.settings, seconds=RESERVE_SECONDS + 5))
        for logical_id in ORDER:
            assert stack.create(logical_id, LANDING[logical_id]).status == "ok"
        there.engine.faults.add(json.dumps([{"kind": "half_load", "match": "big", "seconds": 600}]).encode())
        lines = "\n".join(json.dumps({"event_id": str(number)}) for number in range(4))
        there.account.lake.put(BUCKET, f"{PREFIX}big.json", lines.encode())
        there.account.queue.send(Notification(BUCKET, f"{PREFIX}big.json", now()))
        eventually(lambda: there.rows() == (2, 2))

        refused = stack.update("Pipe", OTHER_COPY)
        assert (refused.status, "may have loaded only a part of" in refused.reason) == ("failed", True)
        assert stack.roll_back("Pipe", OTHER_COPY).status == "ok"

        there.engine.faults.clear()
        eventually(lambda: there.rows() == (4, 4))
        assert stack.update("Pipe", OTHER_COPY).status == "ok"
        there.land()
        eventually(lambda: there.rows() == (5, 5))
