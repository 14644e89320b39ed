"""A cluster shared with teams and people: what they may is held by the API server itself, and ends at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, an_account, grant
from tests.support.people import Person, a_team, a_user
from tests.support.runs import Bench
from tests.support.workers import working
from tests.support.workflows import a_config_map

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def owner() -> Person:
    return a_user("admin", team=a_team("Platform"))


@pytest.fixture
def guest() -> Person:
    return a_user("editor", team=a_team("Guests"))


@pytest.fixture
def worker(mongo: Any) -> Iterator[None]:
    with working():
        yield


def share(owner: Person, cluster: str, **given: Any) -> dict[str, Any]:
    """The new share, as the API shows it."""
    answer = owner.post(f"clusters/{cluster}/shares", given)
    assert answer.status == 201, answer.body
    return dict(answer.body["results"][-1])


def connected(owner: Person, kubeconfig: str) -> str:
    answer = owner.post("clusters", {"name": "east", "kubeconfig": kubeconfig})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_a_team_runs_in_the_shared_namespaces_as_its_share_until_the_moment_it_ends(
    control_plane: ControlPlane, owner: Person, guest: Person, worker: None
) -> None:
    from bson import ObjectId

    from clusters import store
    from clusters.connections import client_for_team
    from clusters.kube.errors import ApiForbidden

    cluster = connected(owner, control_plane.kubeconfig)
    theirs, other = control_plane.namespace(), control_plane.namespace()
    assert guest.get(f"clusters/{cluster}").status == 404, "nothing is shared yet"
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[theirs])
    assert (given["enforced"], given["why_not"]) == (True, "")
    bound = control_plane.get(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", theirs)
    assert bound is not None
    assert bound["roleRef"]["name"] == "edit"
    assert guest.get("clusters").body["results"][0]["name"] == "east"
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [theirs]
    assert guest.get(f"clusters/{cluster}/shares").status == 403
    again = owner.post(f"clusters/{cluster}/shares", {"team": str(guest.team_id), "role": "viewer"})
    assert (again.status, again.body["code"]) == (409, "share.exists")

    bench, beside = (Bench(guest, cluster, control_plane, namespace) for namespace in (theirs, other))
    bench.draw(a_config_map("conf"))
    bench.until(bench.start(), "verifying", "succeeded")
    beside.draw(a_config_map("conf"))
    refused = beside.ask()
    assert (refused.status, refused.body["code"]) == (403, "run.namespace_not_shared")

    # The API server holds it, too: whatever our own fence let through.
    acting = client_for_team(ObjectId(cluster), guest.team_id)
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "beyond", "namespace": other}}
    with pytest.raises(ApiForbidden, match=f"kubeorch:share:{given['id']}"):
        acting.apply(config_map)
    person = a_user("viewer", team=a_team("Elsewhere"))
    share(owner, cluster, person=person.email, role="viewer", namespaces=[other])
    assert person.get(f"clusters/{cluster}/namespaces").body["results"] == [other]

    stays = owner.get(f"clusters/{cluster}/shares").body["results"][0]["stays"]
    assert stays == sorted([theirs, other])
    ended = owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}")
    assert (ended.status, ended.body["namespaces"], ended.body["bindings_left"]) == (200, stays, [])
    assert guest.get(f"clusters/{cluster}").status == 404
    with pytest.raises(ApiForbidden):
        acting.apply({**config_map, "metadata": {"name": "late", "namespace": theirs}})
    assert bench.ask().status == 403
    assert control_plane.get("v1", "ConfigMap", "conf", theirs) is not None, "what the team made stays"
    told = [entry["action"] for entry in owner.get(f"clusters/{cluster}/log").body["results"]]
    assert told == ["unshared", "shared", "shared", "connected"]
    assert store.find(ObjectId(cluster))["impersonates"] is True


def test_a_share_by_credentials_that_may_not_impersonate_says_that_we_alone_hold_it(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    namespace = control_plane.namespace()
    account = an_account(control_plane, namespace)
    rules = [{"apiGroups": [""], "resources": ["namespaces", "nodes"], "verbs": ["get", "list"]}]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "looks"}, "rules": rules}
    grant(control_plane, [role], namespace)
    cluster = connected(owner, account)
    shown = owner.get(f"clusters/{cluster}").body
    assert (shown["impersonates"], shown["size"]["nodes"]) == (False, 3)
    given = share(owner, cluster, team="Guests", role="viewer", namespaces=[namespace])
    assert given["enforced"] is False
    assert "may not impersonate" in given["why_not"]
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [namespace]
    made = guest.post(
        "workflows", {"name": "w", "environment": {"name": "p", "cluster": cluster, "namespace": namespace}}
    )
    assert made.body["code"] == "environment.cluster", "a viewer's share is for looking"
