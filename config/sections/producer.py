"""The `[sample_producer]` section: an instance that sends generated events."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from config.sections.aws_limits import InstanceType
from config.sections.values import LogDays, Section


class SampleProducerConfig(Section):
    """An EC2 instance that sends generated click sessions: no SSH, no open port, off by default."""

    enabled: bool = Field(
        default=False, description="true: deployed as a separate stack, <name>-<env>-Producer"
    )
    instance_type: InstanceType = Field(
        default="t4g.micro",
        description="such as t4g.micro (arm64) or t3.micro (x86_64)",
    )
    vpc_id: str = Field(
        default="", pattern=r"^(vpc-[0-9a-f]{8,17})?$", description="vpc-…; empty: a new small VPC"
    )
    subnet_id: str = Field(
        default="",
        pattern=r"^(subnet-[0-9a-f]{8,17})?$",
        description="subnet-… of vpc_id, with access to AWS's endpoints and Amazon Linux's packages (HTTPS)",
    )
    events_per_second: float = Field(default=1, gt=0, le=1000, description="how many events it sends")
    log_retention_days: LogDays = Field(
        default=30, description="how long its log and its VPC's flow log are kept"
    )

    @model_validator(mode="after")
    def _a_subnet_has_its_vpc(self) -> Self:
        if bool(self.vpc_id) != bool(self.subnet_id):
            raise ValueError(
                f"vpc_id = {self.vpc_id!r} and subnet_id = {self.subnet_id!r} go together: give both, or neither "
                "for a new small VPC"
            )
        return self
