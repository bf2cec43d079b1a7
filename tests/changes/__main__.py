"""`make changes`: every plain edit of a deployed environment, on the laptop, while producers go on sending."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest.mock import patch

from snowflake.connector import Error as SnowflakeError

from cli.cdk import Cdk
from cli.laptop import Laptop, passing_cloud
from cli.output import CommandError
from config.model import PipelineConfig
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal
from tests.changes.traffic import Producer
from tests.changes.walk import ConfigFile, steps
from tests.e2e.laptop import eventually
from tests.infrastructure.edits import EDITS, Edit


class Walk:
    """One environment, changed step by step under traffic."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self._producers: dict[str, Producer] = {}
        self._ended: list[Producer] = []
        self._tables: dict[str, set[ObjectName]] = {}

    def deploy(self, config: PipelineConfig) -> None:
        """`cdk deploy --all`, as the config says; producers of a kind of event begin after it, or end before it."""
        self.laptop = Laptop(config, self.laptop.cloud)
        kinds = {stream.name: stream for stream in config.event_streams}
        for name in self._producers.keys() - kinds.keys():
            self._ended.append(self._producers.pop(name))
            self._ended[-1].end()
            self.wait_for_rows()
        if self._tables:
            state = self.laptop.cloud.state_dir
            cdk = Cdk(assembly=state / "cdk.out", logs=state / "logs", env=config.env)
            self._create_reader_roles(config)
            self.laptop.prepare_snowflake()
            cdk.synth(_silent, review=False)
            cdk.deploy(_silent)
        else:
            self.laptop.deploy()
        for name, stream in kinds.items():
            names = config.snowflake
            self._tables.setdefault(name, set()).add(
                ObjectName.of(names.database, names.schema_name, stream.table)
            )
            if name not in self._producers:
                self._producers[name] = Producer(self.laptop, stream)
                self._producers[name].started()

    def make(self, edit: Edit, config: PipelineConfig) -> None:
        """Deploy an edit; if it asks for it, with the producers stopped and their events loaded."""
        with ExitStack() as stopped:
            if edit.stopped:
                for producer in self._producers.values():
                    stopped.enter_context(producer.stopped())
                self.wait_for_rows()
            self.deploy(config)

    def _create_reader_roles(self, config: PipelineConfig) -> None:
        """As the administrator does, whose roles they are."""
        with self.laptop.snowflake() as session, session.cursor() as cursor:
            for role in config.snowflake.reader_roles:
                cursor.execute(f"CREATE ROLE IF NOT EXISTS {Identifier(role).sql()}")

    def wait_for_rows(self) -> None:
        """Wait until every event that has been accepted by now is a row."""
        accepted = {kind: self._accepted(kind) for kind in self._tables}
        eventually(lambda: not any(events - self._rows(kind) for kind, events in accepted.items()))

    def end(self) -> list[str]:
        """End the producers; what is lost, doubled or refused."""
        for producer in self._producers.values():
            producer.end()
        with suppress(AssertionError):  # the counts below show what is missing
            self.wait_for_rows()
        found = [f"refused: {reason}" for producer in self._all for reason in producer.refused[:3]]
        for kind in self._tables:
            accepted, rows = self._accepted(kind), self._rows(kind)
            lost, doubled = accepted - rows, rows - accepted
            counts = f"{accepted.total()} accepted, {rows.total()} rows"
            print(f"{kind}: {counts}, {lost.total()} lost, {doubled.total()} doubled")
            for what, count in (("lost", lost), ("doubled", doubled)):
                found += [f"{kind}: {count.total()} {what}, e.g. {next(iter(count))}"] if count else []
        return found

    @property
    def _all(self) -> list[Producer]:
        return [*self._ended, *self._producers.values()]

    def _accepted(self, kind: str) -> Counter[str]:
        return Counter(
            event for producer in self._all if producer.kind == kind for event in producer.accepted
        )

    def _rows(self, kind: str) -> Counter[str]:
        with self.laptop.snowflake() as session, session.cursor() as cursor:
            return Counter(
                str(event_id)
                for table in self._tables[kind]
                for (event_id,) in cursor.execute(
                    f"SELECT EVENT_ID FROM {table.sql()} WHERE STARTSWITH(EVENT_ID, {literal(f'{kind}-')})"
                )
            )


def main(arguments: argparse.Namespace) -> int:
    """Make the edits of one environment; 1 if one failed or an event was lost or doubled."""
    env = arguments.env
    direct = env == "local-direct"
    edits = [edit for edit in EDITS if not edit.way and not edit.not_on_laptop and _direct(edit) == direct]
    edits = [edit for edit in edits if all(word in edit.id for word in arguments.words)]
    for edit in EDITS:
        if edit.not_on_laptop:
            print(f"not on the laptop: {edit.id}: {edit.not_on_laptop}")
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, CLICKSTREAM_CONFIG=f"{folder}/config"),
    ):
        file = ConfigFile(Path(folder) / "config", env)
        with passing_cloud(file.change({}), Path(folder) / "state", minute_seconds=10) as laptop:
            walk = Walk(laptop)
            walk.deploy(file.change({}))
            for edit in steps(edits, file):
                started = time.monotonic()
                try:
                    walk.make(edit, file.change(edit.keys))
                    verdict = "deployed"
                except (CommandError, AssertionError, SnowflakeError) as error:
                    failed.append(f"{edit.id}: {error}")
                    verdict = "FAILED"
                print(f"{verdict}  {time.monotonic() - started:4.0f} s  {edit.id}", flush=True)
            failed += walk.end()
    print("\n".join(failed) or f"{len(edits)} edits deployed, nothing lost, nothing doubled")
    return 1 if failed else 0


def _direct(edit: Edit) -> bool:
    return edit.base.get("streaming.source") == "direct_put"


def _silent(line: str) -> None:
    """No progress."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.changes", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the edits whose line contains all of these")
    parser.add_argument("--env", default="local", choices=["local", "local-direct"])
    sys.exit(main(parser.parse_args()))
