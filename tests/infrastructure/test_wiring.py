"""The five stacks are one pipeline: each consumes what another makes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.infrastructure.synthesis import Pipeline, Template
from tests.infrastructure.variants import VARIANTS


def test_each_stack_waits_for_those_it_consumes(pipeline: Pipeline) -> None:
    assert pipeline.dependencies == {
        "Storage": set(),
        "Streaming": {"Storage"},
        "Access": {"Storage"},
        "Landing": {"Storage", "Access"},
        "Ops": {"Storage", "Streaming", "Landing"},
    }


@pytest.mark.parametrize("name", ["dev", "other values"])
def test_every_stack_is_named_in_order(name: str, variant: Callable[[str], Pipeline]) -> None:
    assert [stack.rsplit("-", 1)[-1] for stack in VARIANTS[name].names.stacks] == list(variant(name).stacks)


def test_wires_are_strong_references(pipeline: Pipeline) -> None:
    """A weak one would let a stack drop what another still uses."""
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


def test_exports_do_not_depend_on_who_imports_them(variant: Callable[[str], Pipeline]) -> None:
    """CloudFormation refuses an update that takes back an export in use, so consumers must be able to go first."""
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


def test_streams_can_be_made_anew_without_lake_and_table(variant: Callable[[str], Pipeline]) -> None:
    """docs/changes.md: what goes with them are the alarms and the sample producer."""
    needs = variant("sample producer").dependencies
    assert {stack for stack, needed in needs.items() if "Streaming" in needed} == {"Ops", "Producer"}
    assert not [stack for stack, needed in needs.items() if needed & {"Ops", "Producer"} and stack != "Ops"]


@pytest.mark.parametrize("before", ["two kinds of event", "customer keys"])
def test_alarms_can_let_go_first(variant: Callable[[str], Pipeline], pipeline: Pipeline, before: str) -> None:
    """docs/changes.md: Ops is deployed before the others, so it must find what it imports."""
    exported = {
        output["Export"]["Name"]
        for template in variant(before).stacks.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    assert _imported(pipeline.stacks["Ops"]["Resources"]) <= exported


def _exported(template: Template) -> dict[str, str]:
    """Exports of a stack: output → logical id of the resource whose value it is."""
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
