"""`python -m supply_chain licences|docs|sbom|audit`: what the verbs of the Makefile run."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from supply_chain.acceptance import ACCEPTED, Acceptances
from supply_chain.audit import REPORTS, audit
from supply_chain.auditors import Auditors
from supply_chain.inventory import MissingPackageError, inventory
from supply_chain.licences import PAGE, Licensed, check, page, summary
from supply_chain.locks import ROOT, LockError
from supply_chain.policy import LicenceError, LicencePolicy
from supply_chain.sbom import SBOM, bill_of_materials, write


def main() -> None:
    """Do what the first argument says; the exit code is 1 when something is wrong with a dependency."""
    jobs = {"licences": _licences, "docs": _docs, "sbom": _sbom, "audit": _audit}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit(f"usage: python -m supply_chain {'|'.join(jobs)}")
    try:
        jobs[sys.argv[1]]()
    except (LicenceError, LockError, MissingPackageError) as error:
        sys.exit(str(error))


def _licensed() -> tuple[list[Licensed], LicencePolicy]:
    policy = LicencePolicy.load()
    return check(inventory(), policy), policy


def _licences() -> None:
    found, policy = _licensed()
    print(summary(found))
    if PAGE.read_text(encoding="utf-8") != page(found, policy):
        sys.exit(
            f"{PAGE.relative_to(ROOT)} is not current: write it with `make docs`, and review the difference"
        )


def _docs() -> None:
    PAGE.write_text(page(*_licensed()), encoding="utf-8")


def _sbom() -> None:
    found, _ = _licensed()
    write(bill_of_materials(found))
    print(f"{len(found)} packages are in {SBOM.relative_to(ROOT)}, valid by CycloneDX's schema")


def _audit() -> None:
    verdict = audit(Auditors.read(os.environ))
    acceptances = Acceptances.load()
    wrong = [
        f"vulnerable: {one}" for one in acceptances.remaining(verdict.findings, datetime.now(UTC).date())
    ]
    if verdict.not_audited:
        wrong += [f"not audited: {reason}" for reason in verdict.not_audited]
        wrong.append(
            "This was no audit: the services must be within reach, and know what is wrong with old packages."
        )
    else:
        wrong += [
            f"{ACCEPTED.name} accepts {name}, which is not found any more: remove it"
            for name in acceptances.pointless(verdict.findings)
        ]
    print(f"the auditors' reports are in {REPORTS.relative_to(ROOT)}/")
    if wrong:
        sys.exit("\n".join(wrong))
    print("no known vulnerability, by services that know some")


if __name__ == "__main__":
    main()
