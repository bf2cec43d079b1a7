"""Functions that are changed while they run: the run ends with the old code, and the next one has the new.

MiniStack kills the process of a run when the function's code or settings change, as AWS never does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

Worker = Any
Kill = Callable[[Iterable[Worker]], None]

_lock = threading.Lock()
_outdated: list[Worker] = []


def install() -> None:
    """Let runs end before their process is stopped, except when the emulator itself stops."""
    kill = lambda_runtime.kill_workers
    lambda_runtime.kill_workers = _after_their_runs(kill)
    lambda_runtime.release_worker = lambda_svc.release_worker = _released(lambda_runtime.release_worker, kill)
    lambda_runtime.reset = _at_once(lambda_runtime.reset, kill)


def _after_their_runs(kill: Kill) -> Kill:
    def kill_idle(workers: Iterable[Worker]) -> None:
        idle: list[Worker] = []
        with _lock:
            for worker in workers:
                if worker is not None:
                    (_outdated if getattr(worker, "in_use", False) else idle).append(worker)
        kill(idle)

    return kill_idle


def _released(release: Callable[[Worker], None], kill: Kill) -> Callable[[Worker], None]:
    def released(worker: Worker) -> None:
        release(worker)
        with _lock:
            is_outdated = worker in _outdated
            if is_outdated:
                _outdated.remove(worker)
        if is_outdated:
            kill([worker])

    return released


def _at_once(reset: Callable[[], None], kill: Kill) -> Callable[[], None]:
    def reset_all() -> None:
        lambda_runtime.kill_workers = kill
        reset()
        kill(_outdated)

    return reset_all
