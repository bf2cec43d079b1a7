"""Rules of the whole suite: Ctrl-C works, and the longest tests run first, so that no worker is left alone with one.

Files that share a laptop cloud, or the syntheses of many pipelines, run on one pytest-xdist worker, in the order given
here.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# Processes that a script starts in the background ignore Ctrl-C, and so would everything started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No login, default or proxy of the shell affects a test. The project's tools come first on PATH, as under `make`.
for name in [name for name in os.environ if name.startswith(("AWS_", "CDK_", "CLICKSTREAM_", "SNOWFLAKE_"))]:
    del os.environ[name]
# The CDK CLI sends no telemetry and fetches no notices; no instance is asked for credentials.
os.environ.update(CDK_DISABLE_CLI_TELEMETRY="true", CDK_NOTICES="false", AWS_EC2_METADATA_DISABLED="true")
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"
_HERE = Path(__file__).parent
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), str(_HERE / "stubs"), os.environ["PATH"]]
)

# botocore would read endpoints and models of services again for each session, which takes longer than most tests.
_read_json = cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = staticmethod(_read_json)  # type: ignore[method-assign]

# The same examples every time, on a machine of any speed; `--hypothesis-profile default` generates others.
settings.register_profile(
    "suite", derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

_FIRST = (
    "e2e/everything/test_running_pipeline.py",
    "e2e/everything",
    "e2e/everything/test_least_privilege.py",  # its last tests switch to the role,
    "e2e/everything/test_access_modes.py",  # and these switch back
    "e2e/everything/test_secrets.py",
    "e2e/everything/test_sample_producer.py",
    "e2e/everything/test_data_loss.py",  # destroys the deployment
    "e2e/plain/test_up.py",
    "e2e/plain/test_revoked_access.py",
    "e2e/plain/test_plan_and_rotation.py",
    "e2e/plain/test_doctor.py",  # looks at what a pipeline has only after a while
    "e2e/plain/test_chaos.py",
    "e2e/plain/test_destroy.py",  # destroys the deployment
    "e2e",
    "infrastructure",
    "faults",
    "integration",
)
# Every process that synthesizes starts Node, and compiles the CDK's checks of templates, which takes seconds.
_ONE_WORKER = ("tests/e2e/everything/", "tests/e2e/plain/", "tests/infrastructure/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the folders; within a folder the order of files and tests stays."""
    items.sort(key=lambda item: _rank(item.path))


@cache
def _rank(path: Path) -> int:
    inside = [first for first in _FIRST if path.is_relative_to(_HERE / first)]
    return _FIRST.index(max(inside, key=len)) if inside else len(_FIRST)


class _ByFolderOrFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        shared = (folder for folder in _ONE_WORKER if nodeid.startswith(folder))
        return next(shared, nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Distribute the tests by file, in the order they were collected."""
    config.option.loadscopereorder = False
    return _ByFolderOrFile(config, log)
