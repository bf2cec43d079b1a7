"""Checks that apply to all statements of a package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlfluff.core import FluffConfig, Linter

from snowflake_setup.sql.base import Statement


def statements_of(room: str) -> set[type[Any]]:
    """Every kind of statement that a package sends."""
    # dataclass(frozen=True) creates no second class, so every subclass is a real statement.
    return {
        found
        for found in _subclasses(Statement)
        if found.__module__.startswith(f"{room}.") and hasattr(found, "kind")
    }


def problems(statements: Sequence[tuple[Statement, str]]) -> list[tuple[str, Any, Any]]:
    """Errors that sqlfluff's Snowflake grammar finds in a statement."""
    linter = Linter(config=FluffConfig(overrides={"dialect": "snowflake"}))
    found = []
    for statement, sql in statements:
        # sqlfluff 4.5.0 supports neither grants on pipes nor the external ID nor, for JSON, MULTI_LINE.
        known = re.sub("SHOW GRANTS ON PIPE", "SHOW GRANTS ON TABLE", sql)
        known = re.sub("STORAGE_AWS_EXTERNAL_ID = 'ours' |MULTI_LINE = (TRUE|FALSE) ", "", known)
        # Nor two properties of ALTER DYNAMIC TABLE, nor DESC and SHOW of dynamic tables.
        known = re.sub("(DESC|SHOW) DYNAMIC TABLE", r"\1 TABLE", known)
        known = re.sub(r"(ALTER DYNAMIC TABLE .*) TARGET_LAG = .*", r"\1", known)
        parsed = linter.parse_string(known + ";\n")
        root = parsed.root_variant()
        unparsable = list(root.tree.recursive_crawl("unparsable")) if root and root.tree else ["no tree"]
        if parsed.violations or unparsable:
            found.append((statement.kind, parsed.violations, unparsable))
    return found


def _subclasses(of: type[Any]) -> set[type[Any]]:
    return {cls for sub in of.__subclasses__() for cls in ({sub} | _subclasses(sub))}
