"""Which cluster it is that credentials lead to: the uid of its Namespace kube-system, which no other cluster has.

What environments own lies in one cluster. Credentials for another one, stored with the same document, would let runs
look for those objects where they never were, and take them for deleted.
"""

from __future__ import annotations

from clusters import store
from clusters.connections import credentials_of, new_client
from clusters.domain.credentials import Credentials
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, KubeOrchError

PATH = "/api/v1/namespaces/kube-system"
UID_MAX = 128


class AnotherCluster(Conflict):
    """The new credentials lead to another cluster, or it cannot be told that they lead to the same."""

    code = "cluster.another"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; connect it as a cluster of its own", field="kubeconfig")


def uid_of(client: KubeClient) -> str:
    """The uid; "" where the credentials may not read that Namespace. Raises what the API server says otherwise."""
    try:
        found = client.request("GET", PATH, timeout_s=client.limits.question_s)[1]
    except (ApiForbidden, ApiNotFound):
        return ""
    metadata = found.get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, dict) else None
    return uid if isinstance(uid, str) and len(uid) <= UID_MAX else ""


def check_same(cluster: store.Cluster, uid: str, credentials: Credentials) -> None:
    """Raise AnotherCluster unless new credentials, which see this uid, lead to the cluster that is stored."""
    if why := why_another(cluster, uid, credentials):
        raise AnotherCluster(why)


def known_as(uid: str, principal: Principal) -> str:
    """The name by which a person has the cluster with this uid already; "" where they have not, or it is not known."""
    for cluster in store.with_uid(uid, principal) if uid else ():
        if cluster.get("uid") == uid:
            return cluster["name"]
        before = _credentials_before(cluster)
        if before is not None and _asked(before) == uid:
            return cluster["name"]
    return ""


def why_another(cluster: store.Cluster, uid: str, credentials: Credentials) -> str:
    """Why new credentials, which see this uid, do not lead to the cluster that is stored; "" when they do.

    Two uids decide. Where one is not known (the cluster was stored before uids were, or credentials may not read the
    Namespace), the stored credentials are asked first; failing that, the server's address and the certificate
    authority must be the same as before. A cluster of which neither is known (it never had credentials, or they were
    sealed with a key that is gone) becomes the one that these lead to.
    """
    before = _credentials_before(cluster)
    known = cluster.get("uid") or (_asked(before) if uid and before else "")
    if uid and known:
        if uid != known:
            return "these credentials lead to another cluster"
    elif (before is None and known) or (before is not None and _where(before) != _where(credentials)):
        return (
            "it cannot be told whether these credentials lead to the same cluster: server and certificate authority "
            "are others than before, and the Namespace kube-system could not be read with the new or the old "
            "credentials"
        )
    return ""


def _where(credentials: Credentials) -> tuple[object, ...]:
    return credentials.server, credentials.ca_data, credentials.tls_server_name, credentials.insecure


def _credentials_before(cluster: store.Cluster) -> Credentials | None:
    try:
        return credentials_of(cluster["_id"])
    except KubeOrchError:  # never connected, or sealed with another key
        return None


def _asked(credentials: Credentials) -> str:
    """The uid that the stored credentials see; "" when they are no longer of use."""
    try:
        client = new_client(credentials)
    except KubeOrchError:
        return ""
    try:
        return uid_of(client)
    except KubeOrchError:
        return ""
    finally:
        client.close()
