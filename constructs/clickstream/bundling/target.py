"""Interpreters and platforms that bundles are built for."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["arm64", "x86_64"]
PYTHON = "3.14"  # a runtime of Lambda, and a package of Amazon Linux 2023
# Amazon Linux 2023 has glibc 2.34; the connector's wheels need 2.28. A lower number would select an older connector.
_GLIBC = 28


@dataclass(frozen=True, kw_only=True)
class BundleTarget:
    """The interpreter and platform that a bundle's wheels must fit, and the options of uv and pip that select them."""

    python: str
    architecture: str
    uv_options: tuple[str, ...] = ()
    pip_options: tuple[str, ...] = ()

    @classmethod
    def aws(cls, architecture: Architecture) -> BundleTarget:
        """Lambda's managed runtime, or Amazon Linux 2023."""
        machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
        # pip matches a platform exactly; uv knows that wheels for an older glibc fit as well.
        platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
        platforms.append(f"manylinux2014_{machine}")
        return cls(
            python=PYTHON,
            architecture=architecture,
            uv_options=(
                f"--python-platform={machine}-manylinux_2_{_GLIBC}",
                f"--python-version={PYTHON}",
            ),
            pip_options=(
                *(f"--platform={name}" for name in platforms),
                f"--python-version={PYTHON}",
                "--implementation=cp",
            ),
        )

    @classmethod
    def this_machine(cls) -> BundleTarget:
        """This interpreter, with which the laptop's emulator runs Lambdas."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(python=python, architecture=f"{sys.platform}-{platform.machine()}")
