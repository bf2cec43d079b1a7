"""The requests of a deployment, one resource each; every one is tried with a fault at every boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.faults.templates import ORDER, Properties, landing
from tests.faults.world import CONFIG

Request = Literal["Create", "Update", "Rollback", "Delete"]
LANDING = landing(CONFIG.snowflake.database, CONFIG.snowflake.schema_name, CONFIG.snowflake.warehouse)


@dataclass(frozen=True)
class Flow:
    """One request for one resource, and the resources that exist before it.

    Args:
        name: its name in the table.
        request: the type of the request; Rollback is an Update back to the previous properties, after an Update
            that succeeded.
        subject: the logical id.
        change: the properties that an Update changes.
        before: initial properties that differ from the usual ones.
    """

    name: str
    request: Request
    subject: str
    change: Mapping[str, object] | None = None
    before: Mapping[str, object] | None = None

    @property
    def standing(self) -> tuple[str, ...]:
        """The resources that exist when the request arrives."""
        position = ORDER.index(self.subject)
        match self.request:
            case "Create":
                return ORDER[:position]
            case "Delete":
                return ORDER[: position + 1]
            case _:
                return ORDER

    def properties(self, logical_id: str) -> Properties:
        """The initial properties of a resource."""
        changed = self.before if logical_id == self.subject and self.before else {}
        return {**LANDING[logical_id], **changed}

    @property
    def wanted(self) -> Properties:
        """The subject's properties at the end."""
        return {**self.properties(self.subject), **(self.change or {})}


def _name(of: str) -> dict[str, str]:
    return {**{key: LANDING["Pipe"][key] for key in ("Database", "Schema")}, "Name": of}


_MORE_COLUMNS = [
    *LANDING["Table"]["Columns"],
    {"Name": "PAGE_ID", "Type": "VARCHAR", "Comment": "which page"},
    {"Name": "USER_ID", "Type": "VARCHAR"},
]
_OTHER_COPY = {"OnError": "SKIP_FILE"}
_OTHER_QUERY = {"Key": "SOURCE_FILE", "Order": ["EVENT_ID"]}
_OTHER_ROLE = {
    "RoleArn": "arn:aws:iam::000000000000:role/other-reader",
    "AllowedLocations": [LANDING["Stage"]["Url"], "s3://lake/orders/"],
    "Comment": "reads more",
}
FLOWS = (
    *(Flow(f"create the {logical_id}", "Create", logical_id) for logical_id in ORDER),
    Flow("change the file format", "Update", "FileFormat", {"StripOuterArray": "false", "Comment": "lines"}),
    Flow("move the integration", "Update", "StorageIntegration", _OTHER_ROLE),
    Flow("roll a moved integration back", "Rollback", "StorageIntegration", _OTHER_ROLE),
    Flow("rotate the stage's key", "Update", "Stage", {"CredentialsSerial": "2", "Comment": "new key"}),
    Flow("widen the table", "Update", "Table", {"Columns": _MORE_COLUMNS, "Comment": "wider"}),
    Flow("give the table no error table", "Update", "Table", {"ErrorLogging": "false"}),
    Flow("comment the view", "Update", "View", {"Comment": "in other words"}),
    Flow("replace the view", "Update", "View", _OTHER_QUERY),
    Flow("roll a replaced view back", "Rollback", "View", _OTHER_QUERY),
    Flow(
        "refresh the dynamic table more often",
        "Update",
        "DynamicTable",
        {"TargetLagMinutes": "15", "Comment": "c"},
    ),
    Flow("replace the dynamic table", "Update", "DynamicTable", {"LateDays": "8"}),
    Flow("roll a replaced dynamic table back", "Rollback", "DynamicTable", {"LateDays": "8"}),
    Flow("comment the pipe", "Update", "Pipe", {"Comment": "in other words"}),
    Flow("replace the pipe", "Update", "Pipe", _OTHER_COPY),
    Flow("roll a replaced pipe back", "Rollback", "Pipe", _OTHER_COPY),
    Flow("rename the pipe", "Update", "Pipe", _name("OTHER_PIPE")),
    Flow("refresh the pipe again", "Update", "PipeRefresh", {"Trigger": "second"}),
    *(Flow(f"delete the {logical_id}", "Delete", logical_id) for logical_id in reversed(ORDER)),
    Flow("delete the Table with its rows", "Delete", "Table", before={"OnDelete": "drop"}),
)
