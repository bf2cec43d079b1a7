"""The bounded form of `make chaos`: good and bad events while everything fails at random, repaired and looked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.chaos.run import Run, Size
from tests.chaos.scene import Scene
from tests.e2e.laptop import Laptop
from tests.e2e.plain.conftest import ENV
from tests.e2e.templates import change_pipe, raise_serial

LANDING = f"clickstream-{ENV}-Landing"
SIZE = Size(count=2_000, seconds=6, phase_seconds=1, kills=1)


def test_every_event_is_in_the_view_once_and_every_other_text_is_a_reject(
    running: Laptop, tmp_path: Path
) -> None:
    operations = {
        "pipe replaced": lambda: running.update(LANDING, partial(change_pipe, OnError="SKIP_FILE")),
        "access key rotated": lambda: running.update(LANDING, partial(raise_serial, serial=2)),
    }
    figures = Run(Scene(running, ENV, operations), 1, SIZE, tmp_path).go()
    assert figures.wrong == []
    assert figures.table["lines_missing"], "nothing was missing, so nothing was repaired"
    assert figures.table["replay_killed"], "the replay ended before it could be killed"
