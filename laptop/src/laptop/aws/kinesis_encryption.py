"""StreamEncryption of AWS::Kinesis::Stream, which MiniStack's CloudFormation drops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import kinesis
from ministack.services.cloudformation import provisioners

from laptop.aws.cloudformation import Attributes, Properties, require_success


def install() -> None:
    """Switch a stream's encryption on or off as in its template."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Kinesis::Stream"]
    handlers["create"] = _then_encrypt(handlers["create"], properties_at=1)
    handlers["update"] = _then_encrypt(handlers["update"], properties_at=2)


def _then_encrypt(
    provision: Callable[..., tuple[str, Attributes]], *, properties_at: int
) -> Callable[..., tuple[str, Attributes]]:
    def provision_and_encrypt(*arguments: Any) -> tuple[str, Attributes]:
        stream, attributes = provision(*arguments)
        _encrypt(stream, arguments[properties_at])
        return stream, attributes

    return provision_and_encrypt


def _encrypt(stream: str, properties: Properties) -> None:
    encryption = properties.get("StreamEncryption")
    if encryption:
        response = kinesis._start_stream_encryption({"StreamName": stream, **encryption})
    else:
        response = kinesis._stop_stream_encryption({"StreamName": stream})
    require_success(response, f"encryption of stream {stream}")
