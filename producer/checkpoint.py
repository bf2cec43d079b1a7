"""The checkpoint of a file that is being sent: after a kill, another run sends the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from contract import EventContract, Found, Unlisted
from producer.errors import InputError
from producer.packing import Record
from producer.reading import EventInput
from producer.rejects import RejectsFile
from producer.report import Earlier, Tally
from producer.target import Target

SUFFIX = ".checkpoint"
_VERSION = 1


@dataclass(kw_only=True)
class _State:
    """The content of the file.

    Attributes:
        job: the target, and a digest of all that decides about the events.
        input: size of the input, and size and digest of the part that was read.
        documents: the number of documents, from the first, that are settled: sent, or in the rejects file.
        accepted: those beyond, as ranges of their numbers, that the call under way has sent.
        sent: events that are confirmed.
        rejected: texts among the settled ones that are no event.
        failed: events among the settled ones that the stream did not accept.
        unconfirmed: events of the call under way that are not confirmed.
        in_doubt: those of runs that were killed.
        rejects: path of the rejects file.
        rejects_bytes: its size when the documents were settled.
    """

    job: dict[str, str]
    input: dict[str, Any] = field(default_factory=dict)
    documents: int = 0
    accepted: list[list[int]] = field(default_factory=list)
    sent: int = 0
    rejected: int = 0
    failed: int = 0
    unconfirmed: int = 0
    in_doubt: int = 0
    rejects: str = ""
    rejects_bytes: int = 0


class Checkpoint:
    """The part of a file that has been sent, in a file next to it that is replaced before and after every call.

    Use it as a context manager: at the end of the block it is removed if nothing is left to resume.

        with (
            open_input("events.ndjson") as source,
            Checkpoint(source, target=target, contract=contract, resume=True) as checkpoint,
            checkpoint.rejects_file(Path("rejects.ndjson")) as rejects,
        ):
            send(checkpoint.documents(), …, rejects=rejects, checkpoint=checkpoint)

    Args:
        source: the opened input.
        target: the stream.
        contract: the contract of the events.
        unlisted: the fate of fields that it does not list.
        resume: True goes on where an earlier run stopped, False begins again, None refuses if a part was sent.

    Raises:
        InputError: the input cannot be read twice, is being sent by another process, or was sent in part; or its
            checkpoint is of another file, target or contract.
    """

    def __init__(
        self,
        source: EventInput,
        *,
        target: Target,
        contract: EventContract,
        unlisted: Unlisted = "folded",
        resume: bool | None = None,
    ) -> None:
        if source.size is None:
            raise InputError(f"only a file can be resumed, and {source.name} cannot be read twice")
        source.lock()
        self.path = Path(source.name + SUFFIX)
        self.resumed: Earlier | None = None
        self._source = source
        self._state = _State(job={"target": str(target), "rules": _digest_of(contract, unlisted)})
        self._is_source = False
        self._packed: list[int] = []  # numbers of the documents that wait in the packer
        self._spans: dict[int, list[int]] = {}  # the same, for each record of the call under way
        self._accepted = frozenset[int]()
        self._before = Tally()
        self._is_done = False
        if resume is not False and self.path.exists():
            self._take_up(_loaded(self.path), resume)
        self._read = self._state.documents

    def rejects_file(self, path: Path) -> RejectsFile:
        """The rejects file at `path`, or the one that the earlier run began."""
        if self._state.rejects:
            return RejectsFile(Path(self._state.rejects), after=self._state.rejects_bytes)
        return RejectsFile(path)

    @property
    def rejects(self) -> Path | None:
        """The rejects file of the earlier run."""
        return Path(self._state.rejects) if self._state.rejects else None

    def start(self, rejects: RejectsFile) -> None:
        """Write the first checkpoint of this run."""
        if not self._state.rejects:
            self._state.rejects, self._state.rejects_bytes = str(rejects.path.resolve()), rejects.settled()
        self._write()

    def documents(self) -> Iterator[Found | None]:
        """Yield the documents of the input that earlier runs have not settled; None means "nothing new for now".

        Raises:
            InputError: the data is damaged from here on; what was yielded is intact.
        """
        self._is_source = True
        documents = self._source.documents()
        if left := self._state.documents:
            for found in documents:
                yield None  # a chance to stop
                if found and self.resumed:
                    self.resumed.line = found.line
                left -= found is not None
                if not left:
                    break
        yield from documents

    def passes(self) -> bool:
        """Count a document; return True if an earlier run has sent it."""
        self._read += 1
        return self._read in self._accepted

    def pack(self) -> None:
        """Note that the document last read is an event, and waits for its call."""
        self._packed.append(self._read)

    def begin(self, records: Sequence[Record]) -> None:
        """Note the call that is about to be made."""
        if not self._is_source:
            raise ValueError("the documents are not those of the checkpoint: send checkpoint.documents()")
        start = 0
        for record in records:
            end = start + len(record.events)
            self._spans[id(record)] = self._packed[start:end]
            start = end
        del self._packed[:start]
        self._state.unconfirmed = start
        self._write()

    def accept(self, records: Iterable[Record], tally: Tally) -> None:
        """Note records that were accepted, unless they complete the call."""
        numbers = [number for record in records for number in self._spans.pop(id(record))]
        self._state.sent = self._before.sent + tally.sent
        if self._spans:
            self._state.accepted += _ranges(numbers)
            self._state.unconfirmed -= len(numbers)
            self._write()

    def settle(self, tally: Tally, rejects: RejectsFile) -> None:
        """Note that all documents read so far are settled, except those that wait in the packer."""
        state, before = self._state, self._before
        self._spans.clear()
        state.documents = self._packed[0] - 1 if self._packed else self._read
        state.accepted = [span for span in state.accepted if span[1] > state.documents]
        state.sent, state.rejected = before.sent + tally.sent, before.rejected + tally.rejected
        state.failed = before.failed + tally.failed
        state.unconfirmed = 0
        state.rejects_bytes = rejects.settled()
        self._write()

    def finish(self, tally: Tally, rejects: RejectsFile, *, is_over: bool) -> None:
        """Note that all documents read are settled, and whether these are all of the input."""
        self._packed.clear()
        self.settle(tally, rejects)
        self._is_done = is_over

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._is_done:
            self.path.unlink(missing_ok=True)

    def _take_up(self, earlier: _State, resume: bool | None) -> None:
        if not resume:
            if earlier.sent or earlier.unconfirmed or earlier.in_doubt:
                raise InputError(
                    f"{self._source.name} was sent in part, to {earlier.job['target']}: "
                    f"{earlier.sent:,} events are confirmed; --resume sends the rest, --no-resume sends all again"
                )
            return
        if problem := self._problem_with(earlier):
            raise InputError(f"cannot resume {self._source.name}: {problem}; --no-resume sends all of it")
        self._state = earlier
        earlier.in_doubt += earlier.unconfirmed
        earlier.unconfirmed = 0
        self._before = Tally(sent=earlier.sent, rejected=earlier.rejected, failed=earlier.failed)
        self._accepted = frozenset(
            number for first, last in earlier.accepted for number in range(first, last + 1)
        )
        self.resumed = Earlier(
            sent=earlier.sent, rejected=earlier.rejected, failed=earlier.failed, in_doubt=earlier.in_doubt
        )

    def _problem_with(self, earlier: _State) -> str | None:
        part = earlier.input
        if part["bytes"] != self._source.size:
            return f"it has changed since, from {part['bytes']:,} to {self._source.size:,} bytes"
        if self._source.digest_of(part["read"]) != part["sha256"]:
            return "it has changed since; the part that was read is not the same"
        if earlier.job["target"] != self._state.job["target"]:
            return f"it was sent to {earlier.job['target']}, and this is {self._state.job['target']}"
        if earlier.job != self._state.job:
            return "the contract has changed since, or the fate of fields that it does not list"
        return None

    def _write(self) -> None:
        position, digest = self._source.part_read()
        if position >= self._state.input.get("read", 0):  # less while a resumed run reads what is settled
            self._state.input = {"bytes": self._source.size, "read": position, "sha256": digest}
        draft = self.path.with_name(self.path.name + "~")
        try:
            draft.write_text(json.dumps({"version": _VERSION, **asdict(self._state)}), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise InputError(f"cannot write the checkpoint {self.path}: {error.strerror}") from error


def _loaded(path: Path) -> _State:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("version") != _VERSION:
            raise ValueError("another version's")
        return _State(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"cannot read the checkpoint {path}: {error}; --no-resume ignores it, and sends all of the file"
        ) from error


def _digest_of(contract: EventContract, unlisted: Unlisted) -> str:
    return hashlib.sha256(json.dumps([contract.schema, unlisted], sort_keys=True).encode()).hexdigest()


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
