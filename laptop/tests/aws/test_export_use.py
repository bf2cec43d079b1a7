"""An export that another stack imports cannot change; one without importers can be removed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.testing.aws import Emulator, unique

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


def exporting(name: str, value: str) -> dict[str, Any]:
    return {"Outputs": {"Exported": {"Value": value, "Export": {"Name": name}}}}


def importing(name: str) -> dict[str, Any]:
    return {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": name}}}}


def exported(emulator: Emulator) -> dict[str, str]:
    exports = emulator.client("cloudformation").list_exports()["Exports"]
    return {export["Name"]: export["Value"] for export in exports}


def update(emulator: Emulator, stack: str, template: dict[str, Any]) -> dict[str, Any]:
    emulator.client("cloudformation").update_stack(StackName=stack, TemplateBody=json.dumps(template))
    return emulator.settled(stack)


@pytest.mark.parametrize(("outputs", "change"), [({}, "deleted"), (exporting("NAME", "other"), "updated")])
def test_an_update_that_breaks_an_importing_stack_rolls_back(
    emulator: Emulator, outputs: dict[str, Any], change: str
) -> None:
    name, value = unique("export"), unique("queue")
    outputs = json.loads(json.dumps(outputs).replace("NAME", name))
    producer = emulator.deploy(TOPIC, **exporting(name, value))
    consumer = emulator.deploy(importing(name))
    changed = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "new"}}}
    failed = update(emulator, producer, {"Resources": changed, **outputs})
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = emulator.client("cloudformation").describe_stack_events(StackName=producer)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert f"Export {name} cannot be {change} as it is in use by {consumer}" in reasons
    assert exported(emulator)[name] == value


def test_an_export_without_importers_can_be_removed(emulator: Emulator) -> None:
    name = unique("export")
    producer = emulator.deploy(TOPIC, **exporting(name, unique("queue")))
    consumer = emulator.deploy(importing(name))
    emulator.delete(consumer)
    changed = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "new"}}}
    assert update(emulator, producer, {"Resources": changed})["StackStatus"] == "UPDATE_COMPLETE"
    assert name not in exported(emulator)
