"""The emulator's plain HTTP on loopback counts as HTTPS, so that policies that require TLS are satisfied."""

from __future__ import annotations

from ministack import app
from ministack.core import iam_evaluator


def install() -> None:
    """Set `aws:SecureTransport` to true for every request, as for every SDK's request to AWS."""
    app.pin_request_origin = _pin_as_secure


def _pin_as_secure(source_ip: str, secure_transport: bool) -> None:
    iam_evaluator.pin_request_origin(source_ip, True)
