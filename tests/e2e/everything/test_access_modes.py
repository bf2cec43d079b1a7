"""Both ways for Snowpipe to read the lake, and a live environment switched from one to the other and back."""

from __future__ import annotations

from functools import partial

from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import eventually


def test_a_live_stage_is_switched_to_an_integration_and_back(as_left: Pipeline) -> None:
    pipeline = as_left  # the tests of the role's rights have made the first switch
    rows, distinct = pipeline.rows()
    for seed, access in enumerate(("role and user", "role", "user")):
        pipeline.deploy(access)
        pipeline.run("send", "--count", "100", "--seed", str(seed))
        rows, distinct = rows + 100, distinct + 100
        eventually(partial(_has, pipeline, rows, distinct))
    (view,) = pipeline.query("SELECT COUNT(*) AS n FROM click_events_deduplicated")
    assert view["N"] == distinct


def _has(pipeline: Pipeline, rows: int, distinct: int) -> bool:
    return pipeline.rows() == (rows, distinct)
