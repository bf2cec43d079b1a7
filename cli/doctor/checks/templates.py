"""The deployed templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.doctor.check import Check, Finding, When, ill, well

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import StackId


def _kept(patient: Patient) -> Finding:
    """The events that CloudFormation would delete with the stacks, by the deployed templates."""
    lost = [
        f"bucket {name}"
        for name, one in _resources(patient, "Storage").items()
        if one["Type"] == "AWS::S3::Bucket" and not one.get("DeletionPolicy", "Delete").startswith("Retain")
    ]
    if patient.stack("Landing"):
        lost += [
            f"table {one['Properties']['Name']}"
            for one in _resources(patient, "Landing").values()
            if one["Type"] == "Custom::SnowflakeTable" and one["Properties"].get("OnDelete") != "retain"
        ]
    if lost and patient.config.production:
        return ill(f"would be deleted with its stack: {', '.join(lost)}")
    return well(
        f"allow_data_loss is set: {', '.join(lost)} would be deleted"
        if lost
        else "bucket and tables are kept"
    )


def _resources(patient: Patient, stack_id: StackId) -> dict[str, Any]:
    body = patient.client("cloudformation").get_template(StackName=patient.config.names.stack(stack_id))[
        "TemplateBody"
    ]
    template = json.loads(body) if isinstance(body, str) else body
    resources: dict[str, Any] = template["Resources"]
    return resources


CHECKS = (
    Check(
        name="kept-data",
        title="`cdk destroy --all` would keep bucket and tables",
        looks_at="the deployed templates: deletion policies and `OnDelete`",
        otherwise="deploy again without `allow_data_loss`",
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html",
        when=When.AFTER,
        stack="Storage",
        look=_kept,
    ),
)
