"""A Lambda's code on disk, unpacked once for all its processes.

MiniStack unpacks the whole zip for every process, and a bundle with the Snowflake connector has a thousand files.
Here the first process unpacks, and later ones get a link; they also share the compiled bytecode.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import types
import zipfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

_lock = threading.Lock()


def install() -> None:
    """Let MiniStack's Lambda processes share their unpacked code."""
    lambda_runtime.zipfile = types.SimpleNamespace(
        ZipFile=SharedZip, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


class SharedZip(zipfile.ZipFile):
    """A zip whose unpacked content is shared with zips of the same content."""

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Replace `path`, an empty directory, by a link to the unpacked content."""
        unpacked = self._unpacked()
        Path(path).rmdir()
        Path(path).symlink_to(unpacked, target_is_directory=True)

    def _unpacked(self) -> Path:
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        shared = Path(tempfile.gettempdir()) / "lambda-code" / digest
        with _lock:
            if not shared.exists():
                shared.parent.mkdir(exist_ok=True)
                partial = Path(tempfile.mkdtemp(dir=shared.parent))
                super().extractall(partial)
                partial.rename(shared)
        return shared
