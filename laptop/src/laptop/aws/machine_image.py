"""Amazon Linux 2023 for arm64, since MiniStack has the public parameter for x86_64 only.

https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
"""

from __future__ import annotations

from ministack.services import ssm

_NEWEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"


def install() -> None:
    """Answer for both architectures with MiniStack's only stub image, which never boots."""
    images = ssm._PUBLIC_AMI_PARAMETERS
    images[f"{_NEWEST}arm64"] = images[f"{_NEWEST}x86_64"]
