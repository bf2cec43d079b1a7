"""Where a verb runs: at a person's keyboard, or in a job of the pipeline."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Surroundings:
    """What GitLab's predefined variables say of this run.

    Args:
        variables: the environment.

    https://docs.gitlab.com/ci/variables/predefined_variables/
    """

    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def in_pipeline(self) -> bool:
        """Nobody is at a keyboard."""
        return "CI_PIPELINE_SOURCE" in self.variables

    @property
    def is_merge_request(self) -> bool:
        """What runs here was reviewed by nobody yet."""
        return self.variables.get("CI_PIPELINE_SOURCE") == "merge_request_event"

    @property
    def branch(self) -> str:
        """The branch that the pipeline is for: its own, or the one that a merge request wants to go into."""
        name = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME" if self.is_merge_request else "CI_COMMIT_BRANCH"
        return self.variables.get(name, "")

    @property
    def started_by_hand(self) -> bool:
        """Somebody pressed this job's button."""
        return self.variables.get("CI_JOB_MANUAL") == "true"
