"""`clickstream doctor`: checks of an environment's accounts, before a deployment and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import note, print_columns, print_json, shown, step, tell

if TYPE_CHECKING:
    from cli.doctor.examination import Result

ILL = 3


def doctor(
    env: Env = DEFAULT_ENV,
    connection: Connection = None,
    as_json: AsJson = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Also run checks that change or cost something: they send events and raise one alarm.",
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write the findings to a file without secrets, accounts, addresses and people, to send with an issue.",
            dir_okay=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Run this check, and those it depends on; repeatable.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the checks and run none.")] = False,
) -> None:
    """Check the accounts of an environment, before its first deployment and after it.

    Looks with your own AWS credentials and Snowflake connection at what this project cannot test without an account,
    and says what to do. Changes nothing without --write; its queries use the warehouse. `clickstream status` shows
    the state of stacks and pipes, this command looks for the causes.
    Exits with 0 if nothing is wrong, with 3 if something is. What could not be looked at is listed, and not wrong.
    """
    from cli.deployment import Deployment
    from cli.doctor.catalogue import CHECKS, chosen
    from cli.doctor.examination import examine
    from cli.doctor.patient import Patient
    from cli.doctor.report import as_document, is_well, write_report

    checks = chosen(only) if only else CHECKS
    if listed:
        print_columns([(check.name, check.when.value, check.title) for check in checks])
        return
    patient = Patient(Deployment.of(env, connection=connection, even_unfinished=True))
    try:
        with step(f"{len(checks)} checks of environment {env}") as progress:
            results = examine(patient, checks, write=write, on_check=lambda check: progress(check.name))
    finally:
        patient.close()
    if report:
        write_report(report, patient.config, results)
        note(f"{shown(report)} has no secrets, accounts, addresses or people; read it before you send it")
    if as_json:
        print_json(as_document(env, results))
    else:
        _print(results)
    if not is_well(results):
        raise typer.Exit(ILL)


def _print(results: Sequence[Result]) -> None:
    from rich.text import Text

    from cli.doctor.check import State, When

    marks = {
        State.ILL: Text("✗", style="red"),
        State.UNKNOWN: Text("?", style="yellow"),
        State.SKIPPED: Text("-", style="dim"),
        State.WELL: Text("✓", style="green"),
    }
    rows: list[tuple[object, object, object]] = []
    for result in results:
        if result.check.when is When.HAND:
            continue
        rows.append((marks[result.finding.state], result.check.name, result.finding.found))
        if result.finding.state is State.ILL:
            rows.append(("", "", f"do: {result.check.otherwise}"))
    print_columns(rows)
    counts = Counter(result.finding.state for result in results if result.check.when is not When.HAND)
    tell(", ".join(f"{counts[state]} {state}" for state in State if counts[state]))
    if by_hand := [result.check.name for result in results if result.check.when is When.HAND]:
        note(f"by hand, see docs/first-deployment.md: {', '.join(by_hand)}")
