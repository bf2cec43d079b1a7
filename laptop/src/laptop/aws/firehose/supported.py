"""The features of the laptop's Firehose; a stream that needs more is refused at once, not delivered differently."""

from __future__ import annotations

from typing import Any

from laptop.aws.firehose.limits import RefusedError
from laptop.aws.firehose.processors import APPEND_DELIMITER, LAMBDA, FunctionSettings, processors

_DESTINATIONS = ("ExtendedS3", "S3")
_COMPRESSIONS = ("UNCOMPRESSED", "GZIP")


def check_supported(destination: str, config: dict[str, Any]) -> None:
    """Refuse a destination that AWS would refuse, or that this Firehose cannot serve as AWS does.

    Raises:
        RefusedError: the message names what is allowed or supported.
    """
    if destination not in _DESTINATIONS:
        raise _refusal(f"delivers to S3, not to {destination}")
    compression = config.get("CompressionFormat") or "UNCOMPRESSED"
    if compression not in _COMPRESSIONS:
        raise _refusal(f"writes {' or '.join(_COMPRESSIONS)}, not {compression}")
    for processor in processors(config):
        if processor.get("Type") not in (APPEND_DELIMITER, LAMBDA):
            raise _refusal(f"has the processors {APPEND_DELIMITER} and {LAMBDA}, not {processor.get('Type')}")
    FunctionSettings.of(config)
    if (config.get("DynamicPartitioningConfiguration") or {}).get("Enabled"):
        raise _refusal("writes to one prefix, not to dynamic partitions")
    conversion = config.get("DataFormatConversionConfiguration")
    if conversion and conversion.get("Enabled", True):
        raise _refusal("writes records as they come, not in another format")


def _refusal(what: str) -> RefusedError:
    return RefusedError("InvalidArgumentException", f"the laptop's Firehose {what}.")
