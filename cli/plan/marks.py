"""What a person should know before a statement runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from snowflake_setup.sql.base import Statement

Mark = Literal["destructive", "loses history", "interrupts loading"]


@dataclass(frozen=True)
class Warned:
    """A mark and the reason for it."""

    mark: Mark
    reason: str


_BY_KIND = {
    "DROP TABLE": Warned(
        "destructive", "every row of the table goes with it (Time Travel keeps it for its retention time)"
    ),
    "DROP PIPE": Warned(
        "loses history",
        "the pipe's load history, queue and grants go with it; the rows it loaded stay in the table",
    ),
    "CREATE OR REPLACE PIPE": Warned(
        "loses history",
        "the old pipe's load history, queue and grants go with it; files it has loaded are kept from being loaded "
        "again by what is in the table, and its grants are given to the new one",
    ),
    "DROP STAGE": Warned(
        "interrupts loading", "pipes that read the stage stop; the files stay in the bucket"
    ),
    "DROP FILE FORMAT": Warned("interrupts loading", "pipes that use the format stop"),
    "DROP INTEGRATION": Warned("interrupts loading", "stages that read through it stop, whoever made them"),
    "DROP STORAGE INTEGRATION": Warned(
        "interrupts loading", "stages that read through it stop, whoever made them"
    ),
    "DROP VIEW": Warned("interrupts loading", "queries of the view fail; the rows stay in the table"),
}
_RUN_TIME = {
    "LIST": "Files in the lake that no pipe has loaded are then queued with ALTER PIPE … REFRESH. Which, and with how "
    "many statements (possibly none), is known at deployment only",
    "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION": "Before the stage is bound to the integration, AWS is asked whether "
    "the integration may list the location, for some minutes; if it may not, the deployment fails",
    "SHOW GRANTS ON PIPE": "Every grant that the old pipe has by then is given to the new one with GRANT … ON PIPE",
}


def warned(statement: Statement) -> Warned | None:
    """The statement's mark, if it is one to look at twice."""
    if found := _BY_KIND.get(statement.kind):
        return found
    if statement.kind == "ALTER STAGE" and getattr(statement, "url", None) is not None:
        return Warned(
            "interrupts loading",
            "pipes that read the stage stop until they are replaced, which follows below",
        )
    if statement.kind == "ALTER PIPE SET PIPE_EXECUTION_PAUSED" and getattr(statement, "paused", False):
        return Warned("interrupts loading", "new files wait until the new pipe is there")
    return None


def known_at_run_time(asked: list[Statement], *, ask_account: bool) -> list[str]:
    """What a plan cannot tell: the answers of these questions decide it."""
    kinds = dict.fromkeys(statement.kind for statement in asked)
    return [_RUN_TIME[kind] for kind in kinds if kind in _RUN_TIME and not ask_account]
