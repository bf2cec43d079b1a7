"""Building blocks of a clickstream pipeline, from the producer's call to the row in Snowflake."""

from clickstream.bundle import BundleTarget
from clickstream.bundled_code import bundled_asset, bundled_code
from clickstream.click_delivery import ClickDelivery
from clickstream.dashboard.pipeline_dashboard import PipelineDashboard, ProducerMetrics
from clickstream.event_lake import EventLake
from clickstream.event_landing import EventLanding
from clickstream.functions.canary_events import CanaryEvents
from clickstream.functions.snowpipe_monitor import SnowpipeMonitor, WatchedPipe
from clickstream.gitlab_trust import GitLabTrust
from clickstream.lake_notifications import LakeNotifications
from clickstream.lake_reader import LakeReadPolicy
from clickstream.ops.alarm_topics import AlarmTopics, Recipients, Severity
from clickstream.ops.event_watch import EventWatch
from clickstream.ops.function_alarm import FunctionErrors
from clickstream.ops.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.ops.pipeline_health import PipelineHealth
from clickstream.ops.snowpipe_metrics import SnowpipeMetrics
from clickstream.ops.thresholds import Thresholds
from clickstream.pipeline_roles import PipelineDeployRole, PipelineDiffRole
from clickstream.producer_network import ProducerNetwork
from clickstream.sample_producer import SampleProducer
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.login import SnowflakeLogin
from clickstream.snowflake.names import SnowflakeName, SnowflakeSchema
from clickstream.snowflake.pipe import SnowflakePipe
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column, SnowflakeTable
from clickstream.snowflake.view import SnowflakeView
from clickstream.snowpipe_user import SnowpipeUser

__all__ = [
    "AlarmTopics",
    "Alerting",
    "BundleTarget",
    "CanaryEvents",
    "ClickDelivery",
    "Column",
    "Evaluation",
    "EventLake",
    "EventLanding",
    "EventWatch",
    "FunctionErrors",
    "GitLabTrust",
    "LakeNotifications",
    "LakeReadPolicy",
    "PipelineAlarm",
    "PipelineDashboard",
    "PipelineDeployRole",
    "PipelineDiffRole",
    "PipelineHealth",
    "ProducerMetrics",
    "ProducerNetwork",
    "Recipients",
    "SampleProducer",
    "Severity",
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
    "SnowpipeMetrics",
    "SnowpipeMonitor",
    "SnowpipeUser",
    "Thresholds",
    "WatchedPipe",
    "bundled_asset",
    "bundled_code",
]
