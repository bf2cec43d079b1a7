"""The `[ops]` and `[monitor]` sections: who is notified, alarm thresholds, and the monitor of Snowpipe."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from config.sections.aws_limits import Email
from config.sections.pager import PagerEndpoint
from config.sections.values import Section

_LAPTOP_PERIODS = (10, 30)


def _as_period(seconds: int) -> int:
    if seconds % 60 and seconds not in _LAPTOP_PERIODS:
        raise ValueError("a period is a multiple of 60, or 10 or 30 on the laptop")
    return seconds


# CloudWatch evaluates at most one day, so many periods must be of an hour or less.
Period = Annotated[int, Field(ge=10, le=3600), AfterValidator(_as_period)]


class RecipientsConfig(Section):
    """Recipients of critical alarms, which page people, or of warnings, which can wait until working hours."""

    emails: tuple[Email, ...] = Field(default=(), description="e-mail addresses; each has to confirm once")
    https_endpoint: PagerEndpoint = Field(
        default="",
        description="https address of a pager, which confirms by itself; or {{resolve:secretsmanager:…}} for a secret",
    )

    @field_validator("emails")
    @classmethod
    def _each_once(cls, emails: tuple[str, ...]) -> tuple[str, ...]:
        if len({email.lower() for email in emails}) < len(emails):
            raise ValueError("an address is there twice, and SNS subscribes it once")
        return emails


class AlarmsConfig(Section):
    """Alarm thresholds."""

    period_seconds: Period = Field(
        default=300, description="one datapoint: a multiple of 60 (on the laptop also 10 or 30)"
    )
    evaluation_periods: int = Field(
        default=5, ge=1, le=24, description="how many recent periods are considered"
    )
    datapoints_to_alarm: int = Field(
        default=3,
        ge=1,
        le=24,
        description="how many of those must be bad to raise the alarm, or good to clear it",
    )
    delivery_success_percent: float = Field(
        default=99, gt=0, le=100, description="alarm when fewer of Firehose's writes to S3 succeed"
    )
    delivery_freshness_seconds: int = Field(
        default=900,
        ge=1,
        le=86_400,
        description="alarm when the oldest event in Firehose is older; at least twice the buffer interval",
    )
    direct_put_limit_percent: float = Field(
        default=80, gt=0, le=100, description="direct_put: alarm when more of Firehose's quota is in use"
    )
    stream_lag_seconds: int = Field(
        default=180,
        ge=1,
        le=86_400,
        description="kinesis: alarm when Firehose is further behind the stream's end",
    )
    rejected_percent: float = Field(
        default=5, gt=0, le=100, description="gate: alarm when it rejects more of the events"
    )
    no_data_minutes: int = Field(
        default=0, ge=0, le=1440, description="alarm when no event arrived for this long; 0: no such alarm"
    )

    @model_validator(mode="after")
    def _datapoints_fit(self) -> Self:
        if self.datapoints_to_alarm > self.evaluation_periods:
            raise ValueError(
                f"datapoints_to_alarm = {self.datapoints_to_alarm} must be at most "
                f"evaluation_periods = {self.evaluation_periods}"
            )
        return self


class OpsConfig(Section):
    """Alarms: recipients, and the runbook that they link to."""

    runbook_url: str = Field(
        default="",
        pattern=r"^(https://[^\s#]{1,500})?$",  # an alarm's description has at most 1,024 characters
        description="where docs/runbook.md is published; each alarm adds #<its entry>; empty: the file's own path",
    )
    critical: RecipientsConfig = RecipientsConfig()
    warning: RecipientsConfig = RecipientsConfig()
    alarms: AlarmsConfig = AlarmsConfig()


class MonitorConfig(Section):
    """The functions that watch Snowpipe and send a canary event each minute."""

    enabled: bool = Field(
        default=True, description="false: no monitor, no canary, and no alarms on Snowflake"
    )
    window_seconds: Period = Field(
        default=300,
        description="interval over which files, rows and latencies are counted, and at which the load history is read; "
        "one below 300 costs credits: docs/costs.md",
    )
    status_period_seconds: Period = Field(
        default=60, description="one datapoint of a pipe's state, which is read each minute"
    )
    pending_file_age_seconds: int = Field(
        default=900,
        ge=1,
        le=86_400,
        description="alarm when a file waits longer for its pipe, or is older and the pipe does not know it",
    )
    freshness_seconds: int = Field(
        default=900,
        ge=1,
        le=86_400,
        description="alarm when the newest canary that became a row is older; at least twice the buffer interval",
    )
