"""AWS::EC2::FlowLog, which MiniStack's CloudFormation refuses, although its EC2 supports flow logs."""

from __future__ import annotations

from ministack.services import ec2

from laptop.aws.cloudformation import Attributes, Properties, require_success

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html
_PASSED_ON = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")


class FlowLog:
    """The log of a network's traffic; everything but its tags is fixed at creation."""

    type_name = "AWS::EC2::FlowLog"
    replaced_by = (*_PASSED_ON, "ResourceId", "DeliverLogsPermissionArn")

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create a flow log; Ref and Id are its id."""
        before = set(ec2._flow_logs.keys())
        request = {name: [properties[name]] for name in _PASSED_ON if name in properties}
        require_success(
            ec2._create_flow_logs({**request, "ResourceId.1": [properties["ResourceId"]]}),
            f"a flow log of {properties['ResourceId']}",
        )
        (flow_log,) = set(ec2._flow_logs.keys()) - before
        return flow_log, {"Id": flow_log}

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Do nothing: only tags can change, and nothing here reads them."""
        return {"Id": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Stop logging."""
        ec2._delete_flow_logs({"FlowLogId.1": [physical_id]})
