"""The role of a delivery stream, whose trust policy and permissions limit what Firehose can do.

https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam, sts

_SERVICE = "firehose.amazonaws.com"


class RoleDeniedError(Exception):
    """The role lacks a permission, or does not trust Firehose."""


class NotTrustedError(RoleDeniedError):
    """The role does not let Firehose assume it."""


def require(
    role_arn: str, stream_arn: str, action: str, resource_arn: str, context: Mapping[str, str] | None = None
) -> None:
    """Check that the delivery stream, acting as its role, may perform an action.

    Args:
        role_arn: the role.
        stream_arn: the delivery stream.
        action: such as `s3:PutObject`.
        resource_arn: the resource.
        context: the request's condition keys.

    Raises:
        RoleDeniedError: the action is denied.
    """
    if not _trusts(role_arn, stream_arn):
        raise NotTrustedError(f"{role_arn} does not let Firehose assume it")
    denied = iam_evaluator.enforce(
        _session(role_arn, stream_arn),
        action,
        action.partition(":")[0],
        get_region(),
        resource_arn=resource_arn,
        service_context=dict(context or {}),
    )
    if denied:
        raise RoleDeniedError(f"{role_arn} is not authorized to perform {action} on {resource_arn}")


def _trusts(role_arn: str, stream_arn: str) -> bool:
    account = role_arn.split(":")[4]
    role = iam._roles.get_scoped(account, None, _name(role_arn))
    if role is None:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=_SERVICE,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=get_region(),
        # The external ID is documented; whether Firehose also names the source account is not.
        service_context={"sts:externalid": stream_arn.split(":")[4]},
    )
    trust = role.get("AssumeRolePolicyDocument")
    verdict: str = iam_evaluator.evaluate_resource_policy(trust, context, service=_SERVICE).decision
    return verdict == "Allow"


def _session(role_arn: str, stream_arn: str) -> str:
    """The access key of the stream's session in the role; reused, since only this stream uses it."""
    digest = hashlib.sha256(f"{role_arn} {stream_arn}".encode()).hexdigest()
    access_key, account = f"ASIA{digest[:16].upper()}", role_arn.split(":")[4]
    if access_key not in sts._sessions:
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{_name(role_arn)}/firehose",
            "AccountId": account,
            "UserId": f"{_name(role_arn)}:firehose",
            "SecretAccessKey": secrets.token_hex(),
            "SessionToken": secrets.token_hex(),
        }
        sts.register_session(access_key, session)
    return access_key


def _name(role_arn: str) -> str:
    return role_arn.rsplit("/", 1)[-1]
