"""Amazon's exchange of keys for passwords, against a server that checks signatures as Amazon does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.django_setup import configure

configure()

from builds.domain.signing import AccessKey, signed_headers  # noqa: E402
from builds.registries import ecr  # noqa: E402
from builds.registries.errors import CredentialsRefused, NotARegistry, RegistryBusy, RegistryUnavailable  # noqa: E402
from kubeorch.base.clock import now  # noqa: E402
from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry  # noqa: E402

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
KEY = AccessKey("AKIDEXAMPLE", "canary-secret-access-key")
BODY = b'{"registryIds": ["123456789012"]}'


class Amazon:
    def __init__(self) -> None:
        self.lasts = timedelta(hours=12)
        self.given = 0
        self.is_withdrawn = False

    def __call__(self, asked: Asked) -> Said:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        again = {"Content-Type": headers["content-type"], "X-Amz-Target": headers["x-amz-target"]}
        expected = signed_headers(
            KEY, region="eu-central-1", service="ecr", host=headers["host"], headers=again, body=BODY, at=at
        )
        if self.is_withdrawn:
            return Said(400, {"__type": "com.amazon.coral.service#UnrecognizedClientException"})
        if headers["authorization"] != expected["Authorization"]:
            return Said(400, {"__type": "com.amazon.coral.service#InvalidSignatureException", "message": "canary"})
        self.given += 1
        token = base64.b64encode(f"AWS:password-{self.given}".encode()).decode()
        return Said(
            200, {"authorizationData": [{"authorizationToken": token, "expiresAt": (now() + self.lasts).timestamp()}]}
        )


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Amazon, OddRegistry]]:
    answers = Amazon()
    with an_odd_registry(answers) as server:
        monkeypatch.setattr(ecr, "endpoint_of", lambda host: server.url)
        ecr._kept.clear()
        yield answers, server
        ecr._kept.clear()


def test_a_key_is_exchanged_once_and_the_password_kept_until_an_hour_before_its_end(
    amazon: tuple[Amazon, OddRegistry],
) -> None:
    answers, server = amazon
    assert [ecr.ecr_login(HOST, KEY).secret for _ in range(3)] == ["password-1"] * 3
    assert len(server.asked) == 1
    assert KEY.secret not in str(server.asked)
    assert KEY.secret not in str(ecr._kept)
    ecr._kept.clear()
    answers.lasts = timedelta(minutes=59)
    assert [ecr.ecr_login(HOST, KEY).secret for _ in range(2)] == ["password-2", "password-3"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ThrottlingException", RegistryBusy),
        ("com.amazon.coral.availability#ThrottlingException", RegistryBusy),
        ("ServerException", RegistryUnavailable),
    ],
)
def test_what_passes_is_no_matter_of_the_key(
    amazon: tuple[Amazon, OddRegistry], name: str, error: type[Exception]
) -> None:
    _, server = amazon
    kept = ecr.ecr_login(HOST, KEY)
    server.answers = lambda _: Said(400, {"__type": name, "message": "Rate exceeded"})
    with pytest.raises(error):
        ecr.fresh_login(HOST, KEY)
    assert ecr.ecr_login(HOST, KEY) == kept, "what is kept still serves"


def test_a_wrong_key_is_told_without_amazons_words(amazon: tuple[Amazon, OddRegistry]) -> None:
    with pytest.raises(CredentialsRefused) as refused:
        ecr.ecr_login(HOST, AccessKey(KEY.id, "wrong"))
    assert "the secret access key is not that of this id" in refused.value.detail
    assert "canary" not in refused.value.detail


def test_of_a_key_that_was_withdrawn_nothing_is_kept(amazon: tuple[Amazon, OddRegistry]) -> None:
    answers, _ = amazon
    kept = ecr.ecr_login(HOST, KEY)
    ecr.forget_login(kept)
    assert ecr.ecr_login(HOST, KEY).secret == "password-2", "what the registry has refused is asked for anew"
    assert ecr.fresh_login(HOST, KEY).secret == "password-3"
    answers.is_withdrawn = True
    with pytest.raises(CredentialsRefused):
        ecr.fresh_login(HOST, KEY)
    assert ecr.kept_login(HOST, KEY) is None


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(403, b"<html>"), CredentialsRefused),
        (Said(500), RegistryUnavailable),
        (Said(200, b"<html>"), NotARegistry),
        (Said(200, {}), NotARegistry),
        (Said(200, {"authorizationData": [{"authorizationToken": "!", "expiresAt": 1}]}), NotARegistry),
        (Said(200, {"authorizationData": [{"authorizationToken": "QVdTOng=", "expiresAt": 1e300}]}), NotARegistry),
    ],
)
def test_other_answers_give_no_password(amazon: tuple[Amazon, OddRegistry], said: Said, error: type[Exception]) -> None:
    amazon[1].answers = lambda _: said
    with pytest.raises(error):
        ecr.ecr_login(HOST, KEY)


def test_passwords_are_asked_for_where_the_registry_is() -> None:
    cn = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"
    assert ecr.endpoint_of(HOST) == "https://api.ecr.eu-central-1.amazonaws.com"
    assert ecr.endpoint_of(cn) == "https://api.ecr.cn-north-1.amazonaws.com.cn"
    with pytest.raises(NotARegistry):
        ecr.endpoint_of(f"{HOST}.evil.example")
