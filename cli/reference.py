"""Writes the reference pages that follow from code: `make docs` runs it, and a test holds the pages against it."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import contract
from config.files import fields_by_key, section_of
from config.model import PipelineConfig

_MADE = "<!-- made by `make docs`; edit the source it names -->"


def pages() -> dict[str, str]:
    """File name below docs/ → its text."""
    return {"configuration.md": _configuration(), "event.md": _event()}


def main() -> None:
    """Write the pages into the folder named on the command line."""
    folder = Path(sys.argv[1])
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _event() -> str:
    event = contract.load()
    return f"# {event.title}\n\n{_MADE}\n\n{event.description}\n\n{contract.markdown_table(event)}\n"


def _configuration() -> str:
    parts = [
        "# Configuration",
        _MADE,
        "One file an environment: `config/<env>.toml`, chosen with `cdk … -c env=<env>`. Unknown keys, wrong types and "
        "values out of range are refused before anything is deployed, all at once. Source: `config/model.py`.",
        "## Top level",
        _table({key: field for key, field in _fields(PipelineConfig).items() if not section_of(field)}),
    ]
    for title, model in _sections(PipelineConfig):
        parts += [f"## {title}", str(model.__doc__).split("\n")[0]]
        parts.append(_table({key: field for key, field in _fields(model).items() if not section_of(field)}))
    return "\n\n".join(parts) + "\n"


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {
        key: field
        for key, field in fields_by_key(model).items()
        if key != "env" or model is not PipelineConfig
    }


def _sections(model: type[BaseModel], path: str = "") -> list[tuple[str, type[BaseModel]]]:
    found: list[tuple[str, type[BaseModel]]] = []
    for key, field in _fields(model).items():
        if section := section_of(field):
            title = f"[[{path}{key}]]" if field.default == () else f"[{path}{key}]"
            found += [(title, section), *_sections(section, f"{path}{key}.")]
    return found


def _table(fields: dict[str, FieldInfo]) -> str:
    rows = [f"| `{key}` | {_default(field)} | {field.description} |" for key, field in fields.items()]
    return "\n".join(["| key | default | meaning |", "| --- | --- | --- |", *rows])


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    if isinstance(value, str):
        shown = f'"{value}"'
    elif isinstance(value, tuple | dict):
        shown = "[]" if isinstance(value, tuple) else "{}"
    return f"`{shown or value}`"


if __name__ == "__main__":
    main()
