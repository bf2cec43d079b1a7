"""File format, stage and table: the statements of each request."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    ObjectMissingError,
    SnowflakeError,
    UnsafeChangeError,
)
from snowflake_setup.sql.base import Describe, Drop, Show, Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.stage import AlterStage, CreateStage, ListStage
from tests.unit.snowflake_setup.events import FILE_FORMAT, FULL, STAGE, TABLE, send
from tests.unit.snowflake_setup.fakes import Bench

ALL: list[tuple[str, dict[str, Any], str]] = [
    ("FileFormat", FILE_FORMAT, "FILE_FORMAT"),
    ("Stage", STAGE, "STAGE"),
    ("Table", TABLE, "TABLE"),
]
EVENTS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_EVENTS")


LAKE = ObjectName.of("CLICKSTREAM", "RAW", "LAKE")


def columns(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {**TABLE, "Columns": [{"Name": name, "Type": kind} for name, kind in pairs]}


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_create_makes_a_missing_object_and_returns_its_id(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    physical_id, data = send(bench, "Create", kind, properties)
    full_name = f'{FULL}."{properties["Name"]}"'
    assert physical_id == f"acme/{id_kind}/{full_name}"
    assert data == {"FullName": full_name}
    assert bench.snowflake.kinds == [f"CREATE {id_kind.replace('_', ' ')}"]


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_create_adopts_an_equal_object(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    first = send(bench, "Create", kind, properties)
    assert send(bench, "Create", kind, properties) == first
    # DESC shows neither a stage's key nor a table's comment and schema evolution, so an adopted one gets ours.
    unseen = {
        "Stage": ["ALTER STAGE"],
        "Table": ["ALTER TABLE SET COMMENT", "ALTER TABLE SET ENABLE_SCHEMA_EVOLUTION"],
    }
    assert bench.snowflake.kinds == unseen.get(kind, [])


@pytest.mark.parametrize(
    ("kind", "properties", "change", "told"),
    [
        ("FileFormat", FILE_FORMAT, {"Compression": "GZIP"}, "COMPRESSION is AUTO, wanted GZIP"),
        ("FileFormat", FILE_FORMAT, {"StripOuterArray": "false"}, "STRIP_OUTER_ARRAY is true, wanted FALSE"),
        ("FileFormat", FILE_FORMAT, {"MultiLine": "true"}, "MULTI_LINE is false, wanted TRUE"),
        ("Stage", STAGE, {"Url": "s3://other/"}, "its URL is s3://lake/events/, wanted s3://other/"),
        ("Table", TABLE, columns(("EVENT_ID", "FLOAT")), "EVENT_ID is VARCHAR, wanted FLOAT"),
    ],
)
def test_create_refuses_a_different_object(
    bench: Bench, kind: str, properties: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    send(bench, "Create", kind, properties)
    with pytest.raises(DefinitionConflictError, match=told):
        send(bench, "Create", kind, {**properties, **change})
    assert bench.snowflake.kinds == []


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_that_lacks_columns_is_adopted_only_while_it_is_empty(bench: Bench, rows: int) -> None:
    """A first deployment that failed leaves an empty table; one with rows is someone's."""
    send(bench, "Create", "Table", TABLE)
    name = ObjectName.of(TABLE["Database"], TABLE["Schema"], TABLE["Name"])
    bench.snowflake.rows[name] = Counter({"file": rows})
    wider = {**TABLE, **columns(("EVENT_ID", "VARCHAR"), ("X", "DATE"))}
    if rows:
        with pytest.raises(DefinitionConflictError, match=r"lacks X DATE\. Add these columns"):
            send(bench, "Create", "Table", wider)
        assert bench.snowflake.kinds == []
    else:
        send(bench, "Create", "Table", wider)
        assert "ALTER TABLE ADD COLUMN" in bench.snowflake.kinds


def test_a_stage_with_a_storage_integration_is_not_adopted(bench: Bench) -> None:
    bench.snowflake.stages[LAKE] = {"URL": STAGE["Url"], "STORAGE_INTEGRATION": "THEIRS"}
    with pytest.raises(DefinitionConflictError, match="reads through the storage integration THEIRS"):
        send(bench, "Create", "Stage", STAGE)
    assert bench.snowflake.kinds == []


def test_a_failed_cleanup_does_not_hide_the_first_error(bench: Bench) -> None:
    bench.snowflake.refuse[Drop] = SnowflakeError("drop refused")

    def fail_at_second_look(statement: Statement) -> None:
        if isinstance(statement, (Describe, Show)) and bench.snowflake.sent:
            raise SnowflakeError("out of reach")

    bench.snowflake.before = fail_at_second_look
    with pytest.raises(SnowflakeError, match="out of reach"):
        send(bench, "Create", "Stage", STAGE)
    assert "left behind after a failure" in bench.output.getvalue()


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_a_failed_create_removes_the_new_object(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    def fail_at_second_look(statement: Statement) -> None:
        if isinstance(statement, (Describe, Show)) and any(
            isinstance(sent, (Describe, Show)) for sent in bench.snowflake.sent
        ):
            raise SnowflakeError("out of reach")

    bench.snowflake.before = fail_at_second_look
    with pytest.raises(SnowflakeError, match="out of reach"):
        send(bench, "Create", kind, properties)
    assert bench.snowflake.kinds == [f"{verb} {id_kind.replace('_', ' ')}" for verb in ("CREATE", "DROP")]


def test_a_create_that_lost_a_race_keeps_the_other_object(bench: Bench) -> None:
    answers = bench.snowflake.execute

    def raced(statement: Statement, keep: Any = None) -> Any:
        if isinstance(statement, CreateStage):
            bench.snowflake.stages[LAKE] = {"URL": "s3://theirs/"}
            bench.snowflake.sent.append(statement)
            return [{"status": "LAKE already exists, statement succeeded."}]
        return answers(statement, keep)

    bench.snowflake.execute = raced  # type: ignore[method-assign]
    with pytest.raises(DefinitionConflictError, match="s3://theirs/"):
        send(bench, "Create", "Stage", STAGE)
    assert "DROP STAGE" not in bench.snowflake.kinds


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_a_new_name_is_a_new_object_under_a_new_id(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    old_id, _ = send(bench, "Create", kind, properties)
    new_id, data = send(
        bench, "Update", kind, {**properties, "Name": "OTHER"}, old=properties, physical_id=old_id
    )
    assert new_id == f'acme/{id_kind}/{FULL}."OTHER"'
    assert data["FullName"] == f'{FULL}."OTHER"'
    assert bench.snowflake.kinds == [f"CREATE {id_kind.replace('_', ' ')}"]


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_delete_uses_the_id_and_not_the_properties(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    physical_id, _ = send(bench, "Create", kind, properties)
    later = {**properties, "Name": "SUCCESSOR", "OnDelete": "drop"}
    assert send(bench, "Delete", kind, later, physical_id=physical_id) == (physical_id, {})
    (sent,) = (statement for statement in bench.snowflake.sent if not statement.reads)
    assert (str(sent.name), isinstance(sent, Drop)) == (f'{FULL}."{properties["Name"]}"', True)


@pytest.mark.parametrize(("kind", "properties", "id_kind"), ALL)
def test_delete_succeeds_if_the_database_is_missing(
    bench: Bench, kind: str, properties: dict[str, Any], id_kind: str
) -> None:
    bench.snowflake.refuse[Drop] = ObjectMissingError("Database 'CLICKSTREAM' does not exist", code=2003)
    physical_id = f'acme/{id_kind}/{FULL}."X"'
    assert (
        send(bench, "Delete", kind, {**properties, "OnDelete": "drop"}, physical_id=physical_id)[0]
        == physical_id
    )


@pytest.mark.parametrize(
    "foreign",
    ["Landing-Table-1A2B3C", f'other/TABLE/{FULL}."CLICK_EVENTS"', f'acme/STAGE/{FULL}."CLICK_EVENTS"'],
)
def test_delete_of_a_foreign_id_changes_nothing(bench: Bench, foreign: str) -> None:
    properties = {**TABLE, "OnDelete": "drop"}
    assert send(bench, "Delete", "Table", properties, physical_id=foreign) == (foreign, {})
    assert bench.snowflake.sent == []


def test_a_file_format_is_altered_only_when_it_changed(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "FileFormat", FILE_FORMAT)
    send(bench, "Update", "FileFormat", FILE_FORMAT, old=FILE_FORMAT, physical_id=physical_id)
    assert bench.snowflake.kinds == []
    changed = {**FILE_FORMAT, "Compression": "GZIP"}
    send(bench, "Update", "FileFormat", changed, old=FILE_FORMAT, physical_id=physical_id)
    assert bench.snowflake.kinds == ["ALTER FILE FORMAT"]


def test_a_file_format_of_an_older_template_is_altered_even_if_snowflake_shows_nothing(bench: Bench) -> None:
    older = {key: value for key, value in FILE_FORMAT.items() if key != "MultiLine"}
    physical_id, _ = send(bench, "Create", "FileFormat", older)
    for options in bench.snowflake.formats.values():
        assert options.pop("MULTI_LINE") == "true"
    send(bench, "Update", "FileFormat", FILE_FORMAT, old=older, physical_id=physical_id)
    assert bench.snowflake.kinds == ["ALTER FILE FORMAT"]


@pytest.mark.parametrize(
    ("change", "altered"),
    [
        ({}, []),
        ({"CredentialsSerial": "2"}, ["CREDENTIALS"]),
        ({"CredentialsSecretArn": "arn:key2"}, ["CREDENTIALS"]),
        ({"Comment": "other"}, ["COMMENT"]),
    ],
)
def test_a_stage_update_sets_only_changed_properties(
    bench: Bench, change: dict[str, str], altered: list[str]
) -> None:
    physical_id, _ = send(bench, "Create", "Stage", STAGE)
    send(bench, "Update", "Stage", {**STAGE, **change}, old=STAGE, physical_id=physical_id)
    sent = [statement for statement in bench.snowflake.sent if isinstance(statement, AlterStage)]
    found = [
        option for option in ("URL", "CREDENTIALS", "COMMENT") for s in sent if f"{option} = " in s.sql()
    ]
    assert found == altered
    assert len(sent) == bool(altered)


def test_a_stage_stays_at_its_location(bench: Bench) -> None:
    """Files that Firehose still writes to the old folder would be loaded by nothing."""
    physical_id, _ = send(bench, "Create", "Stage", STAGE)
    with pytest.raises(
        UnsafeChangeError, match="files that still arrive in the old folder would never be loaded"
    ):
        send(bench, "Update", "Stage", {**STAGE, "Url": "s3://lake/x/"}, old=STAGE, physical_id=physical_id)
    # The rollback that follows.
    send(bench, "Update", "Stage", STAGE, old={**STAGE, "Url": "s3://lake/x/"}, physical_id=physical_id)
    assert not any(
        "URL" in statement.sql() for statement in bench.snowflake.sent if isinstance(statement, AlterStage)
    )


def test_a_stage_that_was_moved_by_hand_is_moved_back(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Stage", STAGE)
    bench.snowflake.execute(AlterStage(LAKE, url="s3://lake/x/"))
    send(bench, "Update", "Stage", STAGE, old=STAGE, physical_id=physical_id)
    assert bench.snowflake.stages[LAKE]["URL"] == STAGE["Url"]


def test_a_raised_serial_rereads_the_secret(bench: Bench) -> None:
    physical_id, _ = send(bench, "Create", "Stage", STAGE)
    bench.secrets.secrets["arn:key"]["aws_access_key_id"] = "AKIA-ROTATED"
    send(bench, "Update", "Stage", {**STAGE, "CredentialsSerial": "2"}, old=STAGE, physical_id=physical_id)
    assert bench.snowflake.stages[LAKE]["KEY"] == "AKIA-ROTATED"


def test_a_key_without_access_fails_the_update_and_the_rollback_restores_the_old_one(
    bench: Bench,
) -> None:
    physical_id, _ = send(bench, "Create", "Stage", STAGE)
    old_key, new = bench.secrets.secrets["arn:key"]["aws_access_key_id"], {**STAGE, "CredentialsSerial": "2"}
    bench.secrets.secrets["arn:key"]["aws_access_key_id"] = "AKIA-DEAD"
    bench.snowflake.refuse[ListStage] = SnowflakeError("LIST: Access Denied", code=91003)
    with pytest.raises(SnowflakeError, match="Access Denied"):
        send(bench, "Update", "Stage", new, old=STAGE, physical_id=physical_id)
    bench.snowflake.refuse.clear()
    bench.secrets.secrets["arn:key"]["aws_access_key_id"] = old_key
    send(bench, "Update", "Stage", STAGE, old=new, physical_id=physical_id)
    assert bench.snowflake.stages[LAKE]["KEY"] == old_key


def test_an_update_recreates_a_dropped_object(bench: Bench) -> None:
    for kind, properties, id_kind in ALL:
        physical_id = f'acme/{id_kind}/{FULL}."{properties["Name"]}"'
        send(bench, "Update", kind, properties, old=properties, physical_id=physical_id)
        assert bench.snowflake.kinds == [f"CREATE {id_kind.replace('_', ' ')}"]


def test_a_rollback_from_invalid_properties_succeeds(bench: Bench) -> None:
    for kind, properties, _ in ALL:
        physical_id, _ = send(bench, "Create", kind, properties)
        back = send(bench, "Update", kind, properties, old={"Nonsense": ["?"]}, physical_id=physical_id)
        assert back[0] == physical_id


def test_a_new_account_gets_a_new_object_and_the_other_account_is_unchanged(bench: Bench) -> None:
    elsewhere = f'other/STAGE/{FULL}."LAKE"'
    physical_id, _ = send(bench, "Update", "Stage", STAGE, old=STAGE, physical_id=elsewhere)
    assert physical_id == f'acme/STAGE/{FULL}."LAKE"'
    assert bench.snowflake.kinds == ["CREATE STAGE"]
