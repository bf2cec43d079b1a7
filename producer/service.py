"""The two AWS calls that send events, and the meaning of their responses."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    SSLError,
)

from producer.errors import TargetError
from producer.target import Target

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_kinesis import KinesisClient

_TRANSIENT = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ADVICE: Mapping[str, str] = {
    "ResourceNotFoundException": "check the name, the region and that the stack is deployed",
    "AccessDeniedException": "check that the credentials in use may {action} on it and use its KMS key",
    "ExpiredTokenException": "log in to AWS again",
    "UnrecognizedClientException": "check that the AWS credentials in use belong to this account and region",
    "InvalidSignatureException": "check the AWS secret key and the clock of this machine",
}


class Refusal(NamedTuple):
    """The service's reason for not accepting a record."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


class Service(Protocol):
    """A stream, as delivery uses it."""

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        """Send `records` in one call; return a result for each, None if accepted.

        Raises:
            TargetError: a retry would not help.
        """
        ...


class KinesisService:
    """Puts records on a Kinesis data stream."""

    def __init__(self, target: Target, client: KinesisClient) -> None:
        self._target = target
        self._client = client

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        """Send records, each with a random partition key.

        Random keys spread evenly over shards, and a record refused by a busy shard most likely goes to another one when
        it is retried. Order is not preserved; events have timestamps.
        """
        entries: Any = [{"Data": data, "PartitionKey": uuid.uuid4().hex} for data in records]

        def call() -> Sequence[Mapping[str, Any]]:
            answer = self._client.put_records(StreamName=self._target.name, Records=entries)
            return cast("Sequence[Mapping[str, Any]]", answer["Records"])

        return _answers(self._target, "kinesis:PutRecords", len(records), call)


class FirehoseService:
    """Puts records on a Firehose delivery stream."""

    def __init__(self, target: Target, client: FirehoseClient) -> None:
        self._target = target
        self._client = client

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        """Send records; Firehose responds 200 even if it accepted none of them."""
        entries: Any = [{"Data": data} for data in records]

        def call() -> Sequence[Mapping[str, Any]]:
            answer = self._client.put_record_batch(DeliveryStreamName=self._target.name, Records=entries)
            return cast("Sequence[Mapping[str, Any]]", answer["RequestResponses"])

        return _answers(self._target, "firehose:PutRecordBatch", len(records), call)


@contextmanager
def connected(target: Target) -> Iterator[Service]:
    """A connection to the target for the duration of the block.

    Raises:
        TargetError: the region or the endpoint is invalid.
    """
    import boto3  # slow to import, and not needed for a dry run
    from botocore.config import Config

    # The SDK's own retries are off: they would send accepted records again, and hide how often.
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
    try:
        session = boto3.Session(region_name=target.region)
        client: Any = session.client(target.kind, config=config)
    except (BotoCoreError, ValueError) as error:
        raise TargetError(f"cannot reach {target}: {error}") from error
    try:
        yield KinesisService(target, client) if target.kind == "kinesis" else FirehoseService(target, client)
    finally:
        client.close()


def _answers(
    target: Target, action: str, count: int, call: Callable[[], Sequence[Mapping[str, Any]]]
) -> list[Refusal | None]:
    """Make the call; a temporary failure counts as a refusal of every record."""
    try:
        entries = call()
    except ClientError as error:
        return [_of_client_error(target, action, error)] * count
    except SSLError as error:
        raise TargetError(f"{target} cannot be trusted: {error}; check the CA bundle in use") from error
    except (ConnectionError, HTTPClientError) as error:
        # The service may have accepted the records all the same: then the events arrive twice, with the same event_id.
        return [Refusal(type(error).__name__, str(error))] * count
    except BotoCoreError as error:
        raise TargetError(f"cannot send to {target}: {error}; check the AWS configuration in use") from error
    return [_of_entry(entry) for entry in entries]


def _of_entry(entry: Mapping[str, Any]) -> Refusal | None:
    return Refusal(entry["ErrorCode"], entry.get("ErrorMessage") or "") if entry.get("ErrorCode") else None


def _of_client_error(target: Target, action: str, error: ClientError) -> Refusal:
    refusal = Refusal(
        error.response["Error"].get("Code", "Unknown"), error.response["Error"].get("Message", "")
    )
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if refusal.code in _TRANSIENT or status >= 500 or status == 429:
        return refusal
    advice = _ADVICE.get(refusal.code, "check the stream's state and settings").format(action=action)
    raise TargetError(f"{target} refuses: {refusal}; {advice}") from error
