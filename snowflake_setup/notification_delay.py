"""`Custom::S3NotificationDelay`: waits until S3 announces new files as its changed configuration says.

"After you create or change the bucket notification configuration, it usually takes about five minutes for the changes
to take effect" (https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html).
S3 does not tell when they have, so this waits a fifth longer. What lands meanwhile is loaded by the refresh of the
pipes that follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clickstream_wire.environment import S3_NOTIFICATION_SECONDS
from snowflake_setup.session.clock import Clock

_USUAL_SECONDS = 300
_MARGIN = 1.2


def on_event(event: Mapping[str, Any], environment: Mapping[str, str], clock: Clock) -> dict[str, Any]:
    """Wait, unless the resource is deleted."""
    if event["RequestType"] != "Delete":
        clock.sleep(_MARGIN * float(environment.get(S3_NOTIFICATION_SECONDS, _USUAL_SECONDS)))
    return {"PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"]}
