"""The lifecycle of the pipe: left alone whenever possible, replaced with care when its definition changed.

What replacing costs and how it is done is told in `pipe_replacement`.
"""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import PipeSpec
from snowflake_setup.pipe.definition import (
    attributes,
    comment,
    fingerprint,
    found_fingerprint,
    is_same,
    is_under_way,
)
from snowflake_setup.pipe.replacement import PipeReplacement
from snowflake_setup.pipe.state import resume, state_of
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import CreatePipe, SetPipeComment


class Pipe(Resource[PipeSpec]):
    """`Custom::SnowflakePipe`."""

    kind = "PIPE"

    def read(self, properties: Properties) -> PipeSpec:
        """The wanted pipe."""
        return PipeSpec.read(properties)

    def create(self, spec: PipeSpec) -> Data:
        """Make it, or adopt an equal one with its history."""
        rows = self.tools.describe(Noun.PIPE, spec.name)
        if not rows:
            with self.tools.creating(Noun.PIPE, CreatePipe(spec.name, comment(spec), spec.copy)):
                return attributes(self.tools, spec)
        if not is_same(rows[0], spec):
            raise DefinitionConflictError(
                f"pipe {spec.name} exists already and differs: it does {rows[0].get('definition')}, wanted "
                f"{spec.copy.sql()} (stage at {spec.stage_url or 'any place'}). Drop it, or give ours another name"
            )
        if is_under_way(rows[0]):
            return PipeReplacement(self.tools, spec.name, spec).carry_out()
        self._set_comment(rows[0], spec)
        return attributes(self.tools, spec)

    def update(self, old: PipeSpec | None, new: PipeSpec) -> Data:
        """Leave it, comment it, or replace it."""
        rows = self.tools.describe(Noun.PIPE, new.name)
        if not rows:
            return self.create(new)
        if old is not None and old.name != new.name:
            return self._return_from(old, new, rows[0])
        changed = old is None or fingerprint(old) != fingerprint(new)
        # Without its fingerprint a pipe does not tell which place it reads.
        told_apart = is_same(rows[0], new) and not (changed and found_fingerprint(rows[0]) is None)
        if not told_apart or is_under_way(rows[0]):
            data = PipeReplacement(self.tools, new.name, new).carry_out()
            self._tell_of_old_place(old, new)
            return data
        self._set_comment(rows[0], new)
        # A replacement that did not come about may have left it paused, and this is the way back.
        if changed and state_of(self.tools, new.name).paused:
            resume(self.tools, new.name)
        return attributes(self.tools, new)

    def move(self, old: ObjectName, new: PipeSpec) -> Data:
        """Let a pipe of the new name take over; the old one stays paused until it is deleted."""
        return PipeReplacement(self.tools, old, new).carry_out()

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Drop it."""
        self.tools.drop(Noun.PIPE, name)

    def _return_from(self, failed: PipeSpec, new: PipeSpec, row: Row) -> Data:
        """Roll a rename back that failed: CloudFormation still holds the id of `new`."""
        there = self.tools.describe(Noun.PIPE, failed.name)
        if there and found_fingerprint(there[0]) == fingerprint(failed):
            data = PipeReplacement(self.tools, failed.name, new).carry_out()
            self.tools.log.warning(
                "a failed rename left this pipe behind, paused; drop it", object=str(failed.name)
            )
            return data
        # Paused, it has a queue with files that the other pipe may have loaded; running, it was never touched.
        if not is_same(row, new) or is_under_way(row) or state_of(self.tools, new.name).paused:
            return PipeReplacement(self.tools, new.name, new).carry_out()
        return attributes(self.tools, new)

    def _set_comment(self, row: Row, spec: PipeSpec) -> None:
        if row.get("comment") != comment(spec):
            self.tools.warehouse.execute(SetPipeComment(spec.name, comment(spec)))

    def _tell_of_old_place(self, old: PipeSpec | None, new: PipeSpec) -> None:
        if old is not None and old.stage_url != new.stage_url:
            self.tools.log.warning(
                "the stage moved: files at the old place that were not loaded by then stay where they are",
                object=str(new.name),
                old_url=old.stage_url,
                new_url=new.stage_url,
            )
