"""The load history by REST: answers in parts, refusals, and the proof of identity."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from pipeline_monitor import load_reports
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.load_reports import SnowpipeReports
from pipeline_monitor.loads import read_loads
from snowflake_setup.session.settings import Settings
from snowflake_setup.sql.identifiers import ObjectName

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOVED = Message()
MOVED["Location"] = "http://elsewhere.example/"
PIPE = ObjectName.of("DB", "RAW", "A PIPE")
FILE = {
    "path": "dt=2026-11-23/hh=11/a.gz",
    "fileSize": 57,
    "timeReceived": "2026-11-23T11:58:00.000Z",
    "lastInsertTime": "2026-11-23T11:58:30.000Z",
    "rowsInserted": 3,
    "rowsParsed": 5,
    "errorsSeen": 2,
    "status": "PARTIALLY_LOADED",
}


def page(*files: object, complete: str = "true", **more: str) -> dict[str, Any]:
    return {"completeResult": complete, "files": list(files), **more}


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[SnowpipeReports, list[Any]]]:
    """A client of an API that gives these answers, or raises them, and the requests that it gets."""

    def answering(*answers: Any, login: str = "workload_identity") -> tuple[SnowpipeReports, list[Any]]:
        sent: list[urllib.request.Request] = []

        def opened(request: urllib.request.Request, timeout: float) -> Any:
            sent.append(request)
            answer = answers[len(sent) - 1]
            if isinstance(answer, Exception):
                raise answer
            return io.BytesIO(json.dumps(answer).encode())

        monkeypatch.setattr(load_reports._OPENER, "open", opened)
        monkeypatch.setattr(load_reports, "workload_identity_token", lambda: "WIF.AWS.proof")
        settings = Settings("myorg-acct", "U", "R", "workload_identity")
        no_secrets: Any = SimpleNamespace()
        return SnowpipeReports(settings, no_secrets), sent

    return answering


def test_it_reads_an_answer_in_parts_as_the_rows_of_the_table_function(reports: Any) -> None:
    other = {**FILE, "path": "b.gz", "status": "LOAD_IN_PROGRESS"}
    client, sent = reports(
        page(FILE, complete="false", rangeEndTime="2026-11-23T11:58:30.000Z"), page(FILE, other)
    )
    rows = client.since(PIPE, NOON)
    (load,) = read_loads(rows)
    assert [row["file_name"] for row in rows] == [FILE["path"], "b.gz"]
    assert (load.is_in, load.rows, load.rejected, load.size, load.seconds) == (True, 3, 2, 57, 30)
    first, second = (urlsplit(request.full_url) for request in sent)
    assert (first.scheme, first.netloc) == ("https", "myorg-acct.snowflakecomputing.com")
    assert unquote(first.path) == '/v1/data/pipes/"DB"."RAW"."A PIPE"/loadHistoryScan'
    starts = [parse_qs(url.query)["startTimeInclusive"] for url in (first, second)]
    assert starts == [["2026-11-23T12:00:00.000+00:00"], ["2026-11-23T11:58:30.000Z"]]
    assert sent[0].get_header("Authorization") == "Bearer WIF.AWS.proof"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (urllib.error.HTTPError("u", 429, "slow down", {}, None), "the Snowpipe REST API answers 429"),  # type: ignore[arg-type]
        (urllib.error.URLError("no route"), "URLError"),
        (TimeoutError("timed out"), "TimeoutError"),
        ({}, "the answer is malformed, KeyError"),
        ([], "the answer is malformed, TypeError"),
        (page("no object"), "the answer is malformed, TypeError"),
        (page(complete="false"), "the answer is malformed, KeyError"),
    ],
)
def test_what_it_cannot_read_is_an_error_that_names_the_pipe(reports: Any, answer: Any, said: str) -> None:
    client, _ = reports(answer)
    with pytest.raises(MonitorError, match=r'load history of "DB"\."RAW"\."A PIPE"') as error:
        client.since(PIPE, NOON)
    assert said in str(error.value)
    assert "proof" not in str(error.value)


def test_a_redirect_gets_no_token(reports: Any) -> None:
    with pytest.raises(urllib.error.HTTPError, match="302"):
        load_reports._OPENER.error(
            "http", urllib.request.Request("http://a"), io.BytesIO(), 302, "moved", MOVED
        )


def test_it_gives_up_on_a_history_without_an_end(reports: Any) -> None:
    client, sent = reports(*[page(FILE, complete="false", rangeEndTime="2026-11-23T11:58:30Z")] * 20)
    with pytest.raises(MonitorError, match="more than 10 answers"):
        client.since(PIPE, NOON)
    assert len(sent) == 10
