"""Faults of a deployed pipeline, each undone at the end of its block, and the check that has to find it.

What the laptop cloud can play is done for real. The rest is an answer of AWS or Snowflake, changed on its way to the
check, as vendors document or people have reported it.
"""

from __future__ import annotations

from tests.e2e.plain.doctor_faults import in_aws, in_snowflake
from tests.e2e.plain.doctor_faults.injecting import Examined, Faults

FAULTS: Faults = in_aws.FAULTS | in_snowflake.FAULTS

__all__ = ["FAULTS", "Examined"]
