"""Health checks of servers."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Sequence

from laptop.cloud.errors import ServerFailedError
from laptop.cloud.processes import ServerProcess

_ASK_EVERY_SECONDS = 0.05
_ONE_ANSWER_SECONDS = 2.0
# No proxy: the servers are on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_healthy(url: str) -> bool:
    """True if `url` answers with 200."""
    try:
        with _opener.open(url, timeout=_ONE_ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until_healthy(servers: Sequence[ServerProcess], *, within_seconds: float) -> None:
    """Return once every server is ready.

    Raises:
        ServerFailedError: one exited, or was not ready in time.
    """
    deadline = time.monotonic() + within_seconds
    waiting = list(servers)
    while waiting:
        for server in waiting:
            command, status = server.command, server.exit_status
            if status is not None:
                raise ServerFailedError(
                    command.name, f"ended with status {status} while starting", command.log
                )
            if time.monotonic() > deadline:
                what = f"was not ready on port {command.port} within {within_seconds:.0f} s"
                raise ServerFailedError(command.name, what, command.log)
        waiting = [server for server in waiting if not is_healthy(server.command.health_url)]
        if waiting:
            time.sleep(_ASK_EVERY_SECONDS)
