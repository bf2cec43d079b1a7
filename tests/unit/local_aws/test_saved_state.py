"""What is there at the start of a run: everything after a proper end, nothing after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.aws.saved_state import SavedState


@pytest.fixture
def saved(tmp_path: Path) -> SavedState:
    state = SavedState(tmp_path)
    for directory in (state.services_dir, state.objects_dir):
        directory.mkdir()
        (directory / "something").touch()
    return state


def test_what_was_left_by_a_crash_is_not_used(saved: SavedState) -> None:
    saved.open()
    assert not saved.services_dir.exists()
    assert not saved.objects_dir.exists()


def test_what_was_saved_is_used_once(saved: SavedState, tmp_path: Path) -> None:
    (tmp_path / "complete").touch()
    saved.open()
    assert (saved.objects_dir / "something").exists()
    # This run has not ended properly yet.
    saved.open()
    assert not saved.objects_dir.exists()
