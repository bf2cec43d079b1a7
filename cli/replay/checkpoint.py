"""The file that remembers up to which record a Data Stream was put into another; written after each confirmed call."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Self

from cli.output import CommandError, shown


@dataclass
class Checkpoint:
    """The sequence number of the last record of each shard that was put.

    Attributes:
        path: the file.
        stream: the stream that is read.
        into: the stream that its records are put into.
        until: the first arrival that is not read; None for the end. It stays as it was at the first run: of a stream
            that is put into itself, a later one would include what was put.
        shards: the sequence numbers, by shard.
    """

    path: Path
    stream: str
    into: str
    until: datetime | None
    shards: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def open(cls, path: Path, stream: str, into: str, until: datetime | None) -> Self:
        """The checkpoint in a file; a new one if there is no such file.

        Raises:
            CommandError: the file cannot be read, or is of other streams.
        """
        try:
            found = json.loads(path.read_text())
            kept = datetime.fromisoformat(found["until"]) if found["until"] else None
            there = cls(path, str(found["stream"]), str(found["into"]), kept, dict(found["shards"]))
        except FileNotFoundError:
            return cls(path, stream, into, until)
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = f"is no checkpoint of a replay ({type(error).__name__}: {error})"
        else:
            if (there.stream, there.into) == (stream, into):
                return there
            problem = f"is of a replay of {there.stream} into {there.into}, not of {stream} into {into}"
        raise CommandError(f"{shown(path)} {problem}; name another file with --checkpoint", exit_code=2)

    def note(self, shard: str, sequence_number: str) -> None:
        """Record the last record of a shard that was put."""
        with self._lock:
            self.shards[shard] = sequence_number
            self.save()

    def save(self) -> None:
        """Replace the file as a whole."""
        content = {
            "stream": self.stream,
            "into": self.into,
            "until": self.until and self.until.isoformat(),
            "shards": self.shards,
        }
        new = self.path.with_name(f"{self.path.name}.new")
        with new.open("w") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
