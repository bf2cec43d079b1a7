"""Both deletion switches on: the deployment may delete the events, and does so when it is destroyed."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.e2e.everything.conftest import Pipeline


def test_both_deletion_switches_delete_the_data(pipeline: Pipeline) -> None:
    before = pipeline.rows()
    assert before != (0, 0)
    pipeline.deploy("user", deletable=True)
    assert pipeline.rows() == before, "a deployment deleted rows"
    pipeline.cdk("destroy", "--all", "--force", "--app", str(pipeline.assembly))
    with pytest.raises(ProgrammingError, match="does not exist"):
        pipeline.rows()
