"""A deployed environment on the laptop, its producers, and what became of their events."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack, suppress

from cli.cdk import Cdk
from cli.laptop import Laptop
from config.model import PipelineConfig
from laptop.testing.waiting import eventually
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal
from tests.changes.traffic import Producer
from tests.e2e.laptop import PATIENCE_SECONDS
from tests.infrastructure.edits import Edit

# Firehose applies a change "within a few minutes"; the emulator within three seconds.
_FIREHOSE_SECONDS = 4.0


class Environment:
    """One environment, changed step by step under traffic."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self._producers: dict[str, Producer] = {}
        self._ended: list[Producer] = []
        self._tables: dict[str, set[ObjectName]] = {}
        self._reported = Counter[str]()

    def deploy(self, config: PipelineConfig, sql: str = "") -> None:
        """`cdk deploy --all`, as the config says; producers of a kind of event begin after it, or end before it.

        Args:
            config: the environment.
            sql: what the administrator runs before it.
        """
        self.laptop = Laptop(config, self.laptop.cloud)
        kinds = {stream.name: stream for stream in config.event_streams}
        for name in self._producers.keys() - kinds.keys():
            self._ended.append(self._producers.pop(name))
            self._ended[-1].end()
            self.wait_for_rows()
        if self._tables:
            state = self.laptop.cloud.state_dir
            cdk = Cdk(assembly=state / "cdk.out", logs=state / "logs", env=config.env)
            roles = (Identifier(role).sql() for role in config.snowflake.reader_roles)
            self._administer(*(f"CREATE ROLE IF NOT EXISTS {role}" for role in roles))
            self.laptop.prepare_snowflake()
            self._administer(sql)
            cdk.synth(_silent, review=False)
            cdk.deploy(_silent)
        else:
            self.laptop.deploy()
        for name, stream in kinds.items():
            names = config.snowflake
            table = ObjectName.of(names.database, names.schema_name, stream.table)
            if name in self._producers:
                self._tables[name].add(table)
            else:
                if table not in self._tables.get(name, ()):
                    self._tables[name] = {table}  # which gets all that its folder has
                self._producers[name] = Producer(self.laptop, stream)
                self._producers[name].started()

    def make(self, edit: Edit, config: PipelineConfig) -> None:
        """Deploy an edit; if it asks for it, with the producers stopped, from when their events are loaded."""
        with ExitStack() as stopped:
            if edit.stopped:
                for producer in self._producers.values():
                    stopped.enter_context(producer.stopped())
                self.wait_for_rows()
            self.deploy(config, edit.sql)
            if edit.stopped:
                time.sleep(_FIREHOSE_SECONDS)  # nothing shows when Firehose has done so

    def wait_for_rows(self) -> None:
        """Wait until every event that has been accepted by now is a row, once.

        Raises:
            AssertionError: some are lost or doubled; they are not reported again.
        """
        accepted = self._accepted()
        with suppress(AssertionError):
            eventually(
                lambda: not accepted - self._rows() - self._reported, within=PATIENCE_SECONDS, every=0.5
            )
        rows = self._rows()
        wrong = {"lost": accepted - rows, "doubled": rows - self._accepted()}
        found = {what: events - self._reported for what, events in wrong.items()}
        self._reported |= wrong["lost"] | wrong["doubled"]
        counts = [f"{events.total()} {what}, e.g. {min(events)}" for what, events in found.items() if events]
        assert not counts, "; ".join(counts)

    def end(self) -> None:
        """End the producers."""
        for producer in self._producers.values():
            producer.end()

    def refused(self) -> list[str]:
        """Refusals of the producers, up to three each."""
        return [reason for producer in self._all for reason in producer.refused[:3]]

    def counts(self) -> str:
        """The events of all producers so far."""
        accepted, rows = self._accepted(), self._rows()
        lost, doubled = (accepted - rows).total(), (rows - accepted).total()
        return f"{accepted.total()} accepted, {rows.total()} rows, {lost} lost, {doubled} doubled"

    def _administer(self, *statements: str) -> None:
        with self.laptop.snowflake() as session:
            for cursor in session.execute_string(";\n".join(statements)):
                cursor.close()

    @property
    def _all(self) -> list[Producer]:
        return [*self._ended, *self._producers.values()]

    def _accepted(self) -> Counter[str]:
        return Counter(event for producer in self._all for event in producer.accepted)

    def _rows(self) -> Counter[str]:
        with self.laptop.snowflake() as session, session.cursor() as cursor:
            return Counter(
                str(event_id)
                for kind, tables in self._tables.items()
                for table in tables
                for (event_id,) in cursor.execute(
                    f"SELECT EVENT_ID FROM {table.sql()} WHERE STARTSWITH(EVENT_ID, {literal(f'{kind}-')})"
                )
            )


def _silent(line: str) -> None:
    """No progress."""
