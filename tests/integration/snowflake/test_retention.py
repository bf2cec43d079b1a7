"""Rows expire by a policy of their table, which comes, changes and goes with the template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from laptop.testing.snowflake import Rows
from snowflake_setup.session.errors import DefinitionConflictError, SnowflakeError, UnsafeChangeError
from tests.integration.snowflake.test_custom_resources import LANDING, Send
from tests.integration.snowflake.test_custom_resources import admin as admin
from tests.integration.snowflake.test_custom_resources import output as output
from tests.integration.snowflake.test_custom_resources import send as send
from tests.integration.snowflake.test_dynamic_table import change as change
from tests.unit.snowflake_setup.events import DYNAMIC_TABLE, name

SCHEMA = '"CLICKSTREAM"."RAW"'
TABLE, KEPT = f"{SCHEMA}.CLICK_EVENTS", f"{SCHEMA}.CLICKS_TABLE"
COLUMNS = [*LANDING["Columns"], {"Name": "LOADED_AT", "Type": "TIMESTAMP_LTZ"}]
FOR_EVER = {**LANDING, "Columns": COLUMNS}
DAYS_30 = {**FOR_EVER, "KeepDays": "30", "LoadTime": "LOADED_AT"}
DYNAMIC = {**DYNAMIC_TABLE, "Order": ["SOURCE_FILE"], "Arrival": ["LOADED_AT"]}
Change = Callable[..., str]
Admin = Callable[..., Rows]


@pytest.fixture(autouse=True)
def granted(admin: Admin) -> None:
    """The grant of bootstrap-sql if the key is set."""
    admin(f"GRANT CREATE STORAGE LIFECYCLE POLICY ON SCHEMA {SCHEMA} TO ROLE DEPLOYER")


def insert(admin: Admin, **days: int) -> None:
    for event_id, ago in days.items():
        loaded = f"DATEADD(DAY, -{ago}, CURRENT_TIMESTAMP())"
        admin(
            f"INSERT INTO {TABLE} (EVENT_ID, TIMESTAMP, SOURCE_FILE, LOADED_AT) "
            f"SELECT '{event_id}', {loaded}, '{event_id}', {loaded}"
        )


def ids(admin: Admin, table: str = TABLE) -> list[str]:
    return [row["EVENT_ID"] for row in admin(f"SELECT EVENT_ID FROM {table} ORDER BY 1")]


def policies(admin: Admin) -> list[str]:
    shown = admin(f"SHOW STORAGE LIFECYCLE POLICIES IN SCHEMA {SCHEMA}")
    return [row["name"] for row in shown]


def test_rows_expire_as_the_template_says(admin: Admin, change: Change) -> None:
    table = change("Table", FOR_EVER)
    insert(admin, a=40, b=20, c=1)
    change("Table", DAYS_30, FOR_EVER, table)
    assert (ids(admin), policies(admin)) == (["b", "c"], ["CLICK_EVENTS_RETENTION"])
    days_15 = {**DAYS_30, "KeepDays": "15"}
    change("Table", days_15, DAYS_30, table)
    assert ids(admin) == ["c"]
    change("Table", DAYS_30, days_15, table)  # the rollback
    insert(admin, d=20)
    assert ids(admin) == ["c", "d"]
    change("Table", FOR_EVER, DAYS_30, table)
    insert(admin, e=40)
    assert (ids(admin), policies(admin)) == (["c", "d", "e"], [])


@pytest.mark.parametrize("on_delete", ["drop", "retain"])
def test_a_policy_goes_with_its_table_and_a_kept_table_keeps_its_rows(
    admin: Admin, send: Send, change: Change, on_delete: str
) -> None:
    wanted = {**DAYS_30, "OnDelete": on_delete}
    table = change("Table", wanted)
    send("Delete", "Table", wanted, PhysicalResourceId=table)
    assert policies(admin) == []
    if on_delete == "retain":
        insert(admin, a=40)
        assert ids(admin) == ["a"]
        assert change("Table", wanted) == table
        assert (ids(admin), policies(admin)) == ([], ["CLICK_EVENTS_RETENTION"])


def test_a_renamed_table_has_a_policy_of_its_own(admin: Admin, send: Send, change: Change) -> None:
    old = change("Table", DAYS_30)
    renamed = {**DAYS_30, **name("CLICKS_2")}
    assert change("Table", renamed, DAYS_30, old) != old
    send("Delete", "Table", renamed, PhysicalResourceId=old)
    assert policies(admin) == ["CLICKS_2_RETENTION"]


def test_a_policy_detached_by_hand_is_attached_again(admin: Admin, change: Change) -> None:
    table = change("Table", DAYS_30)
    admin(f"ALTER TABLE {TABLE} DROP STORAGE LIFECYCLE POLICY")
    insert(admin, a=40)
    change("Table", {**DAYS_30, "Comment": "another"}, DAYS_30, table)
    assert ids(admin) == []


def test_the_policy_of_a_person_is_left_alone(admin: Admin, change: Change) -> None:
    table = change("Table", FOR_EVER)
    admin(
        f"CREATE STORAGE LIFECYCLE POLICY {SCHEMA}.THEIRS AS (AT TIMESTAMP_LTZ) RETURNS BOOLEAN -> "
        "TO_DATE(AT) < DATEADD(DAY, -100, CURRENT_DATE())",
        f"ALTER TABLE {TABLE} ADD STORAGE LIFECYCLE POLICY {SCHEMA}.THEIRS ON (LOADED_AT)",
    )
    with pytest.raises(DefinitionConflictError, match=r"has storage lifecycle policy .*THEIRS.*allows one"):
        change("Table", DAYS_30, FOR_EVER, table)
    change("Table", FOR_EVER, DAYS_30, table)  # the rollback
    insert(admin, a=101, b=40)
    assert (ids(admin), policies(admin)) == (["b"], ["THEIRS"])


def test_a_missing_privilege_is_told(admin: Admin, change: Change) -> None:
    admin(f"REVOKE CREATE STORAGE LIFECYCLE POLICY ON SCHEMA {SCHEMA} FROM ROLE DEPLOYER")
    with pytest.raises(
        SnowflakeError, match=r"lacks CREATE STORAGE LIFECYCLE POLICY ON SCHEMA .*bootstrap-sql"
    ):
        change("Table", DAYS_30)
    assert admin(f"SHOW TABLES IN SCHEMA {SCHEMA}") == []


def test_a_dynamic_table_loses_the_same_rows(admin: Admin, send: Send, change: Change) -> None:
    change("Table", FOR_EVER)
    insert(admin, a=40, b=20, c=1)
    kept = change("DynamicTable", DYNAMIC)
    days_30 = {**DYNAMIC, "KeepDays": "30"}
    change("DynamicTable", days_30, DYNAMIC, kept)
    assert (ids(admin, KEPT), policies(admin)) == (["b", "c"], ["CLICKS_TABLE_RETENTION"])
    # Another query: it is replaced, and has its policy again.
    late = {**days_30, "LateDays": "3"}
    change("DynamicTable", late, days_30, kept)
    assert (ids(admin, KEPT), policies(admin)) == (["b", "c"], ["CLICKS_TABLE_RETENTION"])
    change("DynamicTable", {**DYNAMIC, "LateDays": "4"}, late, kept)
    assert (ids(admin, KEPT), policies(admin)) == (["a", "b", "c"], [])
    change("DynamicTable", days_30, {**DYNAMIC, "LateDays": "4"}, kept)
    send("Delete", "DynamicTable", days_30, PhysicalResourceId=kept)
    assert policies(admin) == []


def test_a_dynamic_table_with_the_policy_of_a_person_is_not_replaced(admin: Admin, change: Change) -> None:
    change("Table", FOR_EVER)
    kept = change("DynamicTable", DYNAMIC)
    admin(
        f"CREATE STORAGE LIFECYCLE POLICY {SCHEMA}.THEIRS AS (D DATE) RETURNS BOOLEAN -> D < '2020-01-01'",
        f"ALTER DYNAMIC TABLE {KEPT} ADD STORAGE LIFECYCLE POLICY {SCHEMA}.THEIRS ON (EVENT_DATE)",
    )
    with pytest.raises(UnsafeChangeError, match="STORAGE LIFECYCLE POLICY"):
        change("DynamicTable", {**DYNAMIC, "LateDays": "3"}, DYNAMIC, kept)


def test_what_the_table_loses_has_expired_in_the_dynamic_table(admin: Admin, change: Change) -> None:
    """Its refreshes never have to search for rows to delete: an event's date may be a day after its load."""
    change("Table", FOR_EVER)
    change("DynamicTable", DYNAMIC)
    for ago in (29, 30, 31, 32):
        loaded = f"DATEADD(DAY, -{ago}, CURRENT_TIMESTAMP())"
        admin(
            f"INSERT INTO {TABLE} (EVENT_ID, TIMESTAMP, SOURCE_FILE, LOADED_AT) "
            f"SELECT '{ago}', DATEADD(DAY, 1, {loaded}), '{ago}', {loaded}"
        )
    admin(f"ALTER DYNAMIC TABLE {KEPT} REFRESH")
    change("Table", DAYS_30, FOR_EVER)
    change("DynamicTable", {**DYNAMIC, "KeepDays": "30"}, DYNAMIC)
    assert set(ids(admin, KEPT)) <= set(ids(admin))


@pytest.mark.parametrize(
    "wrong", [{"KeepDays": "14"}, {"KeepDays": "3651"}, {"KeepDays": "x"}, {"LoadTime": ""}]
)
def test_a_template_that_cannot_be_meant_is_refused(change: Change, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"KeepDays|LoadTime"):
        change("Table", {**DAYS_30, **wrong})
