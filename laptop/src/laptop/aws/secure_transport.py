"""The emulator's plain HTTP on loopback stands for AWS's HTTPS, so policies that insist on TLS see TLS."""

from __future__ import annotations

from ministack import app
from ministack.core import iam_evaluator


def install() -> None:
    """Let `aws:SecureTransport` be true of every request, as it is of every SDK's request to AWS."""
    app.pin_request_origin = _pin_as_secure


def _pin_as_secure(source_ip: str, secure_transport: bool) -> None:
    iam_evaluator.pin_request_origin(source_ip, True)
