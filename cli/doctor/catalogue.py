"""All checks, each after those it needs."""

from __future__ import annotations

from collections.abc import Collection

from cli.doctor.check import Check, When
from cli.doctor.checks import (
    analysts,
    aws_account,
    bootstrap,
    by_hand,
    delivery,
    error_tables,
    landing,
    loading_rules,
    pipes,
    policies,
    retention,
    rows,
    snowflake_account,
    templates,
    watch,
    writing,
)
from cli.output import CommandError

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (
            *aws_account.CHECKS,
            *snowflake_account.CHECKS[:1],
            *bootstrap.CHECKS,
            *snowflake_account.CHECKS[1:],
            *policies.CHECKS,
            *delivery.CHECKS,
            *landing.CHECKS,
            *error_tables.CHECKS,
            *pipes.CHECKS,
            *rows.CHECKS,
            *analysts.CHECKS,
            *retention.CHECKS,
            *watch.CHECKS,
            *templates.CHECKS,
            *writing.CHECKS,
            *loading_rules.CHECKS,
            *by_hand.CHECKS,
        ),
        key=lambda check: list(When).index(check.when),
    )
)


def chosen(names: Collection[str]) -> tuple[Check, ...]:
    """The checks of these names, and those they need.

    Raises:
        CommandError: there is no such check.
    """
    by_name = {check.name: check for check in CHECKS}
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in by_name:
            raise CommandError(f"no check {name!r}; `clickstream doctor --list` shows them", exit_code=2)
        if name not in wanted:
            wanted.add(name)
            waiting.extend(by_name[name].needs)
    return tuple(check for check in CHECKS if check.name in wanted)
