"""The reasons of rejects, for `--reason`."""

from __future__ import annotations

from cli.output import CommandError
from cli.rejects.entry import PROCESSING_FAILED, UNREADABLE
from cli.rejects.loads import FILE_REFUSED, NOT_READ, ROW_REFUSED
from cli.rejects.producer_file import NOT_SENT
from contract import Reason

_KNOWN = (*Reason, PROCESSING_FAILED, ROW_REFUSED, FILE_REFUSED, NOT_READ, NOT_SENT, UNREADABLE)


def check_reason(reason: str | None) -> None:
    """Refuse a reason that no reject has; Firehose may have other types of errors.

    Raises:
        CommandError: it is none.
    """
    if reason is not None and reason not in _KNOWN and not reason.endswith("_failed"):
        raise CommandError(
            f"--reason {reason!r} is unknown; allowed: {', '.join(_KNOWN)}, and another type of Firehose's errors, "
            "such as format_conversion_failed",
            exit_code=2,
        )
