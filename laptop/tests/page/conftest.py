"""The page of the shared laptop cloud."""

from __future__ import annotations

import pytest
from page_server import PageServer

from laptop import LaptopCloud


@pytest.fixture(scope="session")
def page_server(shared_cloud: LaptopCloud) -> PageServer:
    assert shared_cloud.page_address
    return PageServer(int(shared_cloud.page_address.rpartition(":")[2]))
