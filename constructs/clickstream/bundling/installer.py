"""Installation of locked wheels for another platform, by uv or pip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from clickstream.bundling.target import BundleTarget

# A line of a lock that pins a package, e.g. `boto3==1.43.0 \`.
_LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def install_wheels(locks: Sequence[Path], target: BundleTarget, root: Path) -> None:
    """Install the locked wheels that fit `target` into the folder `root`.

    Raises:
        RuntimeError: there is no installer, it failed, or it installed a version other than the locked one; the
            message says which.
    """
    installer, command = _installer(target)
    command += ["--quiet", "--require-hashes", "--only-binary", ":all:", "--target", str(root)]
    command += [option for lock in locks for option in ("--requirement", str(lock))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own argument list
    if done.returncode:
        names = ", ".join(map(str, locks))
        raise RuntimeError(
            f"{installer} could not install {names} for {target.architecture}, Python {target.python}:\n"
            + done.stderr.strip()[-2000:]
        )
    _require_locked_versions(locks, root)


def _installer(target: BundleTarget) -> tuple[str, list[str]]:
    """The installer's name, and the start of its command; uv first, since it is faster and caches more."""
    if uv := _uv():
        return "uv", [uv, "pip", "install", "--no-config", "--python", sys.executable, *target.uv_options]
    if find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
        return "pip", [*pip, *target.pip_options]
    raise RuntimeError(
        f"cannot bundle the Lambdas' dependencies: neither uv nor pip was found for {sys.executable}; "
        "install one of them, or pass a FunctionCode of your own"
    )


def _uv() -> str | None:
    """The uv installed next to this Python, else the one on PATH."""
    if find_spec("uv"):
        from uv import find_uv_bin

        return find_uv_bin()
    return shutil.which("uv")


def _require_locked_versions(locks: Sequence[Path], root: Path) -> None:
    """Compare what was installed with the locks; a lock may leave a package out on some platforms."""
    locked = {
        (match[1].lower().replace("-", "_"), match[2])
        for lock in locks
        for match in _LOCKED.finditer(lock.read_text(encoding="utf-8"))
    }
    names = {name for name, _ in locked}
    for folder in root.glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        if name.lower() in names and (name.lower(), version) not in locked:
            raise RuntimeError(f"{folder.name} was installed, but the lock names another version of {name}")
