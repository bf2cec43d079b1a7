"""Running pipes: notified files are queued, fetched together and loaded one by one."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from laptop.snowflake.access import Access
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.faults import Faults
from laptop.snowflake.lake import (
    Lake,
    LakeDeniedError,
    LakeError,
    LakeFile,
    LakeKeys,
    LakeMissingError,
)
from laptop.snowflake.loading.jobs import bind, lake_keys
from laptop.snowflake.loading.loader import Loader
from laptop.snowflake.loading.model import (
    FileRefusedError,
    FileReport,
    LoadError,
    LoadJob,
    SourceFile,
    location,
)
from laptop.snowflake.objects import Pipe, Stage, now
from laptop.snowflake.pending import PendingFile, PendingFiles
from laptop.snowflake.queue import Notification
from laptop.snowflake.store import Store

_Fetched: TypeAlias = tuple[PendingFile, LakeFile | LakeError]

logger = logging.getLogger(__name__)
_BATCH = 64
_FETCHERS = 4
# After a permission is repaired, the pending files should load at once.
_LONGEST_PAUSE = 2.0
_REMOTE_FILE_NOT_FOUND = 91016
_INTERNAL = 370001


@dataclass(frozen=True)
class Stall:
    """The reason why a pipe is stalled, and the time of its next attempt."""

    reason: str
    denied: bool
    attempts: int
    retry_at: float


class Pipes:
    """All pipes of the account."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        access: Access,
        loader: Loader,
        lake: Lake,
        faults: Faults,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._access = access
        self._loader = loader
        self._lake = lake
        self._faults = faults
        self._fetchers = ThreadPoolExecutor(_FETCHERS, thread_name_prefix="fetch")
        self._closing = threading.Event()
        self.pending = PendingFiles(store)
        self.work = threading.Event()
        self.stalls: dict[str, Stall] = {}
        self.last_received: dict[str, dt.datetime] = {}

    def notify(self, notifications: Iterable[Notification]) -> None:
        """Queue the files of a notification, each for every auto-ingest pipe on its location."""
        told = list(notifications)
        with self._store.transaction():
            for pipe in self._catalog.all(Pipe):
                files = [
                    _pending(event) for event in told if pipe.auto_ingest and self._concerns(pipe, event)
                ]
                if files:
                    self.last_received[pipe.id] = now()
                    self.enqueue(pipe, files)
        self.work.set()

    def enqueue(self, pipe: Pipe, files: list[PendingFile]) -> list[PendingFile]:
        """Queue the files that the pipe has not handled before; return them."""
        # Atomic: a file that is loaded between the check and the insert would be loaded again.
        with self._store.transaction():
            seen = self._loader.history.seen_by_pipe(pipe)
            new = [file for file in files if file.key not in seen]
            self.pending.add(pipe, new)
        self.work.set()
        return new

    def resume(self) -> None:
        """Retry stalled pipes at once, after a change that may help them."""
        self.stalls.clear()
        self.work.set()

    def forget(self, pipe: Pipe) -> None:
        """Remove a dropped pipe. Its load history is bound to its id, so a new pipe of that name starts without one."""
        self.pending.forget(pipe)
        self.stalls.pop(pipe.id, None)

    def run(self) -> None:
        """Load the pending files of every running pipe."""
        with self._store.lock:
            pipes = list(self._catalog.all(Pipe))
        for pipe in pipes:
            stall = self.stalls.get(pipe.id)
            if stall is None or stall.retry_at <= time.monotonic():
                while self._run_batch(pipe):
                    pass

    def next_retry(self) -> float | None:
        """Seconds until the next attempt of a stalled pipe."""
        due = [stall.retry_at for stall in list(self.stalls.values())]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def close(self) -> None:
        """Start no further file."""
        self._closing.set()
        self._fetchers.shutdown(wait=False, cancel_futures=True)

    def _concerns(self, pipe: Pipe, event: Notification) -> bool:
        stage = self._catalog.by_id(Stage, pipe.stage_id)
        if stage is None or stage.location_id != pipe.location_id:
            return False
        where = location(stage, pipe.copy_spec.path)
        return where.bucket == event.bucket and event.key.startswith(where.prefix)

    def _run_batch(self, pipe: Pipe) -> bool:
        """Load some pending files; return True if there may be more."""
        with self._store.lock:
            ready = self._ready(pipe)
            waiting = self._batch(ready[0], pipe) if ready else []
        if ready is None or not waiting:
            return False
        fetched = self._fetch(*ready, waiting)
        refused = None
        if ready[0].may_evolve:
            fetched = iter(whole := list(fetched))
            refused = self._refusal(ready[0], whole)
        for file, found in fetched:
            fault = self._faults.take_load(file.key)
            if fault and self._take_if_ready(pipe, file, found, refused, half=True):
                self._faults.hold(fault.seconds)
            if not self._take_if_ready(pipe, file, found, refused):
                return False
        self.stalls.pop(pipe.id, None)
        return True

    def _take_if_ready(
        self,
        pipe: Pipe,
        file: PendingFile,
        found: LakeFile | LakeError,
        refused: LoadError | None,
        *,
        half: bool = False,
    ) -> bool:
        """Load one file; False if the pipe must wait or may not run any more."""
        # Read the pipe again for each file: it may have been paused or replaced, or its table may have new columns.
        with self._store.lock:
            ready = None if self._closing.is_set() else self._ready(pipe)
            return ready is not None and self._take(ready[0], file, found, refused, half=half)

    def _batch(self, job: LoadJob, pipe: Pipe) -> list[PendingFile]:
        """The files of one COPY. Which files Snowpipe takes together is not known; if the table may evolve, all."""
        waiting = self.pending.of(pipe)
        return waiting if job.may_evolve else waiting[:_BATCH]

    def _refusal(self, job: LoadJob, fetched: list[_Fetched]) -> LoadError | None:
        """The reason why no file of this COPY can be loaded; a failed file is remembered and not retried."""
        try:
            self._loader.check_evolution(
                job, (found.body for _, found in fetched if isinstance(found, LakeFile))
            )
        except FileRefusedError as refused:
            return refused.error
        return None

    def _ready(self, pipe: Pipe) -> tuple[LoadJob, LakeKeys] | None:
        """The pipe's job and keys if it may run now; if not, SYSTEM$PIPE_STATUS has the reason."""
        current = self._catalog.by_id(Pipe, pipe.id)
        if current is None or current.execution_paused:
            return None
        stage = self._catalog.by_id(Stage, current.stage_id)
        if stage is None or stage.location_id != current.location_id:
            return None
        try:
            job = bind(self._access, current.owner, current.copy_spec, pipe=current)
            return job, lake_keys(self._catalog, job.stage)
        except SnowflakeError:
            return None

    def _fetch(self, job: LoadJob, keys: LakeKeys, files: list[PendingFile]) -> Iterator[_Fetched]:
        def get(file: PendingFile) -> LakeFile | LakeError:
            try:
                return self._lake.get(job.location.bucket, file.key, keys)
            except LakeError as error:
                return error

        return zip(files, self._fetchers.map(get, files), strict=True)

    def _take(
        self,
        job: LoadJob,
        file: PendingFile,
        fetched: LakeFile | LakeError,
        refused: LoadError | None,
        *,
        half: bool,
    ) -> bool:
        """Load one file; False if the pipe must wait because the lake denies or fails the request."""
        source = SourceFile(file.key, 0, "", file.modified_on, file.received_on)
        if isinstance(fetched, LakeMissingError):
            report = self._loader.refuse(job, source, LoadError(str(fetched), _REMOTE_FILE_NOT_FOUND))
        elif isinstance(fetched, LakeError):
            self._stall(job, fetched)
            return False
        else:
            report = self._load(job, file, fetched, refused, half=half)
        _log(job, report)
        return True

    def _load(
        self, job: LoadJob, file: PendingFile, fetched: LakeFile, refused: LoadError | None, *, half: bool
    ) -> FileReport:
        found = fetched.object
        source = SourceFile(file.key, found.size, found.etag, found.modified_on, file.received_on)
        if refused:
            return self._loader.refuse(job, source, refused)
        try:
            return self._loader.load(job, source, fetched.body, half=half)
        except Exception as error:
            # A bug of the stand-in with one file must not block the files after it.
            logger.exception("pipe %s: %s", job.copy.table, file.key)
            return self._loader.refuse(
                job, source, LoadError(f"Internal error: {type(error).__name__}", _INTERNAL)
            )

    def _stall(self, job: LoadJob, error: LakeError) -> None:
        pipe = job.pipe
        if pipe is None:
            return
        before = self.stalls.get(pipe.id)
        attempts = before.attempts + 1 if before else 1
        delay = min(_LONGEST_PAUSE, 0.25 * 2 ** min(attempts, 6))
        denied = isinstance(error, LakeDeniedError)
        self.stalls[pipe.id] = Stall(str(error), denied, attempts, time.monotonic() + delay)
        logger.warning(
            "pipe=%s stalled attempt=%d retry_in=%.1fs reason=%s", pipe.name, attempts, delay, error
        )


def _pending(event: Notification) -> PendingFile:
    return PendingFile(event.key, now(), event.event_time)


def _log(job: LoadJob, report: FileReport) -> None:
    name = job.pipe.name if job.pipe else "-"
    logger.info(
        "pipe=%s file=%s status=%r rows=%d errors=%d",
        name,
        report.file.key,
        report.status,
        report.loaded,
        len(report.errors),
    )
