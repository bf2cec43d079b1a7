"""Running the checks one after the other; no check can stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, State, When, skipped, unknown
from cli.doctor.masking import without_secrets
from cli.output import CommandError

if TYPE_CHECKING:
    from cli.doctor.patient import Patient


@dataclass(frozen=True)
class Result:
    """A check and its finding."""

    check: Check
    finding: Finding


def examine(
    patient: Patient,
    checks: Iterable[Check],
    *,
    write: bool = False,
    on_check: Callable[[Check], None] = lambda check: None,
) -> list[Result]:
    """Run checks in their order.

    Args:
        patient: the environment.
        checks: those to run, each after the ones it needs.
        write: also run those that change or cost something.
        on_check: called before each, to show the progress.
    """
    results: dict[str, Result] = {}
    for check in checks:
        on_check(check)
        finding = _refused(patient, check, results, write=write) or _found(patient, check)
        results[check.name] = Result(check, Finding(finding.state, without_secrets(finding.found)))
    return list(results.values())


def _refused(patient: Patient, check: Check, before: Mapping[str, Result], *, write: bool) -> Finding | None:
    """The reason for not running a check, if there is one."""
    if check.look is None:
        return skipped("by hand")
    if check.laptop and patient.config.laptop:
        return skipped(f"not on the laptop: {check.laptop}")
    if check.when is When.WRITE and not write:
        return skipped("only with --write")
    if cause := _cause(check, before):
        return skipped(f"look again when {cause} is well")
    try:
        if check.stack and patient.stack(check.stack) is None:
            return skipped(f"stack {patient.config.names.stack(check.stack)} is not deployed")
    except Exception as error:
        return unknown(_text(error))
    return None


def _cause(check: Check, before: Mapping[str, Result]) -> str | None:
    """The check that is ill, and of which this one is a consequence, directly or through others."""
    for result in (before[name] for name in check.needs if name in before):
        if result.finding.state is State.ILL:
            return result.check.name
        if cause := _cause(result.check, before):
            return cause
    return None


def _found(patient: Patient, check: Check) -> Finding:
    assert check.look is not None
    try:
        return check.look(patient)
    except Exception as error:  # an answer of another form than documented is a finding, too
        return unknown(_text(error))


def _text(error: Exception) -> str:
    from botocore.exceptions import BotoCoreError, ClientError
    from snowflake.connector import Error

    if isinstance(error, Error):
        return f"Snowflake: {error.msg or error}"
    if isinstance(error, CommandError):
        return str(error).splitlines()[0]
    if isinstance(error, (BotoCoreError, ClientError)):
        return f"AWS: {error}"
    return f"unexpected answer: {type(error).__name__}: {error}"
