"""The public names of the package."""

from __future__ import annotations

import laptop


def test_the_public_surface() -> None:
    assert set(laptop.__all__) == {
        "AlreadyRunningError",
        "BusyError",
        "CloudStatus",
        "LaptopCloud",
        "LaptopCloudError",
        "NotRunningError",
        "ServerFailedError",
        "ServerStatus",
    }
    assert all(hasattr(laptop, name) for name in laptop.__all__)


def test_every_error_is_a_laptop_cloud_error() -> None:
    errors = [getattr(laptop, name) for name in laptop.__all__ if name.endswith("Error")]
    assert all(issubclass(error, laptop.LaptopCloudError) for error in errors)
