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
    "Every grant that the old pipe has by then is given to the new one with GRANT … ON PIPE", unknown=True
)


@dataclass(frozen=True)
class PipeReplacement(Step):
    """One pipe takes over from another, of the same name or not."""

    old: ObjectName
    new: PipeSpec

    @property
    def is_rename(self) -> bool:
        """Whether the new pipe has another name."""
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
        if self.is_rename:  # once it is there, the old one must not run beside it
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
        """The tables whose content counts: a pipe that changes its table goes on where it was."""
        found = there.ends if there else None
        return list(dict.fromkeys([PipeEnds.of(self.new.copy), *([found] if found else [])]))

    def _loaded(self, invocation: Invocation, ends: list[PipeEnds]) -> set[str]:
        try:
            return backlog.loaded_urls(invocation, ends)
        except WarehouseNeededError as error:
            raise WarehouseNeededError(
                f"pipe {self.new.name} has to be replaced, and only the table and its load history tell which files "
                f"not to load again. Reading them wants a warehouse: set {Login.WAREHOUSE} of this function (the "
                "smallest will do), and grant USAGE ON WAREHOUSE to its role, as the administrator's bootstrap SQL "
                "does. The pipe is as it was",
                code=error.code,
                query_id=error.query_id,
            ) from None

    def _statement(self, there: ShownPipe | None, grants: list[sql.GrantOnPipe]) -> Statement:
        """The statement that makes the new pipe; refuses to run over somebody else's."""
        comment = self.new.comment_under_way(grants)
        if there is None:
            return sql.CreatePipe(self.new.name, comment, self.new.copy)
        if self.is_rename and not there.does(self.new):
            raise DefinitionConflictError(
                f"pipe {self.new.name} exists already and differs: {there.definition}. "
                "Drop it, or give ours another name"
            )
        return sql.ReplacePipe(self.new.name, comment, self.new.copy)

    def _grants(self, session: Session, there: ShownPipe | None) -> list[sql.GrantOnPipe]:
        """What the old pipe grants, and what it would have to if its own replacement had been carried through."""
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
        """Up to step 5 what fails leaves the old pipe running, if it ran."""
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
        """Steps 3 and 4: what is in the table when nothing of the old pipe moves any more."""
        state = pause_and_drain(invocation, self.old)
        loaded: set[str] = set()
        since = invocation.clock.now() - backlog.REACH
        # The name of the file that the history has to know, if it is young enough to be asked for.
        recent = not state.broken and state.last_loaded_at is not None and state.last_loaded_at >= since
        last = state.last_loaded_path.rsplit("/", 1)[-1] if state.last_loaded_path and recent else None

        def knows_the_last() -> bool:
            loaded.update(self._loaded(invocation, ends))
            if last is None or any(url.endswith(last) for url in loaded):
                return True
            # An emptied table has no history, and nothing that could be doubled.
            return not loaded and all(backlog.is_empty(invocation.session, one.table) for one in ends)

        if not wait_until(knows_the_last, invocation.clock, at_most=_HISTORY_SECONDS, every=2.0):
            raise OutOfTimeError(
                f"pipe {self.old} reports {last} as its last loaded file, but neither the table nor its load history "
                "shows it yet; the pipe was resumed unchanged. Deploy again in a few minutes"
            )
        return loaded


@dataclass(frozen=True)
class FailedRename(Step):
    """The way back from a rename that failed: CloudFormation still holds the id of `new`."""

    failed: PipeSpec
    new: PipeSpec
    there: ShownPipe

    def carry_out(self, invocation: Invocation) -> None:
        """Let the pipe take over from the one that was to follow it, or replace it where its queue is not its own."""
        successor = ShownPipe.look(invocation.session, self.failed.name)
        if successor and successor.fingerprint == self.failed.fingerprint:
            PipeReplacement(self.failed.name, self.new).carry_out(invocation)
            invocation.log.warning(
                "a failed rename left this pipe behind, paused; drop it", object=str(self.failed.name)
            )
        # Paused, it has a queue with files that the other pipe may have loaded; running, it was never touched.
        elif not self.there.does(self.new) or self.there.is_under_way or self.there.paused:
            PipeReplacement(self.new.name, self.new).carry_out(invocation)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        """Nothing: no deployment is planned in the middle of a rollback."""
        return []
