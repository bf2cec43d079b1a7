"""Config files: read config/<env>.toml and report everything that is wrong with it at once."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config import ROOT
from config.conflicts import conflict_between
from config.model import PipelineConfig
from config.sections.pager import host_of

# CLICKSTREAM_CONFIG names another folder of config files.
CONFIG_DIR = Path(os.environ.get("CLICKSTREAM_CONFIG") or ROOT / "config").resolve()
_HIDDEN = {"env"}  # comes from the file's name, not from the file


class ConfigError(ValueError):
    """A config file that cannot be used; the message is meant for its author."""


def load_config(env: str, directory: Path = CONFIG_DIR, *, chosen_with: str = "-c env=…") -> PipelineConfig:
    """Read and validate `<directory>/<env>.toml`.

    Args:
        env: the environment.
        directory: the folder of the files.
        chosen_with: the option that selects an environment, for the message that there is none.

    Raises:
        ConfigError: no such environment, not TOML, values that are not allowed (all of them listed), or values that
            conflict with another environment's file.
    """
    config = _read(env, directory, chosen_with)
    for other in _others(config, directory):
        if conflict := conflict_between(config, other):
            raise ConfigError(f"{_shown(directory)}/: environments {config.env} and {other.env} {conflict}")
    return config


def environments_in(directory: Path = CONFIG_DIR) -> list[str]:
    """The environments that have a file."""
    return sorted(path.stem for path in directory.glob("*.toml"))


def _read(env: str, directory: Path, chosen_with: str = "") -> PipelineConfig:
    environments = environments_in(directory)
    if env not in environments:
        raise ConfigError(
            f"no environment {env!r}: {_shown(directory)}/ has {', '.join(environments) or 'no *.toml file'}. "
            f"Choose one with `{chosen_with}` or add {_shown(directory)}/{env}.toml"
        )
    path = directory / f"{env}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{_shown(path)} is not TOML: {error}") from None
    if "env" in values:
        raise ConfigError(f"{_shown(path)}: env is the file's own name; remove the key")
    try:
        return PipelineConfig.model_validate({**values, "env": env})
    except ValidationError as error:
        lines = [_explain(detail) for detail in error.errors(include_url=False)]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        raise ConfigError(
            "\n".join([f"{_shown(path)} has {count}:", *(f"  - {line}" for line in lines)])
        ) from None


def _others(config: PipelineConfig, directory: Path) -> Iterator[PipelineConfig]:
    """The other environments whose files are usable; mistakes in a file are reported when it is used."""
    for name in environments_in(directory):
        if name != config.env:
            with suppress(ConfigError):
                yield _read(name, directory)


def _shown(path: Path) -> str:
    """The path as the reader would type it."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)


def _explain(detail: ErrorDetails) -> str:
    keys = [str(part) for part in detail["loc"]]
    key = ".".join(keys)
    value = _masked(detail["input"]) if key.endswith("https_endpoint") else _value(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            known = _keys_of(keys[:-1])
            near = difflib.get_close_matches(keys[-1], known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            return f"{key} = {value}: unknown key; {hint}allowed here: {', '.join(known)}"
        case "missing":
            return f"{key} is missing: {_description(keys)}"
        case "value_error" if not isinstance(detail["input"], dict):
            return f"{key} = {value}: {detail['ctx']['error']}"
        case "value_error":
            return f"[{key}] {detail['ctx']['error']}" if key else str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{key} = {value} does not fit: {_description(keys) or detail['ctx']['pattern']}"
        case _:
            return f"{key} = {value}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _masked(endpoint: object) -> str:
    """An https address without its path, which may be a secret."""
    with suppress(ValueError):
        return f"'https://{host_of(str(endpoint))}/…'"
    return "'…'"


def _value(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _description(path: list[str]) -> str:
    """The description of a key; empty for an item of a list."""
    field = _fields_of(path[:-1]).get(path[-1])
    return (field.description if field else None) or ""


def _keys_of(path: list[str]) -> list[str]:
    return [key for key in _fields_of(path) if key not in _HIDDEN]


def _fields_of(path: list[str]) -> dict[str, FieldInfo]:
    """The fields of the section at `path`, by the key that the file uses; numbers count repeated sections."""
    fields = fields_by_key(PipelineConfig)
    for part in (part for part in path if not part.isdigit()):
        section = section_of(fields[part]) if part in fields else None
        if section is None:
            return {}
        fields = fields_by_key(section)
    return fields


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a section of the file, or a list of such sections."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def fields_by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A section's fields by the key that a config file uses for each."""
    return {field.alias or name: field for name, field in model.model_fields.items()}
