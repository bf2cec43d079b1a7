"""The event lake as a stage sees it: list and get files, with the stage's own keys."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from laptop.snowflake.aws_user import AwsUser, NotTrustedError
from laptop.snowflake.objects import Credentials, Record

_MISSING = {"NoSuchKey", "404", "NotFound"}
# The time a role's session is used before the trust is checked again; Snowflake keeps one for up to an hour.
_ASSUMED_SECONDS = 5.0
_ROLE_DENIED = (
    "Error assuming AWS_ROLE.\n"
    "Please verify the role and externalId are configured correctly in your AWS policy."
)
_PATIENCE: dict[str, Any] = {
    "connect_timeout": 3,
    "read_timeout": 30,
    "retries": {"total_max_attempts": 2},
}
_UNAVAILABLE = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "500", "503"}


class AssumedRole(Record):
    """The role with which a storage integration reads the lake."""

    arn: str
    external_id: str


LakeKeys: TypeAlias = Credentials | AssumedRole | None


@dataclass(frozen=True)
class LakeObject:
    """A file in the lake."""

    key: str
    size: int
    etag: str
    modified_on: dt.datetime


@dataclass(frozen=True)
class LakeFile:
    """A file with its content."""

    object: LakeObject
    body: bytes


class LakeError(Exception):
    """A request to the lake failed."""


class LakeMissingError(LakeError):
    """The file does not exist."""


class LakeDeniedError(LakeError):
    """The stage's keys give no access."""


class RoleDeniedError(LakeDeniedError):
    """The storage integration's role cannot be assumed."""


class LakeUnavailableError(LakeError):
    """The lake cannot be reached now; retry later."""


class Lake(Protocol):
    """Object storage with the files to load."""

    def list(self, bucket: str, prefix: str, keys: LakeKeys) -> list[LakeObject]:
        """All files under the prefix."""

    def get(self, bucket: str, key: str, keys: LakeKeys) -> LakeFile:
        """One file."""


class S3Lake:
    """Object storage behind an S3 endpoint."""

    def __init__(self, *, endpoint_url: str, region: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._user = AwsUser(endpoint_url=endpoint_url, region=region, config=Config(**_PATIENCE))
        self._clients: dict[LakeKeys, Any] = {}
        self._assumed: dict[AssumedRole, tuple[float, Any]] = {}

    def list(self, bucket: str, prefix: str, keys: LakeKeys) -> list[LakeObject]:
        """All files under the prefix."""
        with _translated(bucket, prefix):
            pages = self._client(keys).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [
                LakeObject(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])
                for page in pages
                for item in page.get("Contents", [])
            ]

    def get(self, bucket: str, key: str, keys: LakeKeys) -> LakeFile:
        """One file."""
        with _translated(bucket, key):
            answer = self._client(keys).get_object(Bucket=bucket, Key=key)
            body: bytes = answer["Body"].read()
            found = LakeObject(
                key, answer["ContentLength"], answer["ETag"].strip('"'), answer["LastModified"]
            )
            return LakeFile(found, body)

    def _client(self, keys: LakeKeys) -> Any:
        if isinstance(keys, AssumedRole):
            return self._assumed_client(keys)
        if keys not in self._clients:
            self._clients[keys] = self._make_client(keys)
        return self._clients[keys]

    def _assumed_client(self, role: AssumedRole) -> Any:
        """A client with the role's session, renewed regularly so that a changed trust takes effect."""
        since, client = self._assumed.get(role, (float("-inf"), None))
        if time.monotonic() - since > _ASSUMED_SECONDS:
            client = self._make_client(self._assume(role))
            self._assumed[role] = (time.monotonic(), client)
        return client

    def _make_client(self, keys: Credentials | None) -> Any:
        signing = {} if keys else {"signature_version": UNSIGNED}
        config = Config(max_pool_connections=16, **_PATIENCE, **signing)
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self._endpoint_url,
            region_name=self._region,
            aws_access_key_id=keys.key_id if keys else None,
            aws_secret_access_key=keys.secret_key if keys else None,
            aws_session_token=keys.token if keys else None,
            config=config,
        )

    def _assume(self, role: AssumedRole) -> Credentials:
        try:
            return self._user.assume(role.arn, role.external_id)
        except NotTrustedError as error:
            raise RoleDeniedError(_ROLE_DENIED) from error


@contextmanager
def _translated(bucket: str, key: str) -> Iterator[None]:
    where = f"s3://{bucket}/{key}"
    try:
        yield
    except ClientError as error:
        details: dict[str, Any] = {**error.response.get("Error", {})}
        code = str(details.get("Code", ""))
        if code in _MISSING:
            raise LakeMissingError(f"Remote file '{where}' was not found.") from error
        if code in _UNAVAILABLE:
            raise LakeUnavailableError(f"{where}: {code}") from error
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        cause = f"{details.get('Message', code)} (Status Code: {status}; Error Code: {code})"
        raise LakeDeniedError(f"Failure using stage area '{where}'. Cause: [{cause}]") from error
    except BotoCoreError as error:
        raise LakeUnavailableError(f"{where}: {type(error).__name__}") from error
