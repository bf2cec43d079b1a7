"""The real auditors against databases on loopback: clean, vulnerable, and everything that only looks clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supply_chain.audit import audit
from supply_chain.audit_report import Verdict
from supply_chain.auditors import Auditors
from supply_chain.locks import CHECKOV, EVERYTHING, ROOT, npm_pins, python_pins
from tests.integration.supply_chain.databases import CONTROLS, Databases


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one package of each kind."""
    (tmp_path / "requirements.txt").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    about = {"name": "project", "version": "1.0.0", "dependencies": {"tslib": "2.8.1"}}
    packages = {"": about, "node_modules/tslib": {"version": "2.8.1", "integrity": "sha512-AA=="}}
    (tmp_path / "package.json").write_text(json.dumps(about))
    lock = {**about, "lockfileVersion": 3, "requires": True, "packages": packages}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def verdict(auditors: Auditors, project: Path) -> Verdict:
    return audit(
        auditors, folder=project / "reports", environments=[[project / "requirements.txt"]], project=project
    )


def command(auditors: Auditors) -> subprocess.CompletedProcess[str]:
    """What `make audit` runs."""
    places = {"AUDIT_OSV_URL": auditors.osv_url, "AUDIT_NPM_REGISTRY": auditors.npm_registry}
    return subprocess.run(
        [sys.executable, "-m", "supply_chain", "audit"],
        cwd=ROOT,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_asks_about_all_of_our_locks_and_clean_is_clean() -> None:
    databases = Databases()
    with databases.running() as auditors:
        done = command(auditors)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no known vulnerability" in done.stdout
    ours = {pin.name for lock in (EVERYTHING, CHECKOV) for pin in python_pins(lock).values() if pin.applies}
    assert ours | {pin.name for pin in npm_pins()} <= set(databases.asked)


def test_the_command_fails_and_says_so_when_it_could_not_ask() -> None:
    with Databases().running() as auditors:
        pass
    done = command(auditors)
    assert done.returncode == 1
    assert done.stderr.count("not audited: ") == 5  # two environments, npm, and a control of each service
    assert "This was no audit" in done.stderr


def test_a_vulnerable_package_is_found(project: Path) -> None:
    with Databases(vulnerable=CONTROLS | {"six 1.17.0", "tslib 2.8.1"}).running() as auditors:
        found = verdict(auditors, project)
    assert found.not_audited == ()
    assert [(one.package, one.ids) for one in found.findings] == [
        ("six", ("PYSEC-1", "CVE-1")),
        ("tslib", ("GHSA-1",)),
    ]


def test_a_service_that_knows_nothing_is_no_audit(project: Path) -> None:
    with Databases(vulnerable=frozenset()).running() as auditors:
        found = verdict(auditors, project)
    assert [reason.split(",")[0] for reason in found.not_audited] == [
        "the service knows no vulnerability of requests",
        "the service knows no vulnerability of minimist",
    ]


@pytest.mark.parametrize(
    "databases",
    [Databases(status=503, body=b""), Databases(body=b"<html>log in first</html>")],
    ids=["unavailable", "a page to log in"],
)
def test_a_service_that_does_not_answer_is_no_audit(databases: Databases, project: Path) -> None:
    with databases.running() as auditors:
        found = verdict(auditors, project)
    assert len(found.not_audited) == 4


def test_nobody_listening_is_no_audit(project: Path) -> None:
    with Databases().running() as auditors:
        pass
    found = verdict(auditors, project)
    assert len(found.not_audited) == 4
    assert "wrote no report" in found.not_audited[0]


def test_an_auditor_that_does_not_end_is_no_audit(project: Path) -> None:
    found = verdict(Auditors(patience_seconds=0.01), project)
    assert len(found.not_audited) == 4
    assert "did not end within 0.01 seconds" in found.not_audited[0]
