"""Requests of programs on this machine are allowed, those of web pages are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from laptop.cloud.gate import gated, refusal


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:4566", "localhost:4566", "[::1]:4566", "LOCALHOST", "bucket.s3.localhost:4566"],
)
def test_programs_on_this_machine_are_allowed(host: str) -> None:
    assert refusal({"host": host}) is None


def test_an_address_typed_by_hand_is_allowed() -> None:
    assert refusal({"host": "127.0.0.1:4566", "sec-fetch-site": "none"}) is None


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:4566",
        "127.0.0.1.rebound.example",
        "localhost.rebound.example",
        "notlocalhost",
        "127.0.0.10",
        "10.0.0.1:4566",
        "127.0.0.1:4566@rebound.example",
        "",
    ],
)
def test_a_foreign_host_name_is_refused(host: str) -> None:
    assert "loopback only" in str(refusal({"host": host}))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://page.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:4566"},  # the page of another program on this machine
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_a_page_of_any_origin_is_refused(headers: dict[str, str]) -> None:
    assert "not web pages" in str(refusal({"host": "127.0.0.1:4566", **headers}))


def test_the_servers_own_page_is_allowed() -> None:
    here = {"host": "127.0.0.1:4566"}
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    asked = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}
    module = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "script", "origin": "http://127.0.0.1:4566"}
    for headers in ({}, {"sec-fetch-site": "none"}, asked, module, link):
        assert refusal({**here, **headers}, has_page=True) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "same-site", "sec-fetch-dest": "script"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"},
        {"sec-fetch-site": "same-origin", "origin": "https://page.example"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:4566"},
    ],
)
def test_other_pages_are_refused_by_a_server_with_a_page(headers: dict[str, str]) -> None:
    assert refusal({"host": "127.0.0.1:4566", **headers}, has_page=True) is not None


def test_a_refused_websocket_is_closed_and_other_scopes_pass() -> None:
    passed, sent = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        served = gated(app)
        await served({"type": "lifespan"}, None, send)  # type: ignore[arg-type]
        await served({"type": "websocket", "headers": [(b"Host", b"rebound.example")]}, None, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert passed == ["lifespan"]
    assert sent == [{"type": "websocket.close", "code": 1008}]
