"""What holds for the whole suite: Ctrl-C works, and what deploys whole pipelines comes first.

Else one worker is left alone with it at the end. `make test` asks xdist for `--no-loadscope-reorder`: it would begin
with the files of the most tests, the quick ones.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# Who runs the suite in the background of a script has Ctrl-C ignored, here and in all that is started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)

_HERE = Path(__file__).parent
_LONGEST_FIRST = ("e2e", "drills", "integration/pipeline", "faults", "integration")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the folders; within one, files and tests stay as they are."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    inside = (rank for rank, folder in enumerate(_LONGEST_FIRST) if path.is_relative_to(_HERE / folder))
    return next(inside, len(_LONGEST_FIRST))
