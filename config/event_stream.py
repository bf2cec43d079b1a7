"""One kind of event, by the names of all that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class EventStream:
    """One kind of event with the names of all that carries it, from the stream to the view."""

    name: str
    contract: Path
    data_prefix: str
    error_prefix: str
    stream_name: str
    delivery_stream_name: str
    table: str
    stage: str
    pipe: str
    view: str

    @property
    def construct_id(self) -> str:
        """Its name in a stack."""
        return self.name.title().replace("-", "")
