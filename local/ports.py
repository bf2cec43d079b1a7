"""Loopback ports: which are free, and which to take."""

from __future__ import annotations

import socket

from local.errors import PortTakenError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(*, wanted: int | None, last: int | None, option: str) -> int:
    """The port that was asked for; else the one of the last run, if it is free; else any free one.

    Args:
        wanted: the port a person named with `option`.
        last: the port of the last run, which addresses kept from it may still name.
        option: how a person names a port, for the message.

    Raises:
        PortTakenError: a person named a port and it is in use.
    """
    if wanted is not None:
        if not is_free(wanted):
            raise PortTakenError(
                f"port {wanted} on {LOOPBACK} is in use; stop what listens there, or choose another with {option}, "
                "or none to let a free one be found"
            )
        return wanted
    if last is not None and is_free(last):
        return last
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
