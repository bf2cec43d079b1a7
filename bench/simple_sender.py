"""The sender that one would write first, each event a record.

`python -m bench.simple_sender FILE STREAM RECORDS_A_CALL`
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import boto3

if __name__ == "__main__":
    path, stream, records = sys.argv[1], sys.argv[2], int(sys.argv[3])
    client = boto3.client("kinesis")
    with Path(path).open("rb") as lines:
        if records == 1:
            for number, line in enumerate(lines):
                client.put_record(StreamName=stream, Data=line.rstrip(), PartitionKey=str(number))
        else:
            while part := list(islice(lines, records)):
                client.put_records(
                    StreamName=stream,
                    Records=[{"Data": line.rstrip(), "PartitionKey": str(n)} for n, line in enumerate(part)],
                )
