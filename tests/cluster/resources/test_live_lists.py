"""Lists that show what changes while somebody looks at them, and cost nothing afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cluster.test_sharing import connected, share
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC
from tests.support.people import Person, a_team, a_user
from tests.support.wait import PATIENCE_S, until


class Reader:
    """What a page makes of the events of a list."""

    def __init__(self, person: Person, cluster: str, **wanted: Any) -> None:
        from clusters.domain.kind_names import kind_name
        from clusters.questions.asking import ask
        from clusters.resources.listing import Wanted, list_objects
        from clusters.resources.live import ListStream, places_of

        self.rows: dict[str, dict[str, Any]] = {}
        self.reloads = 0
        self.refused = ""
        self.woken = threading.Event()
        wish = Wanted(kind_name(wanted.pop("kind")), **wanted)
        with ask(person.principal, cluster, "cluster.read") as question:
            self.places = places_of(question, wish)
            listed = list_objects(question, wish, "")
        self.stream = ListStream(self.places, wish, listed.version)

    def read(self) -> bool:
        made = self.stream.take(65_536)
        for piece in made.pieces:
            name, _, data = piece.decode().partition("\ndata: ")
            if name == "event: changed":
                found = json.loads(data)
                self.rows |= {row["name"]: row for row in found["rows"]}
                gone = set(found["gone"])
                self.rows = {key: row for key, row in self.rows.items() if row["uid"] not in gone}
            elif name == "event: reload":
                self.reloads += 1
            elif name == "event: refused":
                self.refused = json.loads(data)["code"]
        return bool(made.pieces) and not made.is_over

    def sees(self, condition: Any, what: str) -> None:
        def look() -> bool:
            while self.read():
                pass
            return bool(condition())

        until(look, what=what, every_s=0.05, timeout_s=PATIENCE_S)


@contextmanager
def looking(person: Person, cluster: str, **wanted: Any) -> Iterator[Reader]:
    reader = Reader(person, cluster.removeprefix("clusters/"), **wanted)
    reader.stream.start(reader.woken.set)
    try:
        yield reader
    finally:
        reader.stream.stop()


def conf(plane: ControlPlane, namespace: str, name: str, **data: str) -> None:
    metadata = {"name": name, "namespace": namespace}
    plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def test_rows_come_change_and_go_and_one_watch_serves_all_who_look(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    from clusters.resources.following import watches

    namespace = control_plane.namespace("live")
    before = len(watches)
    with looking(anna, cluster, kind="ConfigMap", namespaces=(namespace,)) as first:
        conf(control_plane, namespace, "one", a="b")
        first.sees(lambda: "one" in first.rows, "the new row")
        assert first.rows["one"]["cells"][1] == 1, "as the server prints it"
        assert (first.reloads, len(watches)) == (0, before + 1)
        with looking(anna, cluster, kind="ConfigMap", namespaces=(namespace,), text="tw") as second:
            second.sees(lambda: second.reloads == 1, "who joins reads the list once more")
            conf(control_plane, namespace, "one", a="b", c="d")
            conf(control_plane, namespace, "two", a="b")
            first.sees(lambda: first.rows["one"]["cells"][1] == 2 and "two" in first.rows, "what changed")
            second.sees(lambda: set(second.rows) == {"two"}, "what matches")
            assert len(watches) == before + 1
        control_plane.delete("v1", "ConfigMap", "one", namespace)
        first.sees(lambda: "one" not in first.rows, "it is gone")
    assert len(watches) == before
    until(lambda: not [one for one in threading.enumerate() if one.name == "list"], what="its thread has ended")


def test_health_of_rows_is_followed_too(anna: Person, cluster: str, control_plane: ControlPlane) -> None:
    from clusters.domain.health import State
    from tests.cluster.test_diagnosing import deployment

    namespace = control_plane.namespace("live")
    healthy = frozenset({State.HEALTHY})
    with looking(anna, cluster, kind="apps/Deployment", namespaces=(namespace,), health=healthy) as reader:
        one = deployment("web")
        control_plane.apply({**one, "metadata": {"name": "web", "namespace": namespace}})
        reader.sees(lambda: "web" in reader.rows, "it is healthy")
        assert reader.rows["web"]["health"]["state"] == "healthy"
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
        merge = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"no": "such"}}}}}).encode()
        assert control_plane.call("PATCH", path, merge, content_type="application/merge-patch+json")[0] == 200
        reader.sees(lambda: "web" not in reader.rows, "it is not healthy any more")


def test_who_is_far_behind_or_too_late_reads_the_list_again(
    anna: Person, cluster: str, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clusters.resources import live

    monkeypatch.setattr(live, "ROWS_MOST", 3)
    namespace = control_plane.namespace("live")
    with looking(anna, cluster, kind="ConfigMap", namespaces=(namespace,)) as reader:
        for number in range(8):
            conf(control_plane, namespace, f"c{number}")
        until(reader.woken.is_set, what="it is told of changes")
        reader.sees(lambda: reader.reloads >= 1, "too much was waiting")
    late = Reader(anna, cluster.removeprefix("clusters/"), kind="ConfigMap", namespaces=(namespace,))
    late.stream._version = "1"  # long compacted, or so old that the watch cache has forgotten it
    late.stream.start(late.woken.set)
    try:
        conf(control_plane, namespace, "late")
        late.sees(lambda: late.reloads or "late" in late.rows, "the list is read again, or everything came")
    finally:
        late.stream.stop()


def test_a_share_is_followed_in_its_name_until_it_ends(mongo: Any, control_plane: ControlPlane) -> None:
    from clusters.resources.live import still_may
    from kubeorch.base.errors import KubeOrchError

    owner, guest = a_user("admin", team=a_team("Platform")), a_user("editor", team=a_team("Guests"))
    cluster = connected(owner, control_plane.kubeconfig)
    namespace = control_plane.namespace("live")
    given = share(owner, cluster, team="Guests", role="viewer", namespaces=[namespace])
    with looking(guest, cluster, kind="ConfigMap") as reader:
        conf(control_plane, namespace, "one")
        reader.sees(lambda: "one" in reader.rows, "the guest sees it")
        cluster_id = reader.places[0].followed.cluster_id
        still_may(guest.principal, cluster_id=cluster_id, places=reader.places)
        assert owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}").status == 200
        with pytest.raises(KubeOrchError):
            still_may(guest.principal, cluster_id=cluster_id, places=reader.places)
    given = share(owner, cluster, team="Guests", role="viewer", namespaces=[namespace])
    reader = Reader(guest, cluster, kind="ConfigMap")
    control_plane.delete(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", namespace)
    reader.stream.start(reader.woken.set)
    try:
        reader.sees(lambda: reader.refused == "cluster.forbidden", "the API server refuses the share")
    finally:
        reader.stream.stop()
    many = ",".join(f"n{number}" for number in range(4))
    refused = owner.get(f"clusters/{cluster}/resources/changes?kind=Pod&namespace={many}")
    assert (refused.status, refused.body["code"]) == (400, "list.not_followed")
