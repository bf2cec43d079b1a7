"""The S3 stage that Snowpipe reads."""

from __future__ import annotations

from constructs import Construct, IDependable

from clickstream.lake.lake import Lake
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream.snowflake.stage_key import StageKey
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream_wire import resources
from clickstream_wire.resources import ResourceType


class SnowflakeStage(SnowflakeObject):
    """An external stage on one of the lake's data prefixes.

    A new key or another integration is set in place, so its pipes keep their load history. A switch between key and
    integration needs another `name`, since Snowflake refuses it in place; the pipe is then replaced. An access key is
    never a property: the Lambda reads it from Secrets Manager when it creates or alters the stage.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it; if the access is a key, it is granted read access to the key's secret.
        name: its full name.
        lake: the lake to read.
        data_prefix: the folder to read there.
        access: a user's access key, or the integration whose role reads the lake.
        comment: shown in Snowflake.

    https://docs.snowflake.com/en/sql-reference/sql/create-stage
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        lake: Lake,
        access: StageKey | SnowflakeStorageIntegration,
        data_prefix: str,
        comment: str = "",
    ) -> None:
        self._url = f"s3://{lake.bucket.bucket_name}/{data_prefix}"
        credentials, after = _access(access, provider)
        properties: resources.Stage = {
            **name.to_properties(),
            "Url": self._url,
            **credentials,
            "Comment": comment,
        }
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.STAGE,
            name=name,
            properties=properties,
            after=(after,),
        )

    @property
    def url(self) -> str:
        """The location it reads, `s3://<bucket>/<prefix>/`."""
        return self._url


def _access(
    access: StageKey | SnowflakeStorageIntegration, provider: SnowflakeProvider
) -> tuple[resources.StageAccess, IDependable]:
    """The properties that give the stage access, and the resource they depend on."""
    if isinstance(access, SnowflakeStorageIntegration):
        return {"StorageIntegration": access.integration_name}, access
    grant = access.secret.grant_read(provider.function)
    return {"CredentialsSecretArn": access.secret.secret_arn, "CredentialsSerial": str(access.serial)}, grant
