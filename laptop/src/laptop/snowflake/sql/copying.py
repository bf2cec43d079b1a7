"""COPY INTO, alone or as the body of a pipe."""

from __future__ import annotations

import re
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.names import Name
from laptop.snowflake.objects import CopySpec, OnError
from laptop.snowflake.sql.lexer import TokenKind
from laptop.snowflake.sql.properties import choice, text, texts
from laptop.snowflake.sql.reader import Reader, Value, parse_name
from laptop.snowflake.sql.statements import CopyInto

_METADATA = (
    "METADATA$FILENAME",
    "METADATA$FILE_ROW_NUMBER",
    "METADATA$START_SCAN_TIME",
    "METADATA$FILE_CONTENT_KEY",
    "METADATA$FILE_LAST_MODIFIED",
)
_MOST_FILES = 1000
_NOT_IN_A_PIPE = {
    "FILES",
    "FORCE",
    "PURGE",
    "SIZE_LIMIT",
    "RETURN_FAILED_ONLY",
    "LOAD_UNCERTAIN_FILES",
    "VALIDATION_MODE",
}


def read_copy_statement(reader: Reader) -> CopyInto:
    """COPY INTO as a statement, after its verb."""
    return CopyInto(_read_after_copy(reader, for_pipe=False))


def read_copy(reader: Reader, *, for_pipe: bool) -> CopySpec:
    """COPY INTO with its options, checked against those that a pipe may have."""
    reader.expect("COPY")
    return _read_after_copy(reader, for_pipe=for_pipe)


def split_stage(reference: str) -> tuple[Name, str]:
    """The stage and the path of a reference like `"DB"."S"."STAGE"/2026/`."""
    match = re.match(r'(?:"(?:[^"]|"")+"|[^"/])+', reference)
    name = match.group() if match else reference
    return parse_name(name), reference[len(name) :].lstrip("/")


def _read_after_copy(reader: Reader, *, for_pipe: bool) -> CopySpec:
    reader.expect("INTO")
    table = reader.name()
    reader.expect("FROM")
    if reader.sees("("):
        raise errors.unsupported("COPY with a transformation; use MATCH_BY_COLUMN_NAME")
    if reader.peek().kind is not TokenKind.STAGE:
        raise reader.unexpected()
    stage, path = split_stage(reader.take().value[1:])
    options: dict[str, Any] = {}
    while not reader.at_end():
        name = reader.identifier()
        reader.expect("=")
        field, value = _option(name, reader.value(), for_pipe=for_pipe)
        options[field] = value
    if options.pop("MATCH_BY_COLUMN_NAME", "NONE") != "CASE_INSENSITIVE":
        raise errors.unsupported("COPY other than with MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE")
    if "file_format" not in options:
        raise errors.unsupported("COPY without FILE_FORMAT = (FORMAT_NAME = …)")
    if not for_pipe and "on_error" not in options:
        raise errors.unsupported(
            "COPY with ON_ERROR = ABORT_STATEMENT, the default; say CONTINUE or SKIP_FILE"
        )
    return CopySpec(table=table, stage=stage, path=path, **({"on_error": _on_error("SKIP_FILE")} | options))


def _option(name: str, value: Value, *, for_pipe: bool) -> tuple[str, Any]:
    if for_pipe and name in _NOT_IN_A_PIPE:
        raise errors.compilation_error(f"copy option {name} is not allowed in a pipe definition")
    try:
        match name:
            case "FILE_FORMAT":
                return "file_format", _format_name(value)
            case "MATCH_BY_COLUMN_NAME":
                return name, choice("CASE_INSENSITIVE", "CASE_SENSITIVE", "NONE")(value)
            case "INCLUDE_METADATA":
                return "include_metadata", _include_metadata(value)
            case "ON_ERROR" if for_pipe or value != Name(("ABORT_STATEMENT",)):
                return "on_error", _on_error(value)
            case "FILES":
                return "files", _files(value)
    except ValueError:
        raise errors.invalid_value(value, name) from None
    raise errors.unsupported(f"copy option {name}")


def _include_metadata(value: Value) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(value)
    chosen = {column: text(source).upper() for column, source in value.items()}
    for source in chosen.values():
        if source not in _METADATA:
            raise errors.invalid_value(source, "INCLUDE_METADATA")
    return chosen


def _files(value: Value) -> tuple[str, ...]:
    # https://docs.snowflake.com/en/user-guide/data-load-considerations-load#lists-of-files
    files = texts(value)
    if len(files) > _MOST_FILES:
        raise errors.compilation_error(f"FILES names {len(files)} files, the maximum is {_MOST_FILES}")
    return files


def _format_name(value: Value) -> Name:
    if not isinstance(value, dict) or set(value) != {"FORMAT_NAME"}:
        raise errors.unsupported("FILE_FORMAT of a COPY other than (FORMAT_NAME = …)")
    given = value["FORMAT_NAME"]
    return given if isinstance(given, Name) else parse_name(text(given))


def _on_error(value: Value) -> OnError:
    word = text(value).upper()
    if match := re.fullmatch(r"SKIP_FILE(?:_(\d+)(%?))?", word):
        return OnError(mode="SKIP_FILE", limit=int(match[1] or 1), percent=bool(match[2]))
    if word == "CONTINUE":
        return OnError(mode="CONTINUE")
    raise ValueError(value)
