"""Schema evolution without the gate: each refused event is listed, each new column counted, and the alarm goes off."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from clickstream_wire.metrics import NAMESPACE, Dimension, PipeMetric
from config import ROOT
from tests.e2e.laptop import Laptop, as_json, eventually
from tests.exactness.sending import put

ENV = "local"
_WINDOW_SECONDS = 10
_BATCH, _PARTS = 200, 10
_NAMES = ("$set", "a b", "Ünïcode", '"', "zip", *(f"field_{number}" for number in range(55)))
_VALUES: tuple[Any, ...] = (7, 123456, 7.25, 12.5, -1, 1e300, True, None, "", "E2 8RS", "3067")
_OTHERS: tuple[Any, ...] = (*_VALUES, "2026-10-06", "2026-10-06T10:00:02Z", [], [1], {}, {"a": 1})


def evolve(folder: Path, count: int, seed: int) -> list[str]:
    """Send records of changing types to a pipeline without a gate; return all that is not as it must be."""
    laptop, started = Laptop(folder / "state", _config(folder)), time.monotonic()
    try:
        laptop.run("up", "--env", ENV)
        columns, lake = _columns(laptop), _Lake(laptop)
        sent: set[str] = set()
        alarm = f"clickstream-{ENV}-clicks-new-columns"
        for part in _parts(count, seed):
            for start in range(0, len(part), _BATCH):
                put(laptop, ENV, [json.dumps(event).encode() for event in part[start : start + _BATCH]])
            sent.update(event["event_id"] for event in part)
            eventually(lambda: sent <= lake.read().keys() and lake.all_loaded())
        eventually(lambda: _is_on(laptop, alarm))
        rows = {row["EVENT_ID"] for row in laptop.query("SELECT DISTINCT event_id FROM click_events")}
        refused = sent - rows
        listed, reasons = _listed(laptop, lake)
        found = [f"{name}: refused and not listed" for name in refused - listed]
        found += [f"{name}: listed and a row" for name in listed & rows]
        added = _columns(laptop) - columns
        counted = eventually(lambda: _counted(laptop) if _counted(laptop) >= len(added) else None)
        if counted != len(added):
            found.append(f"{counted} new columns counted, {len(added)} added")
        status = as_json(laptop.run("status", "--env", ENV, "--json"))
        if set(status["snowflake"]["clicks"]["evolved_columns"]) != added:
            found.append(
                f"status names {status['snowflake']['clicks']['evolved_columns']}, not {sorted(added)}"
            )
        print(
            f"{ENV}, evolution without a gate: {len(sent):,} events, {len(rows & sent):,} rows, "
            f"{len(refused):,} refused, listed as {dict(reasons)}; {len(added)} new columns, {counted} counted, alarm "
            f"on; {len(found)} differences; {time.monotonic() - started:.0f} s",
            flush=True,
        )
        return found
    finally:
        laptop.shut()


def _config(folder: Path) -> Path:
    """The environments, with the gate off and schema evolution on."""
    config = folder / "config"
    config.mkdir()
    text = (ROOT / "config" / f"{ENV}.toml").read_text()
    for section, line in (("[gate]", "enabled = false"), ("[snowflake]", "schema_evolution = true")):
        text = text.replace(section, f"{section}\n{line}")
    (config / f"{ENV}.toml").write_text(text)
    return config


def _parts(count: int, seed: int) -> Iterator[list[dict[str, Any]]]:
    """Events with unlisted fields, some new ones in each part, whose values have changing types.

    The last part has more new names than a load takes.
    """
    rng = random.Random(seed)  # noqa: S311 - a seeded sequence, and no secret
    numbers = iter(range(count))
    for part in range(1, _PARTS + 1):
        names = _NAMES[: len(_NAMES) * part // _PARTS]
        events = [
            _event(f"evolve-{seed}-{number}", names, rng) for number in islice(numbers, count // _PARTS)
        ]
        if part == _PARTS:
            events[0] |= {f"new_{number}": 1 for number in range(101)}
        yield events


def _event(event_id: str, names: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """An event with up to two of the fields; most values of a field are of one kind, so that most events are rows."""
    fields = {
        name: _VALUES[_NAMES.index(name) % len(_VALUES)] if rng.random() < 0.8 else rng.choice(_OTHERS)
        for name in rng.sample(names, rng.choice([0, 1, 2]))
    }
    return {"event_id": event_id, "event_type": "x", "timestamp": "2026-11-28T00:00:00Z", **fields}


class _Lake:
    """Events in the lake, by file and line; each file is read once."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop, self._s3 = laptop, laptop.client("s3")
        outputs = laptop.client("cloudformation").describe_stacks()["Stacks"]
        self._bucket = next(
            output["OutputValue"]
            for stack in outputs
            for output in stack.get("Outputs", [])
            if output["OutputKey"] == "LakeBucketName"
        )
        self.files: dict[str, list[str]] = {}

    def read(self) -> dict[str, str]:
        """The file of each event; two of a duplicate are one."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="events/")
        for key in (each["Key"] for page in pages for each in page.get("Contents", [])):
            if key not in self.files:
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
                lines = gzip.decompress(body).decode().splitlines()
                self.files[key] = [json.loads(line)["event_id"] for line in lines]
        return {name: key for key, names in self.files.items() for name in names}

    def all_loaded(self) -> bool:
        """True if Snowflake has finished with every file."""
        done = self._laptop.query(
            "SELECT FILE_NAME FROM TABLE(CLICKSTREAM.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => "
            "'CLICKSTREAM.RAW.CLICK_EVENTS', START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP()))) "
            "WHERE STATUS <> 'Load in progress'"
        )
        names = {row["FILE_NAME"].rsplit("/", 1)[-1] for row in done}
        return {key.rsplit("/", 1)[-1] for key in self.files} <= names


def _listed(laptop: Laptop, lake: _Lake) -> tuple[set[str], Counter[str]]:
    """Ids of the events that `rejects list` lists, by themselves or with their file, and its reasons."""
    answer = as_json(laptop.run("rejects", "list", "--env", ENV, "--limit", "1000000", "--json"))
    found = set[str]()
    for reject in answer["rejects"]:
        names = lake.files[reject["object"]]
        line = reject["id"].removeprefix(reject["object"]).removeprefix(":")
        found |= {names[int(line) - 1]} if line else set(names)
    return found, Counter(answer["by_reason"])


def _columns(laptop: Laptop) -> set[str]:
    return {row["name"] for row in laptop.query("DESC TABLE CLICKSTREAM.RAW.CLICK_EVENTS")}


def _is_on(laptop: Laptop, alarm: str) -> bool:
    (found,) = laptop.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return bool(found["StateValue"] == "ALARM")


def _counted(laptop: Laptop) -> int:
    """New columns of the last hour that the monitor has counted."""
    now = datetime.now(UTC)
    points = laptop.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=PipeMetric.NEW_COLUMNS,
        Dimensions=[
            {"Name": Dimension.DEPLOYMENT, "Value": f"clickstream-{ENV}"},
            {"Name": Dimension.EVENTS, "Value": "clicks"},
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=_WINDOW_SECONDS,
        Statistics=["Maximum"],
    )["Datapoints"]
    return int(max((point["Maximum"] for point in points), default=0))
