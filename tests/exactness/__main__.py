"""Deploy to the laptop cloud, send events of all shapes in both ways, and compare every value with its row."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.laptop import Laptop
from tests.exactness.comparing import differences, rejects_in, settled
from tests.exactness.events import Maker, Sent
from tests.exactness.evolution import evolve
from tests.exactness.sending import put_foreign, send_good

ENVIRONMENTS = ("local", "local-direct")


def main() -> int:
    """Return 0 if there is no difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.exactness", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="events through `clickstream send`")
    parser.add_argument(
        "--foreign", type=int, default=20_000, help="records put straight into the front door"
    )
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="the same seed sends the same"
    )
    parser.add_argument(
        "--evolution",
        action="store_true",
        help="only foreign records, without the gate, with schema evolution",
    )
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    found = []
    for env in ENVIRONMENTS if not given.evolution else ():
        with tempfile.TemporaryDirectory() as folder:
            found += _run(env, Path(folder), given.count // 2, given.foreign // 2, given.seed)
    if given.evolution:
        with tempfile.TemporaryDirectory() as folder:
            found += evolve(Path(folder), given.foreign, given.seed)
    print("\n".join(found[:20]))
    print(f"{len(found)} differences")
    return 1 if found else 0


def _run(env: str, folder: Path, count: int, foreign: int, seed: int) -> list[str]:
    laptop, sent, started = Laptop(folder / "state"), Sent(), time.monotonic()
    try:
        laptop.run("up", "--env", env)
        before, maker = rejects_in(laptop), Maker(seed)
        send_good(laptop, env, maker, count, sent, folder)
        put_foreign(laptop, env, maker, foreign, sent)
        settled(laptop, sent, before)
        found, rejects = differences(laptop, sent), rejects_in(laptop) - before
        print(
            f"{env}: {len(sent.rows):,} rows and {rejects.total():,} rejects of {len(sent.rows):,} good events and "
            f"{sum(sent.rejects.values()):,} bad texts; {len(found)} differences; {time.monotonic() - started:.0f} s",
            flush=True,
        )
        return found
    finally:
        laptop.shut()


if __name__ == "__main__":
    sys.exit(main())
