"""A table grows with the template, and loses nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    NotOfferedError,
    SnowflakeError,
    UnsafeChangeError,
)
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.retention import CreatePolicy, DescribePolicy
from snowflake_setup.sql.table import AddColumn, KeepRefusedRows, SetColumnComment
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
    assert bench.snowflake.tables[EVENTS]["N"] == "NUMBER(38,0)"
    assert not any("COLUMN" in kind or "TYPE" in kind for kind in bench.snowflake.kinds)


def test_comments_and_schema_evolution_are_altered_separately(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    new = {**TABLE, "Comment": "other", "SchemaEvolution": "false"}
    new["Columns"] = [{"Name": "EVENT_ID", "Type": "VARCHAR", "Comment": "key"}, TABLE["Columns"][1]]
    send(bench, "Update", "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.kinds == [
        "ALTER TABLE ALTER COLUMN",
        "ALTER TABLE SET COMMENT",
        "ALTER TABLE SET ENABLE_SCHEMA_EVOLUTION",
    ]
    assert [s.comment for s in bench.snowflake.sent if isinstance(s, SetColumnComment)] == ["key"]


LOGGED = {**TABLE, "ErrorLogging": "true"}


@pytest.mark.parametrize(
    ("old", "new", "has_one", "sent"),
    [
        pytest.param(
            TABLE, LOGGED, False, ["SET ERROR_LOGGING = TRUE"], id="a template from before error tables"
        ),
        pytest.param(LOGGED, LOGGED, False, ["SET ERROR_LOGGING = TRUE"], id="drift"),
        pytest.param(LOGGED, LOGGED, True, [], id="as it should be"),
        pytest.param(LOGGED, TABLE, True, ["SET ERROR_LOGGING = FALSE"], id="turned off"),
        pytest.param(TABLE, TABLE, True, ["SET ERROR_LOGGING = FALSE"], id="drift the other way"),
    ],
)
def test_an_error_table_is_made_and_dropped_as_the_template_says(
    bench: Bench, old: dict[str, Any], new: dict[str, Any], has_one: bool, sent: list[str]
) -> None:
    physical_id, _ = send(bench, "Create", "Table", old)
    (bench.snowflake.error_tables.add if has_one else bench.snowflake.error_tables.discard)(EVENTS)
    send(bench, "Update", "Table", new, old=old, physical_id=physical_id)
    assert [s.sql() for s in bench.snowflake.sent if not s.reads] == [f"{ALTER} {each}" for each in sent]


def test_an_account_that_does_not_show_error_tables_is_not_altered_in_vain(bench: Bench) -> None:
    bench.snowflake.shows_error_tables = False
    physical_id, _ = send(bench, "Create", "Table", LOGGED)
    assert EVENTS in bench.snowflake.error_tables
    send(bench, "Update", "Table", LOGGED, old=LOGGED, physical_id=physical_id)
    assert bench.snowflake.kinds == []
    send(bench, "Update", "Table", TABLE, old=LOGGED, physical_id=physical_id)
    assert EVENTS not in bench.snowflake.error_tables


def test_an_account_without_error_tables_gets_its_table_and_a_warning(bench: Bench) -> None:
    bench.snowflake.refuse[KeepRefusedRows] = NotOfferedError("invalid property 'ERROR_LOGGING'", code=1420)
    send(bench, "Create", "Table", LOGGED)
    assert EVENTS in bench.snowflake.tables
    assert "refused rows are not kept" in bench.output.getvalue()


def test_an_account_without_policies_has_tables_but_none_whose_rows_expire(bench: Bench) -> None:
    refusal = NotOfferedError("unexpected 'STORAGE'", code=1003)
    bench.snowflake.refuse = {DescribePolicy: refusal, CreatePolicy: refusal}
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    wanted = {**TABLE, "KeepDays": "30", "LoadTime": "TIMESTAMP"}
    with pytest.raises(NotOfferedError):
        send(bench, "Update", "Table", wanted, old=TABLE, physical_id=physical_id)
    send(bench, "Update", "Table", TABLE, old=wanted, physical_id=physical_id)  # the rollback
    send(bench, "Delete", "Table", TABLE, physical_id=physical_id)


def test_a_role_that_may_not_make_an_error_table_fails(bench: Bench) -> None:
    bench.snowflake.refuse[KeepRefusedRows] = SnowflakeError("insufficient privileges", code=3001)
    with pytest.raises(SnowflakeError):
        send(bench, "Create", "Table", LOGGED)
    assert EVENTS not in bench.snowflake.tables


ALTER = f"ALTER TABLE {EVENTS}"
DECLARED = [*TABLE["Columns"], {"Name": "PRICE", "Type": "FLOAT", "Comment": "In euros"}]


@pytest.mark.parametrize(
    ("evolved", "declared", "statements"),
    [
        ("FLOAT", "FLOAT", ["ALTER COLUMN \"PRICE\" COMMENT 'In euros'"]),
        (
            "NUMBER(2,0)",
            "NUMBER(38,0)",
            [
                'ALTER COLUMN "PRICE" SET DATA TYPE NUMBER(38,0)',
                "ALTER COLUMN \"PRICE\" COMMENT 'In euros'",
            ],
        ),
        (
            "NUMBER(3,1)",
            "FLOAT",
            [
                'RENAME COLUMN "PRICE" TO "PRICE_EVOLVED"',
                "ADD COLUMN IF NOT EXISTS \"PRICE\" FLOAT COMMENT 'In euros'",
            ],
        ),
    ],
)
@pytest.mark.parametrize("evolution", ["on", "turned off meanwhile"])
def test_an_evolved_field_can_be_declared_and_a_later_failure_rolls_back(
    bench: Bench, evolved: str, declared: str, statements: list[str], evolution: str
) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.evolve(EVENTS, "PRICE", evolved)
    old = TABLE if evolution == "on" else {**TABLE, "SchemaEvolution": "false"}
    new = {**old, "Columns": [*TABLE["Columns"], {**DECLARED[-1], "Type": declared}]}
    if evolution != "on":
        send(bench, "Update", "Table", old, old=TABLE, physical_id=physical_id)
    send(bench, "Update", "Table", new, old=old, physical_id=physical_id)
    sent = [statement.sql() for statement in bench.snowflake.sent if not statement.reads]
    assert sent == [f"{ALTER} {statement}" for statement in statements]
    assert bench.snowflake.tables[EVENTS]["PRICE"] == declared
    grown = dict(bench.snowflake.tables[EVENTS])
    send(bench, "Update", "Table", old, old=new, physical_id=physical_id)  # the rollback
    send(bench, "Update", "Table", new, old=old, physical_id=physical_id)  # the next deployment
    assert bench.snowflake.kinds == []
    assert bench.snowflake.tables[EVENTS] == grown


def test_a_table_kept_by_a_deleted_stack_is_adopted_with_its_evolved_columns(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.evolve(EVENTS, "PRICE", "NUMBER(3,1)")
    bench.snowflake.rows[EVENTS] = Counter({"s3://lake/events/a.gz": 1})
    send(bench, "Delete", "Table", TABLE, physical_id=physical_id)
    send(bench, "Create", "Table", {**TABLE, "Columns": DECLARED})
    assert (
        bench.snowflake.tables[EVENTS] | {"PRICE": "FLOAT", "PRICE_EVOLVED": "NUMBER(3,1)"}
        == (bench.snowflake.tables[EVENTS])
    )


@pytest.mark.parametrize(
    ("there", "wanted", "name"),
    [
        ({"PRICE_EVOLVED": "DATE"}, [], "PRICE_EVOLVED_2"),
        ({"Price_Evolved": "DATE", "PRICE_EVOLVED_2": "DATE"}, [], "PRICE_EVOLVED_3"),
        ({}, [{"Name": "PRICE_EVOLVED", "Type": "DATE"}], "PRICE_EVOLVED_2"),
    ],
)
def test_a_renamed_column_takes_no_name_that_is_in_use(
    bench: Bench, there: dict[str, str], wanted: list[dict[str, str]], name: str
) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.tables[EVENTS] |= there
    bench.snowflake.evolve(EVENTS, "PRICE", "NUMBER(3,1)")
    send(
        bench,
        "Update",
        "Table",
        {**TABLE, "Columns": [*wanted, *DECLARED]},
        old=TABLE,
        physical_id=physical_id,
    )
    assert bench.snowflake.tables[EVENTS][name] == "NUMBER(3,1)"


def test_the_longest_name_is_shortened_to_be_renamed(bench: Bench) -> None:
    longest = "A" * 255
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.evolve(EVENTS, longest, "DATE")
    new = {**TABLE, "Columns": [*TABLE["Columns"], {"Name": longest, "Type": "VARCHAR"}]}
    send(bench, "Update", "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.tables[EVENTS]["A" * 247 + "_EVOLVED"] == "DATE"


@pytest.mark.parametrize("request_type", ["Create", "Update"])
@pytest.mark.parametrize("touched", ["made by hand", "altered since", "protected by a policy"])
def test_a_column_that_a_person_has_touched_is_refused_with_the_statements_for_its_owner(
    bench: Bench, touched: str, request_type: str
) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.evolve(EVENTS, "PRICE", "NUMBER(3,1)")
    if touched == "protected by a policy":
        bench.snowflake.policies[EVENTS, "PRICE"] = "DB.GOVERNANCE.HIDDEN"
    else:
        bench.snowflake.execute(SetColumnComment(EVENTS, Identifier("PRICE"), "by hand"))
    new = {**TABLE, "Columns": DECLARED}
    with pytest.raises((UnsafeChangeError, DefinitionConflictError)) as caught:
        send(bench, request_type, "Table", new, old=TABLE, physical_id=physical_id)
    assert bench.snowflake.kinds == []
    assert "PRICE is NUMBER(3,1), wanted FLOAT" in str(caught.value)
    assert (
        f'{ALTER} RENAME COLUMN "PRICE" TO "PRICE_EVOLVED"; '
        f"{ALTER} ADD COLUMN IF NOT EXISTS \"PRICE\" FLOAT COMMENT 'In euros';"
    ) in str(caught.value)


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_column_that_is_there_may_be_empty_from_then_on(bench: Bench, request_type: str) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    bench.snowflake.not_null.add((EVENTS, "EVENT_ID"))
    send(bench, request_type, "Table", TABLE, old=TABLE, physical_id=physical_id)
    assert not bench.snowflake.not_null


def test_a_table_whose_other_columns_cannot_be_empty_is_not_adopted(bench: Bench) -> None:
    send(bench, "Create", "Table", TABLE)
    bench.snowflake.tables[EVENTS]["THEIRS"] = "VARCHAR"
    bench.snowflake.not_null.add((EVENTS, "THEIRS"))
    with pytest.raises(DefinitionConflictError, match="columns THEIRS are NOT NULL"):
        send(bench, "Create", "Table", TABLE)
    assert bench.snowflake.kinds == []


@pytest.mark.parametrize("on_delete", [None, "retain", "DROP", "true", ""])
def test_a_table_is_kept_unless_on_delete_is_drop(bench: Bench, on_delete: str | None) -> None:
    physical_id, _ = send(bench, "Create", "Table", TABLE)
    properties = {key: value for key, value in TABLE.items() if key != "OnDelete"}
    if on_delete is not None:
        properties["OnDelete"] = on_delete
    send(bench, "Delete", "Table", properties, physical_id=physical_id)
    assert bench.snowflake.kinds == []
    assert EVENTS in bench.snowflake.tables
