"""The doctor's examination, its output and its report; the checks themselves run on a laptop cloud in tests/e2e."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import snowflake.connector
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cli.doctor.catalogue import CHECKS, chosen
from cli.doctor.check import Check, Finding, State, When, ill, well, worst
from cli.doctor.examination import Result, examine
from cli.doctor.masking import without_identities, without_secrets
from cli.doctor.report import as_document, write_report
from cli.main import app
from cli.output import CommandError
from tests.infrastructure.synthesis import pipeline_config

SECRETS = {
    "access key": "AKIAIOSFODNN7EXAMPLE",
    "secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "private key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----",
    "cut private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "password": "password=hunter2",
    "signed URL": "https://s3.amazonaws.com/b/k?X-Amz-Signature=abc123def",
    "URL with a login": "https://me:hunter2@example.net/x",
}
IDENTITIES = {
    "account": "arn:aws:sqs:eu-west-1:444455556666:queue",
    "own account": "role of 111122223333",
    "e-mail": "someone.else@corp.io",
    "host": "xy12345.eu-west-1.snowflakecomputing.com",
    "address": "203.0.113.7",
    "webhook": "https://hooks.chat.io/services/T000/B000/XXXX",
    "own Snowflake account": "acmeorg-acme_prod1",
}
HIDDEN = (
    "hunter2",
    "MIIE",
    "abc123def",
    "111122223333",
    "444455556666",
    "someone.else",
    "xy12345",
    "203.0.113.7",
    "XXXX",
    "acme_prod1",
)


def check(name: str, look: Any = None, **more: Any) -> Check:
    given: dict[str, Any] = {
        "title": name,
        "looks_at": "a call",
        "otherwise": "fix it",
        "source": "https://docs.aws.amazon.com/",
        "when": When.AFTER,
        "look": look or (lambda patient: well("fine")),
    }
    return Check(name=name, **given | more)


def patient(**more: Any) -> Any:
    return SimpleNamespace(
        config=pipeline_config(**more), stack=lambda stack: {"StackStatus": "CREATE_COMPLETE"}
    )


def states(results: list[Result]) -> dict[str, str]:
    return {result.check.name: result.finding.state.value for result in results}


def raising(error: Exception) -> Any:
    def look(patient: object) -> Finding:
        raise error

    return look


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (snowflake.connector.errors.ProgrammingError("no such role", errno=2003), "no such role"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "not yours"}}, "GetRole"), "not yours"),
        (CommandError("cannot log in\nmore"), "cannot log in"),
        (KeyError("executionState"), "unexpected answer: KeyError: 'executionState'"),
    ],
    ids=["snowflake", "aws", "command", "form"],
)
def test_an_error_makes_its_check_unknown_and_stops_no_other(error: Exception, told: str) -> None:
    results = examine(patient(), [check("one", raising(error)), check("two")])
    assert states(results) == {"one": "unknown", "two": "well"}
    assert told in results[0].finding.found


def test_a_check_is_skipped_while_its_cause_is_ill() -> None:
    checks = [
        check("cause", lambda patient: ill("broken")),
        check("effect", needs=("cause",)),
        check("other"),
    ]
    assert states(examine(patient(), checks)) == {"cause": "ill", "effect": "skipped", "other": "well"}


def test_what_does_not_apply_is_skipped_with_the_reason() -> None:
    there = patient()
    there.stack = lambda stack: None if stack == "Ops" else {}
    checks = [
        check("deployed", stack="Ops"),
        check("writes", when=When.WRITE),
        replace(check("hand"), look=None),
    ]
    assert set(states(examine(there, checks)).values()) == {"skipped"}
    assert states(examine(there, [checks[1]], write=True)) == {"writes": "well"}


def test_the_worst_of_several_kinds_is_told() -> None:
    found = worst({"clicks": well("fine"), "orders": ill("broken"), "carts": ill("missing")})
    assert found == Finding(State.ILL, "orders: broken; carts: missing")


def test_every_check_follows_those_it_needs_and_can_be_chosen_alone() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for number, one in enumerate(CHECKS):
        assert set(one.needs) <= set(names[:number]), one.name
        assert one.source.startswith("https://docs."), one.name
        assert [check.name for check in chosen([one.name])][-1] == one.name
        assert (one.look is None) == (one.when is When.HAND)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_secrets_are_in_no_output(secret: str) -> None:
    text = f"the answer was {secret} today"
    (result,) = examine(patient(), [check("leaks", lambda patient: ill(text))])
    shown = json.dumps(as_document("dev", [result]))
    assert secret not in shown
    assert not any(hidden in shown for hidden in HIDDEN)
    assert "the answer was" in shown


def test_a_report_names_no_account_address_or_person(tmp_path: Path) -> None:
    config = pipeline_config(account="111122223333", snowflake={"account": "acmeorg-acme_prod1"})
    text = "; ".join(["pipe CLICK_EVENTS_PIPE is PAUSED", *IDENTITIES.values(), *SECRETS.values()])
    there = patient()
    there.config = config
    results = examine(there, [check("all", lambda patient: ill(text))])
    write_report(tmp_path / "report.json", config, results)
    written = (tmp_path / "report.json").read_text()
    assert not [value for value in [*SECRETS.values(), *IDENTITIES.values(), *HIDDEN] if value in written]
    assert "pipe CLICK_EVENTS_PIPE is PAUSED" in written
    assert json.loads(written)["checks"][0]["state"] == "ill"


def test_ordinary_findings_are_not_masked() -> None:
    text = "pipe A.B is STALLED_COMPILATION_ERROR, 3 files under events/dt=2026-11-28/hh=14/x-3669ac5b-bba7.gz wait"
    assert without_secrets(text) == text
    assert without_identities(text, pipeline_config()) == text


def test_the_list_needs_no_account() -> None:
    listed = CliRunner().invoke(app, ["doctor", "--list", "--env", "dev"])
    assert listed.exit_code == 0
    assert all(check.name in listed.output for check in CHECKS)


def test_an_unknown_name_is_refused() -> None:
    refused = CliRunner().invoke(app, ["doctor", "--only", "nothing"])
    assert isinstance(refused.exception, CommandError)
    assert "no check 'nothing'" in str(refused.exception)
