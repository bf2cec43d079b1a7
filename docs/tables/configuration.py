"""docs/configuration.md: every key of the config file, its default and its meaning."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.files import fields_by_key, section_of
from config.model import PipelineConfig


def sections() -> str:
    """A chapter a section of the file, with a table of its keys; the keys outside of sections first."""
    parts = ["## Top level", _table(PipelineConfig)]
    for title, model in _sections(PipelineConfig):
        parts += [f"## {title}", str(model.__doc__).split("\n")[0], _table(model)]
    return "\n" + "\n\n".join(parts) + "\n\n"


def _sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    for key, field in fields_by_key(model).items():
        if section := section_of(field):
            yield f"[[{path}{key}]]" if field.default == () else f"[{path}{key}]", section
            yield from _sections(section, f"{path}{key}.")


def _table(model: type[BaseModel]) -> str:
    fields = {key: field for key, field in fields_by_key(model).items() if not section_of(field)}
    fields.pop("env", None)  # the file's name, not a key
    rows = [f"| `{key}` | {_default(field)} | {field.description} |" for key, field in fields.items()]
    return "\n".join(["| key | default | meaning |", "| --- | --- | --- |", *rows])


def _default(field: FieldInfo) -> str:
    match field.get_default(call_default_factory=True):
        case value if value is PydanticUndefined:
            return "required"
        case bool() as value:
            return f"`{str(value).lower()}`"
        case str() as value:
            return f'`"{value}"`'
        case tuple():
            return "`[]`"
        case value:
            return f"`{value}`"
