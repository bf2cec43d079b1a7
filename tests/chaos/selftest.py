"""Deliberate faults of the commands: each must be found by its effect on the events of one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.chaos.run import Figures, Run, Size
from tests.chaos.sabotage import FAULTS
from tests.chaos.scene import Scene

_SIZE = Size(count=3_000, seconds=10, phase_seconds=2, kills=1)
_FOUND_AS = {
    "repair skips a file": "rows missing in the table",
    "replay ignores its checkpoint": "replay: rows too many in the table",
    "redrive sends the whole record": "rows too many in the table",
}


def selftest(scene: Scene, seed: int, folder: Path) -> Iterator[Figures]:
    """Run once without a fault, and once with each; a fault that is not found is what is wrong."""
    scene = Scene(scene.laptop, scene.env, {})
    yield Run(scene, seed, _SIZE, folder).go()
    program = scene.laptop.program
    for number, fault in enumerate(FAULTS, start=1):
        scene.laptop.program = ("-m", "tests.chaos.sabotage", fault)
        try:
            figures = Run(scene, seed + number, _SIZE, folder).go()
        finally:
            scene.laptop.program = program
        found = [each for each in figures.wrong if each.startswith(_FOUND_AS[fault])]
        figures.table |= {"fault": fault, "found as": found[0] if found else "not at all"}
        figures.wrong = [] if found else [f"{fault}: not found, only {figures.wrong}"]
        yield figures
