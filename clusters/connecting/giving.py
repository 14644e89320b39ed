"""Credentials that a person brings, in whatever way, as what a cluster is reached with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters import store
from clusters.credentials import opened
from clusters.domain.credentials import Credentials, KubeconfigInvalid
from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.domain.server_address import check_server
from clusters.domain.ways import CredentialsInvalid, Way, credentials_of, issuer_of
from clusters.in_cluster import own_credentials
from clusters.oidc import store as sign_in_store
from clusters.oidc.provider import Client
from clusters.oidc.tokens import NoSignIn, sign_in
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.base.errors import InvalidInput, KubeOrchError
from kubeorch.base.records import replace
from kubeorch.base.seal import Unsealable


class NothingGiven(InvalidInput):
    code = "credentials.required"

    def __init__(self) -> None:
        super().__init__("give either a kubeconfig or credentials", field="kubeconfig")


def field_of(given: Mapping[str, Any]) -> str:
    """The field of the body that holds the credentials, for what a cluster says of them."""
    return "credentials" if given.get("credentials") else "kubeconfig"


def credentials_given(principal: Principal, team_id: ObjectId, given: Mapping[str, Any]) -> Credentials:
    """Of `{kubeconfig, context, insecure}` or `{credentials: {way, …}}` (clusters/serializers/connecting.py).

    A new sign-in at an identity provider is made, and kept for an hour until a cluster uses it. It is that of a person:
    its tokens go to servers that they name, and to those that have them already.
    Raises InvalidInput for the field to change, Forbidden, ProviderUnavailable.
    """
    kubeconfig, form = given.get("kubeconfig"), given.get("credentials")
    if bool(kubeconfig) == bool(form):
        raise NothingGiven
    if form is None:
        return parse_kubeconfig(
            str(kubeconfig), context=given.get("context") or None, allow_insecure=bool(given.get("insecure"))
        )
    if form["way"] == Way.IN_CLUSTER:
        require_instance_admin(principal)  # it is this server's own identity
        return own_credentials()
    if form["way"] != Way.OIDC:
        return credentials_of(form)
    plain = credentials_of(form)
    if not form.get("client_id"):
        raise CredentialsInvalid("client_id", "enter the client id, as registered with the identity provider")
    authority = credentials_of({"way": Way.OIDC, "server": plain.server, "ca": form.get("issuer_ca", "")}).ca_data
    client = Client(issuer_of(form.get("issuer", "")), form["client_id"], form.get("client_secret", ""), authority)
    signed_in = sign_in(
        team_id,
        ObjectId(principal.user_id),
        client,
        form.get("refresh_token", ""),
        has_it=partial(_has_it, team_id, plain),
    )
    return credentials_of(form, sign_in=str(signed_in["_id"]))


@contextmanager
def said_of(field: str) -> Iterator[None]:
    """What is wrong with a kubeconfig is said of the field in which the credentials were given."""
    try:
        yield
    except KubeOrchError as error:
        error.problems = tuple(
            replace(problem, field=field) if problem.field == "kubeconfig" else problem for problem in error.problems
        )
        raise


def without_credentials(server: str) -> dict[str, Any]:
    """A cluster whose server's address has changed, as it is stored. Raises InvalidInput."""
    try:
        address = check_server(server)
    except KubeconfigInvalid as error:
        raise InvalidInput(error.detail, code=error.code, field="server") from None
    why = store.error("cluster.no_credentials", "its address was changed; enter credentials for the new one")
    return {
        "server": address,
        "credentials": None,
        "auth": "",
        "sign_in_id": None,
        "credentials_id": None,
        "state": "failed",
        "error": why,
        "version": "",
        **dict.fromkeys(("size", "latency_ms", "sized_at")),
        "expires": [],
        "impersonates": False,
    }


def keep_sign_ins(before: ObjectId | None, after: ObjectId | None, session: ClientSession) -> None:
    """Keep the sign-in that a cluster uses from this transaction on; the one that it used before goes when no other
    cluster uses it. Raises NoSignIn."""
    if after is not None and not sign_in_store.use(after, session):
        raise NoSignIn
    if before is not None and before != after and not store.uses_sign_in(before, session):
        sign_in_store.release(before, session)


def _has_it(team_id: ObjectId, given: Credentials, signed_in: sign_in_store.SignIn) -> bool:
    """Whether a cluster of the team at that very server has tokens of the sign-in."""
    for cluster in store.with_sign_in(signed_in["_id"], team_id):
        try:
            stored = opened(cluster)
        except Unsealable:
            continue
        if stored is not None and _where(stored) == _where(given):
            return True
    return False


def _where(credentials: Credentials) -> tuple[object, ...]:
    return credentials.server, credentials.ca_data, credentials.tls_server_name, credentials.insecure
