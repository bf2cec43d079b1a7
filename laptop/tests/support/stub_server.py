"""A stub of a laptop cloud's server: answers /health, and misbehaves on request (environment STUB)."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

LIFELINE = Path(__file__).parents[2] / "src" / "laptop" / "cloud" / "lifeline.py"


def end_with_owner() -> None:
    """End with the owner as a real server does, without the half second that importing `laptop` takes."""
    spec = spec_from_file_location("lifeline", LIFELINE)
    assert spec is not None
    assert spec.loader is not None
    lifeline = module_from_spec(spec)
    spec.loader.exec_module(lifeline)
    lifeline.__dict__["_GRACE_SECONDS"] = 0.3
    lifeline.end_with_owner()


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if "health" in self.path else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--state-dir", type=Path)
    arguments, _ = parser.parse_known_args()
    behaviour = os.environ.get("STUB", "")
    print("stub", behaviour, "environment", sorted(os.environ), flush=True)
    (arguments.state_dir / "data").touch()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    end_with_owner()
    if "die" in behaviour:
        print("something is badly wrong", flush=True)
        os._exit(3)
    if "stubborn" in behaviour:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "parent" in behaviour:
        subprocess.Popen(["sleep", "60"])
    if "deaf" in behaviour:
        threading.Event().wait()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Health).serve_forever()


if __name__ == "__main__":
    main()
