"""Values that AWS would refuse only during a deployment, each with the page that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

# Set on every stack by the deployment itself.
_OWN_TAGS = ("env",)
_MOST_TAGS = 50 - len(_OWN_TAGS)
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")
_TAG_KEY, _TAG_VALUE = 128, 256

_BUCKET_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-optimized.html
_NO_EBS_OPTIMIZATION = frozenset("t1 t2 m1 m2 m3 c1 c3 cc1 cc2 cg1 cr1 g2 hi1 hs1 i2 r3".split())  # noqa: SIM905 - readable
# https://docs.aws.amazon.com/linux/al2023/ug/system-requirements.html; Macs do not run Linux
_NO_AMAZON_LINUX = ("a1", "mac")


def _taggable(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Tags that every service takes; IAM's keys ignore case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html,
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
    """
    if len(tags) > _MOST_TAGS:
        raise ValueError(f"{len(tags)} tags: AWS allows 50 on a resource, and {', '.join(_OWN_TAGS)} is one")
    seen = {own: own for own in _OWN_TAGS}
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise ValueError(f"{key!r}: keys that begin with aws: are reserved")
        if other := seen.get(key.lower()):
            reason = "the deployment sets it itself" if other in _OWN_TAGS else "IAM's tag keys ignore case"
            raise ValueError(f"{key!r} is {other!r} again: {reason}; use another key")
        seen[key.lower()] = key
        for what, text, most in (("key", key, _TAG_KEY), ("value", value, _TAG_VALUE)):
            if not 1 <= len(text) <= most or text != text.strip() or not _TAG_TEXT.fullmatch(text):
                raise ValueError(
                    f"{key!r}: a tag's {what} has 1 to {most} letters, digits, spaces and . : / = + - @ _, got {text!r}"
                )
    return tags


def _bucket(name: str) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html."""
    if ".." in name or ".-" in name or "-." in name:
        raise ValueError("a dot in a bucket's name stands between letters or digits")
    if re.fullmatch(r"\d+(\.\d+){3}", name):
        raise ValueError("a bucket's name does not look like an IP address")
    if name.startswith(_BUCKET_STARTS) or name.endswith(_BUCKET_ENDS):
        raise ValueError(
            f"S3 reserves names that begin with {', '.join(_BUCKET_STARTS)} or end with {', '.join(_BUCKET_ENDS)}"
        )
    return name


def _instance(name: str) -> str:
    family = name.split(".")[0]
    if family in _NO_EBS_OPTIMIZATION:
        raise ValueError(
            f"{family} has no EBS optimization, which the instance uses; choose t4g.micro, t3.micro or newer"
        )
    if family.startswith(_NO_AMAZON_LINUX):
        raise ValueError(f"{family} does not run Amazon Linux 2023; choose t4g.micro, t3.micro or newer")
    return name


def _secret(name: str) -> str:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html."""
    if name[-7:-6] == "-":
        raise ValueError(
            "a name that ends with a hyphen and six characters looks like a complete ARN to Secrets Manager, "
            "which then does not find the secret; copy it to another name"
        )
    return name


Tags = Annotated[dict[str, str], AfterValidator(_taggable)]
BucketName = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$"), AfterValidator(_bucket)]
InstanceType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$"), AfterValidator(_instance)]
SecretName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9/_+=.@-]{0,512}$"), AfterValidator(_secret)]
Email = Annotated[
    str, StringConstraints(pattern=r"^[!-?A-~]{1,64}@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$", max_length=254)
]
"""https://www.rfc-editor.org/rfc/rfc5321; SNS sends to ASCII addresses."""
