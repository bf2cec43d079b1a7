"""Building blocks of a clickstream pipeline, from the producer's call to the row in Snowflake."""

from clickstream.bundle import BundleTarget
from clickstream.bundled_code import bundled_asset, bundled_code
from clickstream.click_delivery import ClickDelivery
from clickstream.delivery_alarms import AlarmTopic, DeliverySuccessAlarm
from clickstream.delivery_dashboard import DeliveryDashboard
from clickstream.delivery_metrics import DeliveryMetrics
from clickstream.event_lake import EventLake
from clickstream.event_landing import EventLanding
from clickstream.gitlab_trust import GitLabTrust
from clickstream.lake_notifications import LakeNotifications
from clickstream.lake_reader import LakeReadPolicy
from clickstream.pipeline_roles import PipelineDeployRole, PipelineDiffRole
from clickstream.producer_network import ProducerNetwork
from clickstream.sample_producer import SampleProducer
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.names import SnowflakeName, SnowflakeSchema
from clickstream.snowflake.pipe import SnowflakePipe
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column, SnowflakeTable
from clickstream.snowflake.view import SnowflakeView
from clickstream.snowpipe_user import SnowpipeUser

__all__ = [
    "AlarmTopic",
    "BundleTarget",
    "ClickDelivery",
    "Column",
    "DeliveryDashboard",
    "DeliveryMetrics",
    "DeliverySuccessAlarm",
    "EventLake",
    "EventLanding",
    "GitLabTrust",
    "LakeNotifications",
    "LakeReadPolicy",
    "PipelineDeployRole",
    "PipelineDiffRole",
    "ProducerNetwork",
    "SampleProducer",
    "SnowflakeFileFormat",
    "SnowflakeName",
    "SnowflakePipe",
    "SnowflakeProvider",
    "SnowflakeSchema",
    "SnowflakeStage",
    "SnowflakeStorageIntegration",
    "SnowflakeTable",
    "SnowflakeView",
    "SnowpipeUser",
    "bundled_asset",
    "bundled_code",
]
