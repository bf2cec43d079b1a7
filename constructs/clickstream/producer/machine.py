"""The sample producer's instance: image, disk, security group, rights."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from clickstream.bundling.target import Architecture

_IMAGES = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"  # and the processor


def processor_of(instance_type: ec2.InstanceType) -> Architecture:
    """The processor architecture for the code and the image."""
    return "arm64" if instance_type.architecture == ec2.InstanceArchitecture.ARM_64 else "x86_64"


class ProducerMachine(Construct):
    """A launch template of Amazon Linux 2023: nothing in, HTTPS out, IMDSv2 alone, an encrypted disk, no key.

    Args:
        scope: the parent.
        construct_id: its name there.
        vpc: the VPC of the instances.
        instance_type: their size, and with it the architecture.
        code: the asset they may fetch; the caller grants all other rights to `role`.
        user_data: the script they run when they start.
        role_path: the path of their role.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        instance_type: ec2.InstanceType,
        code: s3_assets.Asset,
        user_data: ec2.UserData,
        role_path: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._role = self._build_role(code, role_path)
        firewall = ec2.SecurityGroup(
            self,
            "Firewall",
            vpc=vpc,
            description="Sample producer: nothing in, HTTPS out",
            allow_all_outbound=False,
        )
        firewall.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS endpoints and packages")
        disk = ec2.BlockDeviceVolume.ebs(8, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3)
        self._template = ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=instance_type,
            # AWS's public parameter, which CloudFormation reads at each deployment.
            machine_image=ec2.MachineImage.from_ssm_parameter(
                f"{_IMAGES}{processor_of(instance_type)}", user_data=user_data
            ),
            user_data=user_data,
            role=self._role,
            security_group=firewall,
            require_imdsv2=True,
            http_put_response_hop_limit=1,
            instance_metadata_tags=False,
            detailed_monitoring=True,
            ebs_optimized=True,
            block_devices=[ec2.BlockDevice(device_name="/dev/xvda", volume=disk)],
        )

    @property
    def template(self) -> ec2.LaunchTemplate:
        """The launch template, for a group."""
        return self._template

    @property
    def role(self) -> iam.Role:
        """The role of the instance."""
        return self._role

    def _build_role(self, code: s3_assets.Asset, path: str | None) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            path=path,
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="Sample producer: sends events, fetches its code, writes its log",
        )
        # The library's grant would cover every object of the bucket.
        role.add_to_policy(
            iam.PolicyStatement(
                sid="FetchCode",
                actions=["s3:GetObject"],
                resources=[code.bucket.arn_for_objects(code.s3_object_key)],
            )
        )
        return role
