"""A table grows with the template, and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from snowflake_setup.session.errors import (
    UnsafeChangeError,
)
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.table import AddColumn, SetColumnComment
from tests.unit.snowflake_setup.events import TABLE, send
from tests.unit.snowflake_setup.fakes import Bench

EVENTS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_EVENTS")


def columns(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {**TABLE, "Columns": [{"Name": name, "Type": kind} for name, kind in pairs]}


def test_a_table_grows_and_keeps_columns_dropped_from_the_template(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    new = columns(("EVENT_ID", "VARCHAR"), ("PROPERTIES", "VARIANT"))
    send(bench, "Update", "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.tables[EVENTS] == {
        "EVENT_ID": "VARCHAR",
        "TIMESTAMP": "TIMESTAMP_TZ",
        "PROPERTIES": "VARIANT",
    }
    assert "TIMESTAMP" in bench.output.getvalue()
    send(bench, "Update", "Table", TABLE, old=new, physical_id=physical_id)  # the rollback
    assert not any(isinstance(statement, AddColumn) for statement in bench.snowflake.sent)


def test_a_retyped_column_is_refused_before_anything_changes_and_rolls_back(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    new = columns(("NEW", "DATE"), ("EVENT_ID", "NUMBER"))
    with pytest.raises(UnsafeChangeError, match="EVENT_ID is VARCHAR, wanted NUMBER"):
        send(bench, "Update", "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.kinds == []
    send(bench, "Update", "Table", TABLE, old=new, physical_id=physical_id)
    assert set(bench.snowflake.tables[EVENTS]) == {"EVENT_ID", "TIMESTAMP"}


def test_other_spellings_of_a_type_are_not_a_change(bench: Bench) -> None:
    bench.snowflake.tables[EVENTS] = {
        "EVENT_ID": "VARCHAR(16777216)",
        "TIMESTAMP": "TIMESTAMP_TZ(9)",
        "N": "NUMBER(38,0)",
    }
    wanted = columns(("EVENT_ID", "STRING"), ("TIMESTAMP", "TIMESTAMP_TZ"), ("N", "INTEGER"))
    send(bench, "Create", "Table", wanted)
    assert bench.snowflake.kinds == []


def test_comments_and_schema_evolution_are_altered_separately(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    new = {**TABLE, "Comment": "other", "SchemaEvolution": "false"}
    new["Columns"] = [{"Name": "EVENT_ID", "Type": "VARCHAR", "Comment": "key"}, TABLE["Columns"][1]]
    send(bench, "Update", "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.kinds == [
        "ALTER TABLE SET COMMENT",
        "ALTER TABLE ALTER COLUMN",
        "ALTER TABLE SET ENABLE_SCHEMA_EVOLUTION",
    ]
    assert [s.comment for s in bench.snowflake.sent if isinstance(s, SetColumnComment)] == ["key"]


@pytest.mark.parametrize("on_delete", [None, "retain", "DROP", "true", ""])
def test_a_table_is_kept_unless_on_delete_is_drop(bench: Bench, on_delete: str | None) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    properties = {key: value for key, value in TABLE.items() if key != "OnDelete"}
    if on_delete is not None:
        properties["OnDelete"] = on_delete
    send(bench, "Delete", "Table", properties, physical_id=physical_id)
    assert bench.snowflake.sent == []
    assert EVENTS in bench.snowflake.tables
