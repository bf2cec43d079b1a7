"""The page's JSON API. Every request reads its data again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from laptop.page.alarms import read_alarms
from laptop.page.documentation import Documentation
from laptop.page.emulator import Emulator
from laptop.page.metrics import read_chart
from laptop.page.stand_in import StandIn
from laptop.page.tables import Table, find_tables, latest_rows

_MOST_MINUTES, _MOST_ROWS = 24 * 60, 200


class Api:
    """The page's JSON API.

    Args:
        emulator: source of dashboards, metrics, alarms.
        stand_in: source of rows.
        documentation: has the runbook, which sets the order of alarms.
    """

    def __init__(self, emulator: Emulator, stand_in: StandIn, documentation: Documentation) -> None:
        self._emulator = emulator
        self._documentation = documentation
        self._stand_in = stand_in
        self._tables: dict[str, Table] = {}

    def dashboards(self, request: Request) -> Response:
        """The deployed dashboards, each with its widgets."""
        return _json({"dashboards": self._emulator.dashboards()})

    def metrics(self, request: Request) -> Response:
        """The values of a dashboard's charts, by the widget's position and the line's id."""
        seconds = 60 * _number(request, "minutes", default=15, most=_MOST_MINUTES)
        dashboard = self._emulator.dashboard(request.path_params["dashboard"])
        charts = {at: widget.chart for at, widget in enumerate(dashboard.widgets)}
        now = time.time()
        return _json(
            {
                at: read_chart(self._emulator.cloudwatch, chart, seconds=seconds, now=now)
                for at, chart in charts.items()
                if chart and chart.lines
            }
        )

    def alarms(self, request: Request) -> Response:
        """The alarms with their states."""
        return _json({"alarms": read_alarms(self._emulator.cloudwatch, self._documentation)})

    def tables(self, request: Request) -> Response:
        """The tables and views whose rows can be requested."""
        return _json({"tables": self._find_tables()})

    def rows(self, request: Request) -> Response:
        """The latest rows of a table or view."""
        asked = request.query_params.get("table", "")
        limit = _number(request, "limit", default=25, most=_MOST_ROWS)
        # The query uses names from the stand-in only, never the request's text.
        if asked not in self._tables:
            self._find_tables()
        if asked not in self._tables:
            raise HTTPException(404, f"no table or view is called {asked}")
        return _json(latest_rows(self._stand_in, self._tables[asked], limit=limit))

    def _find_tables(self) -> list[Table]:
        found = find_tables(self._stand_in)
        self._tables = {table.name: table for table in found}
        return found


def _number(request: Request, name: str, *, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise HTTPException(400, f"{name} must be a number from 1 to {most}, got {text!r}")
    return int(text)


def _json(document: Mapping[Any, Any] | Sequence[Any] | object) -> Response:
    return Response(TypeAdapter(object).dump_json(document, by_alias=True), media_type="application/json")
