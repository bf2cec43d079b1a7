"""Replacing a pipe so that every file is loaded exactly once.

Snowflake keeps the load history in the pipe, so a new pipe of the same name remembers nothing; grants and the queue go
too. A plain REFRESH afterwards would load again what the old pipe has loaded, and REFRESH MODIFIED_AFTER the time of
the pause would miss files that had landed before it but whose notification came after it. Hence:

1.  Find out which files are in the table (`backlog` says how), and LIST the stage. If that fails or takes too long
    (it needs a warehouse, and a lake may be large), stop: nothing has been changed.
2.  Save the grants.
3.  Pause the old pipe and wait until the files it was loading are loaded. From here on it loads nothing. Notifications
    that arrive now go to its queue, which is deleted with it: step 7 finds their files, as they are not in the table.
4.  Repeat step 1 until it includes the file that the pipe reports as its last. These files must not be loaded again.
5.  CREATE OR REPLACE, with a comment that says that a replacement is under way and lists the grants to restore. The
    new pipe runs at once and gets all further notifications. Its load history skips files that it gets twice (by
    notification and by step 7), so there is no need to pause it.
6.  Restore the grants.
7.  LIST the stage, *after* 5 so that no file can land between the list and the new pipe's first notification, remove
    the files of step 4, and load the rest (see `backlog`).
8.  Set the pipe's final comment. A pipe without it was left by a function that died half-way, and is replaced again.

Up to step 5 a failure resumes the old pipe, which has lost nothing. After it CloudFormation rolls back with the same
sequence; the table's content, not the time, again decides what is loaded.

A *rename* follows the same steps: two pipes on one stage would both load each new file, so the old one is paused first,
and stays paused until CloudFormation deletes it. If the new one cannot be completed it is dropped; the old one stays
paused, since its queue may hold files the new one has loaded; the rollback then replaces it as above.

One gap remains: if S3 repeats or delays a notification until an earlier pipe has loaded the file, the new pipe loads it
again. No sequence of statements can prevent that; it is one reason why events have an id.

A broken pipe (STOPPED_…, STALLED_…) does not drain and need not. A pipe that was paused by hand runs afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clickstream_wire.environment import Login
from snowflake_setup.objects.actions import Remark, Step
from snowflake_setup.objects.look import See
from snowflake_setup.pipe import backlog
from snowflake_setup.pipe.definition import PipeSpec, ShownPipe
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
from snowflake_setup.session.session import Session
from snowflake_setup.sql import pipe as sql
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import Identifier, ObjectName

_HISTORY_SECONDS = 120.0
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
        ends = self._ends(there)
        self._loaded(invocation, ends)
        backlog.staged_files(invocation, self.new.copy.stage)
        grants = self._grants(invocation.session, there)
        successor = ShownPipe.look(invocation.session, self.new.name) if self.is_rename else there
        statement = self._statement(successor, grants)
        with self._left_as_it_was(invocation, there):
            loaded = self._stopped(invocation, ends) if there else self._loaded(invocation, ends)
            if not self.is_rename:
                invocation.session.execute(statement)
        if self.is_rename:  # from now on the old one must not run as well
            invocation.make(statement)
        for grant in grants:
            invocation.session.execute(grant)
        backlog.feed(invocation, self.new.name, self.new.copy.stage, loaded)
        invocation.session.execute(sql.SetPipeComment(self.new.name, self.new.marked_comment))

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        there = see(ShownPipe, self.old)
        found: list[Statement | Remark] = []
        if there and not there.paused:
            found.append(sql.PausePipe(self.old))
        try:
            grants = self._grants(invocation.session, there)
        except SnowflakeError:
            grants = []
            found.append(_UNKNOWN_GRANTS)
        found += [self._statement(see(ShownPipe, self.new.name), grants), *grants]
        found += backlog.foreseen(see, invocation, self.new.name, self.new.copy.stage, self._ends(there))
        return [*found, sql.SetPipeComment(self.new.name, self.new.marked_comment)]

    def _ends(self, there: ShownPipe | None) -> list[PipeEnds]:
        """The tables whose content counts; a pipe that gets another table continues where it was."""
        found = there.ends if there else None
        return list(dict.fromkeys([PipeEnds.of(self.new.copy), *([found] if found else [])]))

    def _loaded(self, invocation: Invocation, ends: list[PipeEnds]) -> set[str]:
        try:
            return backlog.loaded_urls(invocation, ends)
        except WarehouseNeededError as error:
            raise WarehouseNeededError(
                f"pipe {self.new.name} has to be replaced, and only the table and its load history show which files "
                f"not to load again. Reading them needs a warehouse: set {Login.WAREHOUSE} of this function (the "
                "smallest size is enough), and grant USAGE ON WAREHOUSE to its role, as the administrator's bootstrap "
                "SQL does. The pipe was not changed",
                code=error.code,
                query_id=error.query_id,
            ) from None

    def _statement(self, there: ShownPipe | None, grants: list[sql.GrantOnPipe]) -> Statement:
        """The statement that creates the new pipe; refuses to replace an unrelated one."""
        comment = self.new.comment_under_way(grants)
        if there is None:
            return sql.CreatePipe(self.new.name, comment, self.new.copy)
        if self.is_rename and not there.does(self.new):
            raise DefinitionConflictError(
                f"pipe {self.new.name} exists already and differs: {there.definition}. "
                "Drop it, or choose another name"
            )
        return sql.ReplacePipe(self.new.name, comment, self.new.copy)

    def _grants(self, session: Session, there: ShownPipe | None) -> list[sql.GrantOnPipe]:
        """Grants on the old pipe, and those that an interrupted replacement still has to restore."""
        if there is None:
            return []
        return list(dict.fromkeys([*self._shown_grants(session), *there.owed_grants(self.new.name)]))

    def _shown_grants(self, session: Session) -> list[sql.GrantOnPipe]:
        grants = []
        for row in session.execute(sql.ShowPipeGrants(self.old)):
            if row["privilege"] == "OWNERSHIP":
                continue
            if row["granted_to"] != "ROLE":
                raise DefinitionConflictError(
                    f"{row['privilege']} on pipe {self.old} is granted to the {row['granted_to']} "
                    f"{row['grantee_name']}, which a replacement cannot restore; revoke it, then grant it again"
                )
            option = str(row.get("grant_option", "")).lower() == "true"
            role = Identifier(str(row["grantee_name"]))
            grants.append(sql.GrantOnPipe(self.new.name, str(row["privilege"]), role, option))
        return grants

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

    def _stopped(self, invocation: Invocation, ends: list[PipeEnds]) -> set[str]:
        """Steps 3 and 4: the files in the table after the old pipe has come to rest."""
        state = pause_and_drain(invocation, self.old)
        loaded: set[str] = set()
        since = invocation.clock.now() - backlog.REACH
        # The name of the file that the history must include, if it is recent enough.
        recent = not state.broken and state.last_loaded_at is not None and state.last_loaded_at >= since
        last = state.last_loaded_path.rsplit("/", 1)[-1] if state.last_loaded_path and recent else None

        def knows_the_last() -> bool:
            loaded.update(self._loaded(invocation, ends))
            if last is None or any(url.endswith(last) for url in loaded):
                return True
            # An emptied table has no history, and no rows that could be duplicated.
            return not loaded and all(backlog.is_empty(invocation.session, one.table) for one in ends)

        if not wait_until(knows_the_last, invocation.clock, at_most=_HISTORY_SECONDS, every=2.0):
            raise OutOfTimeError(
                f"pipe {self.old} reports {last} as its last loaded file, but neither the table nor its load history "
                "shows it yet; the pipe was resumed unchanged. Deploy again in a few minutes"
            )
        return loaded


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
        # If it is paused, the other pipe may have loaded files of its queue; if it runs, it was never changed.
        elif not self.there.does(self.new) or self.there.is_under_way or self.there.paused:
            PipeReplacement(self.new.name, self.new).carry_out(invocation)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        """Nothing: no deployment is planned in the middle of a rollback."""
        return []
