"""Names that two environments of one account must not share.

AWS refuses a name that is in use. Snowflake does not: the second environment's bootstrap SQL would give the first one's
user another login, and its deployment would take over the first one's objects.
"""

from __future__ import annotations

from config.model import PipelineConfig


def conflict_between(config: PipelineConfig, other: PipelineConfig) -> str | None:
    """The reason why two environments cannot be deployed side by side, with a remedy; None if they can."""
    return _one_provider(config, other) or _one_snowflake(config, other)


def _one_provider(config: PipelineConfig, other: PipelineConfig) -> str | None:
    """Only one environment of an account may create the OIDC provider of a GitLab; IAM refuses the second."""
    same = (other.account, other.ci.gitlab_url) == (config.account, config.ci.gitlab_url)
    if not (same and all(one.ci.project_path and one.ci.create_provider for one in (config, other))):
        return None
    return (
        f"would both create the OIDC provider for {config.ci.gitlab_url} in account {config.account}, which can have "
        "only one; set ci.create_provider = false in the file of the one that is deployed later"
    )


def _one_snowflake(config: PipelineConfig, other: PipelineConfig) -> str | None:
    if _account(config) != _account(other):
        return None
    names, others = _names(config), _names(other)
    shared = sorted(names.keys() & others.keys())
    if not shared:
        return None
    kind, name = shared[0]
    return (
        f"would share the {kind} {name} of Snowflake account {config.snowflake.account}: remove "
        f"{names[shared[0]]} from one of the files, so that the name follows from the environment's, or give it another"
    )


def _account(config: PipelineConfig) -> str:
    """The account in one spelling: case does not matter, and host names have hyphens for underscores."""
    return config.snowflake.account.upper().replace("_", "-")


def _names(config: PipelineConfig) -> dict[tuple[str, str], str]:
    """Kind and full name of all that belongs to this environment alone, each with the key that sets it."""
    section = config.snowflake
    schema = f"{section.database}.{section.schema_name}"
    names = {
        ("user", section.user): "snowflake.user",
        ("user", section.monitor_user): "snowflake.monitor_user",
        ("role", section.role): "snowflake.role",
        ("role", section.monitor_role): "snowflake.monitor_role",
        ("storage integration", section.storage_integration): "snowflake.storage_integration",
        ("file format", f"{schema}.{section.file_format}"): "snowflake.database",
    }
    for stream in config.event_streams:
        # Tables and views share names.
        shared = (stream.table, stream.view, stream.dynamic_table, stream.sessions, stream.sessions_table)
        names |= {("table", f"{schema}.{name}"): "snowflake.database" for name in shared}
        names |= {("stage", f"{schema}.{stream.stage}"): "snowflake.database"}
        names |= {("pipe", f"{schema}.{stream.pipe}"): "snowflake.database"}
    return names
