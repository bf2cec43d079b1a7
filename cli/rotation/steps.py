"""How a rotation talks and stops: one line a step, and on a failure what still works and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import snowflake.connector
from botocore.exceptions import BotoCoreError, ClientError

from cli.output import CommandError, done, note
from snowflake_setup.session.errors import SetupError


@contextmanager
def rotating(title: str, *, otherwise: str) -> Iterator[None]:
    """One step of a rotation.

    Args:
        title: what it does.
        otherwise: what is the case if it fails, and what to do then.

    Raises:
        CommandError: AWS or Snowflake refused; the message ends with `otherwise`.
    """
    try:
        yield
    except snowflake.connector.Error as error:
        raise _failed(title, f"Snowflake says {error.errno}: {error.msg}", otherwise) from None
    except (ClientError, BotoCoreError, SetupError) as error:
        raise _failed(title, str(error), otherwise) from None
    done(title)


def planned(title: str) -> None:
    """Show a step that a dry run leaves out."""
    note(f"would {title}")


def _failed(title: str, reason: str, otherwise: str) -> CommandError:
    return CommandError(f"{title}: {reason}\n{otherwise}")
