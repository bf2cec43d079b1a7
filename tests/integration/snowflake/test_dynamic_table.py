"""The dynamic table behind the analysts' view, from create to delete, with only the grants of the bootstrap SQL."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from laptop.testing.snowflake import Rows
from snowflake_setup.session.errors import DefinitionConflictError
from tests.integration.snowflake.test_custom_resources import LANDING, Send
from tests.integration.snowflake.test_custom_resources import admin as admin
from tests.integration.snowflake.test_custom_resources import output as output
from tests.integration.snowflake.test_custom_resources import send as send
from tests.unit.snowflake_setup.events import DYNAMIC_TABLE, VIEW, name

KEPT = '"CLICKSTREAM"."RAW"."CLICKS_TABLE"'
BY_QUERY = {**VIEW, "Order": ["SOURCE_FILE"]}
DYNAMIC = {**DYNAMIC_TABLE, "Order": ["SOURCE_FILE"]}
OF_TABLE = {
    **name("CLICKS"),
    "DynamicTable": name("CLICKS_TABLE"),
    "Columns": VIEW["Columns"],
    "Comment": "once",
}


@pytest.fixture
def change(send: Send) -> Callable[..., str]:
    """Send an Update, or a Create without old properties; return the physical id."""

    def request(
        kind: str, new: dict[str, Any], old: dict[str, Any] | None = None, physical_id: str = ""
    ) -> str:
        if old is None:
            return send("Create", kind, new)[0]
        return send("Update", kind, new, PhysicalResourceId=physical_id, OldResourceProperties=old)[0]

    return request


def shown(admin: Callable[..., Rows]) -> dict[str, Any]:
    (row,) = admin('SHOW DYNAMIC TABLES IN SCHEMA "CLICKSTREAM"."RAW"')
    return row


def insert(admin: Callable[..., Rows], *ids: str) -> None:
    values = ", ".join(
        f"('{each}', '2026-11-20 10:00:00+00:00', '{place}')" for place, each in enumerate(ids)
    )
    admin(
        f'INSERT INTO "CLICKSTREAM"."RAW"."CLICK_EVENTS" (EVENT_ID, TIMESTAMP, SOURCE_FILE) VALUES {values}'
    )


def test_the_view_keeps_name_columns_and_grants_while_its_source_changes(
    admin: Callable[..., Rows], send: Send, change: Callable[..., str]
) -> None:
    change("Table", LANDING)
    insert(admin, "a", "a", "b")
    view = change("View", BY_QUERY)
    admin("CREATE ROLE ANALYST", 'GRANT SELECT ON VIEW "CLICKSTREAM"."RAW"."CLICKS" TO ROLE ANALYST')
    before = admin('SELECT * FROM "CLICKSTREAM"."RAW"."CLICKS" ORDER BY 1')
    assert [row["EVENT_ID"] for row in before] == ["a", "b"]
    # In the order of CloudFormation: the new source, the view, and at the end the Delete of the old source.
    kept = change("DynamicTable", DYNAMIC)
    assert change("View", OF_TABLE, BY_QUERY, view) == view
    assert admin('SELECT * FROM "CLICKSTREAM"."RAW"."CLICKS" ORDER BY 1') == before
    assert change("View", BY_QUERY, OF_TABLE, view) == view
    send("Delete", "DynamicTable", DYNAMIC, PhysicalResourceId=kept)
    assert admin('SELECT * FROM "CLICKSTREAM"."RAW"."CLICKS" ORDER BY 1') == before
    grants = admin('SHOW GRANTS ON VIEW "CLICKSTREAM"."RAW"."CLICKS"')
    assert "ANALYST" in {row["grantee_name"] for row in grants}
    assert admin('SHOW DYNAMIC TABLES IN SCHEMA "CLICKSTREAM"."RAW"') == []


@pytest.mark.parametrize(
    ("new", "recreated"),
    [
        (DYNAMIC, False),
        ({**DYNAMIC, "TargetLagMinutes": "15"}, False),
        ({**DYNAMIC, "Comment": "other words"}, False),
        ({**DYNAMIC, "LateDays": "8"}, True),
        ({**DYNAMIC, "Columns": ["EVENT_ID"]}, True),
    ],
)
def test_it_is_recreated_only_for_another_query_or_other_columns(
    admin: Callable[..., Rows], change: Callable[..., str], new: dict[str, Any], recreated: bool
) -> None:
    change("Table", LANDING)
    made = change("DynamicTable", DYNAMIC)
    before = shown(admin)
    admin(f"ALTER DYNAMIC TABLE {KEPT} SUSPEND")
    change("DynamicTable", new, DYNAMIC, made)
    after = shown(admin)
    assert (after["created_on"] != before["created_on"]) == recreated
    assert after["target_lag"] == ("15 minutes" if "15" in new["TargetLagMinutes"] else "1 hour")
    assert after["comment"].startswith(new["Comment"])
    assert after["scheduling_state"] == "ACTIVE"


def test_one_made_by_hand_with_the_planned_statement_is_adopted(
    admin: Callable[..., Rows], send: Send, change: Callable[..., str], output: io.StringIO
) -> None:
    change("Table", LANDING)
    change("DynamicTable", DYNAMIC)
    statement, created = shown(admin)["text"], shown(admin)["created_on"]
    change("DynamicTable", {**DYNAMIC, "TargetLagMinutes": "120"})
    assert (shown(admin)["target_lag"], shown(admin)["created_on"]) == ("2 hours", created)
    assert "365 times a month, at least 6 credits" in output.getvalue()
    with pytest.raises(DefinitionConflictError, match="is not the one described here"):
        change("DynamicTable", {**DYNAMIC, "LateDays": "3"})
    admin(f"DROP DYNAMIC TABLE {KEPT}", statement)
    with pytest.raises(DefinitionConflictError, match=r"OTHER.* does not exist, or the role cannot see it"):
        send("Create", "View", {**OF_TABLE, "DynamicTable": name("OTHER")})


def test_sessions_are_kept_and_shown_and_left_alone_if_nothing_changes(
    admin: Callable[..., Rows], change: Callable[..., str]
) -> None:
    columns = [
        *LANDING["Columns"],
        *({"Name": n, "Type": "VARCHAR"} for n in ("SESSION_ID", "PAGE_ID", "PLATFORM")),
    ]
    names = [column["Name"] for column in columns]
    change("Table", {**LANDING, "Columns": columns})
    change("DynamicTable", {**DYNAMIC, "Columns": names})
    lag = {key: DYNAMIC[key] for key in ("TargetLagMinutes", "Warehouse")}
    kept = {**name("VISITS_TABLE"), "SessionsOf": name("CLICKS_TABLE"), **lag}
    visits = {**name("VISITS"), "DynamicTable": name("VISITS_TABLE"), "Columns": ["SESSION_ID", "PAGES"]}
    by_query = {**name("VISITS_OF_VIEW"), "SessionsOf": name("CLICKS_TABLE")}
    made = [("DynamicTable", kept), ("View", visits), ("View", by_query)]
    ids = [change(kind, wanted) for kind, wanted in made]

    def created() -> list[Any]:
        rows = [*admin('SHOW VIEWS IN SCHEMA "CLICKSTREAM"."RAW"')]
        rows += admin('SHOW DYNAMIC TABLES IN SCHEMA "CLICKSTREAM"."RAW"')
        return [(row["name"], row["created_on"]) for row in rows]

    before = created()
    for (kind, wanted), physical_id in zip(made, ids, strict=True):
        assert change(kind, wanted, wanted, physical_id) == physical_id
    assert created() == before
    assert [row["name"] for row in admin('DESC VIEW "CLICKSTREAM"."RAW"."VISITS"')][-1] == "EVENT_DATE"
