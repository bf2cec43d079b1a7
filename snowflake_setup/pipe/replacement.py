"""Replacing a pipe so that every file is loaded once: none lost, none twice.

Snowflake keeps the load history in the pipe, so a new pipe of the same name remembers nothing; grants and the queue go
too. A plain REFRESH afterwards would load again what the old pipe has loaded, and REFRESH MODIFIED_AFTER the time of
the pause would miss files that had landed before it but whose notification came after it. Hence:

1.  Find out once what is in the table (`backlog` says how), and LIST the stage. If that does not work, or takes too
    long (it wants a warehouse, and a lake may be large), stop: nothing has been touched.
2.  Save the grants.
3.  Pause the old pipe and wait until what it was loading is in. From here on the old pipe loads nothing. Notifications
    that arrive now go to its queue, which dies with it: those files are not in the table, and step 7 finds them.
4.  Find out again, until it includes the file the pipe says it loaded last. This is the set never to load again.
5.  CREATE OR REPLACE, with a comment that says that a replacement is under way and which grants are owed. The new
    pipe runs at once: notifications from now on are its own, and so is its history, which keeps apart what it gets
    twice (by notification and by step 7). Pausing it again would gain nothing.
6.  Give the grants back.
7.  LIST the stage, *after* 5 so that no file can land between the list and the new pipe's first notification, take away
    the set of step 4, and have the rest loaded (see `backlog`).
8.  Give the pipe its own comment. A pipe without it was left half-way, by a function that died, and is replaced again.

Up to step 5 a failure resumes the old pipe, which has lost nothing. After it CloudFormation rolls back with the same
sequence, and what is in the table, not the time, again decides what is loaded.

A pipe that gets another *name* goes the same way: two pipes on one stage would both load each new file, so the old one
is paused first, and stays paused until CloudFormation deletes it. If the new one cannot be completed it is dropped;
the old one stays paused, since its queue may hold files the new one has loaded; the rollback then replaces it as above.

What remains: a notification that S3 repeats, or brings only after a file was loaded by an earlier pipe, reaches a pipe
that does not know the file. No sequence of statements can tell it apart; it is what the event's own id is for.

A broken pipe (STOPPED_…, STALLED_…) does not drain and need not. A pipe that somebody had paused runs afterwards.
"""

from __future__ import annotations

from snowflake_setup.objects.specs import PipeSpec
from snowflake_setup.pipe import backlog
from snowflake_setup.pipe.definition import (
    PipeEnds,
    attributes,
    comment,
    comment_under_way,
    is_same,
    owed_grants,
)
from snowflake_setup.pipe.refresh_plan import plan
from snowflake_setup.pipe.state import pause_and_drain, resume, state_of
from snowflake_setup.session.clock import wait_until
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    OutOfTimeError,
    SetupError,
    WarehouseNeededError,
)
from snowflake_setup.session.tools import Data, Row, Tools
from snowflake_setup.sql.base import Noun, Statement
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import (
    CreatePipe,
    GrantOnPipe,
    ReplacePipe,
    SetPipeComment,
    ShowPipeGrants,
)
from snowflake_setup.sql.pipe_state import PipeState

_HISTORY_SECONDS = 120.0


class PipeReplacement:
    """One pipe takes over from another, of the same name or not."""

    def __init__(self, tools: Tools, old: ObjectName, new: PipeSpec) -> None:
        self.tools = tools
        self.old = old
        self.new = new

    def carry_out(self) -> Data:
        """The sequence of this module's docstring; the new pipe's attributes."""
        row = self._row(self.old)
        ends = self._ends(row)
        self._loaded(ends)
        backlog.staged_files(self.tools, self.new.copy.stage)
        grants = self._grants(row) if row is not None else []
        statement = self._statement(row, comment_under_way(self.new, grants))
        loaded = self._stop_old(ends) if row is not None else self._loaded(ends)
        if self.old == self.new.name:
            self._switch(statement, resumable=row is not None)
            return self._complete(grants, loaded)
        with self.tools.creating(Noun.PIPE, statement):
            return self._complete(grants, loaded)

    def _row(self, pipe: ObjectName) -> Row | None:
        rows = self.tools.describe(Noun.PIPE, pipe)
        return rows[0] if rows else None

    def _ends(self, row: Row | None) -> list[PipeEnds]:
        """The tables whose content counts: a pipe that changes its table goes on where it was."""
        found = PipeEnds.found(row) if row is not None else None
        return list(dict.fromkeys([PipeEnds.of(self.new.copy), *([found] if found else [])]))

    def _loaded(self, ends: list[PipeEnds]) -> set[str]:
        try:
            return backlog.loaded_urls(self.tools, ends)
        except WarehouseNeededError as error:
            raise WarehouseNeededError(
                f"pipe {self.new.name} has to be replaced, and only the table and its load history tell which files "
                "not to load again. Reading them wants a warehouse: set SNOWFLAKE_WAREHOUSE of this function (the "
                "smallest will do), and grant USAGE ON WAREHOUSE to its role, as the administrator's bootstrap SQL "
                "does. The pipe is as it was",
                code=error.code,
                query_id=error.query_id,
            ) from None

    def _statement(self, old_row: Row | None, said: str) -> Statement:
        """What makes the new pipe; refuses to run over somebody else's."""
        there = old_row if self.old == self.new.name else self._row(self.new.name)
        if there is None:
            return CreatePipe(self.new.name, said, self.new.copy)
        if self.old != self.new.name and not is_same(there, self.new):
            raise DefinitionConflictError(
                f"pipe {self.new.name} exists already and differs: {there.get('definition')}. "
                "Drop it, or give ours another name"
            )
        return ReplacePipe(self.new.name, said, self.new.copy)

    def _grants(self, row: Row) -> list[GrantOnPipe]:
        """What the old pipe grants, and what it would have to if its own replacement had been carried through."""
        return list(dict.fromkeys([*self._shown_grants(), *owed_grants(row, self.new.name)]))

    def _shown_grants(self) -> list[GrantOnPipe]:
        grants = []
        for row in self.tools.warehouse.execute(ShowPipeGrants(self.old)):
            if row["privilege"] == "OWNERSHIP":
                continue
            if row["granted_to"] != "ROLE":
                raise DefinitionConflictError(
                    f"{row['privilege']} on pipe {self.old} is granted to the {row['granted_to']} "
                    f"{row['grantee_name']}, which a replacement cannot restore; revoke it, then grant it again"
                )
            option = str(row.get("grant_option", "")).lower() == "true"
            grants.append(
                GrantOnPipe(
                    self.new.name, str(row["privilege"]), Identifier(str(row["grantee_name"])), option
                )
            )
        return grants

    def _stop_old(self, ends: list[PipeEnds]) -> set[str]:
        """Steps 3 and 4; what fails here leaves the old pipe as it was."""
        was_paused = state_of(self.tools, self.old).paused
        try:
            state = pause_and_drain(self.tools, self.old)
            return self._settled(ends, state)
        except BaseException:
            if not was_paused:
                self._resume_quietly()
            raise

    def _settled(self, ends: list[PipeEnds], state: PipeState) -> set[str]:
        loaded: set[str] = set()
        last = self._last_loaded(state)

        def knows_the_last() -> bool:
            loaded.update(self._loaded(ends))
            if last is None or any(url.endswith(last) for url in loaded):
                return True
            # An emptied table has no history, and nothing that could be doubled.
            return not loaded and all(backlog.is_empty(self.tools, one.table) for one in ends)

        if not wait_until(knows_the_last, self.tools.clock, at_most=_HISTORY_SECONDS, every=2.0):
            raise OutOfTimeError(
                f"pipe {self.old} reports {last} as its last loaded file, but neither the table nor its load history "
                "shows it yet; the pipe was resumed unchanged. Deploy again in a few minutes"
            )
        return loaded

    def _last_loaded(self, state: PipeState) -> str | None:
        """The name of the file that the history has to know, if it is young enough to be asked for."""
        if state.broken or state.last_loaded_path is None or state.last_loaded_at is None:
            return None
        if state.last_loaded_at < self.tools.clock.now() - backlog.REACH:
            return None
        return state.last_loaded_path.rsplit("/", 1)[-1]

    def _switch(self, statement: Statement, *, resumable: bool) -> None:
        """Step 5, for a pipe that keeps its name."""
        try:
            self.tools.warehouse.execute(statement)
        except BaseException:
            if resumable:
                self._resume_quietly()
            raise

    def _complete(self, grants: list[GrantOnPipe], loaded: set[str]) -> Data:
        """Steps 6 to 8."""
        for grant in grants:
            self.tools.warehouse.execute(grant)
        stage = self.new.copy.stage
        chosen = plan(backlog.staged_files(self.tools, stage), loaded)
        backlog.feed(self.tools, self.new.name, stage, chosen)
        self.tools.warehouse.execute(SetPipeComment(self.new.name, comment(self.new)))
        return attributes(self.tools, self.new)

    def _resume_quietly(self) -> None:
        try:
            resume(self.tools, self.old)
        except SetupError as error:
            self.tools.log.warning("pipe left paused; resume it", object=str(self.old), reason=str(error))
