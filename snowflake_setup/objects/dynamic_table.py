"""The dynamic table with each event once, which Snowflake refreshes by itself; the analysts' view reads it.

Its rows follow from those of the table, so it can be dropped and computed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from snowflake_setup.objects.actions import Action, Remark
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource, require_unmanaged
from snowflake_setup.objects.retention import Detach, expiring, keep_days, set_retention
from snowflake_setup.objects.row_query import read_first_arrivals, source_types
from snowflake_setup.objects.view_replacement import ReplaceUnprotected
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session, described, shown
from snowflake_setup.sql import column_type
from snowflake_setup.sql import dynamic_table as sql
from snowflake_setup.sql.comment_marks import FINGERPRINT, digest, found_mark, marked
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.retention import Expiry, policy_of
from snowflake_setup.sql.sessions import Sessions

_MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1440}
_LONGEST_LAG = 10_080
_MINUTES_A_MONTH = 43_800


@dataclass(frozen=True)
class DynamicTableSpec:
    """The dynamic table that the template wants.

    Attributes:
        lag_minutes: how old its rows may be.
        warehouse: refreshes it.
        expiry: what of its rows expires, if anything; events that expire leave their sessions by themselves.
        types: its columns with their types, in order; none if they follow from the query.
    """

    name: ObjectName
    query: FirstArrivals | Sessions
    columns: tuple[Identifier, ...]
    lag_minutes: int
    warehouse: Identifier
    comment: str
    expiry: Expiry | None = None
    types: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def marked_comment(self) -> str:
        """The comment with the query's fingerprint, which excludes the columns: they are compared by name and type."""
        return marked(self.comment, FINGERPRINT, digest(self.query.sql_in_parts(())))


@dataclass(frozen=True)
class ShownDynamicTable:
    """A dynamic table as SHOW and DESC show it.

    Attributes:
        refreshes: its lag in minutes, and its warehouse.
        expiring: the condition under which rows expire; None if they do not.
    """

    comment: str
    types: Mapping[str, str]
    refreshes: tuple[float, str]
    refresh_mode: str = "INCREMENTAL"
    suspended: bool = False
    owner: str = ""
    expiring: str | None = None

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownDynamicTable | None:
        """The dynamic table of that name, or None if there is none."""
        row = shown(session, sql.ShowDynamicTable(name))
        if row is None:
            return None
        columns = described(session, sql.DescribeDynamicTable(name)) or []
        return cls(
            comment=str(row.get("comment") or ""),
            types={str(column["name"]): str(column["type"]) for column in columns},
            refreshes=(_minutes(str(row.get("target_lag"))), str(row.get("warehouse") or "")),
            refresh_mode=str(row.get("refresh_mode")),
            suspended="SUSPENDED" in str(row.get("scheduling_state")),
            owner=str(row.get("owner") or ""),
            expiring=expiring(session, name),
        )

    def is_for(self, spec: DynamicTableSpec) -> bool:
        """True if it was made for the query of `spec`."""
        return found_mark(self.comment, FINGERPRINT) == found_mark(spec.marked_comment, FINGERPRINT)

    def fits(self, spec: DynamicTableSpec) -> bool:
        """True if its query, columns and refresh mode are those of `spec`."""
        if not self.is_for(spec) or self.refresh_mode != "INCREMENTAL":
            return False
        same = all(column_type.same(self.types.get(name, ""), kind) for name, kind in spec.types.items())
        return same and (not spec.types or list(self.types) == list(spec.types))


class DynamicTable(Resource[DynamicTableSpec, ShownDynamicTable]):
    """`Custom::SnowflakeDynamicTable`."""

    kind = "DYNAMIC TABLE"
    shown = ShownDynamicTable
    dropped_by = sql.DropDynamicTable

    def read(self, properties: Properties) -> DynamicTableSpec:
        sessions = properties.optional_reference("SessionsOf")
        query = Sessions(sessions) if sessions else read_first_arrivals(properties)
        if isinstance(query, FirstArrivals) and query.date is None:
            raise PropertyError("LateDays is missing: a dynamic table is clustered by the date of events")
        return DynamicTableSpec(
            name=properties.object_name(),
            query=query,
            columns=() if sessions else properties.listed("Columns", Identifier),
            lag_minutes=properties.parsed("TargetLagMinutes", _lag),
            warehouse=properties.identifier("Warehouse"),
            comment=properties.text("Comment", ""),
            expiry=_expiry(properties),
        )

    def complete(self, spec: DynamicTableSpec, see: See) -> DynamicTableSpec:
        if isinstance(spec.query, Sessions):
            return spec
        there = source_types(spec.query, f"dynamic table {spec.name}", spec.columns, see)
        types = {column.value: there[column.value] for column in spec.columns}
        return replace(spec, types={**types, **spec.query.types})

    def require(self, new: DynamicTableSpec, there: ShownDynamicTable) -> None:
        if not there.is_for(new):
            raise DefinitionConflictError(
                f"dynamic table {new.name} exists already, belongs to role {there.owner}, and is not the one described "
                "here. Drop it, or choose another name"
            )

    def make(self, new: DynamicTableSpec) -> Sequence[Action]:
        return [sql.CreateDynamicTable(*_definition(new)), _cost(new), *_retention(new, None, new=True)]

    def adopt(self, new: DynamicTableSpec, there: ShownDynamicTable, see: See) -> Sequence[Action]:
        """One with the same query is brought up to date."""
        self.require(new, there)
        require_unmanaged(self.kind, new.name, new.comment, there.comment)
        return self.change(None, new, there)

    def change(
        self, old: DynamicTableSpec | None, new: DynamicTableSpec, there: ShownDynamicTable
    ) -> Sequence[Action]:
        if not there.fits(new):
            statement = ReplaceUnprotected(
                sql.ReplaceDynamicTable(*_definition(new)), own=policy_of(new.name)
            )
            if new.expiry is None:
                return [*_retention(new, there), statement, _cost(new)]
            detached = [Detach(new.name, dynamic=True, wanted=new.expiry, there=there.expiring)]
            return [
                *(detached if there.expiring else []),
                statement,
                _cost(new),
                *_retention(new, there, new=True),
            ]
        actions = [*_retention(new, there)]
        if there.refreshes != _refreshes(new):
            actions += [sql.SetRefreshes(new.name, new.lag_minutes, new.warehouse), _cost(new)]
        if there.comment != new.marked_comment:
            actions.append(sql.SetDynamicTableComment(new.name, new.marked_comment))
        if there.suspended:
            actions.append(sql.ResumeDynamicTable(new.name))
        return actions

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        there = see(ShownDynamicTable, name)
        released = set_retention(name, None, there.expiring if there else None, dynamic=True)
        return [*released, sql.DropDynamicTable(name)]

    def after(self, new: DynamicTableSpec, there: ShownDynamicTable | None) -> ShownDynamicTable:
        expires = new.expiry.sql() if new.expiry else None
        return ShownDynamicTable(new.marked_comment, new.types, _refreshes(new), expiring=expires)


def kept_types(name: ObjectName, see: See) -> Mapping[str, str]:
    """The types of the columns of a dynamic table, for a view of it.

    Raises:
        DefinitionConflictError: there is no such dynamic table.
    """
    there = see(ShownDynamicTable, name)
    if there is None:
        raise DefinitionConflictError(f"dynamic table {name} does not exist, or the role cannot see it")
    return there.types


def _definition(
    new: DynamicTableSpec,
) -> tuple[ObjectName, FirstArrivals | Sessions, tuple[Identifier, ...], int, Identifier, str]:
    return new.name, new.query, new.columns, new.lag_minutes, new.warehouse, new.marked_comment


def _expiry(properties: Properties) -> Expiry | None:
    return (
        Expiry.of_events(properties.parsed("KeepDays", keep_days))
        if properties.text("KeepDays", "")
        else None
    )


def _retention(
    spec: DynamicTableSpec, there: ShownDynamicTable | None, *, new: bool = False
) -> Sequence[Action]:
    before = there.expiring if there else None
    return set_retention(spec.name, spec.expiry, before, spec.comment, dynamic=True, new=new)


def _refreshes(spec: DynamicTableSpec) -> tuple[float, str]:
    return spec.lag_minutes, spec.warehouse.value


def _cost(new: DynamicTableSpec) -> Remark:
    """The cost of refreshes if rows always arrive: each wakes the warehouse for a minute at least (docs/costs.md)."""
    refreshes = _MINUTES_A_MONTH // new.lag_minutes
    credits = min(730.0, refreshes / 60)
    told = f"refreshed {refreshes} times a month, at least {credits:.0f} credits if an X-Small warehouse wakes for each"
    return Remark(told, {"object": str(new.name), "warehouse": new.warehouse.value})


def _minutes(text: str) -> float:
    """A lag such as '1 hour' in minutes; 0 if it is none, so that it is set again."""
    match = re.fullmatch(r"\s*(\d+)\s+(second|minute|hour|day)s?\s*", text, re.IGNORECASE)
    return int(match[1]) * _MINUTES[match[2].lower()] if match else 0


def _lag(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_LAG:
        raise ValueError(f"must be 1 to {_LONGEST_LAG} minutes, got {text!r}")
    return int(text)
