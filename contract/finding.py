"""JSON documents in text that arrives in pieces: lines, arrays, documents over several lines or joined in one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from contract.flaws import Flaw, Reason
from contract.reading import TOO_DEEP, JsonReader, read_plain

# Text kept of a document that does not end: twice the largest record of Kinesis and Firehose.
KEPT_CHARACTERS = 2 * 1024**2
# Text that may be read in vain, as a multiple of all text, so that no text takes long.
_IN_VAIN = 20
# About as much text has as many levels as can be read.
_NESTED_CHARACTERS = 16 * 1024
_SPACE = " \t\n\r"
# A value that ends with one of these is complete, whatever follows.
_ENDS = '}]"'
_NEXT_LINE = "\n{"  # by far the most frequent continuation
_AFTER_SPACE = re.compile(rf"[^{_SPACE}]|\Z")


class Found(NamedTuple):
    """A document, or a text that is none.

    Attributes:
        text: as it was sent.
        value: the parsed document; None if there is none.
        flaws: whatever is wrong with it so far.
        line: the number of its first line.
    """

    text: str
    value: Any
    flaws: list[Flaw]
    line: int


def one_line(found: Found) -> str:
    """A document as it was sent, or the same JSON on one line."""
    text = found.text
    if ("\n" not in text and "\r" not in text) or found.value is None:
        return text
    return json.dumps(found.value, ensure_ascii=False, separators=(",", ":"))


class _UnfinishedError(Exception):
    """More text is needed to know."""


class DocumentFinder:
    """Finds documents in text, and what lies between them.

    A broken document costs the rest of its line at most, unless very many are begun and not ended.
    Each element of an array is a document. An array with a broken element goes on in the next line.
    """

    def __init__(self) -> None:
        self._reader = JsonReader()
        self._text = ""
        self._position = 0
        self._line = 1
        self._lines_counted_to = 0
        self._in_array = False
        self._array_is_broken = False
        self._needs_comma = False
        self._skips_line = False
        self._is_last = False
        self._read_before = 0
        self._read_in_vain = 0

    def feed(self, text: str) -> Iterator[Found]:
        """Take the next piece of text; yield what is complete."""
        self._count_lines(self._position)
        self._read_before += self._position
        self._text = self._text[self._position :] + text
        self._position = self._lines_counted_to = 0
        return self._found()

    def close(self) -> Iterator[Found]:
        """Yield what is left at the end of the text."""
        self._is_last = True
        return self._found()

    def _found(self) -> Iterator[Found]:
        try:
            while self._goes_on():
                start = self._position
                yield from self._plain_lines()
                if self._position == start and (found := self._next()):
                    yield found
        except _UnfinishedError:
            return
        if self._is_last and self._in_array:
            yield self._broken(self._position, "not JSON: an array without its end")._replace(text="[")

    def _goes_on(self) -> bool:
        """Skip white space, and the rest of a line that was cut off; False at the end of the text."""
        if self._skips_line:
            self._position = self._end_of_line(self._position)
            self._skips_line = self._position == len(self._text)
        if self._text.startswith(_NEXT_LINE, self._position):
            self._position += 1
            return True
        self._position = self._after_space(self._position)
        return self._position < len(self._text)

    def _plain_lines(self) -> Iterator[Found]:
        """Take lines as long as each is one document and written as most are; much quicker than `_next`."""
        if self._in_array or self._needs_comma:
            return
        text, start = self._text, self._position
        self._count_lines(start)
        number = self._line
        while (end := text.find("\n", start)) >= 0:
            line = text[start:end]
            if (value := read_plain(line)) is None:
                break
            yield Found(line, value, [], number)
            number += 1
            start = end + 1
        self._position = self._lines_counted_to = start
        self._line = number

    def _next(self) -> Found | None:
        start = self._position
        opening = self._text[start]
        if opening in ",]" and self._is_punctuation(opening):
            self._position = start + 1
            return None
        if self._needs_comma:
            self._leave_array()
        if opening != "{" and not self._in_array:
            if opening != "[":
                return self._stray(start)
            self._position, self._in_array, self._array_is_broken = start + 1, True, False
            return None
        try:
            value, end, flaws = self._reader.read(self._text, start)
        except json.JSONDecodeError as error:
            return self._without_document(error, start)
        if end == len(self._text) and self._text[end - 1] not in _ENDS and not self._is_last:
            return self._unfinished(start)  # more digits may follow
        self._needs_comma = self._in_array
        return self._take(start, end, end, value, flaws)

    def _is_punctuation(self, opening: str) -> bool:
        """True for what separates or ends the elements of an array, and for its rest if it is broken."""
        if opening == "]":
            known = self._in_array or self._array_is_broken
            self._in_array = self._array_is_broken = self._needs_comma = False
            return known
        known = self._needs_comma or self._array_is_broken
        self._needs_comma = False
        return known

    def _take(self, start: int, end: int, after: int, value: object, flaws: list[Flaw]) -> Found:
        self._count_lines(start)
        self._position = after
        return Found(self._text[start:end], value, flaws, self._line)

    def _leave_array(self) -> None:
        """Look at what follows by itself: no array of JSON goes on like this, though more commas may come."""
        self._array_is_broken = self._array_is_broken or self._in_array
        self._in_array = self._needs_comma = False

    def _stray(self, start: int) -> Found:
        """Take a line that begins with neither an object nor an array."""
        end = self._end_of_line(start)
        if end == len(self._text) and not self._is_last:
            return self._unfinished(start)
        try:
            value, after, flaws = self._reader.read(self._text, start)
        except json.JSONDecodeError as error:
            return self._without_document(error, start)
        if self._text[after:end].strip(_SPACE):
            return self._broken(end, f"not JSON: Extra data at character {after - start + 1}")
        return self._take(start, after, end, value, flaws)

    def _without_document(self, error: json.JSONDecodeError, start: int) -> Found:
        text = self._text
        unfinished = self._after_space(error.pos) == len(text) or self._end_of_line(error.pos) == len(text)
        if unfinished and not self._is_last:
            return self._unfinished(start)
        message = f"not JSON: {error.msg} at character {error.pos - start + 1}"
        reached = max(error.pos, start + _NESTED_CHARACTERS if error.msg == TOO_DEEP else 0)
        return self._broken(self._end_of_broken(start, min(reached, len(text))), message)

    def _unfinished(self, start: int) -> Found:
        """Wait for more text, or cut off a document that has too much of it."""
        if len(self._text) - start < KEPT_CHARACTERS:
            raise _UnfinishedError
        end = self._end_of_broken(start, len(self._text))
        self._skips_line = end == len(self._text)
        return self._broken(end, "too large: an event does not end", Reason.TOO_LARGE)

    def _end_of_broken(self, start: int, reached: int) -> int:
        """The end of the line, or of all that was read in vain if that was too much already."""
        allowed = _IN_VAIN * (self._read_before + start) + 2 * KEPT_CHARACTERS
        is_patient = self._read_in_vain <= allowed
        self._read_in_vain += reached - start
        return self._end_of_line(start if is_patient else reached)

    def _broken(self, end: int, message: str, reason: Reason = Reason.NOT_JSON) -> Found:
        """Take the text up to `end` as one that is no document."""
        self._leave_array()
        found = self._take(self._position, end, end, None, [Flaw(reason, message)])
        return found._replace(text=found.text.rstrip(_SPACE))

    def _after_space(self, position: int) -> int:
        match = _AFTER_SPACE.search(self._text, position)
        return match.start() if match else len(self._text)

    def _end_of_line(self, position: int) -> int:
        end = self._text.find("\n", position)
        return len(self._text) if end < 0 else end

    def _count_lines(self, position: int) -> None:
        self._line += self._text.count("\n", self._lines_counted_to, position)
        self._lines_counted_to = position
