"""Keys by which steps of a build sign in: what is one, which a build gets, and that no argument has any."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from builds.connections.errors import NoDeployKey
from builds.connections.keys import is_private_key, new_key_pair
from builds.domain.sources import BuilderSpec, Variable
from builds.engines.command import Files, command_of, write_files
from builds.engines.protocol import BuildOrder
from builds.git.workspace import Access
from builds.running.ssh_keys import ids_of, ssh_keys

OWN, DEPLOY, OLDER = (new_key_pair().private for _ in range(3))
VARIABLES = [Variable("GITHUB", "ssh", True, OWN), Variable("TOKEN", "build", True, "a secret")]


def pem(
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | x25519.X25519PrivateKey,
    form: PrivateFormat = PrivateFormat.OpenSSH,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def test_keys_that_ssh_can_use_are_taken_however_they_were_pasted() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    long = rsa.generate_private_key(65537, 2048)
    for one in (
        OWN,
        OWN.strip(),
        f"\n{OWN}".replace("\n", "\r\n"),
        pem(curve),
        pem(curve, PrivateFormat.PKCS8),
        pem(long, PrivateFormat.TraditionalOpenSSL),
        pem(long),
    ):
        assert is_private_key(one), one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ",
        new_key_pair().public,
        OWN[:200],
        OWN.replace("\n", " "),
        f"{OWN}ä",
        OWN + "x" * 20_000,
        pem(rsa.generate_private_key(65537, 1024), PrivateFormat.TraditionalOpenSSL),
        pem(x25519.X25519PrivateKey.generate(), PrivateFormat.PKCS8),
        pem(ec.generate_private_key(ec.SECP256K1()), PrivateFormat.PKCS8),
        pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
    ],
    ids=[
        "nothing",
        "half",
        "public",
        "cut",
        "one line",
        "letters",
        "long",
        "short RSA",
        "no signing",
        "a curve of coins",
        "passphrase",
    ],
)
def test_what_ssh_cannot_use_is_no_key(text: str) -> None:
    assert not is_private_key(text)


def test_a_build_gets_its_own_keys_and_the_deploy_keys_only_where_it_wants_them() -> None:
    access = Access(private_key=DEPLOY, older_keys=(OLDER,))
    own = {"GITHUB": [OWN.encode()]}
    wants = BuilderSpec(deploy_key=True)

    assert ssh_keys(BuilderSpec(), VARIABLES, access) == own
    assert ssh_keys(wants, VARIABLES, access) == {**own, "default": [DEPLOY.encode(), OLDER.encode()]}
    both = ssh_keys(wants, [Variable("default", "ssh", True, OWN)], access)
    assert both == {"default": [OWN.encode(), DEPLOY.encode(), OLDER.encode()]}
    assert ids_of(wants, VARIABLES) == {"GITHUB", "default"}
    assert ids_of(BuilderSpec(), VARIABLES) == {"GITHUB"}
    with pytest.raises(NoDeployKey):
        ssh_keys(wants, VARIABLES, Access(token="a token"))


def test_keys_are_files_of_this_user_alone_and_no_argument(tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\n")
    keys = {"default": [DEPLOY.encode(), OLDER.encode()], "GITHUB": [OWN.encode()]}
    order = BuildOrder("b", 1, context, "Dockerfile", "", ssh=keys)
    files = Files(tmp_path / "order")
    files.folder.mkdir()

    write_files(order, files)
    command = command_of(order, files, "buildctl", "unix:///run/buildkit")

    said = [one.removeprefix("--ssh=").partition("=") for one in command if one.startswith("--ssh=")]
    paths = {id_: text.split(",") for id_, _, text in said}
    assert {id_: [Path(one).read_bytes() for one in found] for id_, found in paths.items()} == keys
    assert {oct(Path(one).stat().st_mode & 0o777) for found in paths.values() for one in found} == {"0o600"}
    assert not any(line in one for one in command for line in OWN.splitlines() + DEPLOY.splitlines())
    assert "PRIVATE KEY" not in repr(order)


def test_without_keys_there_is_no_agent(tmp_path: Path) -> None:
    """buildctl would take that of whoever runs it."""
    command = command_of(BuildOrder("b", 1, tmp_path, "Dockerfile", ""), Files(tmp_path), "buildctl", "unix:///x")

    assert not [one for one in command if one.startswith("--ssh")]
