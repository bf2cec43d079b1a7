"""A web page cannot use the stand-in."""

from __future__ import annotations

import http.client

import pytest

from laptop.testing.snowflake import Account


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://page.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}],
    ids=["from another site", "without a preflight", "through its own host name"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_page_is_refused(method: str, headers: dict[str, str], account: Account) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", account.server.port, timeout=10)
    connection.request(method, "/faults", b"[]", headers)
    answer = connection.getresponse()
    assert (answer.status, b"message" in answer.read()) == (403, True)
    connection.close()


def test_a_program_is_allowed(account: Account) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", account.server.port, timeout=10)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()
