"""Every value that is sent is compared with its row: `python -m tests.exactness --count 100000 --foreign 20000`."""
