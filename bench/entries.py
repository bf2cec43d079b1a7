"""The entries of `make bench`, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from bench.figure import Figure
from bench.run import Run


@dataclass(frozen=True)
class Entry:
    """One entry, named for ONLY.

    Attributes:
        name: its name.
        function: the module of this package and its function, imported when the entry runs.
        summary: what is measured.
        is_asked_for: it runs only if it is named.
    """

    name: str
    function: str
    summary: str
    is_asked_for: bool = False

    @property
    def measure(self) -> Callable[[Run], Sequence[Figure]]:
        """The function that measures it."""
        module, _, function = self.function.rpartition(".")
        found: Callable[[Run], Sequence[Figure]] = getattr(import_module(f"bench.{module}"), function)
        return found


ENTRIES = (
    Entry("synth", "synth.measure", "synthesis of the whole app, against a one-bucket app"),
    Entry("producer", "producer.measure", "the whole producer process, against simpler senders"),
    Entry("producer-work", "work.producer", "the producer's own work, against json.loads"),
    Entry("gate-work", "work.gate", "the gate's own work and memory, against json.loads"),
    Entry("lambdas", "bundle.measure", "zips and cold import of the functions"),
    Entry("help", "verbs.helps", "CPU of the slowest --help"),
    Entry("setup", "verbs.setup", "`make setup` in a fresh clone"),
    Entry("rows", "rows.measure", "one day of thirty, 20 million rows: view and dynamic table"),
    Entry("deploy", "pipeline.deploy", "deployment to an empty laptop cloud, and its longest chain"),
    Entry("freshness", "pipeline.freshness", "event → row with buffers of 1 s"),
    Entry("load", "load.measure", "files in the lake → committed rows, against DuckDB"),
    Entry("end-to-end", "pipeline.end_to_end", "three million events, file → rows, and memory"),
    Entry("test", "verbs.test", "`make test`", is_asked_for=True),
)
