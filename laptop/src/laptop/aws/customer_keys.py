"""Reads and writes of data encrypted with a customer key need the right to use that key.

MiniStack authorizes the object and the stream only.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import kinesis, kms, s3

_ALGORITHM = "s3:x-amz-server-side-encryption"
_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_READS = {"s3:GetObject", "s3:GetObjectVersion", "kinesis:GetRecords"}
_WRITES = {"s3:PutObject", "kinesis:PutRecord", "kinesis:PutRecords"}


def install() -> None:
    """Authorize `kms:Decrypt` for every such read and `kms:GenerateDataKey` for every such write."""
    iam_actions.s3_service_context = _with_named_key(iam_actions.s3_service_context)
    enforce = iam_evaluator.enforce

    def enforced(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any
    ) -> Any:
        refusal = enforce(access_key, action, service, region, resource_arn, **more)
        key = None if refusal else _key_of(action, resource_arn, more.get("service_context") or {})
        if key is None:
            return refusal
        needed = "kms:Decrypt" if action in _READS else "kms:GenerateDataKey"
        context = {
            "kms:ViaService": f"{service}.{region}.amazonaws.com",
            "kms:CallerAccount": get_account_id(),
            f"kms:EncryptionContext:aws:{service}:arn": resource_arn,
        }
        return enforce(access_key, needed, "kms", region, key, service_context=context)

    iam_evaluator.enforce = enforced


def _with_named_key(context_of: Any) -> Any:
    """Set the condition key for the KMS key of a write, as AWS does."""

    def context(action: str, query: Any, path: str = "", headers: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = context_of(action, query, path, headers)
        key = (headers or {}).get(_KEY.removeprefix("s3:"))
        return found | {_KEY: key} if key and action == "s3:PutObject" else found

    return context


def _key_of(action: str, resource_arn: str, context: dict[str, Any]) -> str | None:
    """The ARN of the customer key in use; AWS's own keys need no right."""
    if action.startswith("kinesis:") and action in _READS | _WRITES:
        key = _stream_key(resource_arn)
    elif action in _READS:
        key = _object_key(resource_arn)
    elif action in _WRITES:
        key = _write_key(resource_arn, context)
    else:
        return None
    if not key or "alias/aws/" in key:
        return None
    known = kms._resolve_key(key)
    return str(known["Arn"]) if known else key


def _stream_key(stream_arn: str) -> str | None:
    stream = kinesis._streams.get(stream_arn.rsplit("/", 1)[-1])
    return stream.get("KeyId") if stream else None


def _object_key(object_arn: str) -> str | None:
    bucket, _, name = object_arn.removeprefix("arn:aws:s3:::").partition("/")
    stored = (s3._buckets.get(bucket) or {}).get("objects", {}).get(name)
    return s3._stored_sse_headers(stored).get(_KEY.removeprefix("s3:")) if stored else None


def _write_key(object_arn: str, context: dict[str, Any]) -> str | None:
    bucket = object_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    asked = {name.removeprefix("s3:"): context[name] for name in (_ALGORITHM, _KEY) if name in context}
    applied, error = s3._resolve_sse_write_headers(asked, bucket)
    return None if error else applied.get(_KEY.removeprefix("s3:"))
