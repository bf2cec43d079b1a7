"""Asks the databases of known vulnerabilities about every locked package, and believes no empty answer.

Each service is first asked about an old package with well-known vulnerabilities. One that does not know them is out of
reach, blocked, or a mirror without the data, and then the audit has failed whatever else it says.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from supply_chain.audit_report import Verdict, control, read_npm_audit, read_pip_audit, together
from supply_chain.auditors import Auditors
from supply_chain.locks import CHECKOV, NPM, ROOT, TOGETHER, npm_pins, python_pins

REPORTS = ROOT / "build" / "audit"

# Only asked about, never installed: each has had published vulnerabilities for years.
_PYTHON_CONTROL = ("requests", "2.19.0")
_NPM_CONTROL = ("minimist", "0.0.8")


def audit(
    auditors: Auditors,
    *,
    folder: Path = REPORTS,
    environments: Sequence[Sequence[Path]] = (TOGETHER, (CHECKOV,)),
    project: Path = ROOT,
) -> Verdict:
    """The verdict on all locks.

    Args:
        auditors: who is asked.
        folder: where their reports stay.
        environments: requirements files with hashes, those together that agree on versions.
        project: the folder of package.json and package-lock.json.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return together(
        _python_control(auditors, folder),
        *(
            _python(auditors, folder / f"python-{number}.json", locks)
            for number, locks in enumerate(environments, start=1)
        ),
        _npm_control(auditors, folder),
        _npm(auditors, folder, project),
    )


def _python(auditors: Auditors, written: Path, locks: Sequence[Path]) -> Verdict:
    locked = [pin for lock in locks for pin in python_pins(lock).values() if pin.applies]
    report = auditors.pip_audit(locks, written)
    return read_pip_audit(report, {pin.name: pin.version for pin in locked})


def _npm(auditors: Auditors, folder: Path, project: Path) -> Verdict:
    wanted = len(npm_pins(project / NPM.name))
    return read_npm_audit(auditors.npm_audit(project, folder / "npm.json"), wanted)


def _python_control(auditors: Auditors, folder: Path) -> Verdict:
    name, version = _PYTHON_CONTROL
    lock = folder / "control" / "requirements.txt"
    lock.parent.mkdir(exist_ok=True)
    # The hash is that of nothing, since nothing is installed.
    lock.write_text(f"{name}=={version} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    report = auditors.pip_audit([lock], folder / "python-control.json")
    return control(read_pip_audit(report, {name: version}), name)


def _npm_control(auditors: Auditors, folder: Path) -> Verdict:
    name, version = _NPM_CONTROL
    project = {"name": "control", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": project, f"node_modules/{name}": {"version": version}}
    lock = {**project, "lockfileVersion": 3, "requires": True, "packages": packages}
    where = folder / "control"
    where.mkdir(exist_ok=True)
    (where / "package.json").write_text(json.dumps(project), encoding="utf-8")
    (where / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    report = auditors.npm_audit(where, folder / "npm-control.json")
    return control(read_npm_audit(report, 1), name)
