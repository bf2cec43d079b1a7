"""The two programs that audit: pip-audit for Python's packages, npm for its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an auditor wrote, and what it said meanwhile."""

    text: str
    complaint: str = ""


@dataclass(frozen=True, kw_only=True)
class Auditors:
    """Runs the auditors against their services.

    Args:
        osv_url: query address of an OSV database; by default the public one.
        npm_registry: an npm registry with an audit service; by default the one that npm is set up for.
        patience_seconds: how long one run may take.
    """

    osv_url: str = ""
    npm_registry: str = ""
    patience_seconds: float = 300
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Auditors:
        """With the addresses in AUDIT_OSV_URL and AUDIT_NPM_REGISTRY, for a company with mirrors of its own."""
        return cls(
            osv_url=environment.get("AUDIT_OSV_URL", ""),
            npm_registry=environment.get("AUDIT_NPM_REGISTRY", ""),
            environment=dict(environment),
        )

    def pip_audit(self, locks: Sequence[Path], report: Path) -> Report:
        """Audit requirements files that have hashes."""
        command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json"]
        command += ["--vulnerability-service", "osv", *(["--osv-url", self.osv_url] if self.osv_url else [])]
        # Everything is pinned, so nothing has to be resolved, and nothing is downloaded.
        command += ["--disable-pip", "--require-hashes", "--output", str(report)]
        command += [argument for lock in locks for argument in ("--requirement", str(lock))]
        complaint = self._run(command, report.parent, None)
        return Report(text=report.read_text(encoding="utf-8") if report.exists() else "", complaint=complaint)

    def npm_audit(self, project: Path, report: Path) -> Report:
        """Audit the package-lock.json of a folder."""
        command = [self._npm(), "audit", "--json", "--package-lock-only", "--fetch-retries", "1"]
        command += ["--registry", self.npm_registry] if self.npm_registry else []
        complaint = self._run(command, project, report)
        return Report(text=report.read_text(encoding="utf-8"), complaint=complaint)

    def _run(self, command: Sequence[str], folder: Path, output: Path | None) -> str:
        """Run to the end; the last line of what went to stderr. The exit code says no more than the report."""
        with (output or Path(os.devnull)).open("w", encoding="utf-8") as written:
            try:
                done = subprocess.run(  # noqa: S603 - our own argument list
                    command,
                    cwd=folder,
                    env=dict(self.environment),
                    stdout=written,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=self.patience_seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return f"it did not end within {self.patience_seconds:g} seconds"
            except OSError as error:
                return f"{command[0]} cannot be run: {error.strerror}"
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def _npm(self) -> str:
        """The system's npm where there is one, as `make setup` chooses it."""
        path = self.environment.get("PATH", os.defpath)
        ours = Path(sys.executable).parent
        others = os.pathsep.join(folder for folder in path.split(os.pathsep) if Path(folder) != ours)
        return shutil.which("npm", path=others) or shutil.which("npm", path=path) or "npm"
