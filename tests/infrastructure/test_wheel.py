"""The constructs' wheel, installed without anything else of this repository.

The Lambda bundle is not built here (context `aws:cdk:bundling-stacks`); `tests/integration/test_bundle.py` builds it.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from config import ROOT
from tests.infrastructure.examples import PIPELINE

TOOLS = Path(sys.executable).parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
RIDES_ALONG = ["contract", "pipeline_monitor", "producer", "snowflake_setup"]
UNBUNDLED: dict[str, object] = {"aws:cdk:bundling-stacks": []}
SYNTHESIZE = """
import json, sys
import aws_cdk as cdk
for folder, context in json.loads(sys.argv[2]).items():
    app = cdk.App(
        outdir=folder, context=context, analytics_reporting=False, builtin_cloud_formation_validation=False
    )
    exec(sys.argv[1].replace("cdk.App()", "APP"), {"APP": app})
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site-packages of a clean environment: the wheel and its declared dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT / "constructs", capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    uv, env = str(TOOLS / "uv"), folder / "env"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(env)], check=True)
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-index", "--no-deps", "--python", str(env)]
    subprocess.run([*install, str(wheel)], check=True)
    (site,) = env.glob("lib/python*/site-packages")
    _link_dependencies(_distribution(site), site)
    return site


def _distribution(site: Path) -> Distribution:
    (metadata,) = site.glob("clickstream_constructs-*.dist-info")
    return PathDistribution(metadata)


def _link_dependencies(distribution: Distribution, site: Path) -> None:
    """Link a distribution's dependencies from this environment, since installing them would need the network."""
    for text in distribution.requires or []:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        needed = Distribution.from_name(requirement.name)
        assert requirement.specifier.contains(needed.version), text
        for name in {file.parts[0] for file in needed.files or []} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(str(needed.locate_file(name)))
        _link_dependencies(needed, site)


def _synthesize(installed: Path, apps: Mapping[Path, Mapping[str, object]]) -> list[set[str]]:
    """The documented pipeline's resources, once for each context, synthesized by one interpreter."""
    arguments = json.dumps({str(folder): {**context, **UNBUNDLED} for folder, context in apps.items()})
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [installed.parents[2] / "bin" / "python", "-c", SYNTHESIZE, PIPELINE, arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    templates = (json.loads((folder / "Shop.template.json").read_text()) for folder in apps)
    return [set(template["Resources"]) for template in templates]


def test_it_installs_no_name_that_could_clash(installed: Path) -> None:
    record = _distribution(installed).read_text("RECORD")
    assert record is not None
    names = {Path(row[0]).parts[0] for row in csv.reader(record.splitlines())}
    metadata = {name for name in names if name.startswith("clickstream_constructs-")}
    assert names - metadata == {"clickstream", "clickstream_wire"}


def test_lambda_sources_equal_those_of_the_checkout(installed: Path) -> None:
    places = {name: installed / "clickstream" / "_sources" / name for name in RIDES_ALONG}
    places |= {name: installed / name for name in ("clickstream", "clickstream_wire")}
    homes = {"clickstream": ROOT / "constructs" / "clickstream"}
    for name, place in places.items():
        ours = _files(homes.get(name, ROOT / name))
        assert ours
        assert {path: content for path, content in _files(place).items() if path in ours} == ours
    assert "requirements.txt" in _files(places["snowflake_setup"])


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_documented_pipeline_is_the_same_in_an_app_of_cdk_init_and_without_any_flag(
    installed: Path, tmp_path: Path
) -> None:
    app = tmp_path / "shop"
    app.mkdir()
    init = [str(CDK), "init", "app", "--language", "python", "--generate-only", "--no-notices"]
    subprocess.run(init, cwd=app, capture_output=True, check=True)
    flags = json.loads((app / "cdk.json").read_text())["context"]
    in_theirs, in_bare = _synthesize(installed, {app / "cdk.out": flags, tmp_path / "bare": {}})
    assert flags
    assert in_theirs == in_bare
