"""The S3 object of a batch: its name, its bytes, and its upload."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from ministack.services import firehose, s3

from laptop.aws.firehose import role
from laptop.aws.firehose.processors import APPEND_DELIMITER, parameters, processors

# Below this interval Firehose uploads in parts, and S3 sends another event type than for a plain put.
_MULTIPART_BELOW_SECONDS = 60.0
_DEFAULT_DELIMITER = "\\n"
_EXTENSIONS = {"UNCOMPRESSED": "", "GZIP": ".gz"}


class S3PutError(Exception):
    """S3 refused an object; `code` is S3's word for it."""

    def __init__(self, code: str, bucket: str, reason: str = "") -> None:
        super().__init__(f"S3 refused an object for bucket {bucket}: {reason or code}")
        self.code = code


@dataclass(frozen=True)
class Destination:
    """The destination of one delivery stream at the time its records arrived."""

    stream_name: str
    stream_arn: str
    version: int
    config: dict[str, Any]

    # Objects count in the metrics of deliveries.
    is_delivery: ClassVar[bool] = True
    # The value of `!{firehose:error-output-type}` in the prefix.
    output_type: ClassVar[str | None] = None

    @classmethod
    def of(cls, other: Destination) -> Self:
        """The destination of this kind that belongs to another one."""
        return cls(other.stream_name, other.stream_arn, other.version, other.config)

    @property
    def prefix(self) -> str:
        """The prefix of its objects, with expressions that are not evaluated yet."""
        return str(self.config.get("Prefix") or "")

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return str(self.config["BucketARN"]).removeprefix("arn:aws:s3:::")

    @property
    def compression(self) -> str:
        """UNCOMPRESSED or GZIP; the others are refused."""
        return str(self.config.get("CompressionFormat") or "UNCOMPRESSED")

    @property
    def delimiter(self) -> bytes:
        """The delimiter that the AppendDelimiterToRecord processor appends to every record; empty without it."""
        for processor in processors(self.config, APPEND_DELIMITER):
            written = parameters(processor).get("Delimiter") or _DEFAULT_DELIMITER
            return written.replace("\\n", "\n").encode()
        return b""

    def object_key(self, arrived: float) -> str:
        """The name of an object whose oldest record arrived at `arrived`."""
        clock = self._clock(arrived)
        prefix = firehose._evaluate_prefix(self.prefix, clock, error_type=self.output_type)
        extension = self.config.get("FileExtension") or _EXTENSIONS[self.compression]
        return f"{prefix}{self._suffix(arrived)}{extension}"

    def body(self, records: list[bytes]) -> bytes:
        """The object's contents: records, delimited and compressed."""
        delimiter = self.delimiter
        whole = delimiter.join(records) + (delimiter if records else b"")
        return gzip.compress(whole) if self.compression == "GZIP" else whole

    def put(self, key: str, body: bytes) -> None:
        """Store an object as Firehose does.

        Raises:
            S3PutError: S3 refused it, or the stream's role may not write there.
        """
        self._require_right(key)
        interval = (self.config.get("BufferingHints") or {}).get("IntervalInSeconds", 300)
        if float(interval) < _MULTIPART_BELOW_SECONDS:
            self._put_in_parts(key, body)
        else:
            self._call("PUT", key, body, {}, self._headers())

    def _require_right(self, key: str) -> None:
        context = {
            f"s3:{name}": value for name, value in self._headers().items() if name.startswith("x-amz-")
        }
        try:
            role.require(
                self.config["RoleARN"],
                self.stream_arn,
                "s3:PutObject",
                f"{self.config['BucketARN']}/{key}",
                context,
            )
        except role.RoleDeniedError as denied:
            raise S3PutError("AccessDenied", self.bucket, str(denied)) from denied

    def _put_in_parts(self, key: str, body: bytes) -> None:
        begun = self._call("POST", key, b"", {"uploads": [""]}, self._headers())
        found = re.search(rb"<UploadId>([^<]+)</UploadId>", begun)
        if found is None:
            raise S3PutError("NoUploadId", self.bucket)
        upload = {"uploadId": [found[1].decode()]}
        self._call("PUT", key, body, {**upload, "partNumber": ["1"]}, {})
        parts = b"<Part><PartNumber>1</PartNumber></Part>"
        whole = b"<CompleteMultipartUpload>" + parts + b"</CompleteMultipartUpload>"
        self._call("POST", key, whole, upload, {})

    def _call(
        self, method: str, key: str, body: bytes, query: dict[str, list[str]], headers: dict[str, str]
    ) -> bytes:
        headers = {**headers, "content-length": str(len(body)), "host": "s3.localhost"}
        request = s3.handle_request(method, f"/{self.bucket}/{key}", headers, body, query, internal=True)
        status, _, answer = asyncio.run(request)
        if status >= 300:
            code = re.search(rb"<Code>([^<]+)</Code>", answer)
            raise S3PutError(code[1].decode() if code else str(status), self.bucket)
        return bytes(answer)

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/octet-stream"}
        encryption = self.config.get("EncryptionConfiguration") or {}
        key_arn = (encryption.get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
        if key_arn:
            headers["x-amz-server-side-encryption"] = "aws:kms"
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = key_arn
        return headers

    def _clock(self, arrived: float) -> time.struct_time:
        zone = ZoneInfo(self.config.get("CustomTimeZone") or "UTC")
        return dt.datetime.fromtimestamp(arrived, zone).timetuple()

    def _suffix(self, arrived: float) -> str:
        moment = time.strftime("%Y-%m-%d-%H-%M-%S", self._clock(arrived))
        return f"{self.stream_name}-{self.version}-{moment}-{uuid.uuid4()}"
