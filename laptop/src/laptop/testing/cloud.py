"""Ways to break a running laptop cloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.health import wait_until_healthy
from laptop.cloud.processes import ServerProcess, end_all
from laptop.cloud.servers import SNOWFLAKE, server_commands


@contextmanager
def stand_in_out_of_reach(cloud: LaptopCloud) -> Iterator[None]:
    """Stop the stand-in of a cloud that this process started; restart it with its data at the end of the block."""
    state = cloud._file.load()
    assert state is not None, "the cloud is running"
    assert cloud._lifeline is not None, "this process started it, and has not detached it"
    (record,) = [server for server in state.servers if server.name == SNOWFLAKE]
    end_all([record], grace_seconds=5)
    try:
        yield
    finally:
        commands = server_commands(cloud.state_dir, state, cloud._options)
        (command,) = [command for command in commands if command.name == SNOWFLAKE]
        server = ServerProcess(command, cloud._lifeline)
        cloud._started.append(server)
        others = tuple(one for one in state.servers if one.name != SNOWFLAKE)
        cloud._file.save(state.model_copy(update={"servers": (*others, server.record)}))
        wait_until_healthy([server], within_seconds=30)
