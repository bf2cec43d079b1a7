"""AWS::CloudWatch::CompositeAlarm, which MiniStack's CloudFormation refuses."""

from __future__ import annotations

from ministack.services import cloudwatch

from laptop.aws.cloudformation import Attributes, Properties, require_success


class CompositeAlarm:
    """An alarm whose state is a rule over other alarms."""

    type_name = "AWS::CloudWatch::CompositeAlarm"
    replaced_by = ("AlarmName",)

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create the alarm; Ref is its name."""
        name = properties.get("AlarmName") or generated_name
        return name, self._put(name, properties)

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Replace its rule and actions; its state stays."""
        return self._put(physical_id, new)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove the alarm."""
        require_success(
            cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True),
            f"deleting composite alarm {physical_id}",
        )

    def _put(self, name: str, properties: Properties) -> Attributes:
        request = {**properties, "AlarmName": name}
        request["ActionsEnabled"] = str(properties.get("ActionsEnabled", True)).lower() == "true"
        response = cloudwatch._put_composite_alarm({}, request, False, True)
        require_success(response, f"composite alarm {name}")
        return {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}
