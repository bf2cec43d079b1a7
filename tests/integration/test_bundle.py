"""The Lambda bundle for this machine, imported by an interpreter without other packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from clickstream import FunctionCode

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import snowflake_setup.handler, snowflake_setup.session.connection, pipeline_monitor.handler, pipeline_monitor.canary
import snowflake.connector
print(snowflake.connector.__version__)
"""


def test_it_imports_without_other_packages(tmp_path: Path) -> None:
    """Only boto3 is part of the runtime; everything else must be in the bundle."""
    code = FunctionCode.bundled(cdk.Stack(cdk.App()), this_machine=True).code
    assert isinstance(code, lambda_.AssetCode)
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(code.path) as bundle:
        bundle.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "5.2.0"), done.stderr
