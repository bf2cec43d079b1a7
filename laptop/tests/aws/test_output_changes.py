"""A new export reaches the stack that imports it, even if no resource changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from laptop.testing.aws import Emulator, unique

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


def changed(emulator: Emulator, stack: str, template: dict[str, Any]) -> None:
    """Update with a change set, as the CDK CLI does."""
    cloudformation = emulator.client("cloudformation")
    name = unique("change")
    body = json.dumps(template)
    cloudformation.create_change_set(
        StackName=stack, ChangeSetName=name, TemplateBody=body, ChangeSetType="UPDATE"
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName=stack, ChangeSetName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=name)
    emulator.settled(stack)


def test_a_new_export_is_a_change(emulator: Emulator) -> None:
    stack, export = emulator.deploy(TOPIC), unique("topic")
    output = {"TopicArn": {"Value": {"Ref": "Topic"}, "Export": {"Name": export}}}
    changed(emulator, stack, {"Resources": TOPIC, "Outputs": output})
    exports = emulator.client("cloudformation").list_exports()["Exports"]
    assert export in [found["Name"] for found in exports]


def test_the_same_template_is_not_a_change(emulator: Emulator) -> None:
    stack = emulator.deploy(TOPIC)
    with pytest.raises(WaiterError, match="FAILED"):
        changed(emulator, stack, {"Resources": TOPIC})
