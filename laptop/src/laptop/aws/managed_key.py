"""S3's AWS managed KMS key, which encrypts objects that request KMS without a key.

AWS has such a key in every account (alias aws/s3); MiniStack has none and refuses the object, for example
every asset the CDK CLI uploads to its KMS-encrypted staging bucket.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"

Resolver = Callable[[dict[str, str], str], tuple[Any, Any]]


def install() -> None:
    """Let `aws:kms` without a key mean the account's AWS managed key."""
    s3._resolve_sse_write_headers = _with_managed_key(s3._resolve_sse_write_headers)


def _with_managed_key(resolve: Resolver) -> Resolver:
    def resolved(headers: dict[str, str], bucket: str) -> tuple[Any, Any]:
        if headers.get(_ALGORITHM) == "aws:kms" and not headers.get(_KEY):
            headers = headers | {_KEY: f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"}
        return resolve(headers, bucket)

    return resolved
