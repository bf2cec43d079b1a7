"""The emulator's settings: everything MiniStack reads from its environment, in one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from laptop.cloud.environment import without_proxy
from laptop.cloud.ports import LOOPBACK

# A developer's shell settings for a real account must not reach the emulator or its Lambdas.
_FOREIGN_PREFIXES = ("AWS_", "MINISTACK_", "LOCALSTACK_", "LAMBDA_")


@dataclass(frozen=True)
class EmulatorSettings:
    """Settings of one emulator: port, folder, region, length of a schedule's minute.

    `notification_seconds` is the time until a bucket's changed notifications take effect; Lambdas have it in their
    environment. `node_modules` has the packages of AWS's Node runtime, such as the SDK.
    """

    port: int
    state_dir: Path
    region: str
    minute_seconds: float = 60.0
    notification_seconds: float = 2.0
    node_modules: Path | None = None

    @property
    def endpoint(self) -> str:
        """The address for AWS clients."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def scratch_dir(self) -> Path:
        """Objects, unpacked Lambda code and the like; useless once the emulator has ended."""
        return self.state_dir / "tmp"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment the emulator and its Lambda processes run in.

        Lambdas inherit it, so settings of the caller other than AWS's (such as the Snowflake
        stand-in's address) reach them unless the template overrides them.
        """
        kept = {name: value for name, value in inherited.items() if not name.startswith(_FOREIGN_PREFIXES)}
        node_path = {"NODE_PATH": str(self.node_modules)} if self.node_modules else {}
        # Addresses on this machine must never go through a proxy.
        return (
            kept
            | node_path
            | without_proxy(kept)
            | {
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": LOOPBACK,
                "MINISTACK_HOST": LOOPBACK,
                # IAM policies of the signer are enforced for every request.
                "AUTH": "true",
                "MINISTACK_REGION": self.region,
                "LAMBDA_EXECUTOR": "local",
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "PERSIST_STATE": "0",
                "STATE_DIR": str(self.scratch_dir / "services"),
                # Nothing is kept between runs: files on disk need not be held in memory.
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self.scratch_dir / "s3"),
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "AWS_ENDPOINT_URL": self.endpoint,
                "S3_NOTIFICATION_SECONDS": str(self.notification_seconds),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "TMPDIR": str(self.scratch_dir),
                # The CDK's helper Lambdas run on the venv's Node if there is one.
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
            }
        )
