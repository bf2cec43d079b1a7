"""`make chaos`: events good and bad through a pipeline in which everything fails at random; each must be found once."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.changes.walk import ConfigFile
from tests.chaos.run import Figures, Run, Size
from tests.chaos.scene import Operation, Scene
from tests.chaos.selftest import selftest
from tests.e2e.laptop import Laptop
from tests.e2e.templates import change_pipe, raise_serial

ENVIRONMENTS = ("local", "local-direct")
_EVENTS_A_SECOND = 1_000


def main() -> int:
    """Return 0 if all is as it was sent."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="the same seed does the same"
    )
    parser.add_argument("--count", type=int, default=200_000, help="events, half of them in each environment")
    parser.add_argument("--runs", type=int, default=1, help="seeds in a row")
    parser.add_argument("--env", action="append", choices=ENVIRONMENTS, help="only this environment")
    parser.add_argument("--selftest", action="store_true", help="see that deliberate faults are found")
    given = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    environments = ENVIRONMENTS[:1] if given.selftest else given.env or ENVIRONMENTS
    each = given.count // len(environments)
    size = Size(each, seconds=max(60, each / _EVENTS_A_SECOND), phase_seconds=5, kills=4)
    found = []
    for env in environments:
        with deployed(env) as (scene, folder):
            runs = (
                Run(scene, seed, size, folder).go() for seed in range(given.seed, given.seed + given.runs)
            )
            for figures in selftest(scene, given.seed, folder) if given.selftest else runs:
                show(figures, console)
                found.append(figures)
    return 1 if any(figures.wrong for figures in found) else 0


@contextmanager
def deployed(env: str) -> Iterator[tuple[Scene, Path]]:
    """The pipeline on a passing laptop cloud, and a folder for files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = ConfigFile(folder / "config", env)
        laptop = Laptop(folder / "state", folder / "config", env=env)
        try:
            laptop.run("up", "--env", env)
            yield Scene(laptop, env, operations(laptop, env, file)), folder
        finally:
            laptop.shut()


def operations(laptop: Laptop, env: str, file: ConfigFile) -> dict[str, Operation]:
    """Changes of the deployment: of a template where one stack is concerned, or else of the config."""
    landing, serials = f"clickstream-{env}-Landing", count(1)

    def replace() -> None:
        for on_error in ("SKIP_FILE", "CONTINUE"):
            laptop.update(landing, partial(change_pipe, OnError=on_error))

    def rotate() -> None:
        laptop.update(landing, partial(raise_serial, serial=next(serials)))

    def switch() -> None:
        for mode, keep_user in (
            ("storage_integration", True),
            ("storage_integration", False),
            ("iam_user", False),
        ):
            file.change({"access.mode": mode, "access.keep_user": keep_user})
            laptop.run("up", "--env", env)

    return {"pipe replaced": replace, "access key rotated": rotate, "access mode switched": switch}


def show(figures: Figures, console: Console) -> None:
    """Print the figures of a run."""
    table = Table(title=f"seed {figures.seed}, environment {figures.env}", show_header=False)
    for name, value in figures.table.items():
        table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    for name, times in sorted(figures.faults.items()):
        table.add_row(f"phases with {name}", str(times))
    table.add_row("verdict", f"{len(figures.wrong)} wrong" if figures.wrong else "as sent")
    console.print(table)
    for each in figures.wrong:
        console.print(f"WRONG seed {figures.seed}, {figures.env}: {each}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
