"""The `[gate]` section: the check of every event on its way to the lake."""

from __future__ import annotations

from pydantic import Field

from config.sections.values import Section


class GateConfig(Section):
    """The event gate, a function that Firehose calls with what it received. Ranges are Firehose's.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html
    """

    enabled: bool = Field(
        default=True,
        description="check the events of all senders; false: docs/event.md says what is lost then",
    )
    buffer_size_mib: int = Field(
        default=1, ge=1, le=3, description="the function is called once this much input is waiting, or …"
    )
    buffer_interval_seconds: int = Field(
        default=10, ge=0, le=900, description="… this much time has passed; events are rows so much later"
    )
    retries: int = Field(
        default=10,
        ge=4,
        le=300,
        description="how often Firehose repeats a call that timed out or was throttled, before it gives the records up",
    )
    memory_mib: int = Field(
        default=512, ge=256, le=3008, description="memory of the function, and with it its processor"
    )
