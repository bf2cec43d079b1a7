"""A login with a key pair, a statement, and the errors that a fake server answers with."""

from __future__ import annotations

from snowflake.connector.errors import Error, ProgrammingError

from snowflake_setup.session.settings import Settings
from snowflake_setup.sql.file_format import DescribeFileFormat
from snowflake_setup.sql.identifiers import ObjectName

NAME = ObjectName.of("DB", "RAW", "X")


DESC = DescribeFileFormat(NAME)


KEY_PAIR = Settings("acme", "SVC", "DEPLOYER", "key_pair", login_secret_arn="arn:login", port=8443, host="h")


def refused(errno: int, message: str = "no", kind: type[Error] = ProgrammingError) -> Error:
    return kind(msg=message, errno=errno, sqlstate="42000", sfqid="01b2-query", query="SELECT secret")
