"""The order in which edits are made on one environment, and its config file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from config import ROOT
from config.files import load_config
from config.model import PipelineConfig
from tests.infrastructure.edits import Edit

Keys = Mapping[str, Any]
# Edits whose values would make each event wait for minutes.
_FASTER: Keys = {
    "streaming.buffer_interval_seconds": 2,
    "gate.buffer_interval_seconds": 1,
    "ops.alarms.delivery_freshness_seconds": 120,
}


class ConfigFile:
    """The file of a laptop's environment, with some keys changed."""

    def __init__(self, folder: Path, env: str) -> None:
        self._env, self._path = env, folder / f"{env}.toml"
        self._values = self._before = tomllib.loads((ROOT / "config" / f"{env}.toml").read_text())
        folder.mkdir(parents=True, exist_ok=True)
        self.change({})

    def change(self, keys: Keys) -> PipelineConfig:
        """Write it with these keys, too, and read it."""
        self._before = self._values
        return self._write(self._with(keys))

    def undo(self) -> None:
        """Take the last change back."""
        self._write(self._before)

    def has(self, keys: Keys) -> bool:
        """True if these keys have these values."""
        one, other = ({**values, "env": self._env} for values in (self._values, self._with(keys)))
        return PipelineConfig.model_validate(one) == PipelineConfig.model_validate(other)

    def _write(self, values: dict[str, Any]) -> PipelineConfig:
        self._values = values
        self._path.write_text(tomli_w.dumps(values))
        return load_config(self._env, self._path.parent)

    def _with(self, keys: Keys) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(json.dumps(self._values))
        for key, value in keys.items():
            *path, last = key.split(".")
            section = values
            for part in path:
                section = section.setdefault(part, {})
            section[last] = _FASTER.get(key, value)
        return values


def steps(edits: Sequence[Edit], file: ConfigFile) -> Iterator[Edit]:
    """Every edit once, as soon as the environment is as it presupposes; where none is, a step that makes it so.

    An edit is left out if the step before it failed and was undone.
    """
    left = list(edits)
    while left:
        fitting = next((edit for edit in left if file.has(edit.base)), None)
        if fitting is None:
            yield Edit(keys=_with_the_user(left[0].base), stopped=left[0].stopped)
            if not file.has(left[0].base):
                del left[0]
        else:
            left.remove(fitting)
            if not file.has(fitting.keys):
                yield fitting


def _with_the_user(keys: Keys) -> Keys:
    """The user of an access key outlives the switch to an integration, as docs/changes.md says."""
    return {**keys, "access.keep_user": True} if "access.mode" in keys else keys
