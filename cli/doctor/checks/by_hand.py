"""Checks that need a person, or an environment that may be destroyed."""

from __future__ import annotations

from cli.doctor.check import Check, When

CHECKS = (
    Check(
        name="no-diff",
        title="`cdk diff` right after a deployment is empty",
        looks_at="`cdk diff -c env=…`; drift in Snowflake is shown by `clickstream plan --live`",
        otherwise="report its output",
        source="https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-diff.html",
        when=When.HAND,
    ),
    Check(
        name="identity-first",
        title="`CREATE USER … WORKLOAD_IDENTITY` accepts a role that does not exist yet",
        looks_at="run the bootstrap SQL before the first deployment",
        otherwise="deploy once with it failing, then run it again",
        source="https://docs.snowflake.com/en/user-guide/workload-identity-federation",
        when=When.HAND,
    ),
    Check(
        name="pipe-replaced",
        title="A pipe can be replaced while events arrive",
        looks_at="change `snowflake.on_error` and back, a deployment each, then `clickstream doctor --only rows-once`",
        otherwise="the landing function's log shows which files it considered loaded; report it",
        source="https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage",
        when=When.HAND,
    ),
    Check(
        name="dashboard-links",
        title="The dashboard's links lead to the logs",
        looks_at="click them",
        otherwise="report the console's new URL format",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html",
        when=When.HAND,
    ),
    Check(
        name="stream-mode",
        title="A Data Stream changes from `provisioned` to `on_demand`",
        looks_at="on a throw-away environment: change `streaming.kinesis.mode` and deploy",
        otherwise="“Rate exceeded for stream” was reported in 2022 (aws-cdk#18139): deploy again later, and report it",
        source="https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html",
        when=When.HAND,
    ),
    Check(
        name="kept-stream",
        title="`--import-existing-resources` imports a kept Data Stream, whose waiting records are not delivered",
        looks_at="on a throw-away environment with `production = true` ([changes.md](changes.md))",
        otherwise="delete the stream, deploy again",
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html",
        when=When.HAND,
    ),
)
