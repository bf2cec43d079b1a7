"""From when on something is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import aws_cdk as cdk


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The service levels of one kind of event.

    Args:
        success_percent: fewer successful writes of Firehose than this are wrong.
        delivery_freshness: so is an older record in Firehose,
        limit_percent: using more of the Direct PUT quota,
        stream_lag: being further behind the Data Stream's end,
        no_data: a longer silence (by default silence is never wrong),
        pending_file_age: a file that waits longer for its pipe,
        end_to_end_freshness: and a longer time since the newest canary event that became a row was sent.
    """

    success_percent: float = 99
    delivery_freshness: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(15))
    limit_percent: float = 80
    stream_lag: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(3))
    no_data: cdk.Duration | None = None
    pending_file_age: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(15))
    end_to_end_freshness: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(15))
