"""A live environment switched between Snowpipe's two ways to read the lake, and back."""

from __future__ import annotations

from tests.e2e.everything.conftest import Pipeline


def test_a_live_stage_is_switched_to_an_integration_and_back(as_left: Pipeline) -> None:
    pipeline = as_left  # the tests of the role's rights made the first switch
    rows, distinct = pipeline.rows()
    for seed, access in enumerate(("role and user", "role", "user")):
        pipeline.deploy(access)
        pipeline.run("send", "--count", "100", "--seed", str(seed))
        rows, distinct = rows + 100, distinct + 100
        pipeline.arrived(rows, distinct)
    assert pipeline.rows("click_events_deduplicated") == (distinct, distinct)
