"""State that all entries of one run share: their size, a scratch folder, one deployed laptop cloud."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import contract
from producer import generate
from tests.e2e.laptop import Laptop

ROOT = Path(__file__).resolve().parent.parent
# Generated once; larger files repeat them. Nothing that is measured depends on ids being different.
_DISTINCT = 50_000


class Run:
    """One run of `make bench`.

    Args:
        scratch: a folder for files.
        share: 1 for the sizes of docs/performance.md; less tries out whether everything works.
        rounds: how often the sides of a ratio are measured.
    """

    def __init__(self, scratch: Path, *, share: float = 1.0, rounds: int = 5) -> None:
        self.scratch = scratch
        self.rounds = rounds
        self._share = share
        self.deploy_seconds = 0.0

    def size(self, count: int) -> int:
        """The number of events to use in place of `count`."""
        return max(int(count * self._share), 1000)

    @cached_property
    def lines(self) -> bytes:
        """Generated events, one a line."""
        found = generate(contract.load(), count=min(self.size(_DISTINCT * 10), _DISTINCT), seed=1)
        return "".join(f"{one.text}\n" for one in found).encode()

    def events(self, count: int) -> Path:
        """A file of that many events."""
        path = self.scratch / f"{count}.ndjson"
        if not path.exists():
            have = self.lines.count(b"\n")
            with path.open("wb") as file:
                for _ in range(count // have):
                    file.write(self.lines)
                file.write(b"".join(self.lines.splitlines(keepends=True)[: count % have]))
        return path

    @cached_property
    def laptop(self) -> Laptop:
        """A laptop cloud in a temporary folder, deployed once from nothing."""
        laptop = Laptop(self.scratch / "state", validates=True)
        self._laptop = laptop
        started = time.perf_counter()
        laptop.run("up")
        self.deploy_seconds = time.perf_counter() - started
        _lift_limits(laptop.cloud.environment()["AWS_ENDPOINT_URL"])
        return laptop

    def close(self) -> None:
        """Stop the laptop cloud, if there is one."""
        if "_laptop" in vars(self):
            self._laptop.shut()


@contextmanager
def opened_run(*, share: float, rounds: int) -> Iterator[Run]:
    """A run in a temporary folder, which is removed with its laptop cloud at the end."""
    scratch = Path(tempfile.mkdtemp(prefix="bench-"))
    run = Run(scratch, share=share, rounds=rounds)
    try:
        yield run
    finally:
        run.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _lift_limits(endpoint: str) -> None:
    """Have shards take any number of events: AWS's quota for one would be all that is measured."""
    plenty = {"kinesis_shard": {"bytes_per_second": 10**9, "records_per_second": 10**6}}
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{endpoint}/_laptop/limits", data=json.dumps(plenty).encode(), method="PUT"
    )
    # No proxy: the server is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(request, timeout=10).close()


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)
