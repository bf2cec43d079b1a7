"""Send generated click sessions until stopped: `python -m producer --stream clicks --region eu-west-1 --rate 1`.

The program of the sample producer on EC2. It logs one line of JSON a minute: events sent, retried and refused. It ends
with a message when the stream accepts nothing; its service manager is expected to restart it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import contract
from clickstream_wire.metrics import LogField
from producer.errors import ProducerError
from producer.generating import generate
from producer.minutes import MinuteLines
from producer.pacing import paced
from producer.rejects import RejectsFile
from producer.sending import send
from producer.target import Kind, Target


def main(arguments: Sequence[str]) -> int:
    """Send until SIGTERM or Ctrl-C (exit code 0), or until it cannot continue (1)."""
    given = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lines = MinuteLines(sys.stdout, {LogField.DEPLOYMENT: given.deployment, LogField.EVENTS: given.events})
    try:
        event = contract.load(given.contract)
        # Generated events are not worth storing; their number is logged.
        with RejectsFile(Path(os.devnull)) as rejects:
            report = send(
                paced(generate(event, rate=given.rate), given.rate),
                contract=event,
                target=_target(given),
                rejects=rejects,
                stop=stop,
                on_progress=lines.write_if_due,
            )
    except (ProducerError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    lines.finish(report)
    return 1 if report.stopped else 0


def _target(given: argparse.Namespace) -> Target:
    kind: Kind = "kinesis" if given.stream else "firehose"
    return Target(kind=kind, name=given.stream or given.delivery_stream, region=given.region)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m producer", description=__doc__)
    door = parser.add_mutually_exclusive_group(required=True)
    door.add_argument("--stream", help="the Kinesis data stream to send to")
    door.add_argument("--delivery-stream", help="the Firehose delivery stream to send to")
    parser.add_argument("--region", required=True, help="its AWS region")
    parser.add_argument("--rate", type=float, required=True, help="events a second")
    parser.add_argument(
        "--contract", type=Path, help="JSON Schema of the event; by default the project's own"
    )
    parser.add_argument(
        "--deployment", default="", help="included in every line, for the metrics derived from them"
    )
    parser.add_argument("--events", default="clicks", help="the kind of event, included likewise")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
