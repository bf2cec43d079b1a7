"""The event gate: a Lambda that Firehose calls, which passes on what a row can hold and keeps the rest as rejects."""
