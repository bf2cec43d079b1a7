"""The page's server: allowed requests, and errors when emulator or stand-in do not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_server import PageServer, page_over_nothing

EVERYTHING = ("/", "/health", "/api/dashboards", "/api/dashboards/x/metrics", "/api/alarms", "/api/tables")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, docs: Path) -> Iterator[PageServer]:
    """A page without an emulator or a stand-in."""
    with page_over_nothing(tmp_path_factory.mktemp("page"), docs) as page:
        yield page


def test_it_answers_to_loopback_names(page: PageServer) -> None:
    for host in (f"127.0.0.1:{page.port}", f"localhost:{page.port}", "LOCALHOST"):
        assert page.ask("/", host=host).status == 200


@pytest.mark.parametrize(
    "host", ["rebound.example.com", "127.0.0.1.example.com", "localhost.example.com:80", "x@y"]
)
@pytest.mark.parametrize("path", EVERYTHING)
def test_a_foreign_page_under_a_rebound_name_is_refused(page: PageServer, path: str, host: str) -> None:
    answer = page.ask(path, host=host)
    assert answer.status == 403
    assert "answers on loopback only" in answer.body


@pytest.mark.parametrize("path", EVERYTHING)
def test_a_direct_request_of_a_foreign_page_is_refused(page: PageServer, path: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://page.example"}):
        assert page.ask(path, headers=headers).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [*EVERYTHING, "/static/page.js", "/docs/runbook.md"])
def test_it_is_read_only(page: PageServer, path: str, method: str) -> None:
    assert page.ask(path, method=method).status == 405


@pytest.mark.parametrize("path", [*EVERYTHING, "/static/page.js", "/docs/runbook.md", "/nowhere"])
def test_every_answer_has_the_security_headers(page: PageServer, path: str) -> None:
    headers = page.ask(path).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("path", "server", "error"),
    [
        ("/api/dashboards", "AWS emulator", "Could not connect"),
        ("/api/dashboards/x/metrics", "AWS emulator", "Could not connect"),
        ("/api/alarms", "AWS emulator", "Could not connect"),
        ("/api/tables", "Snowflake stand-in", "nothing answers on port"),
    ],
)
def test_a_missing_server_is_named(page: PageServer, path: str, server: str, error: str) -> None:
    answer = page.ask(path)
    assert answer.status == 502
    assert answer.json["server"] == server
    assert error in answer.json["error"]


@pytest.mark.parametrize("minutes", ["0", "1441", "-5", "x", "1e3", "", "9" * 30])
def test_an_invalid_time_range_is_refused(page: PageServer, minutes: str) -> None:
    answer = page.ask(f"/api/dashboards/x/metrics?minutes={minutes}")
    assert answer.status == 400
    assert answer.json["error"].startswith("minutes must be a number from 1 to 1440")


def test_only_the_documentation_can_be_read(page: PageServer) -> None:
    answer = page.ask("/docs/runbook.md")
    assert answer.status == 200
    assert '<h2 id="too-late">' in answer.body
    assert page.ask("/docs/adr/README.md").status == 200
    for path in ("/docs/../secret.md", "/docs/%2e%2e/secret.md", "/docs/adr", "/docs/nothing.md"):
        assert page.ask(path).status == 404


def test_its_assets_are_served_locally(page: PageServer) -> None:
    assert "javascript" in page.ask("/static/page.js").headers["content-type"]
    assert "uPlot" in page.ask("/uplot/uPlot.esm.js").body
    assert "://" not in page.ask("/").body
