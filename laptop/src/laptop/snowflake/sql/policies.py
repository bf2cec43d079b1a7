"""Storage lifecycle policies: CREATE, ALTER … SET BODY, and what attaches them to tables.

https://docs.snowflake.com/en/sql-reference/sql/create-storage-lifecycle-policy
"""

from __future__ import annotations

from laptop.snowflake.names import Kind, Name
from laptop.snowflake.sql.policy_statements import AttachPolicy, DetachPolicy, PolicyStatement, SetPolicyBody
from laptop.snowflake.sql.properties import Fields, read_fields
from laptop.snowflake.sql.reader import Reader

_POLICY = ("STORAGE", "LIFECYCLE", "POLICY")
_AFTER_BODY = ("ARCHIVE_TIER", "ARCHIVE_FOR_DAYS", "COMMENT")


def read_new_policy(reader: Reader) -> Fields:
    """AS (column type, …) RETURNS BOOLEAN -> body, and properties; archiving is not supported."""
    reader.expect("AS", "(")
    arguments = [_read_argument(reader)]
    while reader.accept(","):
        arguments.append(_read_argument(reader))
    reader.expect(")", "RETURNS", "BOOLEAN")
    body = _read_body(reader)
    return {"arguments": tuple(arguments), "body": body, **read_fields(reader, Kind.STORAGE_LIFECYCLE_POLICY)}


def read_policy_change(reader: Reader, kind: Kind, name: Name, *, if_exists: bool) -> PolicyStatement | None:
    """The rest of ALTER kind name, if it is about a policy."""
    if kind is Kind.STORAGE_LIFECYCLE_POLICY and reader.accept("SET", "BODY"):
        return SetPolicyBody(name, _read_body(reader), if_exists)
    if kind is not Kind.TABLE and kind is not Kind.DYNAMIC_TABLE:
        return None
    if reader.accept("DROP", *_POLICY):
        return DetachPolicy(kind, name)
    if not reader.accept("ADD", *_POLICY):
        return None
    policy = reader.name()
    reader.expect("ON", "(")
    columns = [reader.identifier()]
    while reader.accept(","):
        columns.append(reader.identifier())
    reader.expect(")")
    return AttachPolicy(kind, name, policy, tuple(columns))


def _read_argument(reader: Reader) -> str:
    """The argument's name; its type is that of the column which it gets."""
    name = reader.identifier()
    reader.identifier()
    return name


def _read_body(reader: Reader) -> str:
    """The expression after the arrow, as written."""
    reader.expect("-", ">")
    start = reader.peek().start
    while not (reader.at_end() or (reader.peek().keyword in _AFTER_BODY and reader.peek(1).keyword == "=")):
        reader.take()
    return reader.sql[start : reader.peek().start].strip()
