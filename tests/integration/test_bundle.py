"""The bundle of all Lambdas for this machine, in an interpreter that has nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from clickstream.bundling.bundle import build_bundle
from clickstream.bundling.code import FUNCTIONS
from clickstream.bundling.target import BundleTarget

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import snowflake_setup.handler, snowflake_setup.session.connection, pipeline_monitor.handler, pipeline_monitor.canary
import snowflake.connector
print(snowflake.connector.__version__)
"""


def test_it_imports_where_nothing_else_is_installed(tmp_path: Path) -> None:
    """boto3 alone comes with the runtime; all the rest must be in the bundle."""
    archive = tmp_path / "bundle.zip"
    build_bundle(FUNCTIONS, BundleTarget.this_machine(), archive)
    folder = tmp_path / "bundle"
    zipfile.ZipFile(archive).extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "5.2.0"), done.stderr
