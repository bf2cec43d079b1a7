"""The grants of `snowflake.reader_roles`: analysts read the views, and nothing else."""

from __future__ import annotations

import pytest

from cli.bootstrap_sql import bootstrap_sql
from cli.service_logins import KeyPairLogin
from laptop.testing.snowflake import KeyPair
from tests.faults.world import CONFIG, statements, world


@pytest.mark.parametrize("views", ["there already", "made later"])
def test_a_reader_reads_the_views_and_not_the_table(views: str) -> None:
    key = KeyPair()
    names = CONFIG.snowflake.model_copy(update={"reader_roles": ("ANALYST",)})
    login = KeyPairLogin(key.public_body)
    script = statements(bootstrap_sql(CONFIG.model_copy(update={"snowflake": names}), login, login))
    schema = f'"{names.database}"."{names.schema_name}"'
    objects = [
        f"CREATE TABLE {schema}.T (EVENT_ID VARCHAR)",
        f"CREATE VIEW {schema}.V AS SELECT EVENT_ID FROM {schema}.T",
    ]
    with world(key) as there:
        there.run(
            "ACCOUNTADMIN",
            "CREATE ROLE ANALYST",
            "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE ANALYST",
        )
        if views == "there already":
            there.run(names.role, *objects)
        there.run("ACCOUNTADMIN", *script)
        if views == "made later":
            there.run(names.role, *objects)
        assert there.run("ANALYST", f"SELECT * FROM {schema}.V") == []
        with pytest.raises(Exception, match="does not exist or not authorized"):
            there.run("ANALYST", f"SELECT * FROM {schema}.T")
