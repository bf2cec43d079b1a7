"""Checks of the doctor whose faults a laptop cloud cannot play."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.deployment import Deployment
from cli.doctor.catalogue import CHECKS
from cli.doctor.check import State
from cli.doctor.examination import examine
from cli.doctor.patient import Patient
from cli.output import CommandError
from tests.infrastructure.synthesis import pipeline_config

COMPLETE = {"StackStatus": "CREATE_COMPLETE"}


class Stub(Deployment):
    """A deployment whose stacks and answers of AWS are given."""

    def __init__(self, stacks: dict[str, Any], answers: dict[str, Any], **config: Any) -> None:
        super().__init__(pipeline_config(**config))
        self.stacks, self.answers = stacks, answers

    @property
    def region(self) -> str:
        return "eu-west-1"

    @property
    def snowflake_address(self) -> dict[str, Any]:
        return {}

    def _own_login(self) -> dict[str, Any]:
        raise CommandError("cannot log in to Snowflake: 250001")

    def client(self, service: str) -> Any:
        calls = {
            "describe_stacks": self._describe,
            **{name: self._answering(name) for name in self.answers},
        }
        names = ("get_role", "get_user", "describe_stream_summary", "describe_delivery_stream", "head_bucket")
        missing = {name: refuse(404) for name in names if name not in self.answers}
        return SimpleNamespace(
            exceptions=SimpleNamespace(ResourceNotFoundException=ClientError), **calls, **missing
        )

    def _describe(self, StackName: str) -> Any:  # noqa: N803 - AWS's spelling
        for name, stack in self.stacks.items():
            if StackName == f"clickstream-test-{name}":
                return {"Stacks": [stack]}
        raise ClientError(
            {"Error": {"Code": "ValidationError", "Message": "no such stack"}}, "DescribeStacks"
        )

    def _answering(self, name: str) -> Any:
        answer = self.answers[name]
        return answer if callable(answer) else lambda **given: answer


def refuse(status: int) -> Any:
    def call(**given: Any) -> None:
        error = {"Code": "ResourceNotFoundException", "Message": "none"}
        raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, "Call")  # type: ignore[typeddict-item]

    return call


def found(name: str, deployment: Deployment) -> tuple[State, str]:
    (check,) = [check for check in CHECKS if check.name == name]
    (result,) = examine(Patient(deployment), [check])
    return result.finding.state, result.finding.found


def template(policy: str, on_delete: str = "retain") -> Any:
    resources = {
        "Lake": {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy},
        "Table": {"Type": "Custom::SnowflakeTable", "Properties": {"Name": "CLICKS", "OnDelete": on_delete}},
    }
    return {"TemplateBody": json.dumps({"Resources": resources})}


@pytest.mark.parametrize(
    ("taken", "answer"),
    [
        ("role clickstream-test-snowflake-setup", {"get_role": {}}),
        ("user clickstream-test-snowpipe", {"get_user": {}}),
        ("Data Stream clickstream-test-events", {"describe_stream_summary": {}}),
        ("delivery stream clickstream-test-to-lake", {"describe_delivery_stream": {}}),
        ("bucket our-events", {"head_bucket": {}}),
        ("bucket our-events", {"head_bucket": refuse(403)}),
        ("bucket our-events", {"head_bucket": refuse(301)}),
    ],
)
def test_a_name_in_use_is_found_before_a_deployment(taken: str, answer: dict[str, Any]) -> None:
    storage = {"bucket_name": "our-events"}
    assert found("names", Stub({}, {}, storage=storage)) == (State.WELL, "7 names are free")
    state, told = found("names", Stub({}, answer, storage=storage))
    assert (state, taken in told) == (State.ILL, True)


def test_names_of_own_stacks_are_not_looked_for() -> None:
    stacks = dict.fromkeys(("Storage", "Access", "Landing", "Streaming", "Ops"), COMPLETE)
    assert found("names", Stub(stacks, {"get_role": {}}))[0] is State.SKIPPED


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("DELETE_FAILED", State.ILL),
        ("ROLLBACK_COMPLETE", State.ILL),
        ("UPDATE_ROLLBACK_FAILED", State.ILL),
        ("UPDATE_ROLLBACK_COMPLETE", State.ILL),
        ("UPDATE_IN_PROGRESS", State.UNKNOWN),
        ("UPDATE_COMPLETE", State.WELL),
    ],
)
def test_the_state_of_each_stack_counts(status: str, state: State) -> None:
    stacks = dict.fromkeys(("Storage", "Access", "Landing", "Streaming"), COMPLETE)
    assert found("stacks", Stub(stacks | {"Ops": {"StackStatus": status}}, {}))[0] is state


@pytest.mark.parametrize(
    ("config", "needed"),
    [
        ({"streaming": {"kinesis": {"mode": "provisioned", "shard_count": 1}}}, 9),
        ({"streaming": {"kinesis": {"mode": "provisioned", "shard_count": 3}}}, 19),
        ({"streaming": {"kinesis": {"mode": "on_demand"}}}, 24),
        ({"streaming": {"source": "direct_put"}, "monitor": {"enabled": False}}, 22),
        ({"gate": {"enabled": False}}, 4),
    ],
)
def test_the_functions_that_may_run_at_a_time_follow_from_the_config(config: Any, needed: int) -> None:
    def limit(free: int) -> Stub:
        return Stub(
            {}, {"get_account_settings": {"AccountLimit": {"UnreservedConcurrentExecutions": free}}}, **config
        )

    assert found("lambda-concurrency", limit(needed))[0] is State.WELL
    state, told = found("lambda-concurrency", limit(needed - 1))
    assert (state, told) == (State.ILL, f"{needed - 1} functions may run at a time, {needed} are needed")


def test_a_missing_stack_is_ill_and_none_is_well() -> None:
    assert found("stacks", Stub({}, {}))[0] is State.WELL
    state, told = found("stacks", Stub({"Storage": COMPLETE}, {}))
    assert (state, "clickstream-test-Ops is missing" in told) == (State.ILL, True)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (refuse(404), State.ILL),
        ({"StreamDescriptionSummary": {"StreamStatus": "DELETING"}}, State.ILL),
        ({"StreamDescriptionSummary": {"StreamStatus": "ACTIVE"}}, State.WELL),
    ],
)
def test_a_deleted_data_stream_is_ill(answer: Any, state: State) -> None:
    there = Stub({"Streaming": COMPLETE}, {"describe_stream_summary": answer})
    assert found("front-door", there)[0] is state


@pytest.mark.parametrize(
    ("policy", "on_delete", "state"),
    [
        ("Delete", "retain", State.ILL),
        ("Retain", "drop", State.ILL),
        ("RetainExceptOnCreate", "retain", State.WELL),
    ],
)
def test_production_data_must_be_kept(policy: str, on_delete: str, state: State) -> None:
    answer = {"get_template": template(policy, on_delete)}
    there = Stub({"Storage": COMPLETE, "Landing": COMPLETE}, answer, production=True)
    assert found("kept-data", there)[0] is state


@pytest.mark.parametrize(("datapoints", "state"), [([], State.ILL), ([{"Sum": 1}], State.WELL)])
def test_a_silent_sample_producer_is_ill(datapoints: list[Any], state: State) -> None:
    there = Stub(
        {"Producer": COMPLETE},
        {"get_metric_statistics": {"Datapoints": datapoints}},
        sample_producer={"enabled": True},
    )
    assert found("sample-producer", there)[0] is state


@pytest.mark.parametrize(
    ("wakes", "state"), [([], State.WELL), ([1.0, 5.0], State.WELL), ([12.0, 12.0, 1.0], State.ILL)]
)
def test_a_monitor_that_wakes_the_warehouse_all_day_is_ill(wakes: list[float], state: State) -> None:
    answer = {"Datapoints": [{"Sum": each} for each in wakes]}
    there = Stub({"Ops": COMPLETE}, {"get_metric_statistics": answer})
    told = f"the monitor has woken the warehouse {sum(wakes):g} times since yesterday"
    assert found("monitor-sleeps", there) == (state, told)


def test_without_a_login_one_check_is_ill_and_the_others_of_snowflake_wait() -> None:
    states = {one.check.name: one.finding for one in examine(Patient(Stub({}, {})), CHECKS)}
    assert [name for name, one in states.items() if one.state is State.ILL] == ["snowflake-login"]
    assert states["snowflake-login"].found == "cannot log in to Snowflake: 250001"
    assert states["snowflake-region"].found == "look again when snowflake-login is well"
