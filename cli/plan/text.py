"""Output of a plan: as SQL with comments, and as JSON."""

from __future__ import annotations

import textwrap
from typing import Any

from cli.plan.planner import Plan, PlannedRequest
from cli.plan.templates import PlannedResource
from clickstream_wire.resources import PREFIX
from snowflake_setup.objects.actions import Remark
from snowflake_setup.sql.base import Statement


def as_text(env: str, plan: Plan, *, questions: bool, notes: list[str]) -> str:
    """The plan as SQL with comments, for reading only."""
    count = sum(len(request.statements) for request in plan.requests)
    lines = [f"-- environment {env}: {_many(count, 'statement')} that would change Snowflake, in this order"]
    lines += [f"-- note: {note}" for note in notes]
    for refusal in plan.stack_refusals:
        lines += _wrapped(f"XX CloudFormation would refuse {refusal}")
    if plan.stack_refusals:
        lines.append("--   docs/changes.md says how to make such a change")
    for request in plan.requests:
        lines += ["", f"-- {request.action} {_title(request.resource)}", *_body(request, questions=questions)]
    if plan.untouched:
        lines += ["", "-- left untouched"]
        lines += [
            f"--   {_kind(resource)} {resource.logical_id}: {reason}" for resource, reason in plan.untouched
        ]
    if plan.drift is not None:
        lines += ["", *_drift_lines(plan.drift)]
    return "\n".join(lines)


def as_json(env: str, plan: Plan, *, questions: bool, notes: list[str]) -> dict[str, Any]:
    """The plan as JSON, for scripts."""
    return {
        "environment": env,
        "notes": notes,
        "steps": [_request_json(request, questions=questions) for request in plan.requests],
        "untouched": [
            {"type": resource.type, "logical_id": resource.logical_id, "reason": reason}
            for resource, reason in plan.untouched
        ],
        "would_fail": plan.refused,
        "stack_refusals": plan.stack_refusals,
        "drift": None
        if plan.drift is None
        else [_request_json(request, questions=False) for request in plan.drift],
    }


def _body(request: PlannedRequest, *, questions: bool) -> list[str]:
    lines = [f"{statement.sql()};" for statement in request.asked if questions]
    for part in request.content:
        match part:
            case Statement():
                if part.risk:
                    lines += _wrapped(f"!! {part.risk.mark}: {part.risk.reason}")
                lines.append(f"{part.sql()};")
            case Remark():
                lines += _wrapped(f"{'?? ' if part.unknown else ''}{_told(part)}")
    if request.refused:
        lines += _wrapped(f"XX the deployment would fail here and be rolled back: {request.refused}")
    elif not (request.statements or request.unknown):
        lines.append("--   no statement: Snowflake is not changed")
    return lines


def _request_json(request: PlannedRequest, *, questions: bool) -> dict[str, Any]:
    shown = [*(request.asked if questions else []), *request.statements]
    return {
        "action": request.action,
        "type": request.resource.type,
        "object": request.resource.object,
        "logical_id": request.resource.logical_id,
        "statements": [_statement_json(statement) for statement in shown],
        "known_at_run_time": request.unknown,
        "notes": [_told(remark) for remark in request.remarks],
        "would_fail": request.refused,
    }


def _statement_json(statement: Statement) -> dict[str, Any]:
    return {
        "sql": statement.sql(),
        "mark": statement.risk.mark if statement.risk else None,
        "reason": statement.risk.reason if statement.risk else None,
    }


def _drift_lines(drift: list[PlannedRequest]) -> list[str]:
    if not drift:
        return ["-- no drift: Snowflake has what is deployed"]
    lines = [
        f"-- drift: {_many(len(drift), 'object')} not as deployed; this would restore the deployed state"
    ]
    for request in drift:
        missing = ": missing, or your role cannot see it" if request.absent else ""
        lines.append(f"--   {_title(request.resource)}{missing}")
        lines += [f"--     {statement.sql()};" for statement in request.statements]
        lines += _wrapped(f"  {request.refused}") if request.refused else []
    return [*lines, "--   a deployment repairs the objects it updates, and leaves the others unchanged"]


def _told(remark: Remark) -> str:
    rest = ", ".join(f"{name}: {value}" for name, value in remark.fields.items() if name != "object")
    return f"{remark.message} ({rest})" if rest else remark.message


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, 118, initial_indent="--   ", subsequent_indent="--      ", break_long_words=False
    )


def _title(resource: PlannedResource) -> str:
    return f"{_kind(resource)} {resource.object} ({resource.logical_id})"


def _kind(resource: PlannedResource) -> str:
    return resource.type.removeprefix(PREFIX)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
