"""The README's commands, pasted while the pipeline runs into a shell that is set up for an AWS account."""

from __future__ import annotations

from tests.documented import documented
from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import ROOT

# A company's proxy that cannot reach this machine, and expired logins.
CORPORATE = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "AWS_PROFILE": "not-there",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_CONFIG_FILE": "/nowhere",
    "SNOWFLAKE_ACCOUNT": "acme-prod",
}


def test_the_laptop_commands_work(pipeline: Pipeline) -> None:
    (block,) = [block for block in documented(ROOT / "README.md", "sh") if "make up" in block]
    rows, distinct = pipeline.rows()
    output = pipeline.shell(f"make() {{ :; }}\n{block}", **CORPORATE)  # it is running already, and stays
    for shown in ("1,000 events", "EVENT_TYPE", "clickstream-local-Landing"):
        assert shown in output
    pipeline.arrived(rows + 1000, distinct + 1000)


def test_clickstream_env_points_tools_at_the_laptop_cloud_and_back(pipeline: Pipeline) -> None:
    ask = 'python -c \'import boto3; print(boto3.client("s3").list_buckets()["Buckets"][0]["Name"])\''
    listed = pipeline.shell(f'eval "$(clickstream env)"; {ask}', **CORPORATE)
    assert listed == "cdk-hnb659fds-assets-000000000000-eu-west-1\n"
    place = "SELECT CURRENT_DATABASE() AS D, CURRENT_SCHEMA() AS S"
    login = f"import snowflake.connector as s; print(s.connect().cursor().execute('{place}').fetchone())"
    connected = pipeline.shell(f'eval "$(clickstream env)"; python -W ignore -c "{login}"', **CORPORATE)
    (own,) = pipeline.query(place)
    assert connected == f"{tuple(own.values())}\n"
    left = pipeline.shell('eval "$(clickstream env)"; eval "$(clickstream env --unset)"; env', **CORPORATE)
    assert {f"{name}={value}" for name, value in CORPORATE.items()} <= set(left.splitlines())
    assert "AWS_ENDPOINT_URL" not in left
    assert "SNOWFLAKE_HOME" not in left
