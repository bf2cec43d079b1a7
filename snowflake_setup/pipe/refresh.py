"""Loading the files that landed before the bucket's notifications were on.

During a deployment, minutes pass between the first event and the notifications, and a lake may be older than its
pipe. A plain REFRESH is correct only for the first pipe of an empty table: a pipe that follows another one (the table
outlived its stack, or the pipe was replaced) would load the last seven days again. So the table's content decides, as
in a replacement (see `backlog`), and that of its former tables; if the pipe follows one of another name, so does that
of the former pipe's tables.
Without a warehouse to read it, all files are loaded if the table is empty; otherwise those that landed after the pipe
was created: only this pipe can have loaded them, and it skips those it has loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from snowflake_setup.objects.actions import Action, Remark, Step
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.stage import ShownStage
from snowflake_setup.pipe.backlog import UNKNOWN, Backlog
from snowflake_setup.pipe.definition import ShownPipe
from snowflake_setup.pipe.evidence import Evidence
from snowflake_setup.pipe.folders import REACH, read_day_folder
from snowflake_setup.session.errors import DefinitionConflictError, WarehouseNeededError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import RefreshPipe


@dataclass(frozen=True)
class PipeRefreshSpec:
    """A one-off load of files that landed before notifications were on.

    Attributes:
        name: the pipe's.
        trigger: changes to have the files loaded again.
        day_folder: the stage's folder of a day, see `folders`.
    """

    name: ObjectName
    trigger: str
    day_folder: str


@dataclass(frozen=True)
class Refresh(Step):
    """Queues the files that have not been loaded, by this pipe or by the former one."""

    wanted: PipeRefreshSpec
    there: ShownPipe
    former: ShownPipe | None = None

    def carry_out(self, invocation: Invocation) -> None:
        ends = self.there.ends
        if ends is None:
            self._since_creation(invocation)
            return
        backlog = self._backlog(invocation, ends)
        try:
            backlog.find()
        except WarehouseNeededError:
            self._since_creation(invocation)
            return
        backlog.feed(self.wanted.name)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        ends = self.there.ends
        if self.there.created is None:
            return [UNKNOWN]  # depends on what its creation or replacement has loaded by then
        if ends is None:
            return [RefreshPipe(self.wanted.name, modified_after=self.there.created)]
        stage = see(ShownStage, ends.stage)
        return self._backlog(invocation, ends).foreseen(self.wanted.name, stage.url if stage else "")

    def _backlog(self, invocation: Invocation, ends: PipeEnds) -> Backlog:
        tables = [ends]
        if self.former and self.former.ends:
            tables.append(self.former.ends)
        for pipe in filter(None, (self.there, self.former)):
            tables += [one.ends for one in pipe.former(ends.stage)]
        evidence = Evidence(invocation, list(dict.fromkeys(tables)), self.there.created)
        since = invocation.clock.now() - REACH
        return Backlog(invocation, ends.stage, self.wanted.day_folder, evidence, since)

    def _since_creation(self, invocation: Invocation) -> None:
        invocation.log.info(
            "no warehouse to read the load history with: load older files with COPY INTO",
            object=str(self.wanted.name),
            since=self.there.created,
        )
        invocation.session.execute(RefreshPipe(self.wanted.name, modified_after=self.there.created))


class PipeRefresh(Resource[PipeRefreshSpec, ShownPipe]):
    """`Custom::SnowflakePipeRefresh`, an action on a pipe rather than an object."""

    kind = "PIPE_REFRESH"
    shown = ShownPipe

    def read(self, properties: Properties) -> PipeRefreshSpec:
        return PipeRefreshSpec(
            name=properties.reference("Pipe"),
            trigger=properties.text("Trigger", ""),
            day_folder=read_day_folder(properties),
        )

    def make(self, new: PipeRefreshSpec) -> Sequence[Action]:
        raise DefinitionConflictError(
            f"pipe {new.name} does not exist, so it cannot load; make this resource depend on it"
        )

    def require(self, new: PipeRefreshSpec, there: ShownPipe) -> None:
        """Accept any pipe."""

    def adopt(self, new: PipeRefreshSpec, there: ShownPipe, see: See) -> Sequence[Action]:
        return [Refresh(new, there)]

    def move(
        self, old: ObjectName, new: PipeRefreshSpec, there: ShownPipe | None, see: See
    ) -> Sequence[Action]:
        return self.make(new) if there is None else [Refresh(new, there, see(ShownPipe, old))]

    def change(self, old: PipeRefreshSpec | None, new: PipeRefreshSpec, there: ShownPipe) -> Sequence[Action]:
        return [] if old is not None and old.trigger == new.trigger else [Refresh(new, there)]

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """No action: a load cannot be undone."""
        return []

    def after(self, new: PipeRefreshSpec, there: ShownPipe | None) -> ShownPipe | None:
        return there
