"""Building blocks of a clickstream pipeline, from the producer's call to the row in Snowflake."""

from clickstream.bundling.bundle import BundleTarget
from clickstream.bundling.bundled_code import bundled_asset, bundled_code
from clickstream.dashboard.pipeline_dashboard import PipelineDashboard, ProducerMetrics
from clickstream.delivery import ClickDelivery
from clickstream.gitlab.roles import PipelineDeployRole, PipelineDiffRole
from clickstream.gitlab.trust import GitLabTrust
from clickstream.lake.event_lake import EventLake
from clickstream.lake.notifications import LakeNotifications
from clickstream.lake.reader import LakeReadPolicy
from clickstream.lake.snowpipe_user import SnowpipeUser
from clickstream.producer.network import ProducerNetwork
from clickstream.producer.sample_producer import SampleProducer
from clickstream.snowflake.event_landing import EventLanding
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.login import SnowflakeLogin
from clickstream.snowflake.names import SnowflakeName, SnowflakeSchema
from clickstream.snowflake.pipe import SnowflakePipe
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column, SnowflakeTable
from clickstream.snowflake.view import SnowflakeView
from clickstream.watch.alarm_topics import AlarmTopics, Recipients, Severity
from clickstream.watch.canary_events import CanaryEvents
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.function_alarm import FunctionErrors
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.watch.pipeline_health import PipelineHealth
from clickstream.watch.snowpipe_metrics import SnowpipeMetrics
from clickstream.watch.snowpipe_monitor import SnowpipeMonitor, WatchedPipe
from clickstream.watch.thresholds import Thresholds

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
