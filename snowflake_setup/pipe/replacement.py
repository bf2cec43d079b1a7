"""Replacing a pipe so that every file is loaded exactly once.

Snowflake keeps the load history in the pipe, so a new pipe of the same name remembers nothing; grants go too. A plain
REFRESH afterwards would load again what the old pipe has loaded, and REFRESH MODIFIED_AFTER the time of the pause would
miss files that had landed before it but whose notification the old pipe had taken. Hence:

1.  Find out which files are in the table and which are missing (`backlog` says how). If that fails or takes too long
    (it needs a warehouse), stop: nothing has been changed. All that is expensive is read here, once.
2.  Save the grants.
3.  Pause the old pipe and wait until the files it was loading are loaded. From here on it loads nothing. Notifications
    that arrive now may be lost with the pipe: step 6 finds their files, as they are not in the table.
4.  Read what was loaded since step 1, until it includes the file that the pipe reports as its last, and until no file
    may be half loaded: its rows would count as the whole file, and the rest would be lost. Check that there is time for
    the rest.
5.  CREATE OR REPLACE, with a comment that says that a replacement is under way, since when files may be missing, and
    which grants to restore. The new pipe runs at once and gets all further notifications. Its load history skips files
    that it gets twice (by notification and by step 6), so there is no need to pause it.
6.  LIST the lake again, *after* 5 so that no file can land between the list and the new pipe's first notification,
    remove the files of step 4, and load the rest (see `backlog`).
7.  Grant what is still missing on the new pipe (`grants`). A refused grant is reported and stops nothing.
8.  Set the pipe's final comment.

Up to step 5 a failure resumes the old pipe, which has lost nothing. After it, what is not done is in the comment. A
failure of step 6 fails the deployment, so that CloudFormation rolls back with the same sequence, for files since the
time in the comment. If that cannot be completed either, it is reported and left to the next deployment, since a
rollback must not fail. A request that finds its own pipe with such a comment does only the steps after 5.

A *rename* follows the same steps: two pipes on one stage would both load each new file, so the old one is paused first,
and stays paused until CloudFormation deletes it. If the new one cannot be completed it is dropped; the old one stays
paused, since the new one may have loaded files that the old one was notified of; the rollback then replaces it as
above.

The queue that S3 notifies belongs to the account and region, serves all pipes, and outlives each of them
(https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3). So a notification that comes late reaches the new
pipe, whose own history skips the file if the new pipe has loaded it. One gap remains: if S3 repeats or delays a
notification of a file that an earlier pipe has loaded, the new pipe loads it again. No sequence of statements can
prevent that; it is one reason why events have an id.

A broken pipe (STOPPED_…, STALLED_…) does not drain and need not. A pipe that was paused by hand runs afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clickstream_wire.environment import Login
from snowflake_setup.objects.actions import Remark, Step
from snowflake_setup.objects.look import See
from snowflake_setup.objects.stage import ShownStage
from snowflake_setup.pipe.backlog import Backlog
from snowflake_setup.pipe.definition import FormerTable, PipeSpec, ShownPipe
from snowflake_setup.pipe.evidence import Evidence
from snowflake_setup.pipe.folders import REACH
from snowflake_setup.pipe.grants import Grants
from snowflake_setup.pipe.state import pause_and_drain
from snowflake_setup.session.clock import wait_until
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    OutOfTimeError,
    SetupError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.sql import pipe as sql
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import ObjectName

_HISTORY_SECONDS = 180.0
# For the statements after CREATE OR REPLACE, besides those that list the lake.
_RESERVE_SECONDS = 30.0
_UNKNOWN_GRANTS = Remark(
    "All grants on the old pipe are then restored on the new one with GRANT … ON PIPE", unknown=True
)


@dataclass(frozen=True)
class PipeReplacement(Step):
    """Replaces a pipe by another, with the same name or a new one."""

    old: ObjectName
    new: PipeSpec

    @property
    def is_rename(self) -> bool:
        """True if the new pipe has another name."""
        return self.old != self.new.name

    def carry_out(self, invocation: Invocation) -> None:
        """The sequence of this module's docstring."""
        there = ShownPipe.look(invocation.session, self.old)
        former = self._former(invocation, there)
        backlog = self._backlog(invocation, there, former)
        self._find(backlog)
        grants = Grants.of(invocation.session, self.old, self.new.name, there)
        if not self._is_switched(there):
            successor = ShownPipe.look(invocation.session, self.new.name) if self.is_rename else there
            statement = self._statement(successor, backlog, grants, former)
            with self._left_as_it_was(invocation, there):
                if there:
                    self._come_to_rest(invocation, backlog)
                if not self.is_rename:
                    invocation.session.execute(statement)
            if self.is_rename:  # from now on the old one must not run as well
                invocation.make(statement)
        again = there is not None and there.is_under_way
        self._complete(invocation, backlog, grants, self._final_comment(former), again=again)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        there = see(ShownPipe, self.old)
        found: list[Statement | Remark] = []
        former = self._former(invocation, there)
        backlog = self._backlog(invocation, there, former)
        try:
            grants = Grants.of(invocation.session, self.old, self.new.name, there)
            given: list[Statement | Remark] = grants.preview()
        except SnowflakeError:
            grants, given = Grants(), [_UNKNOWN_GRANTS]
        stage = see(ShownStage, self.new.copy.stage)
        fed = backlog.foreseen(self.new.name, stage.url if stage else "")
        if not self._is_switched(there):
            if there and not there.paused:
                found.append(sql.PausePipe(self.old))
            found.append(self._statement(see(ShownPipe, self.new.name), backlog, grants, former))
        return [*found, *fed, *given, self._final_comment(former)]

    def _is_switched(self, there: ShownPipe | None) -> bool:
        """True if the pipe is the new one already, and only the steps after CREATE OR REPLACE are left."""
        return bool(
            there and not self.is_rename and there.is_under_way and not there.paused and there.does(self.new)
        )

    def _former(self, invocation: Invocation, there: ShownPipe | None) -> list[FormerTable]:
        """The tables other than the new pipe's that have files of the last week."""
        if there is None:
            return []
        now = invocation.clock.now()
        found = {one.ends.table: one for one in there.former(self.new.copy.stage)}
        if there.ends:
            found[there.ends.table] = FormerTable(there.ends, now)
        found.pop(self.new.copy.table, None)
        return [one for one in found.values() if one.until >= now - REACH]

    def _backlog(
        self, invocation: Invocation, there: ShownPipe | None, former: Sequence[FormerTable]
    ) -> Backlog:
        """The missing files; a pipe that gets another table continues where it was, so both tables count."""
        ends = [PipeEnds.of(self.new.copy), *(one.ends for one in former)]
        if there and there.ends:  # of the same table, perhaps with other columns
            ends.append(there.ends)
        evidence = Evidence(invocation, list(dict.fromkeys(ends)), there.created if there else None)
        since = invocation.clock.now() - REACH
        if there and there.is_under_way:
            since = max(since, there.owed_since(self.new) or since)
        return Backlog(invocation, self.new.copy.stage, self.new.day_folder, evidence, since)

    def _final_comment(self, former: Sequence[FormerTable]) -> sql.SetPipeComment:
        return sql.SetPipeComment(self.new.name, self.new.marked_comment(former))

    def _find(self, backlog: Backlog) -> None:
        try:
            backlog.find()
        except WarehouseNeededError as error:
            raise WarehouseNeededError(
                f"pipe {self.new.name} has to be replaced, and only the table and its load history show which files "
                f"not to load again. Reading them needs a warehouse: set {Login.WAREHOUSE} of this function (the "
                "smallest size is enough), and grant USAGE ON WAREHOUSE to its role, as the administrator's bootstrap "
                "SQL does. The pipe was not changed",
                code=error.code,
                query_id=error.query_id,
            ) from None

    def _statement(
        self, there: ShownPipe | None, backlog: Backlog, grants: Grants, former: Sequence[FormerTable]
    ) -> Statement:
        """The statement that creates the new pipe; refuses to replace an unrelated one."""
        comment = self.new.comment_under_way(backlog.since, grants.wanted, former)
        if there is None:
            return sql.CreatePipe(self.new.name, comment, self.new.copy)
        if self.is_rename and not there.does(self.new):
            raise DefinitionConflictError(
                f"pipe {self.new.name} exists already and differs: {there.definition}. "
                "Drop it, or choose another name"
            )
        return sql.ReplacePipe(self.new.name, comment, self.new.copy)

    @contextmanager
    def _left_as_it_was(self, invocation: Invocation, there: ShownPipe | None) -> Iterator[None]:
        """Resume the old pipe, if it ran, after a failure up to step 5."""
        try:
            yield
        except BaseException:
            if there and not there.paused:
                try:
                    invocation.session.execute(sql.ResumePipe(self.old))
                except SetupError as error:
                    told = "pipe left paused; resume it"
                    invocation.log.warning(told, object=str(self.old), reason=str(error))
            raise

    def _come_to_rest(self, invocation: Invocation, backlog: Backlog) -> None:
        """Steps 3 and 4: wait until all that the old pipe loads is known."""
        state = pause_and_drain(invocation, self.old)
        evidence, clock = backlog.evidence, invocation.clock
        # The name of the file that the history must include, if it is recent enough.
        recent = not state.broken and state.last_loaded_at and state.last_loaded_at >= clock.now() - REACH
        last = state.last_loaded_path.rsplit("/", 1)[-1] if state.last_loaded_path and recent else None

        def unknown() -> str:
            if evidence.half_loaded:
                return f"may have loaded only a part of {min(evidence.half_loaded)}"
            # An emptied table has no history, and no rows that could be duplicated.
            if last and not evidence.has_file_named(last) and not evidence.nothing:
                return f"reports {last} as its last loaded file, but neither the table nor its load history shows it"
            return ""

        def settled() -> bool:
            backlog.read_new_history()
            return not unknown()

        backlog.read_new_rows()
        paused_at = clock.now()
        wait_until(settled, clock, at_most=_HISTORY_SECONDS, every=2.0)
        if clock.now() > paused_at:
            backlog.read_new_rows()
        if reason := unknown():
            raise OutOfTimeError(
                f"pipe {self.old} {reason} yet; the pipe was resumed unchanged. Deploy again in a few minutes"
            )
        if clock.remaining() < 2 * backlog.seconds + _RESERVE_SECONDS:
            raise OutOfTimeError(
                f"there is no time left to replace pipe {self.old}: listing the lake took {backlog.seconds:.0f} s; the "
                "pipe was resumed unchanged. Deploy again, with a larger warehouse if reading the table took long"
            )

    def _complete(
        self,
        invocation: Invocation,
        backlog: Backlog,
        grants: Grants,
        comment: sql.SetPipeComment,
        *,
        again: bool,
    ) -> None:
        """Steps 6 to 8."""
        failure: SetupError | None = None
        try:
            backlog.feed(self.new.name)
        except SetupError as error:
            failure = error
        grants.restore(invocation)
        if failure and not again:
            raise failure
        if failure:
            told = "the replacement of the pipe is not complete: files may be missing; deploy again"
            invocation.log.warning(told, object=str(self.new.name), since=backlog.since, reason=str(failure))
            return
        invocation.session.execute(comment)


@dataclass(frozen=True)
class FailedRename(Step):
    """Rollback of a failed rename: CloudFormation still has the id of `new`."""

    failed: PipeSpec
    new: PipeSpec
    there: ShownPipe

    def carry_out(self, invocation: Invocation) -> None:
        """Let the old pipe take over from its intended successor, or replace it if the successor used its files."""
        successor = ShownPipe.look(invocation.session, self.failed.name)
        if successor and successor.fingerprint == self.failed.fingerprint:
            PipeReplacement(self.failed.name, self.new).carry_out(invocation)
            invocation.log.warning(
                "a failed rename left this pipe behind, paused; drop it", object=str(self.failed.name)
            )
        # If it is paused, the other pipe may have loaded files it was notified of; if it runs, it was never changed.
        elif not self.there.does(self.new) or self.there.is_under_way or self.there.paused:
            PipeReplacement(self.new.name, self.new).carry_out(invocation)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        """Nothing: no deployment is planned in the middle of a rollback."""
        return []
