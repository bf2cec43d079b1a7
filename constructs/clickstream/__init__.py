"""Building blocks of a clickstream pipeline, from the producer's call to the row in Snowflake.

Optional ones are in separate packages: `clickstream.producer` and `clickstream.gitlab`.
"""

from clickstream.bundling.code import FunctionCode
from clickstream.dashboard.pipeline_dashboard import PipelineDashboard
from clickstream.delivery import ClickDelivery
from clickstream.event_gate import EventGate
from clickstream.function_network import FunctionNetwork
from clickstream.lake.event_lake import EventLake
from clickstream.lake.lake import ExistingLake
from clickstream.lake.notifications import LakeNotifications
from clickstream.lake.reader import LakeReadPolicy
from clickstream.lake.snowpipe_user import SnowpipeUser
from clickstream.log_groups import log_retention
from clickstream.pipeline import ClickstreamPipeline
from clickstream.snowflake.dynamic_table import SnowflakeDynamicTable
from clickstream.snowflake.event_landing import ARRIVAL_COLUMN, EventLanding
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.first_arrivals import FirstArrivals
from clickstream.snowflake.login import SnowflakeLogin, login_secret
from clickstream.snowflake.names import SnowflakeName, SnowflakeSchema
from clickstream.snowflake.pipe import SnowflakePipe
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.sessions import Sessions
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.stage_key import StageKey
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column, SnowflakeTable
from clickstream.snowflake.view import SnowflakeView
from clickstream.watch.alarm_topics import AlarmTopics, Recipients, Severity
from clickstream.watch.alarms import Thresholds
from clickstream.watch.canary_events import CanaryEvents, CanaryMetrics
from clickstream.watch.event_health import EventHealth
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.function_alarms import canary_alarm, function_alarm, landing_alarm, monitor_alarm
from clickstream.watch.gate_metrics import GateMetrics
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.pipeline_alarm import (
    AlarmDefinition,
    Alerting,
    Evaluation,
    MissingData,
    PipelineAlarm,
    add_alarms,
)
from clickstream.watch.snowpipe_monitor import SnowpipeMonitor, WatchedPipe

__all__ = [
    "ARRIVAL_COLUMN",
    "AlarmDefinition",
    "AlarmTopics",
    "Alerting",
    "CanaryEvents",
    "CanaryMetrics",
    "ClickDelivery",
    "ClickstreamPipeline",
    "Column",
    "Evaluation",
    "EventGate",
    "EventHealth",
    "EventLake",
    "EventLanding",
    "EventWatch",
    "ExistingLake",
    "FirstArrivals",
    "FunctionCode",
    "FunctionNetwork",
    "GateMetrics",
    "LakeNotifications",
    "LakeReadPolicy",
    "MissingData",
    "PipeMetrics",
    "PipelineAlarm",
    "PipelineDashboard",
    "Recipients",
    "Sessions",
    "Severity",
    "SnowflakeDynamicTable",
    "SnowflakeFileFormat",
    "SnowflakeLogin",
    "SnowflakeName",
    "SnowflakePipe",
    "SnowflakeProvider",
    "SnowflakeSchema",
    "SnowflakeStage",
    "SnowflakeStorageIntegration",
    "SnowflakeTable",
    "SnowflakeView",
    "SnowpipeMonitor",
    "SnowpipeUser",
    "StageKey",
    "Thresholds",
    "WatchedPipe",
    "add_alarms",
    "canary_alarm",
    "function_alarm",
    "landing_alarm",
    "log_retention",
    "login_secret",
    "monitor_alarm",
]
