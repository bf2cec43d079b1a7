"""The contract as a table for the docs."""

from __future__ import annotations

import json

from contract.event import EventContract, Field

_HEAD = (
    "| Field | Column | Type | Required | Meaning | Example |",
    "|---|---|---|---|---|---|",
)


def markdown_table(contract: EventContract) -> str:
    """Describe every field of the event in one Markdown table, for the docs."""
    return "\n".join([*_HEAD, *map(_row, contract.fields)]) + "\n"


def _row(field: Field) -> str:
    example = f"`{json.dumps(field.examples[0], ensure_ascii=False)}`" if field.examples else ""
    cells = (
        f"`{field.name}`",
        f"`{field.column}`",
        f"`{field.snowflake_type}`",
        "yes" if field.required else "",
        field.description,
        example,
    )
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
