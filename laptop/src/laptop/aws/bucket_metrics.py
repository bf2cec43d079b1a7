"""Request metrics of S3, for buckets that configure them, by the prefix of each filter.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from laptop.aws.metrics.store import record

Request = Callable[..., Awaitable[tuple[int, Any, Any]]]

# Stored among the bucket's own members, so that it is persisted and deleted with the bucket.
_MEMBER = "_request_metrics"
_BY_METHOD = {
    "DELETE": "DeleteRequests",
    "GET": "GetRequests",
    "HEAD": "HeadRequests",
    "POST": "PostRequests",
    "PUT": "PutRequests",
}


def install() -> None:
    """Count the requests that templates configure."""
    s3.handle_request = _measured(s3.handle_request)
    configuration = ("MetricsConfigurations", _checked, _store, _remove)
    provisioners._S3_BUCKET_CONFIGURATIONS = (*provisioners._S3_BUCKET_CONFIGURATIONS, configuration)


def _checked(configurations: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Id and prefix of each filter.

    Raises:
        ValueError: a filter uses more than the prefix.
    """
    for configuration in configurations:
        unknown = configuration.keys() - {"Id", "Prefix"}
        if unknown:
            raise ValueError(
                f"the laptop's S3 filters request metrics by Prefix, not by {', '.join(sorted(unknown))}"
            )
    return [{"Id": c["Id"], "Prefix": c.get("Prefix") or ""} for c in configurations]


def _store(bucket: str, configurations: list[dict[str, str]]) -> None:
    s3._buckets[bucket][_MEMBER] = configurations


def _remove(bucket: str) -> None:
    s3._buckets[bucket].pop(_MEMBER, None)


def _measured(handle: Request) -> Request:
    async def measured(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], **more: Any
    ) -> tuple[int, Any, Any]:
        bucket, key = s3._parse_bucket_key(path, headers)
        if method == "GET" and not key and "metrics" in query and "id" not in query and bucket in s3._buckets:
            return 200, {"Content-Type": "application/xml"}, _listed(bucket)
        answer = await handle(method, path, headers, body, query, **more)
        if key:
            for configuration in (s3._buckets.get(bucket) or {}).get(_MEMBER, ()):
                if key.startswith(configuration["Prefix"]):
                    _publish(bucket, configuration["Id"], method, len(body or b""), answer[0])
        return answer

    return measured


def _listed(bucket: str) -> bytes:
    """The answer of ListBucketMetricsConfigurations.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketMetricsConfigurations.html
    """
    configurations = "".join(
        f"<MetricsConfiguration><Id>{escape(one['Id'])}</Id>{_filter(one['Prefix'])}</MetricsConfiguration>"
        for one in s3._buckets[bucket].get(_MEMBER, ())
    )
    result = f"<IsTruncated>false</IsTruncated>{configurations}"
    return f"<ListMetricsConfigurationsResult>{result}</ListMetricsConfigurationsResult>".encode()


def _filter(prefix: str) -> str:
    return f"<Filter><Prefix>{escape(prefix)}</Prefix></Filter>" if prefix else ""


def _publish(bucket: str, filter_id: str, method: str, size: int, status: int) -> None:
    dimensions = {"BucketName": bucket, "FilterId": filter_id}
    counts = {"AllRequests": 1, "4xxErrors": int(400 <= status < 500), "5xxErrors": int(status >= 500)}
    if method in _BY_METHOD:
        counts[_BY_METHOD[method]] = 1
    for name, count in counts.items():
        record("AWS/S3", name, count, unit="Count", dimensions=dimensions)
    if size and method in ("PUT", "POST"):
        record("AWS/S3", "BytesUploaded", size, unit="Bytes", dimensions=dimensions)
