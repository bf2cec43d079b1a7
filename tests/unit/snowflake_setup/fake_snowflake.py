"""A minimal Snowflake: objects, a lake, and pipes with their own load history and queue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from snowflake_setup.session.errors import ObjectMissingError, SnowflakeError, WarehouseNeededError
from snowflake_setup.session.session import Row
from snowflake_setup.sql import file_format, pipe, retention, stage, storage_integration, table, view
from snowflake_setup.sql.base import Describe, Drop, Statement
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.snowflake_setup.fake_pipe import USER_ARN, FakePipe, grant, in_bucket
from tests.unit.snowflake_setup.fake_session import START, FakeClock
from tests.unit.snowflake_setup.fake_views import FakeViews


class FakeSnowflake(FakeViews):
    """Executes statements by their type; `sent` has them in order."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.sent: list[Statement] = []
        self.before: Callable[[Statement], None] = lambda statement: None
        self.refuse: dict[type[Statement], SnowflakeError] = {}
        self.formats: dict[ObjectName, dict[str, str]] = {}
        self.stages: dict[ObjectName, dict[str, str]] = {}
        self.pipes: dict[ObjectName, FakePipe] = {}
        self.integrations: dict[ObjectName, dict[str, str]] = {}
        # The answer of SYSTEM$VALIDATE_STORAGE_INTEGRATION while AWS denies access.
        self.role_refusal = ""
        self.lake: dict[str, datetime] = {}
        self.rows: dict[ObjectName, Counter[str]] = {}
        self.has_warehouse = True
        self.history_lag: set[str] = set()
        # What the load history shows of files besides their names, by URL.
        self.states: dict[str, Row] = {}

    def land(self, url: str, *, notify: bool = True) -> None:
        """Add a file; its notification may follow later."""
        self.lake[url] = self.clock.now().replace(microsecond=0)
        if notify:
            self.notify(url)

    def notify(self, url: str) -> None:
        """Notify every pipe on the file's location, since one queue serves the whole account."""
        for name, there in self.pipes.items():
            if url.startswith(self.stages[there.copy.stage]["URL"]):
                there.queue.append((url, self.clock.now()))
                self._work(name)

    def _work(self, name: ObjectName) -> None:
        there = self.pipes[name]
        while there.queue and not there.paused and not there.state:
            url, _ = there.queue.pop(0)
            if url not in there.loaded:
                there.loaded.add(url)
                there.last = (url, self.clock.now())
                self.rows.setdefault(there.copy.table, Counter())[url] += 1

    # statements

    @property
    def kinds(self) -> list[str]:
        """The kinds of the statements sent, without those that only read."""
        return [s.kind for s in self.sent if not s.reads]

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        self.before(statement)
        self.sent.append(statement)
        if refusal := next((self.refuse[kind] for kind in self.refuse if isinstance(statement, kind)), None):
            raise refusal
        return [row for row in self._answer(statement) if keep is None or keep(row)]

    def _answer(self, statement: Statement) -> list[Row]:
        match statement:
            case Describe():
                return self._describe(statement)
            case retention.DropPolicy():
                return self.retention(statement)
            case Drop():
                self._things(statement).pop(statement.name, None)
                if isinstance(statement, table.DropTable):
                    self.retention(retention.DetachPolicy(statement.name))
                    self.rows.pop(statement.name, None)
            case file_format.CreateFileFormat() | file_format.AlterFileFormat():
                self.formats[statement.name] = {
                    "TYPE": "JSON",
                    "COMPRESSION": statement.compression,
                    "STRIP_OUTER_ARRAY": str(statement.strip_outer_array).lower(),
                    "MULTI_LINE": str(statement.multi_line).lower(),
                }
            case stage.CreateStage() | stage.AlterStage():
                there = self.stages.setdefault(statement.name, {})
                switches = isinstance(statement.access, stage.BoundIntegration) != (
                    "STORAGE_INTEGRATION" in there
                )
                if there and statement.access and switches:
                    raise SnowflakeError("property is not allowed on stages that use the other", code=2019)
                if statement.url is not None:
                    there["URL"] = statement.url
                if statement.comment is not None:
                    there["COMMENT"] = statement.comment
                match statement.access:
                    case stage.Credentials(key_id=key_id):
                        there["KEY"] = key_id.reveal()
                    case stage.BoundIntegration(integration=integration):
                        there["STORAGE_INTEGRATION"] = integration.name.value
            case table.CreateTable() | table.AddColumn() | table.SetSchemaEvolution() | table.ShowColumns():
                return self.table(statement)
            case table.SetColumnComment() | table.SetColumnType() | table.RenameColumn():
                return self.table(statement)
            case table.DropNotNull() | table.KeepRefusedRows() | table.DropErrorTable():
                return self.table(statement)
            case stage.ListStage():
                return self._list(statement)
            case table.CopyHistory():
                return self._history(statement)
            case table.LoadedFiles():
                return self._origins(statement)
            case stage.ShowStage():
                found_stage = self.stages.get(statement.name)
                shown = (
                    {
                        "name": statement.name.name.value,
                        "url": found_stage["URL"],
                        "storage_integration": found_stage.get("STORAGE_INTEGRATION"),
                        "comment": found_stage.get("COMMENT", ""),
                    }
                    if found_stage
                    else None
                )
                return [shown] if shown else []
            case table.ShowTable():
                count = sum(self.rows.get(statement.name, Counter()).values())
                row: Row = {"name": statement.name.name.value, "rows": count}
                logging = {"error_logging": "ON" if statement.name in self.error_tables else "OFF"}
                return [{**row, **logging} if self.shows_error_tables else row]
            case table.SetTableComment():
                pass
            case (retention.CreatePolicy() | retention.SetPolicyBody() | retention.AttachPolicy()) | (
                retention.DetachPolicy() | retention.AttachedPolicies()
            ):
                return self.retention(statement)
            case view.CreateView() | view.ReplaceView() | view.SetViewComment():
                return self.view(statement)
            case view.ViewDefinition() | view.ShowView():
                return self.view(statement)
            case storage_integration.ValidateStorageIntegration():
                return [{"SYSTEM$VALIDATE…": self._validation()}]
            case storage_integration.CreateStorageIntegration():
                self.integrations[statement.name] = {
                    "ENABLED": "true",
                    "STORAGE_AWS_IAM_USER_ARN": USER_ARN,
                }
                self._alter_integration(statement)
            case storage_integration.AlterStorageIntegration():
                self._alter_integration(statement)
                if statement.enable:
                    self.integrations[statement.name]["ENABLED"] = "true"
            case _:
                return self._pipe(statement)
        return [{"status": "Statement executed successfully."}]

    def _alter_integration(
        self,
        statement: storage_integration.CreateStorageIntegration | storage_integration.AlterStorageIntegration,
    ) -> None:
        locations = statement.allowed_locations
        given = {
            "STORAGE_AWS_ROLE_ARN": statement.role_arn,
            "STORAGE_AWS_EXTERNAL_ID": statement.external_id,
            "STORAGE_ALLOWED_LOCATIONS": None if locations is None else ",".join(locations),
            "COMMENT": statement.comment,
        }
        there = self.integrations[statement.name]
        there.update({option: value for option, value in given.items() if value is not None})

    def _validation(self) -> str:
        if not self.role_refusal:
            return json.dumps({"status": "success", "actions": {"LIST": {"status": "success"}}})
        refused = {"LIST": {"status": "failure", "message": self.role_refusal}}
        return json.dumps({"status": "failure", "actions": refused, "message": "Some checks failed."})

    def _pipe(self, statement: Statement) -> list[Row]:
        match statement:
            case pipe.CreatePipe() | pipe.ReplacePipe():
                made = FakePipe(statement.copy, statement.comment, self.clock.now())
                self.pipes[statement.name] = made
            case pipe.PausePipe() | pipe.ResumePipe():
                self.pipes[statement.name].paused = isinstance(statement, pipe.PausePipe)
                self._work(statement.name)
            case pipe.SetPipeComment():
                self.pipes[statement.name].comment = statement.comment
            case pipe.RefreshPipe():
                self._refresh(statement)
            case pipe.PipeStatus():
                return self.pipes[statement.name].status()
            case pipe.ShowPipeGrants():
                return self.pipes[statement.name].grants
            case pipe.GrantOnPipe():
                self.pipes[statement.name].grants.append(grant(statement.privilege, statement.role.value))
            case other:
                raise NotImplementedError(other)
        return [{"status": "Statement executed successfully."}]

    def _things(self, statement: Describe | Drop) -> dict[ObjectName, Any]:
        things: dict[str, dict[ObjectName, Any]] = {
            "FILE FORMAT": self.formats,
            "STAGE": self.stages,
            "TABLE": self.tables,
            "PIPE": self.pipes,
            "INTEGRATION": self.integrations,
            "VIEW": self.views,
            "STORAGE LIFECYCLE POLICY": self.conditions,
        }
        return things[statement.kind.split(" ", 1)[1]]

    def _describe(self, statement: Describe) -> list[Row]:
        there = self._things(statement).get(statement.name)
        if there is None:
            raise ObjectMissingError(f"{statement.kind} {statement.name}: does not exist", code=2003)
        match statement:
            case pipe.DescribePipe():
                return [
                    {
                        "definition": there.copy.sql(),
                        "comment": there.comment,
                        "created_on": there.created,
                        "notification_channel": "arn:aws:sqs:eu-west-1:123456789012:sf-snowpipe-X",
                    }
                ]
            case table.DescribeTable():
                return self.columns(statement.name)
            case view.DescribeView():
                return self.view(statement)
            case retention.DescribePolicy():
                return [{"body": there}]
        return [{"property": name, "property_value": value} for name, value in there.items()]

    def _list(self, statement: stage.ListStage) -> list[Row]:
        url = self.stages[statement.name]["URL"] + statement.path.removeprefix("/")
        return [
            {"name": file, "last_modified": f"{modified:%a, %d %b %Y %H:%M:%S} GMT"}
            for file, modified in self.lake.items()
            if file.startswith(url)
        ]

    def _history(self, statement: table.CopyHistory) -> list[Row]:
        if statement.name not in self.tables:
            raise ObjectMissingError(f"table {statement.name} does not exist", code=2003)
        if not self.has_warehouse:
            raise WarehouseNeededError("no active warehouse", code=606)
        return [
            {
                "stage_location": url[: url.rindex("/") + 1],
                "file_name": url[url.rindex("/") + 1 :],
                "pipe_received_time": self._loaded_at(url),
                **self.states.get(url, {"status": "Loaded", "row_count": 1}),
            }
            for url in self._known_to_pipes(statement.name)
            if url not in self.history_lag and self._loaded_at(url) >= statement.since
        ]

    def _known_to_pipes(self, name: ObjectName) -> list[str]:
        """Loads in a table's history: those of existing pipes only, by the pipe's identity."""
        known: set[str] = set()
        for there in self.pipes.values():
            if there.copy.table == name:
                known |= there.loaded
        return sorted(known)

    def _origins(self, statement: table.LoadedFiles) -> list[Row]:
        if statement.name not in self.tables:
            raise ObjectMissingError(f"table {statement.name} does not exist", code=2003)
        if not self.has_warehouse:
            raise WarehouseNeededError("no active warehouse", code=606)
        return [
            {"file_name": in_bucket(url), "last_scan": self._loaded_at(url) if statement.loaded_at else None}
            for url in self.rows.get(statement.name, Counter())
            if statement.loaded_at is None or self._loaded_at(url) >= statement.since
        ]

    def _loaded_at(self, url: str) -> datetime:
        """Files are loaded when they land."""
        return self.lake.get(url, self.clock.now())

    def _refresh(self, statement: pipe.RefreshPipe) -> None:
        there = self.pipes[statement.name]
        start = self.stages[there.copy.stage]["URL"] + (statement.prefix or "")
        after = statement.modified_after or START - timedelta(days=7)
        for url, modified in list(self.lake.items()):
            if url.startswith(start) and modified >= after.replace(microsecond=0):
                there.queue.append((url, self.clock.now()))
        self._work(statement.name)
