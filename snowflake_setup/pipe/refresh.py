"""Loading what was in the lake before the pipe was told of new files.

Between the first event and the bucket's notification lie minutes of a deployment, and a lake may be older than its
pipe. A plain REFRESH would be right for the first pipe of an empty table only: a pipe that follows another one (the
table outlived its stack, the pipe was replaced) would load the last seven days again. So what is in the table decides,
as in a replacement (see `backlog`). Without a warehouse to read that, everything is taken if the table is empty;
otherwise what landed since the pipe exists, which only this pipe can have loaded and which it skips if it has.
"""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import PipeRefreshSpec
from snowflake_setup.pipe import backlog
from snowflake_setup.pipe.definition import PipeEnds
from snowflake_setup.pipe.refresh_plan import plan
from snowflake_setup.session.errors import DefinitionConflictError, WarehouseNeededError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.instants import instant
from snowflake_setup.sql.pipe import RefreshPipe


class PipeRefresh(Resource[PipeRefreshSpec]):
    """`Custom::SnowflakePipeRefresh`."""

    kind = "PIPE_REFRESH"

    def read(self, properties: Properties) -> PipeRefreshSpec:
        """The pipe and what triggers it."""
        return PipeRefreshSpec.read(properties)

    def create(self, spec: PipeRefreshSpec) -> Data:
        """Have the pipe load what nobody has loaded."""
        rows = self.tools.describe(Noun.PIPE, spec.name)
        if not rows:
            raise DefinitionConflictError(
                f"pipe {spec.name} does not exist, so it cannot load; let this depend on it"
            )
        ends = PipeEnds.found(rows[0])
        if ends is None:
            self._since_creation(spec.name, rows[0])
            return {"FullName": str(spec.name)}
        try:
            loaded = backlog.loaded_urls(self.tools, [ends])
        except WarehouseNeededError:
            self._since_creation(spec.name, rows[0])
            return {"FullName": str(spec.name)}
        chosen = plan(backlog.staged_files(self.tools, ends.stage), loaded)
        backlog.feed(self.tools, spec.name, ends.stage, chosen)
        return {"FullName": str(spec.name)}

    def update(self, old: PipeRefreshSpec | None, new: PipeRefreshSpec) -> Data:
        """The same again."""
        return self.create(new)

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Nothing: what is loaded is loaded."""

    def _since_creation(self, pipe: ObjectName, row: Row) -> None:
        since = instant(row["created_on"])
        self.tools.log.info(
            "no warehouse to read the load history with: older files are left to COPY INTO",
            object=str(pipe),
            since=since,
        )
        self.tools.warehouse.execute(RefreshPipe(pipe, modified_after=since))
