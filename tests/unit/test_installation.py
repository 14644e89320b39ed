"""What `up` checks and makes before it starts anything."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from kubeorch import installation
from kubeorch.installation import CannotStart, Installation


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8e3"])
def test_an_invalid_port_is_named_in_the_error(port: str) -> None:
    with pytest.raises(CannotStart, match="it takes a number from 1 to 65535"):
        installation.read_environment({"PORT": port})


def test_everything_stays_on_this_machine_unless_told_otherwise() -> None:
    read = installation.read_environment({})
    assert (read.data_dir.name, read.host, read.port) == (".data", "127.0.0.1", 8000)
    assert read.data_dir.is_absolute()


def test_a_port_in_use_is_answered_with_another_to_try() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"port {port} on 127.0.0.1 is in use.*PORT={port + 1}"):
            installation.check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_named_in_the_error() -> None:
    with pytest.raises(CannotStart, match=r"not an address of this machine|cannot listen"):
        installation.check_port("192.0.2.1", 8000)


def test_a_full_disk_is_reported_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"is full \(12 MB free, 300 MB needed\)"):
        installation.check_space(tmp_path, 12_345_678)
    installation.check_space(tmp_path, 10**10)


def test_the_secret_key_is_generated_once_and_kept_private(tmp_path: Path) -> None:
    key = installation.secret_key(tmp_path)
    assert len(base64.b64decode(key)) == 32
    assert installation.secret_key(tmp_path) == key
    assert (tmp_path / "keys" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_given_secret_key_is_used_and_none_is_generated(tmp_path: Path) -> None:
    environ = installation.role_environment({"KUBEORCH_SECRET_KEY": "given"}, Installation(tmp_path, "127.0.0.1", 8000))
    assert environ["KUBEORCH_SECRET_KEY"] == "given"
    assert environ["DATA_DIR"] == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
