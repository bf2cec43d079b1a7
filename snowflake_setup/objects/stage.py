"""The lifecycle of a stage: altered in place and never replaced, since that would cut its pipes off for good.

Snowflake does not tell which key a stage holds. So a stage gets its access when it is made or adopted, and again
whenever the secret, its serial, the integration or the location changed.
"""

from __future__ import annotations

import json

from snowflake_setup.objects.lake_access import require_opened
from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import StageSpec, StoredKey
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row, described_properties
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.stage import Access, AlterStage, BoundIntegration, CreateStage, Credentials


class Stage(Resource[StageSpec]):
    """`Custom::SnowflakeStage`."""

    kind = "STAGE"

    def read(self, properties: Properties) -> StageSpec:
        """The wanted stage."""
        return StageSpec.read(properties)

    def create(self, spec: StageSpec) -> Data:
        """Make it, or adopt one at the same location and give it our access."""
        rows = self.tools.describe(Noun.STAGE, spec.name)
        if rows is not None:
            _require_equal(spec, rows)
            self.tools.warehouse.execute(AlterStage(spec.name, access=self._access(spec)))
            return {"FullName": str(spec.name)}
        statement = CreateStage(spec.name, spec.url, self._access(spec), spec.comment)
        with self.tools.creating(Noun.STAGE, statement):
            _require_equal(spec, self.tools.describe_made(Noun.STAGE, spec.name))
        return {"FullName": str(spec.name)}

    def update(self, old: StageSpec | None, new: StageSpec) -> Data:
        """Set what changed."""
        rows = self.tools.describe(Noun.STAGE, new.name)
        if rows is None:
            return self.create(new)
        # Setting a location, even the same one, stops the pipes that read it.
        moved = stage_url(rows) != new.url
        rebound = moved or old is None or old.access != new.access or _integration(rows) != _wanted(new)
        recommented = old is None or old.comment != new.comment
        if rebound or recommented:
            self.tools.warehouse.execute(
                AlterStage(
                    new.name,
                    url=new.url if moved else None,
                    access=self._access(new) if rebound else None,
                    comment=new.comment if recommented else None,
                )
            )
        return {"FullName": str(new.name)}

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Drop it; the files stay where they are."""
        self.tools.drop(Noun.STAGE, name)

    def _access(self, spec: StageSpec) -> Access:
        if isinstance(spec.access, ObjectName):
            require_opened(self.tools, spec.access, spec.url)
            return BoundIntegration(spec.access)
        return self._credentials(spec.access)

    def _credentials(self, key: StoredKey) -> Credentials:
        fields = ("aws_access_key_id", "aws_secret_access_key")
        secret = self.tools.secrets.read(key.secret_arn, required=fields)
        return Credentials(*(secret[field] for field in fields))


def stage_url(rows: list[Row]) -> str:
    """The location in DESC STAGE, which Snowflake shows as a JSON list of one."""
    text = described_properties(rows).get("URL", "")
    return str(json.loads(text)[0]) if text.startswith("[") else text


def _integration(rows: list[Row]) -> str:
    return described_properties(rows).get("STORAGE_INTEGRATION", "")


def _wanted(spec: StageSpec) -> str:
    return spec.access.name.value if isinstance(spec.access, ObjectName) else ""


def _require_equal(spec: StageSpec, rows: list[Row]) -> None:
    differing = []
    if (url := stage_url(rows)) != spec.url:
        differing.append(f"its URL is {url}, wanted {spec.url}")
    if (integration := _integration(rows)) != _wanted(spec):
        differing.append(f"it reads {_way(integration)}, ours would read {_way(_wanted(spec))}")
    if differing:
        raise DefinitionConflictError(
            f"stage {spec.name} exists already and differs: {'; '.join(differing)}. "
            "Drop it, or give ours another name"
        )


def _way(integration: str) -> str:
    return f"through the storage integration {integration}" if integration else "with an access key"
