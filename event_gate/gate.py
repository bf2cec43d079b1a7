"""The transformation of a request: events go on, one a line, and everything else becomes a reject."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from contract import Checker, DocumentFinder, Flaw, Reason
from event_gate.canary import CanaryCheck
from event_gate.folding import Folder
from event_gate.record import DamagedError, Record, TooLargeError
from event_gate.rejects import Reject, RejectKeeper
from event_gate.tally import Tally

# A function's answer may have 6 MB: 6,291,556 bytes, of which some are left for JSON around the data.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ANSWER_BYTES = 6_000_000
_AROUND_DATA = 60
# Text that would just fit into an answer, once it is in base64.
TEXT_BYTES = ANSWER_BYTES // 4 * 3 - 10_000
_TOO_LARGE = f"too large: more than {TEXT_BYTES:,} bytes"


@dataclass
class _Outcome:
    """The result for one record.

    Attributes:
        record: the record.
        data: its lines; None if it must be passed on again later.
        rejects: the texts in it that are none.
        accepted: the number of its events.
        folded: the number of fields that were put into the object for the rest.
        unpacked: the characters that it was decompressed to.
    """

    record: Record
    data: bytes | None
    rejects: list[Reject] = field(default_factory=list)
    accepted: int = 0
    folded: int = 0
    unpacked: int = 0


class Gate:
    """Applies the contract to all events of one kind.

    Args:
        checker: the contract's.
        folder: writes the lines.
        store: keeps the rejects.
        kind: the kind of event.
    """

    def __init__(self, checker: Checker, folder: Folder, store: RejectKeeper, kind: str) -> None:
        self._checker = checker
        self._folder = folder
        self._store = store
        self._kind = kind
        self._canaries = CanaryCheck()

    def transform(self, request: Mapping[str, Any], tally: Tally) -> dict[str, Any]:
        """Answer a request; each of its records is in the answer once."""
        records = request["records"]
        # Every record has an entry in the answer, also one whose data does not fit any more.
        answer_room = ANSWER_BYTES - sum(len(given["recordId"]) + _AROUND_DATA for given in records)
        text_room, seen = TEXT_BYTES, Counter[str]()
        outcomes = []
        for given in records:
            record = Record.of(given, seen)
            outcome = (
                _Outcome(record, None) if record.is_compressed and text_room < 0 else self._outcome(record)
            )
            text_room -= outcome.unpacked
            size = (len(outcome.data or b"") + 2) // 3 * 4
            if size > answer_room:
                outcome = _Outcome(record, None)
            else:
                answer_room -= size
            outcomes.append(outcome)
        stored = self._keep([reject for outcome in outcomes for reject in outcome.rejects])
        return {"records": [_answered(outcome, stored, tally) for outcome in outcomes]}

    def _outcome(self, record: Record) -> _Outcome:
        try:
            text, rest = record.text(TEXT_BYTES)
        except TooLargeError:
            return _rejected(record, Reason.TOO_LARGE, _TOO_LARGE)
        except DamagedError as error:
            return _rejected(record, Reason.DAMAGED, str(error))
        outcome = _Outcome(record, b"", unpacked=len(text) if record.is_compressed else 0)
        lines = list(self._lines(outcome, text))
        if rest:
            flaw = Flaw(Reason.DAMAGED, "bytes after the gzip data")
            number = outcome.accepted + len(outcome.rejects)
            outcome.rejects.append(Reject(record, number, rest.decode("utf-8", "surrogateescape"), [flaw]))
        outcome.data = "\n".join([*lines, ""]).encode()
        if len(outcome.data) > TEXT_BYTES:
            return _rejected(record, Reason.TOO_LARGE, _TOO_LARGE)
        return outcome

    def _lines(self, outcome: _Outcome, text: str) -> Iterator[str]:
        finder, record, received_at = DocumentFinder(), outcome.record, outcome.record.received_at
        for number, found in enumerate(chain(finder.feed(text), finder.close())):
            flaws = self._checker.check(found)
            if flaws and not self._canaries.passes(found):
                outcome.rejects.append(Reject(record, number, found.text, flaws))
                continue
            line, folded = self._folder.line(found, received_at)
            outcome.accepted += 1
            outcome.folded += folded
            yield line

    def _keep(self, rejects: list[Reject]) -> bool:
        """Store the rejects; False if that failed, and the log says why."""
        if not rejects:
            return True
        try:
            self._store.keep(rejects, self._kind)
        except Exception as error:
            print(f"rejects could not be written: {error}")
            return False
        return True


def _answered(outcome: _Outcome, stored: bool, tally: Tally) -> dict[str, Any]:
    record_id = outcome.record.record_id
    if outcome.data is None or (outcome.rejects and not stored):
        # Firehose keeps the record as it was sent, from where it can be sent again.
        return {"recordId": record_id, "result": "ProcessingFailed"}
    tally.accepted += outcome.accepted
    tally.folded += outcome.folded
    tally.rejected.update(reject.flaws[0].reason for reject in outcome.rejects)
    if not outcome.data:
        return {"recordId": record_id, "result": "Dropped"}
    return {"recordId": record_id, "result": "Ok", "data": base64.b64encode(outcome.data).decode()}


def _rejected(record: Record, reason: Reason, message: str) -> _Outcome:
    """A record that is a reject as a whole."""
    text = record.data.decode("utf-8", "surrogateescape")
    return _Outcome(record, b"", [Reject(record, 0, text, [Flaw(reason, message)])])
