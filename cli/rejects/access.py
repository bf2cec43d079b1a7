"""Errors of AWS while rejects are read, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cli.output import CommandError

_ADVICE = {
    "AccessDenied": "the credentials in use need s3:ListBucket, s3:GetObject and s3:GetObjectTagging on the bucket (a "
    "redrive also s3:PutObjectTagging), and kms:Decrypt with the lake's key, if it has one",
    "NoSuchBucket": "the bucket was deleted; deploy the Storage stack again",
    "ExpiredToken": "log in to AWS again",
}


@contextmanager
def access(what: str) -> Iterator[None]:
    """Turn an error of AWS inside the block into one that names `what` and the remedy.

    Raises:
        CommandError: AWS refuses or cannot be reached.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        advice = _ADVICE.get(code, "check the credentials and the region in use")
        raise CommandError(f"cannot read {what}: {error}; {advice}") from None
    except BotoCoreError as error:
        raise CommandError(f"cannot read {what}: {error}") from None
