"""An emulated EC2 instance in a folder: runs real user data, with stubs for commands of root and of AWS's image."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3

# Commands of the instance's image, and those that need root.
_FAKES = {
    "dnf": "#!/bin/bash\n",
    "useradd": "#!/bin/bash\n",
    # Waits for the log's first line, without a limit, then only briefly.
    "sleep": """#!/bin/bash
until [ -s {root}/var/log/clickstream-producer.log ]; do /bin/sleep 0.05; done
/bin/sleep 0.05
""",
    # No site-packages: as on Amazon Linux, only the bundle provides packages.
    "python3.14": '#!/bin/bash\nexec "{python}" -S "$@"\n',
    "aws": '#!/bin/bash\nexec "{python}" -m tests.e2e.everything.instance fetch "${{@: -2}}"\n',
    "systemctl": """#!/bin/bash
[[ "$*" != *--now* ]] || exec "{python}" -m tests.e2e.everything.instance start "{root}"
""",
}
_SIGNAL = '#!/bin/bash\necho "$@" > {root}/signal\n'
_AGENT = '#!/bin/bash\necho "$@" > {root}/agent\n'
_ROOT = Path(__file__).parents[3]


class Instance:
    """The visible state of a booted instance."""

    def __init__(self, root: Path, exit_code: int, console: str) -> None:
        self.exit_code = exit_code
        self.console = console
        self.signal = (root / "signal").read_text()
        self.log = (root / "var/log/clickstream-producer.log").read_text()


@contextmanager
def booted(root: Path, user_data: str, environment: Mapping[str, str]) -> Iterator[Instance]:
    """Run `user_data` below the folder `root`, with short sleeps; all it started ends with the block."""
    _write_stubs(root)
    script = re.sub(r"(?<![\w.])/(etc|opt|tmp|usr|var)/", rf"{root}/\1/", user_data)
    search = f"{root}/usr/bin:{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            ["bash"],
            input=script,
            env={**environment, "PATH": search, "PYTHONPATH": str(_ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        yield Instance(root, done.returncode, done.stdout + done.stderr)
    finally:
        for started in root.glob("pid"):
            with suppress(ProcessLookupError):  # it ended by itself
                os.killpg(int(started.read_text()), signal.SIGKILL)


def fetch(url: str, file: str) -> None:
    """`aws s3 cp`."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    boto3.client("s3").download_file(bucket, key, file)


def start(root: Path) -> None:
    """`systemctl enable --now`, without the restarts."""
    unit = (root / "etc/systemd/system/clickstream-producer.service").read_text()
    given = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    log = Path(given["StandardOutput"].removeprefix("append:"))
    with log.open("a") as output:
        process = subprocess.Popen(
            given["ExecStart"].split(),
            cwd=given["WorkingDirectory"],
            env={**os.environ, **dict(pair.split("=", 1) for pair in given["Environment"].split())},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    (root / "pid").write_text(str(process.pid))


def _write_stubs(root: Path) -> None:
    for folder in ("etc/systemd/system", "etc/logrotate.d", "opt", "tmp", "usr/bin", "var/log"):
        (root / folder).mkdir(parents=True)
    agent = root / "opt/aws/amazon-cloudwatch-agent"
    (agent / "etc").mkdir(parents=True)
    programs = {root / "usr/bin" / name: text for name, text in _FAKES.items()}
    programs[agent / "bin/amazon-cloudwatch-agent-ctl"] = _AGENT
    programs[root / "opt/aws/bin/cfn-signal"] = _SIGNAL
    for path, text in programs.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(python=sys.executable, root=str(root)))
        path.chmod(0o755)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fetch", url, file]:
            fetch(url, file)
        case ["start", root]:
            start(Path(root))
