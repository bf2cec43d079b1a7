"""The senders: the command on a file, killed and resumed; a foreign sender of records; one of files for the lake."""

from __future__ import annotations

import gzip
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.chaos.plan import Plan
from tests.chaos.scene import Scene
from tests.e2e.laptop import PATIENCE_SECONDS, as_json

_AGAIN_SECONDS = 0.05
_SOME_NOT_SENT, _MOST_RUNS = 3, 50
# The reason of an event in the rejects file that the stream did not accept.
_IN_VAIN = "offered "


class FileSender:
    """`clickstream send FILE --resume`, killed a few times and run again until all is sent.

    Attributes:
        kills: how often it was killed.
        runs: how often it was started.
    """

    def __init__(self, scene: Scene, plan: Plan, folder: Path, rng: random.Random) -> None:
        self._scene, self._plan, self._folder, self._rng = scene, plan, folder, rng
        self._rejects = folder / "rejects.ndjson"
        self.kills = self.runs = 0

    def send(self, kills: int, seconds: float) -> None:
        """Send the file in about so many seconds, killed as often; then what the stream did not accept."""
        content = b"".join(self._plan.file)
        rate = content.count(b"\n") / seconds
        self._send(content, rate, seconds / (kills + 1), kills)
        while left := self._take_failed():
            self._send(left, rate, None, kills)

    @property
    def rejects(self) -> list[dict[str, Any]]:
        """The entries of the rejects file."""
        text = self._rejects.read_text() if self._rejects.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    @property
    def rejects_option(self) -> Sequence[str]:
        """The option with which `clickstream rejects list` includes them."""
        return ("--file", str(self._rejects)) if self._rejects.exists() else ()

    def _take_failed(self) -> bytes:
        """The events that were offered in vain, taken out of the rejects file to be sent again."""
        entries = self.rejects
        failed = [entry for entry in entries if entry["reason"].startswith(_IN_VAIN)]
        if failed:
            kept = [json.dumps(entry) + "\n" for entry in entries if entry not in failed]
            self._rejects.write_text("".join(kept))
        return "".join(entry["event"] + "\n" for entry in failed).encode()

    def _send(self, content: bytes, rate: float, kill_after: float | None, kills: int) -> None:
        file = self._folder / f"events-{self.runs}.ndjson"
        file.write_bytes(content)
        command = ("send", str(file), "--env", self._scene.env, "--rejects", str(self._rejects))
        options = ("--rate", f"{rate:.0f}", "--resume", "--json")
        while not self._is_sent((*command, *options), kill_after if self.kills < kills else None):
            pass

    def _is_sent(self, command: Sequence[str], kill_after: float | None) -> bool:
        """Run the command once; True if it has come to the end of the file."""
        self.runs += 1
        process = self._scene.laptop.start(*command)
        try:
            wait = kill_after and self._rng.uniform(0.5, 1.5) * kill_after
            output, messages = process.communicate(timeout=wait or PATIENCE_SECONDS)
        except TimeoutExpired:
            process.kill()
            process.communicate()
            if kill_after is None:
                raise
            self.kills += 1
            return False
        # It gives up a stream that accepts nothing.
        assert self.runs < _MOST_RUNS, f"{command} ended with {process.returncode}:\n{output}\n{messages}"
        return process.returncode in (0, _SOME_NOT_SENT) and not as_json(output)["stopped"]


def send_records(scene: Scene, plan: Plan, seconds: float) -> None:
    """Put records past the producer, each until it is accepted."""
    pace = threading.Event()
    for number, data in enumerate(plan.records):
        _until_accepted(partial(scene.put_record, data, key=str(number)))
        pace.wait(seconds / len(plan.records))


def send_objects(scene: Scene, plan: Plan, seconds: float) -> None:
    """Write files into the lake past the gate, every third into the folder of the hour before."""
    s3, pace = scene.laptop.client("s3"), threading.Event()
    for number, body in enumerate(plan.objects):
        hour = datetime.now(UTC) - timedelta(hours=number % 3 == 1)
        key = f"{scene.clicks.data_prefix}{hour:dt=%Y-%m-%d/hh=%H}/foreign-{plan.run}-{number}.json.gz"
        put = {"Bucket": scene.bucket, "Key": key, "Body": gzip.compress(body, mtime=0)}
        _until_accepted(partial(s3.put_object, **put))
        pace.wait(seconds / len(plan.objects))


def _until_accepted(put: Callable[[], Any]) -> None:
    again, deadline = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            put()
            return
        except (ClientError, BotoCoreError):
            if time.monotonic() > deadline:
                raise
            again.wait(_AGAIN_SECONDS)
