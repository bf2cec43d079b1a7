"""Key pairs for the stand-in."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from laptop.cloud.keys import create_key_pair


def test_both_keys_match_and_only_the_owner_can_read_the_private_one(tmp_path: Path) -> None:
    private, public = create_key_pair(tmp_path / "keys", "admin")
    key = load_pem_private_key(private.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert public.read_bytes() == pem
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_an_existing_pair_is_kept(tmp_path: Path) -> None:
    first = create_key_pair(tmp_path, "admin")[0].read_bytes()
    assert create_key_pair(tmp_path, "admin")[0].read_bytes() == first
    assert create_key_pair(tmp_path, "other")[0].read_bytes() != first


def test_an_incomplete_pair_is_recreated(tmp_path: Path) -> None:
    private, public = create_key_pair(tmp_path, "admin")
    first = private.read_bytes()
    public.unlink()
    assert create_key_pair(tmp_path, "admin")[0].read_bytes() != first
