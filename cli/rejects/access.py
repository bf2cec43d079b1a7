"""Errors of S3 while the lake is read or written, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cli.output import CommandError

_ADVICE = {
    "AccessDenied": "the credentials in use need s3:ListBucket and s3:GetObject on the bucket (to write also "
    "s3:PutObject), and kms:Decrypt (and kms:GenerateDataKey) with the lake's key, if it has one",
    "NoSuchBucket": "the bucket was deleted; deploy the Storage stack again",
    "ExpiredToken": "log in to AWS again",
}


@contextmanager
def access(what: str) -> Iterator[None]:
    """Turn an error of S3 inside the block into one that names `what` and the remedy.

    Raises:
        CommandError: AWS refuses or cannot be reached.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        advice = _ADVICE.get(code, "check the credentials and the region in use")
        raise CommandError(f"cannot use {what}: {error}; {advice}") from None
    except BotoCoreError as error:
        raise CommandError(f"cannot use {what}: {error}") from None
