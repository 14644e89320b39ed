"""Credentials that a person brings, in whatever way, as what a cluster is reached with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bson import ObjectId

from clusters import store
from clusters.domain.kubeconfig import Credentials, KubeconfigInvalid, check_server, parse_kubeconfig
from clusters.domain.ways import CredentialsInvalid, Way, credentials_of, issuer_of
from clusters.in_cluster import own_credentials
from clusters.oidc import store as sign_in_store
from clusters.oidc.provider import Client
from clusters.oidc.tokens import sign_in
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.base.errors import InvalidInput, KubeOrchError
from kubeorch.base.records import replace


class NothingGiven(InvalidInput):
    code = "credentials.required"

    def __init__(self) -> None:
        super().__init__("give either a kubeconfig or credentials", field="kubeconfig")


def field_of(given: Mapping[str, Any]) -> str:
    """The field of the body that holds the credentials, for what a cluster says of them."""
    return "credentials" if given.get("credentials") else "kubeconfig"


def credentials_given(principal: Principal, team_id: ObjectId, given: Mapping[str, Any]) -> Credentials:
    """Of `{kubeconfig, context, insecure}` or `{credentials: {way, …}}` (clusters/serializers/connecting.py).

    A new sign-in at an identity provider is made, and kept for an hour until a cluster uses it.
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
    signed_in = sign_in(team_id, client, form.get("refresh_token", ""))
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
        "state": "failed",
        "error": why,
        "version": "",
    }


def keep_sign_ins(before: store.Cluster | None, after: store.Cluster | None) -> None:
    """Keep the sign-in that a cluster uses now; the one that it used before goes when no other cluster uses it."""
    old = before.get("sign_in_id") if before else None
    new = after.get("sign_in_id") if after else None
    if new is not None:
        sign_in_store.use(new)
    if old is not None and old != new and not store.uses_sign_in(old):
        sign_in_store.release(old)
