"""Templates and Lambdas agree: on properties, variables, attributes and the fields of secrets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pydoc import locate
from typing import Any

import pytest

from cli.plan.templates import PlannedResource, SynthesizedStack, collect
from clickstream_wire.environment import Login
from clickstream_wire.resources import OWNER_ROLE, PREFIX, ResourceType
from pipeline_monitor.settings import MonitorSettings, read_canary_deployment, read_targets
from snowflake_setup.lifecycle import RESOURCES
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.settings import Settings
from tests.infrastructure.synthesis import ACCOUNT, REGION, Pipeline
from tests.infrastructure.variants import VARIANTS
from tests.unit.snowflake_setup.events import INTEGRATION, PIPE, STAGE, send
from tests.unit.snowflake_setup.fakes import bench

Variant = Callable[[str], Pipeline]
READERS: dict[str, tuple[Callable[[Mapping[str, str]], object], ...]] = {
    "snowflake_setup.handler.on_event": (Settings.read,),
    "pipeline_monitor.handler.on_schedule": (Settings.read, MonitorSettings.read),
    "pipeline_monitor.canary.on_schedule": (read_canary_deployment, read_targets),
}
OF_THE_LAPTOP = {Login.PORT, Login.PROTOCOL}
OF_THE_FRAMEWORK = {"ServiceToken", "ServiceTimeout", OWNER_ROLE}


@pytest.fixture(scope="module")
def pipelines(variant: Variant) -> list[Pipeline]:
    return [variant(name) for name in VARIANTS]


def test_the_lambda_reads_exactly_the_properties_of_the_templates(pipelines: list[Pipeline]) -> None:
    given: dict[str, set[str]] = defaultdict(set)
    read: dict[str, set[str]] = defaultdict(set)
    for resource in (each for pipeline in pipelines for each in resources(pipeline)):
        properties = Properties(resource.properties, resource.type)
        RESOURCES[resource.type]().read(properties)
        properties.finish()
        given[resource.type] |= set(resource.properties) - OF_THE_FRAMEWORK
        read[resource.type] |= properties.read
    # CloudFormation replays the properties of past deployments in a rollback.
    given[ResourceType.VIEW].add("Revision")
    assert read == given
    assert set(read) == set(ResourceType)


def test_templates_use_attributes_that_the_lambda_returns(pipelines: list[Pipeline]) -> None:
    taken = {attribute for pipeline in pipelines for attribute in attributes(pipeline)}
    returned = {
        (kind, attribute)
        for kind, sample in ((ResourceType.PIPE, PIPE), (ResourceType.STORAGE_INTEGRATION, INTEGRATION))
        for attribute in send(bench(), "Create", kind.removeprefix(PREFIX), sample)[1]
    }
    assert taken
    assert taken - returned == set()


def test_the_secret_of_a_stage_has_the_fields_that_the_lambda_reads(pipeline: Pipeline) -> None:
    there = bench()
    secret = pipeline.properties("Landing", "AWS::SecretsManager::Secret")["SecretString"]
    there.secrets.secrets = {STAGE["CredentialsSecretArn"]: json.loads(_text(secret))}
    send(there, "Create", "Stage", STAGE)
    assert there.secrets.reads.total() == 1


def test_each_function_reads_every_variable_it_gets(pipelines: list[Pipeline]) -> None:
    told, read = set[str](), set[str]()
    for handler, variables in (each for pipeline in pipelines for each in functions(pipeline)):
        environment = Recorded(variables)
        for reader in READERS[handler]:
            reader(environment)
        assert set(variables) <= environment.read, handler
        told |= set(variables)
        read |= environment.read
    assert read - OF_THE_LAPTOP == told


@pytest.mark.parametrize("handler", READERS)
def test_functions_start_in_code_that_exists(handler: str, pipelines: list[Pipeline]) -> None:
    assert handler in {each for pipeline in pipelines for each, _ in functions(pipeline)}
    assert callable(locate(handler))


class Recorded(dict[str, str]):
    """An environment that records the variables that were read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.read = set[str]()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(str(key))
        return super().get(key, default)


def resources(pipeline: Pipeline) -> list[PlannedResource]:
    """The custom resources, with properties as the Lambda receives them."""
    stacks = [
        SynthesizedStack(name, "test", ACCOUNT, REGION, template)
        for name, template in pipeline.stacks.items()
    ]
    return collect(stacks, None).wanted


def attributes(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """The type and the attribute of every `Fn::GetAtt` of one of our custom resources."""
    for template in pipeline.stacks.values():
        types = {logical_id: each["Type"] for logical_id, each in template["Resources"].items()}
        for logical_id, attribute in _gotten(template):
            if types[logical_id].startswith(PREFIX):
                yield types[logical_id], attribute


def _gotten(node: Any) -> Iterator[tuple[str, str]]:
    match node:
        case {"Fn::GetAtt": [logical_id, attribute]}:
            yield logical_id, attribute
        case dict():
            for value in node.values():
                yield from _gotten(value)
        case list():
            for value in node:
                yield from _gotten(value)


def functions(pipeline: Pipeline) -> Iterator[tuple[str, dict[str, str]]]:
    """Handler and environment of each Lambda that runs our code."""
    for stack in pipeline.stacks:
        for function in pipeline.resources(stack, "AWS::Lambda::Function").values():
            handler = function["Properties"]["Handler"]
            if handler.startswith(("snowflake_setup.", "pipeline_monitor.")):
                variables = function["Properties"]["Environment"]["Variables"]
                yield handler, {name: _text(value) for name, value in variables.items()}


def _text(value: Any) -> str:
    """A variable's value, with a placeholder for values known at deployment only."""
    match value:
        case str():
            return value
        case {"Fn::Join": ["", parts]}:
            return "".join(_text(part) for part in parts)
    return "known-after-deploy"
