"""The laptop cloud with its real servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
import snowflake.connector
from botocore.config import Config

from laptop.cloud.cloud import LaptopCloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaptopCloud]:
    cloud = LaptopCloud(tmp_path_factory.mktemp("local") / "cloud")
    cloud.start(region="eu-west-1", attached=True)
    yield cloud
    cloud.stop()


def aws(cloud: LaptopCloud, service: str) -> Any:
    environment = cloud.environment()
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(s3={"addressing_style": "path"}),
    )


def answer(cloud: LaptopCloud, sql: str) -> object:
    host, port = cloud.snowflake_address
    with (
        snowflake.connector.connect(
            account="local",
            user="ADMIN",
            authenticator="SNOWFLAKE_JWT",
            private_key=cloud.admin_private_key.read_text(),
            host=host,
            port=port,
            protocol="http",
            login_timeout=20,
            enable_server_session_keep_alive_auto_detection=False,
        ) as session,
        session.cursor() as cursor,
    ):
        return cursor.execute(sql).fetchone()


def test_aws_clients_find_the_emulator(cloud: LaptopCloud) -> None:
    assert aws(cloud, "sts").get_caller_identity()["Account"] == "000000000000"


def test_the_administrator_can_log_in_to_the_stand_in(cloud: LaptopCloud) -> None:
    assert answer(cloud, "SELECT CURRENT_USER()") == ("ADMIN",)


def test_it_starts_and_stops_within_seconds_and_leaves_nothing(tmp_path: Path) -> None:
    cloud = LaptopCloud(tmp_path / "cloud")
    began = time.monotonic()
    cloud.start(region="eu-west-1")
    started = time.monotonic()
    servers = [psutil.Process(server.pid) for server in cloud.status().servers]
    cloud.stop()
    assert started - began < 15
    assert time.monotonic() - started < 5
    assert not any(process.is_running() for process in servers)
