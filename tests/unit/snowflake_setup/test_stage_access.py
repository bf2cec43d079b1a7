"""A stage that reads through an integration, and switching it from an access key and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    OutOfTimeError,
    PropertyError,
    UnsafeChangeError,
)
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.storage_integration import ValidateStorageIntegration
from tests.unit.snowflake_setup.events import BOUND_STAGE, FULL, PIPE, STAGE, TABLE, send
from tests.unit.snowflake_setup.fakes import Bench

LAKE = ObjectName.of("CLICKSTREAM", "RAW", "LAKE")
ID = f'acme/STAGE/{FULL}."LAKE"'
REFUSED = "Error assuming AWS_ROLE. Please verify the role and externalId are configured correctly"


def heals_after(bench: Bench, seconds: float) -> Callable[[], None]:
    """The role becomes usable after this much time."""
    start = bench.clock.now()

    def look() -> None:
        if (bench.clock.now() - start).total_seconds() >= seconds:
            bench.snowflake.role_refusal = ""

    return look


def test_a_stage_is_bound_after_the_integration_can_list_its_location(bench: Bench) -> None:
    assert send(bench, "Create", "Stage", BOUND_STAGE) == (ID, {"FullName": f'{FULL}."LAKE"'})
    assert bench.snowflake.kinds == ["CREATE STAGE"]
    asked = [s for s in bench.snowflake.sent if isinstance(s, ValidateStorageIntegration)]
    assert asked == [ValidateStorageIntegration(ObjectName.of("LAKE_READER"), "s3://lake/events/")]
    assert bench.snowflake.stages[LAKE]["STORAGE_INTEGRATION"] == "LAKE_READER"
    assert not bench.secrets.reads


@pytest.mark.parametrize(("old", "new"), [(STAGE, BOUND_STAGE), (BOUND_STAGE, STAGE)])
def test_a_switch_makes_a_stage_of_another_name_to_which_the_pipe_moves(
    bench: Bench, old: dict[str, Any], new: dict[str, Any]
) -> None:
    new, new_pipe = {**new, "Name": "LAKE_2"}, {**PIPE, "Stage": {**PIPE["Stage"], "Name": "LAKE_2"}}
    pipe_id = f'acme/PIPE/{FULL}."CLICK_PIPE"'
    send(bench, "Create", "Stage", old)
    send(bench, "Create", "Table", TABLE)
    send(bench, "Create", "Pipe", PIPE)
    bench.snowflake.land("s3://lake/events/1.gz")
    # In one deployment: what is new first, what is gone last.
    new_id, _ = send(bench, "Update", "Stage", new, old=old, physical_id=ID)
    assert bench.snowflake.kinds == ["CREATE STAGE"]
    send(bench, "Update", "Pipe", new_pipe, old=PIPE, physical_id=pipe_id)
    bench.snowflake.land("s3://lake/events/2.gz")
    # It fails and is rolled back.
    assert send(bench, "Update", "Stage", old, old=new, physical_id=new_id)[0] == ID
    send(bench, "Update", "Pipe", PIPE, old=new_pipe, physical_id=pipe_id)
    send(bench, "Delete", "Stage", new, physical_id=new_id)
    bench.snowflake.land("s3://lake/events/3.gz")
    assert [name.name.value for name in bench.snowflake.stages] == ["LAKE"]
    loaded = bench.snowflake.rows[ObjectName.of("CLICKSTREAM", "RAW", TABLE["Name"])]
    assert loaded == {f"s3://lake/events/{number}.gz": 1 for number in (1, 2, 3)}


@pytest.mark.parametrize(("old", "new"), [(STAGE, BOUND_STAGE), (BOUND_STAGE, STAGE)])
def test_a_switch_under_the_same_name_is_refused_and_the_rollback_succeeds(
    bench: Bench, old: dict[str, Any], new: dict[str, Any]
) -> None:
    send(bench, "Create", "Stage", old)
    with pytest.raises(UnsafeChangeError, match="Give the stage another name"):
        send(bench, "Update", "Stage", new, old=old, physical_id=ID)
    assert bench.snowflake.kinds == []
    send(bench, "Update", "Stage", old, old=new, physical_id=ID)


def test_switching_shows_no_secret(bench: Bench) -> None:
    send(bench, "Create", "Stage", STAGE)
    with pytest.raises(UnsafeChangeError) as caught:
        send(bench, "Update", "Stage", BOUND_STAGE, old=STAGE, physical_id=ID)
    send(bench, "Update", "Stage", STAGE, old=BOUND_STAGE, physical_id=ID)
    shown = f"{caught.value} {bench.output.getvalue()} {bench.snowflake.sent!r}"
    assert "AlterStage" in shown
    assert "s3cr3t-marker" not in shown
    assert "AKIA1" not in shown


def test_an_unchanged_bound_stage_is_not_altered(bench: Bench) -> None:
    send(bench, "Create", "Stage", BOUND_STAGE)
    send(bench, "Update", "Stage", BOUND_STAGE, old=BOUND_STAGE, physical_id=ID)
    assert bench.snowflake.kinds == []
    assert not any(isinstance(s, ValidateStorageIntegration) for s in bench.snowflake.sent)


def test_an_update_rebinds_a_stage_bound_elsewhere_by_hand(bench: Bench) -> None:
    send(bench, "Create", "Stage", BOUND_STAGE)
    bench.snowflake.stages[LAKE]["STORAGE_INTEGRATION"] = "THEIRS"
    send(bench, "Update", "Stage", BOUND_STAGE, old=BOUND_STAGE, physical_id=ID)
    assert bench.snowflake.kinds == ["ALTER STAGE"]
    assert bench.snowflake.stages[LAKE]["STORAGE_INTEGRATION"] == "LAKE_READER"


def test_another_integration_is_bound_in_place(bench: Bench) -> None:
    send(bench, "Create", "Stage", BOUND_STAGE)
    new = {**BOUND_STAGE, "StorageIntegration": "SECOND"}
    send(bench, "Update", "Stage", new, old=BOUND_STAGE, physical_id=ID)
    assert bench.snowflake.kinds == ["ALTER STAGE"]
    assert bench.snowflake.stages[LAKE]["STORAGE_INTEGRATION"] == "SECOND"


def test_a_new_role_is_awaited(bench: Bench) -> None:
    bench.snowflake.role_refusal = REFUSED
    bench.clock.while_sleeping = heals_after(bench, 40)
    send(bench, "Create", "Stage", BOUND_STAGE)
    assert bench.snowflake.kinds == ["CREATE STAGE"]


def test_a_role_that_never_gets_access_leaves_the_live_stage_as_it_was(bench: Bench) -> None:
    send(bench, "Create", "Stage", BOUND_STAGE)
    bench.snowflake.role_refusal = REFUSED
    start, new = bench.clock.now(), {**BOUND_STAGE, "StorageIntegration": "SECOND"}
    with pytest.raises(
        OutOfTimeError, match=r"may not list s3://lake/events/: AWS says Error assuming AWS_ROLE"
    ):
        send(bench, "Update", "Stage", new, old=BOUND_STAGE, physical_id=ID)
    assert bench.snowflake.kinds == []
    assert bench.snowflake.stages[LAKE]["STORAGE_INTEGRATION"] == "LAKE_READER"
    assert 170 <= (bench.clock.now() - start).total_seconds() <= 180


def test_waiting_for_a_role_leaves_time_to_answer(bench: Bench) -> None:
    bench.clock.end = bench.clock.now().replace(minute=1)
    bench.snowflake.role_refusal = REFUSED
    with pytest.raises(OutOfTimeError):
        send(bench, "Create", "Stage", BOUND_STAGE)
    assert bench.clock.remaining() >= 0
    assert bench.snowflake.stages == {}


def test_a_stage_with_another_access_mode_is_not_adopted(bench: Bench) -> None:
    send(bench, "Create", "Stage", STAGE)
    told = "it reads with an access key, wanted through the storage integration LAKE_READER"
    with pytest.raises(DefinitionConflictError, match=told):
        send(bench, "Create", "Stage", BOUND_STAGE)
    assert bench.snowflake.kinds == []


def test_an_equal_bound_stage_is_adopted_and_rebound(bench: Bench) -> None:
    first = send(bench, "Create", "Stage", BOUND_STAGE)
    assert send(bench, "Create", "Stage", BOUND_STAGE) == first
    # A stage stays bound to the integration that had this name at the time of binding.
    assert bench.snowflake.kinds == ["ALTER STAGE"]


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({**STAGE, "StorageIntegration": "LAKE_READER"}, "got both"),
        ({**BOUND_STAGE, "StorageIntegration": ""}, "unless there is a StorageIntegration"),
        (
            {**BOUND_STAGE, "StorageIntegration": "A\nB"},
            "StorageIntegration: a name has printable characters",
        ),
    ],
)
def test_a_stage_has_one_access_mode(bench: Bench, properties: dict[str, Any], told: str) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, "Create", "Stage", properties)
    assert bench.snowflake.sent == []
