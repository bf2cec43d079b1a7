"""The Lambda, invoked as the CDK's Provider framework does: in this process, or in one that can be killed.

Only time is shorter than in AWS: a statement may take two seconds instead of two minutes, and pauses are a twentieth.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import functools
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from snowflake_setup import handler
from snowflake_setup.pipe import replacement
from snowflake_setup.pipe import state as pipe_state
from snowflake_setup.session import connection
from snowflake_setup.session.clock import InvocationClock
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.secrets import fields_of
from snowflake_setup.sql.secret import Secret

Event = dict[str, Any]
_STATEMENT_SECONDS = 2
_LEAST_SECONDS = 1
_HASTE = 20.0
_STANDSTILL = dt.timedelta(seconds=0.3)
RESERVE_SECONDS = 10.0


@dataclass(frozen=True)
class Settings:
    """The contents of the function's environment and of Secrets Manager."""

    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """The answer to CloudFormation, and the log."""

    status: Literal["ok", "failed", "killed", "crashed"]
    reason: str = ""
    physical_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0


class _Clock(InvocationClock):
    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / _HASTE)


@dataclass
class _Context:
    """Lambda's context, for an invocation that must end before `ends` (of `time.monotonic`)."""

    ends: float
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.ends - time.monotonic()) * 1000))


def invoke(event: Event, settings: Settings, *, seconds: float) -> Answer:
    """Run the handler in this process."""
    started, log = time.monotonic(), io.StringIO()
    with _surroundings(settings), contextlib.redirect_stdout(log):
        try:
            said = handler.on_event(event, _Context(started + seconds))
        except SetupError as error:
            answer = Answer("failed", reason=str(error))
        except Exception as error:
            # Such an error is of no help in the stack's events, so the case fails.
            answer = Answer("crashed", reason=f"{type(error).__name__}: {error}")
        else:
            answer = Answer("ok", physical_id=said["PhysicalResourceId"], data=said["Data"])
    took = time.monotonic() - started
    return Answer(**{**asdict(answer), "log": log.getvalue(), "seconds": took})


def invoke_in_child(
    event: Event, settings: Settings, *, seconds: float, on_start: Callable[[int], None]
) -> Answer:
    """Run the handler in another process, whose id is passed to `on_start` before any statement is sent."""
    started, server = time.monotonic(), _fork_server()
    assert server.stdin
    assert server.stdout
    print(file=server.stdin, flush=True)
    on_start(json.loads(server.stdout.readline()))
    order = {"event": event, "settings": asdict(settings), "seconds": seconds}
    print(json.dumps(order), file=server.stdin, flush=True)
    said = [json.loads(server.stdout.readline())]
    if isinstance(said[0], dict):
        said.append(json.loads(server.stdout.readline()))
    answer, code = said[0], said[-1]
    took = time.monotonic() - started
    if code == -signal.SIGKILL:
        return Answer("killed", seconds=took)
    if code:
        return Answer("crashed", reason=f"the process ended with {code}", seconds=took)
    return Answer(**answer)


@functools.cache
def _fork_server() -> subprocess.Popen[str]:
    """A process that forks a child for each invocation.

    It has imported everything but the connector, whose threads would not survive a fork.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.invocation"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    """Fork a child for each empty line, which prints its id and answers the next line; then print its exit code."""
    while sys.stdin.readline():
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        print(os.getpid(), flush=True)
        wanted = json.loads(sys.stdin.readline())
        signal.alarm(round(wanted["seconds"]) + 30)
        answer = invoke(wanted["event"], Settings(**wanted["settings"]), seconds=wanted["seconds"])
        print(json.dumps(asdict(answer)), flush=True)
        os._exit(0)


@contextlib.contextmanager
def _surroundings(settings: Settings) -> Any:
    """The function's environment and secrets, and a clock with shorter pauses."""

    class Secrets:
        def read(
            self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
        ) -> dict[str, Secret]:
            return fields_of(settings.secrets[arn], arn=arn, required=required, optional=optional)

    replaced: dict[tuple[Any, str], Any] = {
        (handler, "SecretsManager"): Secrets,
        (handler, "InvocationClock"): _Clock,
        (connection, "_STATEMENT_SECONDS"): _STATEMENT_SECONDS,
        (connection, "_LEAST_SECONDS"): _LEAST_SECONDS,
        (pipe_state, "_STANDSTILL"): _STANDSTILL,
        (replacement, "_RESERVE_SECONDS"): replacement._RESERVE_SECONDS / _HASTE,
    }
    before = {place: getattr(*place) for place in replaced}
    environment = {name: os.environ.get(name) for name in settings.environment}
    handler.settings.cache_clear()
    os.environ.update(settings.environment)
    for (module, name), value in replaced.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)
        for name, value in environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        handler.settings.cache_clear()


if __name__ == "__main__":
    _serve()
