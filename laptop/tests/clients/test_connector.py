"""The connector that this project uses, as a program of the user would call it."""

from __future__ import annotations

import sys
from collections.abc import Callable

Client = Callable[..., str]
PROGRAM = """
import snowflake.connector
with snowflake.connector.connect(connection_name="laptop") as connection, connection.cursor() as cursor:
    print(cursor.execute("SELECT COUNT(*) FROM clicks").fetchone())
"""


def test_the_connector_finds_the_connection(client: Client) -> None:
    assert client(sys.executable, "-W", "ignore", "-c", PROGRAM) == "(3,)\n"
