"""Which port a server gets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from local import ports
from local.errors import PortTakenError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)


def test_a_named_port_is_taken_as_named() -> None:
    port = ports.choose(wanted=None, last=None, option="port")
    assert ports.choose(wanted=port, last=None, option="port") == port


def test_a_named_port_in_use_is_an_error_that_names_it(taken: int) -> None:
    with pytest.raises(PortTakenError, match=rf"port {taken} on 127.0.0.1 is in use.*with --port"):
        ports.choose(wanted=taken, last=None, option="--port")


def test_the_port_of_the_last_run_is_kept_where_it_is_free(taken: int) -> None:
    free = ports.choose(wanted=None, last=None, option="port")
    assert ports.choose(wanted=None, last=free, option="port") == free
    assert ports.choose(wanted=None, last=taken, option="port") != taken
