"""The repair of what is missing: files are announced again, and missing lines written into repair objects.

A file that no pipe has seen is announced again under its own name, since a late notification may still come: a pipe
loads a name once. Lines of a file that its pipe has loaded in part, or refused, get a repair object. Both may be done
again at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from cli.reconcile.finding import Finding, Gap
from cli.reconcile.lake import Lake, LakeFile, Record
from cli.repair.objects import RepairObjects
from config.names import EventStream
from event_gate.record import Record as StreamRecord
from event_gate.rejects import Reject, RejectStore
from snowflake_setup.pipe.folders import REACH
from snowflake_setup.pipe.refresh_choice import StagedFile, choose
from snowflake_setup.session.session import Session
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import RefreshPipe

# REFRESH's week is counted by another clock.
_MARGIN = timedelta(hours=1)


class Repair:
    """Repairs one kind of event.

    Args:
        stream: the kind of event.
        lake: the lake.
        session: the user's own; its role needs OPERATE on the pipe.
        pipe: the pipe.
    """

    def __init__(self, stream: EventStream, lake: Lake, session: Session, pipe: ObjectName) -> None:
        self._stream = stream
        self._lake = lake
        self._session = session
        self._pipe = pipe
        self._repairs = RepairObjects(lake.s3, lake.bucket)
        self._rejects = RejectStore(lake.s3, lake.bucket, stream.reject_prefix)

    def of(self, finding: Finding, now: datetime) -> list[str]:
        """Repair an hour; return the keys of the files that are then to be loaded.

        Raises:
            CommandError: AWS refuses.
            SnowflakeError: Snowflake refuses.
        """
        written = [key for gap in finding.gaps for key in self.fill(gap)]
        self._announce(finding.missing, finding.files, now)
        return written + [file.key for file in finding.missing]

    def _announce(self, missing: Sequence[LakeFile], files: Sequence[LakeFile], now: datetime) -> None:
        """Queue files of an hour for the pipe; those that REFRESH cannot select are written over themselves."""
        if not missing:
            return
        in_reach = {file.key for file in missing if file.written > now - REACH + _MARGIN}
        others = {file.key for file in files} - in_reach
        chosen = choose([StagedFile(file.key, file.written) for file in files], others)
        hour = RefreshPipe(self._pipe, prefix=missing[0].folder.removeprefix(self._stream.data_prefix))
        statements = [hour] if chosen.everything else []
        if chosen.modified_after:
            statements.append(replace(hour, modified_after=chosen.modified_after))
        for prefix in chosen.prefixes:
            statements.append(replace(hour, prefix=prefix.removeprefix(self._stream.data_prefix)))
        for statement in statements:
            self._session.execute(statement)
        for file in missing:
            if file.key not in in_reach or file.key in chosen.left_out:
                self._lake.announce_again(file)

    def fill(self, gap: Gap) -> list[str]:
        """Write the events of a gap into a repair object, whose key is returned, and keep the others as rejects."""
        file = gap.file
        for _, some in groupby(gap.rejects, lambda record: record.number // 1000):
            rejects = [_reject(file, record) for record in some]
            self._rejects.keep(rejects, self._stream.name)
        lines = {record.number: record.data for record in gap.events}
        lines |= dict.fromkeys((record.number for record in gap.rejects), b"")
        return self._repairs.write(file.folder, file.key, lines)


def _reject(file: LakeFile, record: Record) -> Reject:
    """A line as a reject, with the id by which Snowflake's load history lists it."""
    hour = datetime.strptime(file.place[:19], "dt=%Y-%m-%d/hh=%H").replace(tzinfo=UTC)
    source = {"file": file.key, "line": str(record.number)}
    origin = StreamRecord(
        hashlib.sha256(record.data).hexdigest(), record.data, round(hour.timestamp() * 1000), source, file.key
    )
    text = record.data.decode("utf-8", "surrogateescape")
    return Reject(origin, record.number, text, record.flaws)
