"""Imports of the command: few for `--help`, and none of the laptop's for work in an account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from cli.main import app

ROOT = Path(__file__).parents[3]
COMMANDS = [
    [name, *inner]
    for name, command in sorted(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]
    for inner in ([], *([each] for each in sorted(getattr(command, "commands", ()))))
]
HEAVY = {
    "aws_cdk",
    "boto3",
    "botocore",
    "cryptography",
    "jsonschema_rs",
    "laptop",
    "pydantic",
    "rich",
    "snowflake",
}
# Dependencies of laptop/pyproject.toml that are not in requirements.txt.
NOT_INSTALLED = (
    "duckdb",
    "hypercorn",
    "jwt",
    "laptop",
    "markdown_it",
    "mdit_py_plugins",
    "ministack",
    "psutil",
    "sqlglot",
    "starlette",
)
NO_LAPTOP = "the laptop cloud is not installed here: install it with `pip install -e laptop`"
BLOCKED = f"""
import runpy, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {NOT_INSTALLED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
runpy.run_module("cli.main", run_name="__main__", alter_sys=True)
"""
LOADED = """
import json, sys
try:
    from cli.main import main
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def python(program: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", [[], *COMMANDS], ids=str)
def test_help_imports_no_slow_module(arguments: list[str]) -> None:
    done = python(LOADED, *arguments, "--help")
    assert done.stdout.startswith("Usage:")
    assert HEAVY & set(json.loads(done.stderr)) == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--version"], "."),
        (["send", "--env", "dev", "--count", "10", "--dry-run"], "10 events (dry run: nothing sent)"),
        (["bootstrap-sql", "--env", "dev", "--account", "111122223333"], "GRANT USAGE ON DATABASE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_product_works_without_the_laptop(arguments: list[str], said: str) -> None:
    done = python(BLOCKED, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status"], NO_LAPTOP),
        (["demo"], NO_LAPTOP),
        (["down"], NO_LAPTOP),
        (["query", "--env", "dev", "SELECT 1"], "cannot log in to Snowflake for environment dev"),
        (["status", "--env", "dev"], "cannot query CloudFormation for clickstream-dev-Storage"),
        (["rejects", "list", "--env", "dev"], "cannot query CloudFormation for clickstream-dev-Storage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_commands_that_need_the_laptop_or_an_account_say_so(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    account = {
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SNOWFLAKE_HOME": str(tmp_path),
    }
    done = python(BLOCKED, *arguments, **account)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
