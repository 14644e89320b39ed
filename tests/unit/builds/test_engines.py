"""BuildKit services: what lets in is checked, what they say is read, and one engine is chosen."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from builds.domain.engines import EngineInvalid, address_of_engine, allows, chosen_engine, nature_of
from builds.engines.services import client
from builds.engines.services.material import Material, checked
from kubeorch.base.clock import now
from kubeorch.programs.errors import NoProgram
from tests.support.client_certificates import Authority
from tests.support.wait import PATIENCE_S, until


@dataclass(frozen=True)
class One:
    engine: str
    is_of_instance: bool = False
    is_default: bool = False


def a_key_whose_primes_are_none(bits: int) -> str:
    """Whoever proves them says that the key cannot be read."""
    p, q, e = (2**bits + 1) | 1, (2**bits + 3) | 1, 65_537
    public = rsa.RSAPublicNumbers(e, p * q)
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), 1, public)
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


@pytest.mark.parametrize(
    ("bits", "said"), [(1000, "not that of"), (4000, "4096 bits at most"), (9000, "8,192 characters at most")]
)
def test_primes_of_a_key_are_not_proved_and_large_keys_are_refused(bits: int, said: str) -> None:
    """Proving large ones takes minutes in which no other thread runs."""
    authority = Authority()
    with pytest.raises(EngineInvalid, match=said) as refused:
        checked(Material(authority.pem, authority.sign("ours").certificate, a_key_whose_primes_are_none(bits)), now())
    assert [one.field for one in refused.value.problems] == ["key"]


def test_a_pair_is_accepted_and_another_key_is_not() -> None:
    authority = Authority()
    ours, other = authority.sign("ours"), authority.sign("other")
    assert checked(Material(authority.pem, ours.certificate, ours.key), now()).subject == "CN=ours"
    with pytest.raises(EngineInvalid, match="not that of the client certificate"):
        checked(Material(authority.pem, ours.certificate, other.key), now())


def test_a_client_that_cannot_be_had_is_not_got_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    ended = threading.Event()

    def obtain(*_: object, **__: object) -> None:
        tried.append(threading.current_thread().name)
        ended.set()
        raise NoProgram("no buildctl", "no network")

    monkeypatch.setattr(client, "find", lambda programs: ({}, programs))
    monkeypatch.setattr(client, "obtain", obtain)
    own = client._Client()
    with pytest.raises(client.ClientComing):
        own.path()
    assert ended.wait(PATIENCE_S)
    until(lambda: own._failures == 1, what="it has failed")
    for _ in range(3):
        with pytest.raises(client.ClientMissing, match="no network"):
            own.path()
    assert len(tried) == 1


@pytest.mark.parametrize(
    ("asked", "known", "chosen"),
    [
        ("", [], "local"),
        ("", [One("service:1")], "local"),
        ("", [One("service:1", is_of_instance=True, is_default=True)], "service:1"),
        ("", [One("service:1", is_of_instance=True, is_default=True), One("service:2", is_default=True)], "service:2"),
        ("local", [One("service:2", is_default=True)], "local"),
        ("service:1", [One("service:1"), One("service:2", is_default=True)], "service:1"),
        ("service:3", [One("service:1")], None),
    ],
)
def test_the_source_chooses_then_its_team_then_the_instance(asked: str, known: list[One], chosen: str | None) -> None:
    assert chosen_engine(asked, known) == chosen


@pytest.mark.parametrize("text", ["host", "host:0", "host:70000", "http://host:1", "-x:1", "a b:1", "[::1:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(EngineInvalid):
        address_of_engine(text)


def test_addresses_are_read() -> None:
    assert str(address_of_engine("tcp://Build.example.com:1234")) == "build.example.com:1234"
    assert address_of_engine("[fd00::1]:1234").host == "fd00::1"


@pytest.mark.parametrize("said", [b"", b"[]", b"no", b"[1]", b'[{"labels": 1, "platforms": {}}]', b"[" * 100_000])
def test_what_is_no_worker_is_none_or_says_nothing(said: bytes) -> None:
    found = nature_of(said)
    assert found is None or (found.version, found.platforms) == ("", ())


def test_a_worker_says_what_it_allows() -> None:
    prefix = "org.mobyproject.buildkit.worker."
    found = nature_of(
        b'[{"Labels": {"%snetwork": "host", "%ssnapshotter": "native"}, "Platforms": [{"os": "linux", '
        b'"architecture": "arm64"}], "BuildkitVersion": {"version": "v0.19.1"}}]' % (prefix.encode(), prefix.encode())
    )
    assert found is not None
    assert (found.platform, found.version, found.is_old) == ("linux/arm64", "0.19.1", True)
    assert len(allows(found)) == 2
