"""One run: send under faults, let it settle, count what is missing, repair, redrive, replay, and judge."""

from __future__ import annotations

import json
import random
import secrets
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chaos import judging
from tests.chaos.lake import Lake, Rows, missing_lines
from tests.chaos.plan import make_plan
from tests.chaos.scene import Scene
from tests.chaos.schedule import phases
from tests.chaos.sending import FileSender, send_objects, send_records
from tests.e2e.laptop import PATIENCE_SECONDS, as_json, eventually

_ATTEMPTS = 2
_GLANCES = 5
_SOMETHING_LEFT = 3


@dataclass
class Figures:
    """The figures of a run, and what it found wrong."""

    seed: int
    env: str
    table: dict[str, Any] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Size:
    """The size of a run.

    Attributes:
        count: texts.
        seconds: about how long they are sent.
        phase_seconds: about how long the same faults happen.
        kills: how often the producer is killed.
    """

    count: int
    seconds: float
    phase_seconds: float
    kills: int


class Run:
    """One seed on one deployed pipeline."""

    def __init__(self, scene: Scene, seed: int, size: Size, folder: Path) -> None:
        self._scene, self._size = scene, size
        self.figures = Figures(seed, scene.env)
        self._since = datetime.now(UTC) - timedelta(hours=2)
        self.plan = make_plan(f"chaos-{seed}", size.count, self._random("plan"))
        self._lake = Lake(scene, self.plan)
        self._weather, self._retries = threading.Lock(), 0
        (own := folder / str(seed)).mkdir()
        self._sender = FileSender(scene, self.plan, own, self._random("kills"))

    def go(self) -> Figures:
        """Do all of it."""
        self.send()
        self.settle()
        self.repair()
        self.replay()
        self.judge()
        return self.figures

    def send(self) -> None:
        """Send everything while faults happen and the deployment is changed."""
        seconds, over = self._size.seconds, threading.Event()
        with ThreadPoolExecutor(5) as threads:
            suffering = threads.submit(self._suffer, over)
            try:
                work = [
                    threads.submit(self._sender.send, self._size.kills, seconds),
                    threads.submit(send_records, self._scene, self.plan, seconds),
                    threads.submit(send_objects, self._scene, self.plan, seconds),
                    threads.submit(self._operate),
                ]
                for each in work:
                    each.result()
            finally:
                over.set()
            suffering.result()
        self._note(texts=self.plan.texts, events=len(self.plan.events), malformed=len(self.plan.bad))
        self._note(sent_twice=self.plan.twice, kills=self._sender.kills, failed_deployments=self._retries)

    def settle(self) -> None:
        """Wait until every text is in the lake or refused, and no file waits for its load."""
        refused_early = {name for name, bad in self.plan.bad.items() if bad.path == "producer"}
        wanted = self.plan.events | (self.plan.bad.keys() - refused_early)

        def arrived() -> bool:
            self._lake.look()
            return wanted <= self._lake.seen

        try:
            eventually(arrived)
        except AssertionError:
            self.figures.wrong += judging.some("texts nowhere in the lake", wanted - self._lake.seen)
        eventually(self._is_idle)
        self._lake.look()

    def repair(self) -> None:
        """Compare what is missing with the command's count; repair, redrive, and see that nothing is missing."""
        rows = Rows.read(self._scene, self.plan)
        missing = missing_lines(self._lake, rows)
        found = self._report_without(self._has_young_files)
        twice = self._scene.announced_late_or_twice()
        self.figures.wrong += judging.missing_found(self._lake, missing, found, twice)
        self._note(
            rows_before=rows.all.total(),
            files_missing=sum(len(hour["missing_files"]) for hour in found["hours"]),
            files_in_part=sum(len(hour["missing_lines"]) for hour in found["hours"]),
            lines_missing=sum(map(len, missing.values())),
            records_given_up=sum(hour["failed_records"] for hour in found["hours"]),
        )
        repaired = self._reconcile("--repair")
        redriven = self._json("rejects", "redrive", "--since", self._from)
        self._wait_for_loads_of(redriven["objects"])
        after = self._report_without(_has_files_under_way)
        twice = self._scene.announced_late_or_twice()
        self.figures.wrong += judging.nothing_left(after, twice)
        self._note(files_loaded_twice=sum(len(hour["doubled"]) for hour in after["hours"]))
        self._note(
            files_repaired=len(repaired["repaired"]),
            redriven=redriven["sent"],
            verdict_after=after["verdict"],
        )

    def replay(self) -> None:
        """Load the lake into a new table; the command is killed once it has inserted rows, and run again."""
        table = f"{self.plan.run}_{secrets.token_hex(3)}".replace("-", "_").upper()
        command = ("replay", "--from", self._from, "--into", table)
        process = self._start(*command)

        def has_rows() -> bool:
            if process.poll() is not None:
                return True
            there = self._scene.laptop.query(f"SHOW TABLES LIKE '{table}'")
            return bool(there and Rows.read(self._scene, self.plan, table).all)

        eventually(has_rows, every=0.05)
        self._note(replay_killed=process.poll() is None)
        process.kill()
        process.communicate()
        self._json(*command)
        rows = Rows.read(self._scene, self.plan, table)
        self._lake.look()
        self._note(rows_replayed=rows.all.total())
        self.figures.wrong += [f"replay: {each}" for each in judging.rows_in_table(self._lake, rows)]

    def judge(self) -> None:
        """Look for each event and each malformed text."""
        self._lake.look()
        rows = Rows.read(self._scene, self.plan)
        listed = self._json(
            *("rejects", "list", "--since", self._from, "--limit", "1000000"), *self._sender.rejects_option
        )
        self.figures.wrong += [
            *judging.rows_in_table(self._lake, rows.once(self._scene.announced_late_or_twice())),
            *judging.events_in_view(self._scene, self.plan),
            *judging.texts_listed(self._lake, self.plan, listed["rejects"], self._sender.rejects),
        ]

    def _suffer(self, over: threading.Event) -> None:
        try:
            for phase in phases(self._scene.names, self._random("faults"), self._size.phase_seconds):
                with self._weather:
                    self._scene.begin(phase)
                self.figures.faults.update(fault.name for fault in phase.faults)
                if over.wait(phase.seconds):
                    return
        finally:
            self._scene.end_faults()

    def _operate(self) -> None:
        names = list(self._scene.operations)
        self._random("operations").shuffle(names)
        for name in names:
            for _ in range(_ATTEMPTS):
                try:
                    self._scene.operations[name]()
                    break
                except Exception:  # a fault has struck the deployment, and perhaps its rollback
                    self._retries += 1
                    self._scene.recover()
            else:
                # As an operator would, at a quiet time.
                with self._weather:
                    self._scene.end_faults()
                    self._scene.recover()
                    self._scene.operations[name]()

    def _is_idle(self) -> bool:
        """True if no notification and no file waits."""
        (row,) = self._scene.laptop.query(f"SELECT SYSTEM$PIPE_STATUS('{self._scene.clicks.pipe}') AS status")
        status = json.loads(row["STATUS"])
        sqs, queue = self._scene.laptop.client("sqs"), status["notificationChannelName"].rpartition(":")[2]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        waiting = sqs.get_queue_attributes(
            QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], AttributeNames=names
        )["Attributes"]
        return status["pendingFileCount"] == 0 and not any(map(int, waiting.values()))

    @property
    def _from(self) -> str:
        return f"{self._since:%Y-%m-%dT%H:%MZ}"

    def _reconcile(self, *options: str) -> dict[str, Any]:
        return self._json("reconcile", "--from", self._from, "--grace", "1s", "--wait", "1m", *options)

    def _wait_for_loads_of(self, objects: Iterable[str]) -> None:
        """Wait until the objects of a redrive are loaded, for which the command does not wait."""
        wanted = {key.rpartition("/")[2] for key in objects}
        history = (
            "SELECT file_name FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => '{self._scene.clicks.table}', START_TIME => DATEADD(hour, -1, CURRENT_TIMESTAMP())))"
        )

        def are_loaded() -> bool:
            names = {row["FILE_NAME"].rpartition("/")[2] for row in self._scene.laptop.query(history)}
            return wanted <= names

        eventually(are_loaded)

    def _report_without(self, state: Callable[[Any], bool]) -> dict[str, Any]:
        """A reconciliation at a moment in which no hour is in that state, if there is one."""
        for _ in range(_GLANCES):
            report = self._reconcile("--count-lines")
            if not any(map(state, report["hours"])):
                break
        return report

    def _has_young_files(self, hour: Any) -> bool:
        """True if files of the run landed too shortly before to be called missing."""
        return not self._lake.lines.keys().isdisjoint(hour["waiting_files"])

    def _json(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json; it may find something left to do."""
        process = self._start(*arguments)
        output, messages = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode in (0, _SOMETHING_LEFT), f"{arguments} failed:\n{output}\n{messages}"
        return as_json(output)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        whose = ("--events", self._scene.clicks.name, "--env", self._scene.env, "--json")
        return self._scene.laptop.start(*arguments, *whose)

    def _random(self, what: str) -> random.Random:
        """A sequence for one purpose, the same for the same seed."""
        return random.Random(f"{self.figures.seed} {self.figures.env} {what}")  # noqa: S311 - no secret

    def _note(self, **figures: Any) -> None:
        self.figures.table |= figures


def _has_files_under_way(hour: Any) -> bool:
    """True if a file is missing, as that of a canary may be for a moment."""
    return bool(hour["waiting_files"] or hour["missing_files"])
