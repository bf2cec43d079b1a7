"""The lake over real HTTP: signing keys, and the errors for each answer."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from laptop.snowflake.lake import LakeDeniedError, LakeError, LakeMissingError, LakeUnavailableError, S3Lake
from laptop.snowflake.objects import Credentials

KEYS = Credentials(key_id="AKIASTAGE", secret_key="stage-secret")


class Bucket(http.server.BaseHTTPRequestHandler):
    status, code = 200, ""
    signed_by: list[str]

    def do_GET(self) -> None:
        self.signed_by.append(self.headers.get("Authorization", "unsigned"))
        body = (
            b'{"event_id": "a"}'
            if self.status == 200
            else f"<Error><Code>{self.code}</Code></Error>".encode()
        )
        self.send_response(self.status)
        for name, value in (
            ("Content-Length", str(len(body))),
            ("ETag", '"abc"'),
            ("Last-Modified", "Wed, 01 May 2024 10:00:00 GMT"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Bucket], S3Lake]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPROCESS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "process-secret")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    handler = type("Handler", (Bucket,), {"signed_by": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield handler, S3Lake(endpoint_url=f"http://127.0.0.1:{server.server_port}", region="eu-west-1")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_has_the_data_for_the_load_history(bucket: tuple[type[Bucket], S3Lake]) -> None:
    found = bucket[1].get("lake", "events/a.json", KEYS)
    assert found.body == b'{"event_id": "a"}'
    assert (found.object.key, found.object.etag, found.object.size) == ("events/a.json", "abc", 17)


def test_requests_are_signed_with_the_stages_keys_only(bucket: tuple[type[Bucket], S3Lake]) -> None:
    handler, lake = bucket
    lake.get("lake", "a", KEYS)
    lake.get("lake", "a", None)
    assert "Credential=AKIASTAGE/" in handler.signed_by[0]
    assert handler.signed_by[1] == "unsigned"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "NoSuchKey", LakeMissingError),
        (403, "AccessDenied", LakeDeniedError),
        (403, "InvalidAccessKeyId", LakeDeniedError),
        (404, "NoSuchBucket", LakeDeniedError),
        (503, "SlowDown", LakeUnavailableError),
        (500, "InternalError", LakeUnavailableError),
    ],
)
def test_errors_are_translated(
    bucket: tuple[type[Bucket], S3Lake], status: int, code: str, error: type[LakeError]
) -> None:
    handler, lake = bucket
    handler.status, handler.code = status, code
    with pytest.raises(error) as caught:
        lake.get("lake", "a", KEYS)
    assert "stage-secret" not in str(caught.value)


def test_an_unreachable_lake_gives_an_error_to_retry() -> None:
    with pytest.raises(LakeUnavailableError):
        S3Lake(endpoint_url="http://127.0.0.1:9", region="eu-west-1").get("lake", "a", KEYS)
