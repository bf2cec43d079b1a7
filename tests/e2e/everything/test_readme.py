"""What the README shows, pasted while the pipeline runs, into the shell of somebody at work for an account."""

from __future__ import annotations

from tests.documented import documented
from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import ROOT

# A company's proxy that knows nothing of this machine, and logins of yesterday.
CORPORATE = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "AWS_PROFILE": "not-there",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_CONFIG_FILE": "/nowhere",
}


def test_playing_on_the_laptop(pipeline: Pipeline) -> None:
    (block,) = [block for block in documented(ROOT / "README.md", "sh") if "make up" in block]
    rows, distinct = pipeline.rows()
    output = pipeline.shell(f"make() {{ :; }}\n{block}", **CORPORATE)  # it is up, and stays
    for shown in ("1,000 events", "EVENT_TYPE", "clickstream-local-Landing"):
        assert shown in output
    pipeline.arrived(rows + 1000, distinct + 1000)


def test_other_tools_are_led_to_the_laptop_and_back(pipeline: Pipeline) -> None:
    ask = 'python -c \'import boto3; print(boto3.client("s3").list_buckets()["Buckets"][0]["Name"])\''
    listed = pipeline.shell(f'eval "$(clickstream env)"; {ask}', **CORPORATE)
    assert listed == "cdk-hnb659fds-assets-000000000000-eu-west-1\n"
    left = pipeline.shell('eval "$(clickstream env)"; eval "$(clickstream env --unset)"; env', **CORPORATE)
    assert {f"{name}={value}" for name, value in CORPORATE.items()} <= set(left.splitlines())
    assert "AWS_ENDPOINT_URL" not in left
