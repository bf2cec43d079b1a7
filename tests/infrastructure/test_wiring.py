"""The five stacks form one pipeline: each uses resources of another."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.infrastructure.synthesis import Pipeline, Template
from tests.infrastructure.variants import VARIANTS


def test_each_stack_depends_on_those_it_imports_from(pipeline: Pipeline) -> None:
    assert pipeline.dependencies == {
        "Storage": set(),
        "Streaming": {"Storage", "Landing"},
        "Access": {"Storage"},
        "Landing": {"Storage", "Access"},
        "Ops": {"Storage", "Streaming", "Landing"},
    }


@pytest.mark.parametrize("name", ["dev", "other values"])
def test_every_stack_is_named_in_order(name: str, variant: Callable[[str], Pipeline]) -> None:
    assert [stack.rsplit("-", 1)[-1] for stack in VARIANTS[name].names.stacks] == list(variant(name).stacks)


def test_references_between_stacks_are_strong(pipeline: Pipeline) -> None:
    """A weak reference would let a stack delete a resource that another still uses."""
    text = json.dumps(pipeline.stacks)
    assert "Fn::GetStackOutput" not in text
    exports = {
        output["Export"]["Name"]
        for template in pipeline.stacks.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    imports = {name for stack in pipeline.stacks.values() for name in _imported(stack["Resources"])}
    assert imports <= exports


def test_exports_do_not_depend_on_their_importers(variant: Callable[[str], Pipeline]) -> None:
    """CloudFormation refuses to remove an export in use, so consumers must be deployable first."""
    pipelines = [variant(name) for name in VARIANTS]
    taken_back = {
        f"{stack}: {output}"
        for some in pipelines
        for stack, template in some.stacks.items()
        for output, resource in _exported(template).items()
        for other in pipelines
        if resource in other.stacks.get(stack, {}).get("Resources", {})
        and output not in other.stacks[stack]["Outputs"]
    }
    assert taken_back == set()


def test_streams_can_be_recreated_without_lake_and_table(variant: Callable[[str], Pipeline]) -> None:
    """docs/changes.md: the alarms and the sample producer are recreated with them."""
    needs = variant("sample producer").dependencies
    assert {stack for stack, needed in needs.items() if "Streaming" in needed} == {"Ops", "Producer"}
    assert not [stack for stack, needed in needs.items() if needed & {"Ops", "Producer"} and stack != "Ops"]


@pytest.mark.parametrize("before", ["two kinds of event", "customer keys"])
def test_alarms_can_be_deployed_first(
    variant: Callable[[str], Pipeline], pipeline: Pipeline, before: str
) -> None:
    """docs/changes.md: Ops is deployed before the others, so its imports must exist."""
    exported = {
        output["Export"]["Name"]
        for template in variant(before).stacks.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    assert _imported(pipeline.stacks["Ops"]["Resources"]) <= exported


def _exported(template: Template) -> dict[str, str]:
    """Exports of a stack: output → logical id of the exported resource."""
    return {
        name: output["Value"].get("Ref") or output["Value"]["Fn::GetAtt"][0]
        for name, output in template.get("Outputs", {}).items()
        if "Export" in output
    }


def _imported(node: object) -> set[str]:
    if isinstance(node, dict):
        found = {str(node["Fn::ImportValue"])} if "Fn::ImportValue" in node else set()
        return found.union(*(_imported(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_imported(value) for value in node))
    return set()


@pytest.mark.parametrize(
    "context", [{}, {"allow_data_loss": "true"}], ids=["events are kept", "events may be lost"]
)
def test_every_function_logs_to_a_group_that_expires_and_goes_with_its_stack(
    context: dict[str, str], synthesized: Callable[..., Pipeline]
) -> None:
    """Lambda's own log group never expires and survives `cdk destroy`, also for functions that the library makes."""
    pipeline = synthesized(_context=context)
    functions = 0
    for name in pipeline.stacks:
        groups = pipeline.resources(name, "AWS::Logs::LogGroup")
        for function in pipeline.resources(name, "AWS::Lambda::Function").values():
            functions += 1
            group = groups[function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]]
            assert group["Properties"]["RetentionInDays"] == 30
            assert group["DeletionPolicy"] == "Delete"
    assert functions == (7 if context else 6)
