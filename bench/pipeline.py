"""The deployed laptop cloud: deployment, end to end, freshness, loading."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from bench.chain import longest_chain
from bench.figure import Figure
from bench.memory import peaks
from bench.run import Run
from tests.e2e.laptop import Laptop, eventually

_MILLION = 1_000_000
_MEGA = 1e6
# Buffers of config/local.toml: the delivery stream's second; the gate has none. Time counts from the stream's answer.
_BUFFERS_SECONDS = 1.0
_RATE, _RATED_SECONDS = 500, 20


def deploy(run: Run) -> list[Figure]:
    """Deploy every stack to an empty laptop cloud, with bootstrap and synthesis."""
    laptop = run.laptop
    chain = longest_chain(laptop.client("cloudformation"), laptop.assembly)
    return [
        Figure(
            name="laptop deploy from nothing, with bootstrap",
            against=f"its longest chain, of {len(chain.resources)} resources",
            values=[run.deploy_seconds],
            unit="s",
            parts={"longest chain, s": chain.seconds},
            note=" → ".join(chain.resources),
        )
    ]


def end_to_end(run: Run) -> list[Figure]:
    """Send a file of a million events, then one of two million; sample the memory of each process meanwhile."""
    laptop, first, second = run.laptop, run.size(_MILLION), run.size(2 * _MILLION)
    seconds, small = _sent(laptop, run, first)
    more_seconds, large = _sent(laptop, run, second)
    speed = Figure(
        name=f"end to end, {first + second:,} events, file → rows",
        against="the producer's start",
        values=[first / seconds, second / more_seconds],
        unit="events/s",
        parts={f"{first:,} events, s": seconds, f"{second:,} more, s": more_seconds},
    )
    memory = [
        Figure(
            name=f"memory of the {name} at {first + second:,} events",
            against=f"at {first:,}",
            values=[large[name] / small[name]],
            at_most=1.1,
            parts={f"at {first + second:,}, MB": large[name], f"at {first:,}, MB": small[name]},
        )
        for name in sorted(small.keys() & large.keys())
    ]
    return [speed, *memory]


def freshness(run: Run) -> list[Figure]:
    """Send events at a steady rate; compare each one's arrival in the stream with the commit of its row."""
    laptop, count = run.laptop, run.size(_RATE * _RATED_SECONDS)
    before = laptop.rows()[0]
    laptop.run("send", "--count", str(count), "--rate", str(_RATE), "--seed", "11", "--json")
    eventually(lambda: laptop.rows()[0] == before + count)
    waits = sorted(_waits(laptop, count))
    at = {share: waits[int(len(waits) * share)] for share in (0.5, 0.95)}
    return [
        Figure(
            name=f"event → row, p{share * 100:.0f}, at {_RATE} events/s",
            against="the sum of the buffers, 1 s",
            values=[seconds / _BUFFERS_SECONDS],
            at_most=2.0,
            parts={"event → row, s": seconds},
        )
        for share, seconds in at.items()
    ]


def _sent(laptop: Laptop, run: Run, count: int) -> tuple[float, dict[str, float]]:
    """Seconds from the start of the producer to the last row, and the peak memory in MB of each process."""
    file, before = run.events(count), laptop.rows()[0]
    with peaks(laptop.state) as memory:
        started = time.perf_counter()
        sent = json.loads(laptop.run("send", str(file), "--no-resume", "--json"))["sent"]
        if sent != count:
            raise RuntimeError(f"{sent:,} of {count:,} events were sent")
        eventually(lambda: laptop.rows()[0] == before + count)
        seconds = time.perf_counter() - started
    file.unlink()
    return seconds, {name: size / _MEGA for name, size in memory.items()}


def _waits(laptop: Laptop, count: int) -> list[float]:
    """Seconds from the stream to the committed row of the last `count` events."""
    files: dict[str, Any] = {}

    def are_known() -> bool:
        found = laptop.query(
            "SELECT FILE_NAME AS f, LAST_LOAD_TIME AS t FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY("
            "TABLE_NAME => 'CLICK_EVENTS', START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))"
        )
        files.update({row["F"].rsplit("/")[-1]: row["T"] for row in found})
        return all(row["F"].rsplit("/")[-1] in files for row in rows)

    rows = laptop.query(
        "SELECT source_file AS f, received_at AS t FROM click_events WHERE NOT STARTSWITH(event_type, '_') "
        f"ORDER BY received_at DESC LIMIT {count}"
    )
    eventually(are_known)
    waits = [(files[row["F"].rsplit("/")[-1]] - row["T"]).total_seconds() for row in rows]
    if statistics.median(waits) <= 0:
        raise RuntimeError("rows are older than their events: the clocks differ")
    return waits
