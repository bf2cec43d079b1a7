"""Plays a server of the laptop cloud in tests: answers /health, and misbehaves on request (environment STUB)."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


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
    parser.add_argument("--watch-stdin", action="store_true")
    arguments, _ = parser.parse_known_args()
    behaviour = os.environ.get("STUB", "")
    print("stub", behaviour, "environment", sorted(os.environ), flush=True)
    (arguments.state_dir / "data").touch()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if "die" in behaviour:
        print("something is badly wrong", flush=True)
        os._exit(3)
    if "stubborn" in behaviour:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "parent" in behaviour:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    if arguments.watch_stdin:
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    if "deaf" in behaviour:
        threading.Event().wait()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Health).serve_forever()


if __name__ == "__main__":
    main()
