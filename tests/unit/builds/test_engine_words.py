"""What is said of a BuildKit service whose name, address or certificate is no good."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from builds.domain.engines import address_of_engine
from builds.domain.repositories import Repository
from builds.engines.services.client import EngineAddressRefused, EngineUnreachable, judged
from builds.engines.services.testing import why_untrusted
from builds.git.addresses import allowed_addresses
from builds.git.errors import GitAddressRefused
from builds.registries.errors import RegistryAddressRefused
from builds.registries.exchanges import addresses_for
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterUntrusted
from clusters.kube.network_errors import network_error

NEVER = ("169.254.169.254", "224.0.0.1", "0.0.0.0")


def test_a_name_that_is_not_found_may_be_the_machines_fault() -> None:
    with pytest.raises(EngineUnreachable, match=r"the name nowhere\.invalid was not found; .* DNS or proxy"):
        judged(address_of_engine("nowhere.invalid:1234"))


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        (lambda host: judged(address_of_engine(f"{host}:1234")), EngineAddressRefused),
        (lambda host: allowed_addresses(Repository("https", host, 443, "/a")), GitAddressRefused),
        (lambda host: addresses_for("https")(host, 443, Allowance(5, 0)), RegistryAddressRefused),
    ],
)
def test_no_setting_is_named_for_an_address_that_none_opens(
    ask: Callable[[str], object], refusal: type[Exception], host: str
) -> None:
    with pytest.raises(refusal, match="never connected to") as refused:
        ask(host)
    assert "KUBEORCH_GIT_NETWORKS" not in str(refused.value)


@pytest.mark.parametrize(("code", "words"), [(62, "as Server name"), (64, "as Server name"), (20, "the authority")])
def test_a_certificate_is_spoken_of_as_that_of_an_engine(code: int, words: str) -> None:
    failure = ssl.SSLCertVerificationError("no")
    failure.verify_code, failure.verify_message = code, "it is wrong"
    error = network_error(failure)
    assert isinstance(error, ClusterUntrusted)
    error.__cause__ = failure
    said = why_untrusted(error)
    assert words in said
    assert not {"cluster", "tls-server-name", "kubeconfig"} & set(said.replace(",", " ").split())
