"""A storage integration: created, adopted, altered in place, and dropped only by the resource that created it."""

from __future__ import annotations

from typing import Any

import pytest

from snowflake_setup.session.errors import DefinitionConflictError, PropertyError, SnowflakeError
from snowflake_setup.sql.base import Describe, Drop, Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.storage_integration import AlterStorageIntegration, CreateStorageIntegration
from tests.unit.snowflake_setup.events import INTEGRATION, send
from tests.unit.snowflake_setup.fake_pipe import USER_ARN
from tests.unit.snowflake_setup.fakes import Bench

NAME = ObjectName.of("LAKE_READER")
ID = 'acme/INTEGRATION/"LAKE_READER"'
KIND = "StorageIntegration"
DATA = {"FullName": '"LAKE_READER"', "IamUserArn": USER_ARN, "ExternalId": "ours-1"}


def theirs(bench: Bench, **change: str) -> None:
    """An integration created by hand, equal to the described one except for the change."""
    bench.snowflake.integrations[NAME] = {
        "ENABLED": "true",
        "STORAGE_AWS_IAM_USER_ARN": USER_ARN,
        "STORAGE_AWS_ROLE_ARN": INTEGRATION["RoleArn"],
        "STORAGE_AWS_EXTERNAL_ID": INTEGRATION["ExternalId"],
        "STORAGE_ALLOWED_LOCATIONS": "s3://lake/events/",
        "COMMENT": "theirs",
        **change,
    }


def test_create_returns_the_principal_that_the_role_must_trust(bench: Bench) -> None:
    assert send(bench, "Create", KIND, INTEGRATION) == (ID, DATA)
    assert bench.snowflake.kinds == ["CREATE STORAGE INTEGRATION"]
    assert bench.snowflake.integrations[NAME]["COMMENT"].startswith("reads the lake [owner:")


def test_an_equal_integration_is_adopted_unchanged_and_never_dropped(bench: Bench) -> None:
    theirs(bench)
    assert send(bench, "Create", KIND, INTEGRATION) == (ID, DATA)
    assert bench.snowflake.kinds == []
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID)
    assert bench.snowflake.kinds == []
    assert "integration kept" in bench.output.getvalue()


def test_an_altered_adopted_integration_is_still_not_owned(bench: Bench) -> None:
    theirs(bench)
    send(bench, "Create", KIND, INTEGRATION)
    send(bench, "Update", KIND, {**INTEGRATION, "Comment": "new"}, old=INTEGRATION, physical_id=ID)
    assert bench.snowflake.integrations[NAME]["COMMENT"] == "new"
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID)
    assert NAME in bench.snowflake.integrations


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"STORAGE_AWS_ROLE_ARN": "arn:other"},
            "STORAGE_AWS_ROLE_ARN is arn:other, wanted arn:aws:iam::123456789012:role/lake-reader",
        ),
        ({"STORAGE_AWS_EXTERNAL_ID": "generated"}, "STORAGE_AWS_EXTERNAL_ID is generated, wanted ours-1"),
        (
            {"STORAGE_ALLOWED_LOCATIONS": "s3://a/,s3://b/"},
            "LOCATIONS are s3://a/, s3://b/, wanted s3://lake",
        ),
        ({"ENABLED": "false"}, "ENABLED is false, wanted true"),
    ],
)
def test_a_different_integration_is_neither_adopted_nor_changed(
    bench: Bench, change: dict[str, str], told: str
) -> None:
    theirs(bench, **change)
    with pytest.raises(DefinitionConflictError, match=told):
        send(bench, "Create", KIND, INTEGRATION)
    assert bench.snowflake.kinds == []


@pytest.mark.parametrize(
    ("change", "altered"),
    [
        ({}, {}),
        (
            {"RoleArn": "arn:aws:iam::123456789012:role/new"},
            {"role_arn": "arn:aws:iam::123456789012:role/new"},
        ),
        ({"ExternalId": "ours-2"}, {"external_id": "ours-2"}),
        (
            {"AllowedLocations": ["s3://lake/events/", "s3://lake/more/"]},
            {"allowed_locations": ("s3://lake/events/", "s3://lake/more/")},
        ),
    ],
)
def test_an_update_alters_only_changed_properties(
    bench: Bench, change: dict[str, Any], altered: dict[str, Any]
) -> None:
    send(bench, "Create", KIND, INTEGRATION)
    new = {**INTEGRATION, **change}
    _, data = send(bench, "Update", KIND, new, old=INTEGRATION, physical_id=ID)
    sent = [s for s in bench.snowflake.sent if isinstance(s, AlterStorageIntegration)]
    assert sent == ([AlterStorageIntegration(NAME, **altered)] if altered else [])
    assert data["ExternalId"] == new["ExternalId"]
    send(bench, "Update", KIND, INTEGRATION, old=new, physical_id=ID)  # the rollback
    assert bench.snowflake.integrations[NAME]["STORAGE_AWS_ROLE_ARN"] == INTEGRATION["RoleArn"]


def test_a_new_comment_keeps_the_owners_mark(bench: Bench) -> None:
    send(bench, "Create", KIND, INTEGRATION)
    send(bench, "Update", KIND, {**INTEGRATION, "Comment": "new"}, old=INTEGRATION, physical_id=ID)
    assert bench.snowflake.integrations[NAME]["COMMENT"].startswith("new [owner:")
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID)
    assert NAME not in bench.snowflake.integrations


def test_an_update_repairs_drift_and_recreates_a_dropped_integration(bench: Bench) -> None:
    send(bench, "Create", KIND, INTEGRATION)
    made = dict(bench.snowflake.integrations[NAME])
    bench.snowflake.integrations[NAME] |= {"STORAGE_AWS_EXTERNAL_ID": "by hand", "ENABLED": "false"}
    send(bench, "Update", KIND, INTEGRATION, old=INTEGRATION, physical_id=ID)
    assert bench.snowflake.integrations[NAME] == made
    del bench.snowflake.integrations[NAME]
    send(bench, "Update", KIND, INTEGRATION, old=INTEGRATION, physical_id=ID)
    assert bench.snowflake.kinds == ["CREATE STORAGE INTEGRATION"]


def test_another_resources_integration_is_adopted_but_not_dropped(bench: Bench) -> None:
    send(bench, "Create", KIND, INTEGRATION, logical_id="First")
    send(bench, "Create", KIND, INTEGRATION, logical_id="Second")
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID, logical_id="Second")
    assert NAME in bench.snowflake.integrations
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID, logical_id="First")
    assert NAME not in bench.snowflake.integrations


def test_delete_of_a_missing_integration_succeeds(bench: Bench) -> None:
    assert send(bench, "Delete", KIND, INTEGRATION, physical_id=ID) == (ID, {})
    assert bench.snowflake.kinds == []


def test_a_create_sent_again_after_a_lost_answer_still_owns_the_integration(bench: Bench) -> None:
    send(bench, "Create", KIND, INTEGRATION)
    assert send(bench, "Create", KIND, INTEGRATION) == (ID, DATA)
    send(bench, "Delete", KIND, INTEGRATION, physical_id=ID)
    assert NAME not in bench.snowflake.integrations


def test_a_failed_create_drops_the_new_object(bench: Bench) -> None:
    def fail_at_second_look(statement: Statement) -> None:
        if isinstance(statement, Describe) and bench.snowflake.sent:
            raise SnowflakeError("out of reach")

    bench.snowflake.before = fail_at_second_look
    bench.snowflake.sent.clear()
    with pytest.raises(SnowflakeError, match="out of reach"):
        send(bench, "Create", KIND, INTEGRATION)
    assert bench.snowflake.kinds == ["CREATE STORAGE INTEGRATION", "DROP INTEGRATION"]


def test_an_integration_hidden_from_the_role_is_reported_and_not_changed(bench: Bench) -> None:
    answers = bench.snowflake.execute

    def hidden(statement: Statement, keep: Any = None) -> Any:
        if isinstance(statement, CreateStorageIntegration):
            bench.snowflake.sent.append(statement)
            return [{"status": "LAKE_READER already exists, statement succeeded."}]
        return answers(statement, keep)

    bench.snowflake.execute = hidden  # type: ignore[method-assign]
    with pytest.raises(DefinitionConflictError, match="cannot see it"):
        send(bench, "Create", KIND, INTEGRATION)
    assert not any(isinstance(statement, Drop) for statement in bench.snowflake.sent)


def test_a_new_name_is_a_new_integration_and_the_old_one_is_dropped_by_its_id(bench: Bench) -> None:
    send(bench, "Create", KIND, INTEGRATION)
    renamed = {**INTEGRATION, "Name": "OTHER"}
    new_id, _ = send(bench, "Update", KIND, renamed, old=INTEGRATION, physical_id=ID)
    assert new_id == 'acme/INTEGRATION/"OTHER"'
    send(bench, "Delete", KIND, renamed, physical_id=ID)
    assert set(bench.snowflake.integrations) == {ObjectName.of("OTHER")}


@pytest.mark.parametrize("foreign", ['acme/TABLE/"LAKE_READER"', 'acme/INTEGRATION/"A"."B"."LAKE_READER"'])
def test_an_id_with_another_kind_of_name_is_foreign(bench: Bench, foreign: str) -> None:
    for kind in (KIND, "Table"):
        properties = {**INTEGRATION, "OnDelete": "drop"}
        assert send(bench, "Delete", kind, properties, physical_id=foreign) == (foreign, {})
        assert bench.snowflake.sent == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"RoleArn": "arn:aws:iam::123456789012:user/me"}, "RoleArn must be the ARN of an IAM role"),
        ({"ExternalId": "*"}, "ExternalId must be 2 to 1224 letters"),
        ({"AllowedLocations": []}, "AllowedLocations must be a list of at least 1"),
        ({"AllowedLocations": ["s3://lake/events"]}, "with the slash at its end, got 's3://lake/events'"),
        ({"AllowedLocations": ["*"]}, "with the slash at its end"),
        ({"AllowedLocations": [{"a": 1}]}, "AllowedLocations must be a list of texts"),
        ({"Schema": "RAW"}, "unknown property Schema"),
    ],
)
def test_invalid_properties_are_refused_before_any_statement(
    bench: Bench, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, "Create", KIND, {**INTEGRATION, **change})
    assert bench.snowflake.sent == []
