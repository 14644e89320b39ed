"""Sign-ins at an identity provider, when its client secret or its authority becomes another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from tests.support.oidc_provider import CLIENT_ID, SECRET, OidcProvider, oidc_provider
from tests.support.tls_api_server import tls_certificate

TEAM, ADA, BOB = ObjectId(), ObjectId(), ObjectId()
ROTATED = "rotated-client-secret"
FIRST = "first-refresh-token"


@pytest.fixture
def provider(tmp_path: Path, mongo: Any) -> Iterator[OidcProvider]:
    with oidc_provider(tmp_path) as running:
        yield running


def entered(provider: OidcProvider, who: ObjectId = ADA, token: str = "", **more: Any) -> Any:
    """The sign-in that somebody gets who fills in the form so."""
    from clusters.oidc.provider import Client
    from clusters.oidc.tokens import sign_in

    client = Client(provider.issuer, CLIENT_ID, more.get("secret", SECRET), more.get("ca", provider.certificate))
    return sign_in(TEAM, who, client, token, has_it=lambda _: who == BOB)


def stored(mongo: Any) -> tuple[str, str, bool]:
    """Secret, refresh token, and whether it has ended."""
    from clusters.oidc import store

    row = mongo["cluster_sign_ins"].find_one({})
    secrets = store.secrets_of(row)
    return secrets["client_secret"], secrets["refresh_token"], row["ended"] or bool(row.get("renewing_until"))


@pytest.mark.parametrize("token", ["", FIRST], ids=["left empty", "the same"])
def test_a_new_client_secret_is_tried_and_stored(provider: OidcProvider, mongo: Any, token: str) -> None:
    entered(provider, token=FIRST)
    provider.secret = ROTATED
    found = entered(provider, token=token, secret=ROTATED)
    assert stored(mongo) == (ROTATED, provider.refresh_token, False)
    assert len(provider.issued) == 2
    assert entered(provider, secret="")["_id"] == found["_id"], "what is left empty stays"
    assert stored(mongo)[0] == ROTATED


def test_a_wrong_secret_or_authority_is_refused_and_changes_nothing(provider: OidcProvider, mongo: Any) -> None:
    from clusters.domain.ways import CredentialsInvalid
    from kubeorch.base.errors import KubeOrchError

    entered(provider, token=FIRST)
    before = stored(mongo)
    with pytest.raises(CredentialsInvalid, match="check client id and secret"):
        entered(provider, secret="wrong")
    other, _ = tls_certificate(2)
    with pytest.raises(KubeOrchError):
        entered(provider, ca=other)
    assert stored(mongo) == before
    with pytest.raises(CredentialsInvalid, match="somebody else"):
        entered(provider, who=BOB, secret=ROTATED)
    assert entered(provider, who=BOB)["people"] == [ADA]


def test_a_new_authority_is_stored_once_the_provider_answers_by_it(provider: OidcProvider, mongo: Any) -> None:
    entered(provider, token=FIRST)
    other, _ = tls_certificate(2)
    mongo["cluster_sign_ins"].update_one({}, {"$set": {"ca": other.decode()}})
    assert entered(provider)["ca"] == provider.certificate.decode()
