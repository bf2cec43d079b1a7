"""The drills in small: one at the front and one at the end of the pipeline. `make drill` carries out all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.drills import breakages
from tests.drills.drill import COMPOSITE, Drill, conduct
from tests.drills.drills import DRILLS
from tests.drills.scene import Scene, pipeline_at_work

_BY_NAME = {drill.name: drill for drill in DRILLS}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A pipeline at work."""
    with pipeline_at_work(tmp_path_factory.mktemp("drills") / "state") as scene:
        yield scene


@pytest.mark.parametrize("name", ["the Snowpipe user's access is revoked", "the stream is throttled"])
def test_its_alarms_notice_and_no_other_and_all_is_well_after_the_repair(scene: Scene, name: str) -> None:
    verdict = conduct(_BY_NAME[name], scene)
    assert verdict.complaints == []
    assert verdict.fired >= _BY_NAME[name].noticed_by
    assert (COMPOSITE in verdict.fired) == (name != "the stream is throttled"), (
        "only critical alarms are summed up"
    )


def test_a_drill_can_fail(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is broken, and an alarm that does not exist is no alarm."""
    monkeypatch.setattr("tests.drills.drill._ALARM_SECONDS", 3)
    nothing = Drill("nothing is broken", _nothing_broken, frozenset({"clicks-rows-rejected"}))
    assert "did not fire: clicks-rows-rejected" in conduct(nothing, scene).complaints
    unknown = Drill("nobody watches", breakages.pipe_paused, frozenset({"clicks-no-such-alarm"}))
    assert conduct(unknown, scene).complaints == ["no such alarm: clicks-no-such-alarm"]


@contextmanager
def _nothing_broken(scene: Scene) -> Iterator[None]:
    yield
