"""Choice of a server's port."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from laptop.cloud import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)


def test_the_port_of_the_last_run_is_used_if_it_is_free(taken: int) -> None:
    free = ports.choose(None)
    assert ports.choose(free) == free
    assert ports.choose(taken) != taken
