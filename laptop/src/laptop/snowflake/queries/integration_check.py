"""SYSTEM$VALIDATE_STORAGE_INTEGRATION: check of an integration's access to a location in the lake."""

from __future__ import annotations

import json

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.lake import LakeError
from laptop.snowflake.loading.jobs import integration_keys
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Integration
from laptop.snowflake.session import Session


def validate_integration(engine: Engine, session: Session, arguments: list[str]) -> str:
    """List the location through the integration and return the result as JSON.

    Raises:
        SnowflakeError: The integration does not exist or does not allow the location, or another check is requested.
    """
    function = "SYSTEM$VALIDATE_STORAGE_INTEGRATION"
    if len(arguments) != 4 or arguments[3].lower() != "list":
        raise errors.unsupported(f"{function} other than ('<name>', '<location>', '<file>', 'list')")
    name, url = Name((arguments[0],)), arguments[1]
    integration = engine.access.usable(session.role, ("USAGE",), Integration, name)
    if not integration.allows(url):
        raise errors.location_not_allowed(url, integration.name.last)
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    try:
        engine.lake.list(bucket, prefix, integration_keys(integration))
    except LakeError as error:
        refused = {"LIST": {"status": "failure", "message": str(error)}}
        told = "Some of the integration checks failed. Check the Snowflake documentation for more details."
        return json.dumps({"status": "failure", "actions": refused, "message": told})
    return json.dumps({"status": "success", "actions": {"LIST": {"status": "success"}}})
