"""How a plan is shown: as SQL with comments, and as JSON."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

from cli.plan.drift import Drift
from cli.plan.marks import warned
from cli.plan.steps import Plan, Step
from snowflake_setup.sql.base import Statement


def as_text(env: str, plan: Plan, *, questions: bool, remarks: list[str], drift: list[Drift] | None) -> str:
    """The plan as a script with comments; it is for reading, deploying runs it."""
    count = sum(len(step.statements) for step in plan.steps)
    lines = [f"-- environment {env}: {_many(count, 'statement')} that would change Snowflake, in this order"]
    lines += [f"-- note: {remark}" for remark in remarks]
    for step in plan.steps:
        lines += ["", *_step_lines(step, questions=questions)]
    if plan.untouched:
        lines += ["", "-- left untouched"]
        lines += [
            f"--   {_kind(resource.type)} {resource.logical_id}: {reason}"
            for resource, reason in plan.untouched
        ]
    if drift is not None:
        lines += ["", *_drift_lines(drift)]
    return "\n".join(lines)


def as_json(
    env: str, plan: Plan, *, questions: bool, remarks: list[str], drift: list[Drift] | None
) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "environment": env,
        "notes": remarks,
        "steps": [_step_json(step, questions=questions) for step in plan.steps],
        "untouched": [
            {"type": resource.type, "logical_id": resource.logical_id, "reason": reason}
            for resource, reason in plan.untouched
        ],
        "would_fail": plan.refused,
        "drift": None if drift is None else [asdict(found) for found in drift],
    }


def _step_lines(step: Step, *, questions: bool) -> list[str]:
    head = f"-- {step.action} {_kind(step.resource.type)} {step.object} ({step.resource.logical_id})"
    lines = [head]
    for statement in _shown(step, questions=questions):
        if mark := warned(statement):
            lines += _wrapped(f"!! {mark.mark}: {mark.reason}")
        lines.append(f"{statement.sql()};")
    if step.quiet:
        lines.append("--   no statement: Snowflake stays as it is")
    for told in step.at_run_time:
        lines += _wrapped(f"?? {told}")
    for note in step.notes:
        lines += _wrapped(note)
    if step.refused:
        lines += _wrapped(f"XX the deployment would fail here and be rolled back: {step.refused}")
    return lines


def _step_json(step: Step, *, questions: bool) -> dict[str, Any]:
    return {
        "action": step.action,
        "type": step.resource.type,
        "object": step.object,
        "logical_id": step.resource.logical_id,
        "statements": [_statement_json(statement) for statement in _shown(step, questions=questions)],
        "known_at_run_time": step.at_run_time,
        "notes": step.notes,
        "would_fail": step.refused,
    }


def _statement_json(statement: Statement) -> dict[str, Any]:
    mark = warned(statement)
    return {
        "sql": statement.sql(),
        "mark": mark.mark if mark else None,
        "reason": mark.reason if mark else None,
    }


def _shown(step: Step, *, questions: bool) -> list[Statement]:
    return step.sent if questions else step.statements


def _drift_lines(drift: list[Drift]) -> list[str]:
    if not drift:
        return ["-- no drift: Snowflake has what is deployed"]
    lines = [f"-- drift: {_many(len(drift), 'difference')} between what is deployed and what Snowflake has"]
    for found in drift:
        lines += _wrapped(f"{found.object}: {found.what} was deployed as {found.deployed}, is {found.there}")
    return [*lines, "--   a deployment repairs what it updates, and leaves the rest as it is"]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, 118, initial_indent="--   ", subsequent_indent="--      ", break_long_words=False
    )


def _kind(resource_type: str) -> str:
    return resource_type.removeprefix("Custom::Snowflake")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
