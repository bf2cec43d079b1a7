"""The fakes that tests of the landing Lambda use."""

from __future__ import annotations

import io
from dataclasses import dataclass

from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.logs import Log
from tests.unit.snowflake_setup.fake_session import FakeClock, FakeSecrets
from tests.unit.snowflake_setup.fake_snowflake import FakeSnowflake


@dataclass
class Bench:
    """The fakes of a lifecycle test."""

    snowflake: FakeSnowflake
    clock: FakeClock
    secrets: FakeSecrets
    output: io.StringIO
    invocation: Invocation


def bench() -> Bench:
    """A new, empty Snowflake."""
    clock = FakeClock()
    snowflake = FakeSnowflake(clock)
    secrets = FakeSecrets(
        {
            "arn:key": {"aws_access_key_id": "AKIA1", "aws_secret_access_key": "s3cr3t-marker"},
            "arn:key2": {"aws_access_key_id": "AKIA2", "aws_secret_access_key": "s3cr3t-marker-2"},
        }
    )
    output = io.StringIO()
    invocation = Invocation("acme", snowflake, secrets, clock, Log(stream=output))
    return Bench(snowflake, clock, secrets, output, invocation)
