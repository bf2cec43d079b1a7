"""The columns of a table: what brings those that are there to those that the template describes.

With schema evolution, a load adds a column for each new field, with the type of the first value. It may be described
later, by any type: it is kept if it holds all values of that type, else altered in place, else renamed, and the
described one is added. A column that a person made or altered is never renamed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from snowflake_setup.session.session import Row
from snowflake_setup.sql import table as sql
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.column_type import grows_to, holds
from snowflake_setup.sql.identifiers import LONGEST, Identifier, ObjectName


@dataclass(frozen=True)
class ShownColumn:
    """A column as DESC TABLE and SHOW COLUMNS show it.

    Attributes:
        type: its type.
        comment: its description.
        nullable: whether it may be empty.
        evolved: whether a load made it, and it was not altered or protected by a policy since.
    """

    type: str
    comment: str = ""
    nullable: bool = True
    evolved: bool = False

    @classmethod
    def read(cls, row: Row, made_by_loads: Collection[str]) -> ShownColumn:
        """The column in a row of DESC TABLE."""
        return cls(
            type=str(row["type"]),
            comment=str(row.get("comment") or ""),
            nullable=row.get("null?") != "N",
            evolved=row["name"] in made_by_loads and not row.get("policy name"),
        )

    def becomes(self, wanted: sql.Column) -> bool:
        """True if the column is, or can be altered in place to, one of the wanted type."""
        return holds(self.type, wanted.type) or grows_to(self.type, wanted.type)


ShownColumns = Mapping[str, ShownColumn]


def changes(table: ObjectName, wanted: Sequence[sql.Column], there: ShownColumns) -> Iterator[Statement]:
    """The statements that bring the columns to the wanted state; `unfit` ones must have been refused."""
    new_names = renamed(wanted, there)
    for column in wanted:
        shown = there.get(column.name.value)
        if shown is None or column.name.value in new_names:
            if shown is not None:
                yield sql.RenameColumn(table, column.name, new_names[column.name.value])
            yield sql.AddColumn(table, column)
            continue
        if not holds(shown.type, column.type):
            yield sql.SetColumnType(table, column)
        if not shown.nullable:
            yield sql.DropNotNull(table, column.name)
        if shown.comment != (column.comment or ""):
            yield sql.SetColumnComment(table, column.name, column.comment or "")


def renamed(wanted: Sequence[sql.Column], there: ShownColumns) -> dict[str, Identifier]:
    """New names for evolved columns that cannot become the wanted ones, by their present names."""
    taken = {name.upper() for name in [*there, *(column.name.value for column in wanted)]}
    found: dict[str, Identifier] = {}
    for column in wanted:
        shown = there.get(column.name.value)
        if shown is not None and shown.evolved and not shown.becomes(column):
            found[column.name.value] = new = free_name(column.name, taken)
            taken.add(new.value.upper())
    return found


def unfit(wanted: Sequence[sql.Column], there: ShownColumns) -> list[sql.Column]:
    """Wanted columns that are there with another type, for good."""
    return [
        column
        for column in wanted
        if (shown := there.get(column.name.value)) and not (shown.evolved or shown.becomes(column))
    ]


def free_name(column: Identifier, taken: set[str]) -> Identifier:
    """A name for the old column, which no other has in any case: loads match fields to columns regardless of case."""
    for number in count(1):
        suffix = "_EVOLVED" if number == 1 else f"_EVOLVED_{number}"
        name = f"{column.value[: LONGEST - len(suffix)]}{suffix}"
        if name.upper() not in taken:
            break
    return Identifier(name)
