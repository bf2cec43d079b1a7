"""What the emulator keeps from one run to the next: all of it after a proper end, nothing after a crash."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path


class SavedState:
    """The services' state and the buckets' objects under one directory.

    MiniStack writes objects at once and everything else when it ends. After a crash the two would not
    belong together (a bucket full of objects that no stack knows), so then the next run starts empty.
    """

    def __init__(self, state_dir: Path) -> None:
        self.services_dir = state_dir / "services"
        self.objects_dir = state_dir / "s3"
        self._complete = state_dir / "complete"

    def open(self) -> None:
        """Make the directories ready for a run; call before MiniStack is imported."""
        if not self._complete.exists():
            for directory in (self.services_dir, self.objects_dir):
                shutil.rmtree(directory, ignore_errors=True)
        self._complete.unlink(missing_ok=True)

    def save(self) -> None:
        """Write the services' state; call once, when nothing changes any more."""
        from ministack import app
        from ministack.core.persistence import save_all

        logging.getLogger("persistence").setLevel(logging.WARNING)
        save_all(app._build_persistence_save_dict())
        self._complete.touch()
