"""`make changes`: every plain edit of a deployed environment, on the laptop, while producers go on sending."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from snowflake.connector import Error as SnowflakeError

from cli.laptop import passing_cloud
from cli.output import CommandError
from tests.changes.environment import Environment
from tests.changes.walk import ConfigFile, steps
from tests.infrastructure.edits import EDITS, Edit


def main(arguments: argparse.Namespace) -> int:
    """Make the edits of one environment; 1 if one failed or an event was lost or doubled."""
    edits = [edit for edit in EDITS if edit.is_deployment and _env(edit) == arguments.env]
    edits = [edit for edit in edits if all(word in edit.id for word in arguments.words)]
    for edit in edits:
        if edit.not_on_laptop:
            print(f"not on the laptop: {edit.id}: {edit.not_on_laptop}")
    edits = [edit for edit in edits if not edit.not_on_laptop]
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, CLICKSTREAM_CONFIG=f"{folder}/config"),
    ):
        file = ConfigFile(Path(folder) / "config", arguments.env)
        with passing_cloud(file.change({}), Path(folder) / "state", minute_seconds=10) as laptop:
            environment = Environment(laptop)
            environment.deploy(file.change({}))
            for edit in steps(edits, file):
                started = time.monotonic()
                found = [*_made(environment, edit, file), *_failure(environment.wait_for_rows)]
                verdict = "FAILED" if found else "deployed"
                print(f"{verdict}  {time.monotonic() - started:4.0f} s  {edit.id}", *found, flush=True)
                failed += found
            environment.end()
            failed += [*_failure(environment.wait_for_rows), *environment.refused()]
            print(environment.counts())
    print("\n".join(failed) or f"{len(edits)} edits deployed, nothing lost, nothing doubled")
    return 1 if failed else 0


def _env(edit: Edit) -> str:
    return "local-direct" if edit.base.get("streaming.source") == "direct_put" else "local"


def _made(environment: Environment, edit: Edit, file: ConfigFile) -> list[str]:
    """Deploy an edit; one that fails is taken back, so that the next ones do not fail with it."""
    failure = _failure(lambda: environment.make(edit, file.change(edit.keys)))
    if failure:
        file.undo()
    return failure


def _failure(attempt: Callable[[], None]) -> list[str]:
    try:
        attempt()
    except (CommandError, AssertionError, SnowflakeError) as error:
        return [str(error)]
    return []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.changes", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the edits whose line contains all of these")
    parser.add_argument("--env", default="local", choices=["local", "local-direct"])
    sys.exit(main(parser.parse_args()))
