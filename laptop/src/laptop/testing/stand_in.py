"""Parts of the stand-in for tests of other projects that inspect or break it."""

from laptop.snowflake.api import UnavailableError
from laptop.snowflake.faults import Fault, Faults
from laptop.snowflake.lake import AssumedRole
from laptop.snowflake.metering import WarehouseMeter
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import DynamicTable, FileFormat, Integration, Pipe, Stage, Table, View, now
from laptop.snowflake.queries.reading import parse_query
from laptop.snowflake.queue import Notification
from laptop.snowflake.server import Server
from laptop.snowflake.sql.parser import parse
from laptop.snowflake.sql.show_statements import Show
from laptop.snowflake.sql.statements import Alter, Create, CreateView

__all__ = [
    "Alter",
    "AssumedRole",
    "Create",
    "CreateView",
    "DynamicTable",
    "Fault",
    "Faults",
    "FileFormat",
    "Integration",
    "Kind",
    "Name",
    "Notification",
    "Pipe",
    "Server",
    "Show",
    "Stage",
    "Table",
    "UnavailableError",
    "View",
    "WarehouseMeter",
    "now",
    "parse",
    "parse_query",
]
