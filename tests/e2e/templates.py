"""Changes of deployed templates, as an edit of the config makes them."""

from __future__ import annotations

from typing import Any


def change_pipe(template: dict[str, Any], **properties: str) -> None:
    """Change properties of the pipe of click events."""
    (pipe,) = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "Custom::SnowflakePipe"
        and resource["Properties"]["Name"] == "CLICK_EVENTS_PIPE"
    ]
    pipe.update(properties)


def raise_serial(template: dict[str, Any], serial: int = 1) -> None:
    """Rotate the access key, as `access_key_serial` does."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::AccessKey":
            resource["Properties"]["Serial"] = serial
        if resource["Type"] == "Custom::SnowflakeStage":
            resource["Properties"]["CredentialsSerial"] = str(serial)
