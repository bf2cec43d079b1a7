"""A web page cannot use the emulator, which would run any code."""

from __future__ import annotations

import base64
import http.client
import json

import pytest

from laptop.testing.aws import ROLE, Emulator, unique, zipped

PAGES = {
    "from another site": {"Origin": "https://page.example", "Content-Type": "text/plain"},
    "without a preflight": {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"},
    "through its own host name": {"Host": "rebound.example"},
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_cannot_create_a_lambda(page: str, emulator: Emulator) -> None:
    name = unique("planted")
    code = base64.b64encode(zipped({"index.py": "def handler(event, context): ..."})).decode()
    function = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": code},
    }
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    connection.request("POST", "/2015-03-31/functions", json.dumps(function), PAGES[page])
    assert connection.getresponse().status == 403
    connection.close()
    made = emulator.client("lambda").list_functions()["Functions"]
    assert name not in [one["FunctionName"] for one in made]


def test_a_page_cannot_read_anything(emulator: Emulator, bucket: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    connection.request("GET", f"/{bucket}", headers={"Host": "rebound.example"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert bucket not in answer.read().decode()
    connection.close()
