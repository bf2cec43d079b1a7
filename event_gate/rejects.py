"""Rejects: what was no event, or none that a row can hold, kept with the reason to be looked at and sent again."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contract import Flaw
from event_gate.record import Record


@dataclass(frozen=True)
class Reject:
    """A text, the record it was in, and its flaws.

    Attributes:
        record: the record.
        number: the number of the text among the record's.
        text: as it was sent; bytes that are not UTF-8 are escaped as lone surrogates.
        flaws: the reasons.
    """

    record: Record
    number: int
    text: str
    flaws: Sequence[Flaw]

    @property
    def reject_id(self) -> str:
        """The same whenever the record is passed on again, so that a repeated reject is known as one."""
        return f"{self.record.position}:{self.number}"


class RejectKeeper(Protocol):
    """Takes the rejects of an invocation."""

    def keep(self, rejects: Sequence[Reject], kind: str) -> None:
        """Keep the rejects of one kind of event."""


class RejectStore:
    """The folder of one kind of event's rejects.

    Args:
        s3: a client.
        bucket: the lake's bucket.
        prefix: the folder, ending in a slash.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix

    def keep(self, rejects: Sequence[Reject], kind: str) -> None:
        """Write one object with all rejects of an invocation; a repeated invocation writes the same object again.

        Raises:
            botocore.exceptions.ClientError, BotoCoreError: it could not be written.
        """
        lines = [json.dumps(_entry(reject, kind)) for reject in rejects]
        body = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
        name = hashlib.sha256("\n".join(reject.reject_id for reject in rejects).encode()).hexdigest()[:32]
        day, hour = rejects[0].record.received_at[:10], rejects[0].record.received_at[11:13]
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{self._prefix}dt={day}/hh={hour}/{name}.ndjson.gz",
            Body=body,
            ContentType="application/gzip",
        )


def _entry(reject: Reject, kind: str) -> dict[str, Any]:
    return {
        "id": reject.reject_id,
        "events": kind,
        "reason": reject.flaws[0].reason,
        "message": "; ".join(flaw.text for flaw in reject.flaws),
        "received_at": reject.record.received_at,
        "source": reject.record.source,
        "text": reject.text,
    }
