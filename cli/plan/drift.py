"""Whether Snowflake still has what the deployed template says.

Compared is what the template decides and Snowflake tells. It does not tell a stage's key; columns that a load has
added are the table's right (schema evolution) and no drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cli.plan.rehearsal import Account
from cli.plan.templates import PlannedResource
from snowflake_setup.lifecycle import resource_of
from snowflake_setup.objects.stage import stage_url
from snowflake_setup.session.errors import ObjectMissingError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Row, Tools, described_properties
from snowflake_setup.sql import column_type
from snowflake_setup.sql.base import Describe, Noun, Statement
from snowflake_setup.sql.view import ShowView

_COMPARED = {
    "FILE FORMAT": ("TYPE", "COMPRESSION", "STRIP_OUTER_ARRAY"),
    "STAGE": ("URL", "STORAGE_INTEGRATION"),
    "INTEGRATION": (
        "ENABLED",
        "STORAGE_ALLOWED_LOCATIONS",
        "STORAGE_AWS_ROLE_ARN",
        "STORAGE_AWS_EXTERNAL_ID",
    ),
}


@dataclass(frozen=True)
class Drift:
    """One thing that is not as deployed."""

    object: str
    what: str
    deployed: str
    there: str


def drift_of(resource: PlannedResource, tools: Tools, account: Account) -> list[Drift]:
    """Compare one deployed object; `tools` work in a rehearsal of the deployed template.

    Raises:
        SetupError: the account cannot be asked.
    """
    kind = resource_of({"ResourceType": resource.type})(tools)
    noun = next((noun for noun in Noun if noun.name == kind.kind), None)
    if noun is None:
        return []
    spec = kind.read(Properties(resource.properties, resource.type))
    question: Statement = ShowView(spec.name) if noun is Noun.VIEW else Describe(spec.name, noun)
    name = str(spec.name)
    expected = tools.warehouse.execute(question)
    try:
        there = account.ask(question)
    except ObjectMissingError:
        there = []
    if not there:
        return [Drift(name, "existence", "deployed", "missing, or your role may not see it")]
    before, after = (_facts(noun, spec.name.name.value, rows) for rows in (expected, there))
    return [
        Drift(name, what, value, after.get(what, "missing"))
        for what, value in before.items()
        if after.get(what, "") != value
    ]


def _facts(noun: str, name: str, rows: list[Row]) -> Mapping[str, str]:
    if noun in _COMPARED:
        told = described_properties(rows)
        if noun == "STAGE":
            told["URL"] = stage_url(rows)
        return {option: _plain(told.get(option)) for option in _COMPARED[noun]}
    if noun == "VIEW":
        # SHOW VIEWS LIKE takes _ for any letter; the comment's fingerprint stands for the query.
        rows = [row for row in rows if row["name"] == name]
        return {"comment": _plain(rows[0].get("comment"))} if rows else {}
    if noun == "PIPE":
        return {
            "definition": " ".join(str(rows[0]["definition"]).split()),
            "comment": _plain(rows[0].get("comment")),
        }
    return {
        f"column {row['name']}": f"{column_type.canonical(str(row['type']))} {_plain(row.get('comment'))!r}"
        for row in rows
    }


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return text.lower() if text.upper() in ("TRUE", "FALSE") else text
