"""Faults in phases: each has a few at once, drawn so that all have had their turn before one comes again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Where = Literal["aws", "snowflake", "limits"]
Document = Mapping[str, Any]

_AT_ONCE = 4
_LONG = 1_000_000


@dataclass(frozen=True)
class Names:
    """Names by which faults are aimed at one kind of event."""

    service: str
    batch_call: str
    front_door: str
    bucket: str
    data_prefix: str
    gate: str
    landing: str


@dataclass(frozen=True)
class Fault:
    """A fault of a phase: its name in the report, the server that has it, and what that is sent."""

    name: str
    where: Where
    document: Document


@dataclass(frozen=True)
class Phase:
    """Faults that happen at the same time, for some seconds."""

    seconds: float
    faults: tuple[Fault, ...]


def phases(names: Names, rng: random.Random, seconds: float) -> Iterator[Phase]:
    """Phases without end, of `seconds` on average."""
    deck: list[Fault] = []
    while True:
        if len(deck) < _AT_ONCE:
            fresh = list(_faults(names, rng))
            rng.shuffle(fresh)
            deck = fresh + deck  # what is left comes first
        chosen = tuple(deck.pop() for _ in range(_AT_ONCE))
        yield Phase(rng.uniform(0.5, 1.5) * seconds, chosen)


def _faults(names: Names, rng: random.Random) -> Iterator[Fault]:
    door, lake, data = f"{names.service} PutRecord", f"/{names.bucket}/", names.data_prefix
    for kind in ("cut", "http_503"):
        yield _aws("front door", kind, door, rng)
    # A foreign sender puts single records, so that each of them is in the stream once.
    yield _aws("front door", "lost_answer", f"{names.service} {names.batch_call}", rng)
    for kind in ("record_throttled", "record_failed"):
        yield _aws("front door", kind, names.front_door, rng)
    for kind in ("cut", "http_503", "lost_answer"):
        yield _aws("S3", kind, f"s3 {rng.choice(('GET', 'PUT'))} {lake}", rng)
    for kind in ("notification_lost", "notification_doubled", "notification_late"):
        yield _aws("S3", kind, data, rng, seconds=rng.uniform(1, 8))
    # Firehose invokes the function up to four times before it gives a batch up.
    yield _aws("gate", "function_times_out", names.gate, rng, probability=0.75)
    yield _aws("gate", "function_fails", names.gate, rng, probability=0.3)
    # Once only: CloudFormation would not recover if the function timed out again while it rolls back.
    yield _aws("landing", "function_times_out", names.landing, rng, probability=1, times=1)
    for kind in ("cut", "http_503", "lost_answer", "expired_session"):
        yield Fault(f"Snowflake {kind}", "snowflake", _document(kind, "", rng, probability=0.1))
    yield Fault(
        "Snowflake half_load", "snowflake", _document("half_load", data, rng, probability=0.2, seconds=3)
    )
    few = {"bytes_per_second": _LONG, "records_per_second": 5}
    puts = {**few, "puts_per_second": 5}
    yield Fault("front door quota", "limits", {"kinesis_shard": few, "firehose_direct_put": puts})


def _aws(what: str, kind: str, match: str, rng: random.Random, **more: Any) -> Fault:
    return Fault(f"{what} {kind}", "aws", _document(kind, match, rng, **more))


def _document(kind: str, match: str, rng: random.Random, **more: Any) -> Document:
    chance = {"probability": rng.choice((0.1, 0.3, 0.6)), "seed": rng.randrange(1_000_000)}
    return {"kind": kind, "match": match, "times": None, **chance, **more}
