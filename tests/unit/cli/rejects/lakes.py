"""A bucket in memory, and objects in it as the event gate and Firehose write them."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@dataclass
class Bucket:
    """An S3 client of one bucket; `refused` names operations that are denied."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    read: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)

    def put(self, key: str, body: bytes, written: datetime = NOW) -> str:
        self.bodies[key], self.written[key] = body, written
        return key

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **request: str) -> Iterator[dict[str, Any]]:
        self._require("ListBucket")
        if "Delimiter" in request:
            prefix = request["Prefix"]
            inside = {key.removeprefix(prefix) for key in self.bodies if key.startswith(prefix)}
            folders = sorted({f"{prefix}{path.split('/')[0]}/" for path in inside if "/" in path})
            yield {"CommonPrefixes": [{"Prefix": folder} for folder in folders]}
            return
        self.listed.append(request["Prefix"])
        for key in sorted(self.bodies):
            if key.startswith(request["Prefix"]):
                yield {
                    "Contents": [
                        {"Key": key, "LastModified": self.written[key], "Size": len(self.bodies[key])}
                    ]
                }
        yield {}

    def put_object(self, **request: Any) -> None:
        self._require("PutObject")
        self.metadata[request["Key"]] = request.get("Metadata", {})
        self.put(request["Key"], request["Body"])

    def copy_object(self, **request: Any) -> None:
        """Only an object over itself, as S3 allows it: with new metadata."""
        assert request["CopySource"] == {"Bucket": request["Bucket"], "Key": request["Key"]}
        assert request["MetadataDirective"] == "REPLACE"
        self.put_object(**request, Body=self.bodies[request["Key"]])

    def head_object(self, **request: str) -> dict[str, Any]:
        self._require("GetObject")
        return {
            "Metadata": self.metadata.get(request["Key"], {}),
            "LastModified": self.written[request["Key"]],
        }

    def get_object(self, **request: str) -> dict[str, Any]:
        self._require("GetObject")
        self.read.append(request["Key"])
        return {"Body": io.BytesIO(self.bodies[request["Key"]])}

    def _require(self, action: str) -> None:
        if action in self.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, action)


def gate_object(rejects: Sequence[Mapping[str, Any]]) -> bytes:
    """The body of an object as the gate writes it; each reject has an id and what differs from an ordinary one."""
    ordinary = {
        "events": "clicks",
        "reason": "not_json",
        "message": "not JSON",
        "received_at": f"{NOW - timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}.000Z",
        "source": {"shardId": "s"},
        "text": "oops",
    }
    return gzip.compress("".join(json.dumps({**ordinary, **reject}) + "\n" for reject in rejects).encode())


def failed_object(*records: bytes, arrived: datetime = NOW - timedelta(minutes=1)) -> bytes:
    """The body of an object as Firehose writes it."""
    return "".join(
        json.dumps(
            {
                "attemptsMade": 4,
                "arrivalTimestamp": round(arrived.timestamp() * 1000),
                "errorCode": "Lambda.FunctionTimedOut",
                "errorMessage": "took too long",
                "attemptEndingTimestamp": round(arrived.timestamp() * 1000) + 5,
                "rawData": base64.b64encode(record).decode(),
                "lambdaArn": "arn:aws:lambda:eu-west-1:111122223333:function:gate:$LATEST",
            }
        )
        + "\n"
        for record in records
    ).encode()
