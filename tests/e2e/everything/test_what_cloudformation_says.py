"""CloudFormation's own view of the deployed stacks: what has drifted, and who uses which export."""

from __future__ import annotations

from tests.e2e.everything.conftest import Pipeline


def test_drift_names_exactly_what_was_changed_outside_the_stacks(pipeline: Pipeline) -> None:
    functions, logs = pipeline.client("lambda"), pipeline.client("logs")
    (canary,) = (f for f in functions.list_functions()["Functions"] if "CanarySched" in f["FunctionName"])
    name, memory = canary["FunctionName"], canary["MemorySize"]
    group = canary["LoggingConfig"]["LogGroup"]
    (days,) = (g["retentionInDays"] for g in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    functions.update_function_configuration(FunctionName=name, MemorySize=2 * memory)
    logs.delete_retention_policy(logGroupName=group)
    try:
        found = pipeline.shell(f'eval "$(clickstream env)"; cdk drift --app {pipeline.assembly} 2>&1')
    finally:
        functions.update_function_configuration(FunctionName=name, MemorySize=memory)
        logs.put_retention_policy(logGroupName=group, retentionInDays=days)
    assert "AWS::Lambda::Function" in found
    assert "/MemorySize" in found
    assert "/RetentionInDays" in found
    assert "Number of resources with drift: 2 " in found


def test_every_import_is_that_of_a_listed_export(pipeline: Pipeline) -> None:
    cloudformation = pipeline.client("cloudformation")
    pages = cloudformation.get_paginator("list_exports").paginate()
    exports = {export["Name"]: export["ExportingStackId"] for page in pages for export in page["Exports"]}
    stacks = [
        stack
        for stack in cloudformation.describe_stacks()["Stacks"]
        if stack["StackName"].startswith("clickstream-")
    ]
    assert {stack["StackId"] for stack in stacks} >= {
        exporter for name, exporter in exports.items() if name.startswith("clickstream-")
    }
    outputs = {
        output["ExportName"]: stack["StackId"]
        for stack in stacks
        for output in stack.get("Outputs", [])
        if "ExportName" in output
    }
    assert {name: exports[name] for name in outputs} == outputs
    lake = next(name for name in exports if "RefEventLakeBucket" in name)
    importing = cloudformation.list_imports(ExportName=lake)["Imports"]
    assert {"clickstream-local-Landing", "clickstream-local-Streaming"} <= set(importing)
