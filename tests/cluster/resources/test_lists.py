"""Lists of objects: what kubectl prints, in pages."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from tests.cluster.resources.conftest import SECRET_VALUE, Kubectl
from tests.support.control_plane import ControlPlane
from tests.support.narrow import a_narrow_cluster, an_account, grant
from tests.support.people import Person
from tests.support.seeds import SEED
from tests.support.wait import until


def every_row(person: Person, cluster: str, query: str, cursor: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = person.get(f"{cluster}/resources?{query}&cursor={cursor}")
        assert page.status == 200, page.body
        rows += page.body["results"]
        cursor = page.body["next"]
        if cursor is None:
            return rows


def as_printed(cell: Any) -> str:
    """Source: k8s.io/cli-runtime/pkg/printers, tableprinter.go: nothing for null."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell).strip()


def printed(text: str) -> list[dict[str, str]]:
    """The rows of kubectl's table, each by its heading. Columns begin where their headings do, three spaces apart."""
    heading, *lines = text.splitlines()
    found = list(re.finditer(r"\S+(?: \S+)*", heading))
    ends = [*(one.start() for one in found[1:]), None]
    return [
        {one.group(): line[one.start() : end].strip() for one, end in zip(found, ends, strict=True)} for line in lines
    ]


COMPARED, OF_A_KIND = 200, 50
TIMES = {"AGE", "DURATION", "LAST SCHEDULE", "LAST SEEN", "FIRST SEEN"}
"""Are counted anew for each answer."""


def test_kubectl_and_the_lists_agree_on_two_hundred_objects_chosen_at_random(
    anna: Person, cluster: str, shop: str, kubectl: Kubectl
) -> None:
    until(lambda: "2/2" in kubectl("get", "deployments", "-n", shop), what="the pods of the shop run", timeout_s=60)
    kinds = anna.get(f"{cluster}/kinds").body["results"]
    assert {"Pod", "Deployment.apps", "CustomResourceDefinition.apiextensions.k8s.io"} <= {row["id"] for row in kinds}
    chance = random.Random(SEED)
    shuffled = chance.sample(kinds, len(kinds))
    always = ("Pod", "Secret", "ConfigMap", "Deployment.apps", "Service")
    compared, cells = 0, 0
    for kind in sorted(shuffled, key=lambda kind: kind["id"] not in always):
        if kind["kind"] in ("Event", "ComponentStatus", "Lease"):  # change meanwhile
            continue
        if compared >= COMPARED:
            break
        resource = f"{kind['plural']}.{kind['version']}.{kind['group']}" if kind["group"] else kind["plural"]
        everywhere = ["-A"] if kind["namespaced"] else []
        page = anna.get(f"{cluster}/resources?kind={kind['id']}&limit=500").body
        assert SECRET_VALUE not in json.dumps(page)
        objects = json.loads(kubectl("get", resource, *everywhere, "-o", "json"))["items"]
        assert len(page["results"]) == len(objects), kind["id"]
        if not objects:
            continue
        table = printed(kubectl("get", resource, *everywhere, "-o", "wide"))
        names = [column["name"].upper() for column in page["columns"]]
        assert [*(["NAMESPACE"] if everywhere else []), *names] == list(table[0]), kind["id"]
        # A default class is printed as “sandbox (default)”.
        lines = {(line.get("NAMESPACE", ""), line["NAME"].partition(" ")[0]): line for line in table}
        rows = {(row["namespace"], row["name"]): row for row in page["results"]}
        assert list(rows) == list(lines), f"{kind['id']}: in the same order"
        for one in chance.sample(objects, min(len(objects), OF_A_KIND)):
            place = one["metadata"].get("namespace", ""), one["metadata"]["name"]
            row, line = rows[place], lines[place]
            assert row["uid"] == one["metadata"]["uid"]
            told = dict(zip(names, row["cells"], strict=True))
            shown = {name: as_printed(cell) for name, cell in told.items() if name not in TIMES}
            assert shown == {name: line[name] for name in shown}, (kind["id"], line)
            compared += 1
            cells += len(shown)
    assert compared >= COMPARED
    assert cells > 2 * compared, "more than their names"


def test_pages_selectors_text_and_health_make_the_same_list_whatever_the_page_size(
    anna: Person, cluster: str, shop: str
) -> None:
    in_shop = f"kind=ConfigMap&namespace={shop}"
    names = [row["name"] for row in every_row(anna, cluster, f"{in_shop}&limit=500")]
    assert (names, len(names)) == (sorted(names), 13)
    assert [row["name"] for row in every_row(anna, cluster, f"{in_shop}&limit=5")] == names
    assert [row["name"] for row in every_row(anna, cluster, f"{in_shop}&q=CONF-1&limit=1")] == ["conf-10", "conf-11"]
    two = every_row(anna, cluster, f"kind=ConfigMap&namespace={shop},kube-system&limit=3")
    assert {row["namespace"] for row in two} == {shop, "kube-system"}
    assert len({row["uid"] for row in two}) == len(two)
    hidden = every_row(anna, cluster, "kind=ConfigMap&system=hide")
    assert "kube-system" not in {row["namespace"] for row in hidden}
    pods = f"kind=Pod&namespace={shop}&labels=app%3Dweb"
    assert len(every_row(anna, cluster, f"{pods}&health=healthy&fields=status.phase%3DRunning")) == 2
    assert every_row(anna, cluster, f"{pods}&health=failed") == []
    other = anna.get(f"{cluster}/resources?{in_shop}&limit=5").body["next"]
    assert anna.get(f"{cluster}/resources?kind=Pod&cursor={other}").body["code"] == "page.cursor"
    for query, field, word in (
        ("labels=%21%21", "labels", "label selector: "),
        ("fields=a%3Db", "fields", "field selector: "),
    ):
        refused = anna.get(f"{cluster}/resources?{in_shop}&{query}").body
        assert (refused["code"], refused["errors"][0]["field"]) == ("list.selector", field), refused
        assert refused["detail"].startswith(word)
    assert anna.get(f"{cluster}/resources?kind=Nothing.example.org").body["code"] == "cluster.unknown_kind"


def test_credentials_for_two_namespaces_list_these_and_say_so(
    anna: Person, control_plane: ControlPlane, shop: str, mongo: Any
) -> None:
    kubeconfig = an_account(control_plane, shop)
    other = control_plane.namespace("other")
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
    seen = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}
    for namespace in (shop, other):
        metadata = {"name": "reads", "namespace": namespace}
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules}
        grant(control_plane, [role], shop)
    cluster = f"clusters/{a_narrow_cluster(kubeconfig, 'narrow')}"
    known = anna.get(f"{cluster}/resources?kind=ConfigMap").body
    assert known["namespaces"] == {"names": [shop], "total": None, "unasked": 0}, "the one of the account"
    named = anna.get(f"{cluster}/resources?kind=ConfigMap&namespace={shop},kube-system").body
    assert (named["namespaces"], len(named["results"])) == ({"names": [shop], "total": 2, "unasked": 0}, 13)
    spaces = anna.get(f"{cluster}/namespaces/quotas").body
    assert [row["name"] for row in spaces["results"]] == [shop], "the Namespaces page, which was a bare 403"
    assert (spaces["listed"], spaces["quotas_known"], spaces["cut"]) == (False, False, False)
    assert anna.get(f"{cluster}/namespaces").body["results"] == [shop]
    whole = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": f"names-{shop}"}}
    grant(control_plane, [{**whole, "rules": [seen]}], shop)
    pages = [anna.get(f"{cluster}/resources?kind=ConfigMap&limit=13").body]
    assert "results" in pages[0], pages[0]
    pages.append(anna.get(f"{cluster}/resources?kind=ConfigMap&limit=13&cursor={pages[0]['next']}").body)
    assert sorted({row["namespace"] for page in pages for row in page["results"]}) == sorted([shop, other])
    assert pages[0]["namespaces"]["names"] == sorted([shop, other])
    assert pages[0]["namespaces"]["total"] > 2
    assert anna.get(f"{cluster}/resources?kind=Pod").body["code"] == "cluster.nothing_listable"


def test_a_search_through_many_namespaces_goes_on_where_the_last_one_ended(
    anna: Person, control_plane: ControlPlane, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(control_plane.namespace("zsearched") for _ in range(4))
    kubeconfig = an_account(control_plane, names[0])
    reads = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]
    seen = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}]
    rbac = "rbac.authorization.k8s.io/v1"
    metadata = {"name": "reads", "namespace": names[-1]}
    grant(control_plane, [{"apiVersion": rbac, "kind": "Role", "metadata": metadata, "rules": reads}], names[0])
    whole = {"apiVersion": rbac, "kind": "ClusterRole", "metadata": {"name": f"names-{names[0]}"}, "rules": seen}
    grant(control_plane, [whole], names[0])
    cluster = f"clusters/{a_narrow_cluster(kubeconfig, 'narrow')}"
    total = len(anna.get(f"{cluster}/namespaces").body["results"])
    monkeypatch.setattr("clusters.resources.visible.ASKED_AT_ONCE", total - 2)
    first = anna.get(f"{cluster}/resources?kind=ConfigMap")
    assert (first.status, first.body["code"]) == (403, "cluster.nothing_listable")
    assert f"first {total - 2} namespaces; load it again to look into the other 2" in first.body["detail"]
    then = anna.get(f"{cluster}/resources?kind=ConfigMap").body
    assert then["namespaces"] == {"names": [names[-1]], "total": total, "unasked": 0}


def test_no_object_is_lost_or_doubled_where_others_come_and_go_between_pages(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    one, other = sorted(control_plane.namespace("paged") for _ in range(2))

    def conf(name: str, namespace: str) -> dict[str, Any]:
        metadata = {"name": name, "namespace": namespace, "labels": {"paged": "yes"}}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}

    names = [f"b{number}" for number in range(5)]
    for name in names:
        control_plane.apply(conf(name, other))
    control_plane.apply(conf("alone", one))
    for query in (f"namespace={other}&q=b&limit=2", f"namespace={one},{other}&labels=paged%3Dyes&limit=3"):
        for comes in (False, True):
            first = anna.get(f"{cluster}/resources?kind=ConfigMap&{query}").body
            if comes:
                control_plane.apply(conf("a0", other))
            else:
                control_plane.delete("v1", "ConfigMap", "b0", other)
                until(lambda: control_plane.get("v1", "ConfigMap", "b0", other) is None, what="it is gone")
            rest = every_row(anna, cluster, f"kind=ConfigMap&{query}", first["next"])
            assert [row["name"] for row in (*first["results"], *rest) if row["name"] in ("a0", *names)] == names
            control_plane.delete("v1", "ConfigMap", "a0", other)
            until(lambda: control_plane.get("v1", "ConfigMap", "a0", other) is None, what="it is gone")
            control_plane.apply(conf("b0", other))


def test_a_service_without_endpoints_and_an_ingress_to_nowhere_are_green_nowhere(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    """In the list, in the list by health, and on the page of the object: one sentence, that of its diagnosis."""
    namespace = control_plane.namespace("behind")
    spec = {"selector": {"app": "nowhere"}, "ports": [{"port": 80}]}
    metadata = {"name": "broken", "namespace": namespace}
    control_plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})

    def shown() -> list[tuple[str, str]]:
        [row] = every_row(anna, cluster, f"kind=Service&namespace={namespace}")
        page = anna.get(f"{cluster}/resources/Service/{namespace}/broken").body
        return [(one["health"]["state"], one["health"]["reason"]) for one in (row, page)]

    until(lambda: control_plane.get("v1", "Endpoints", "broken", namespace), what="its endpoints are counted")
    wrong = ("degraded", "No pod has the labels that the Service selects: app=nowhere")
    assert shown() == [wrong, wrong]
    query = f"kind=Service&namespace={namespace}&health="
    assert [len(every_row(anna, cluster, query + state)) for state in ("degraded", "healthy")] == [1, 0]
    assert [row["name"] for row in every_row(anna, cluster, "kind=Service&health=present&q=kubernetes")] == [
        "kubernetes"
    ], "the API server of the sandbox writes no endpoints of its own"

    address = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.9.9.9"]}], "ports": [{"port": 80}]}
    labels = {"kubernetes.io/service-name": "broken"}
    by_hand = {"metadata": {"name": "by-hand", "namespace": namespace, "labels": labels}, **address}
    control_plane.apply({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **by_hand})
    until(lambda: [state for state, _ in shown()] == ["healthy", "healthy"], what="it leads somewhere")


def test_a_service_is_not_wrong_because_another_one_of_the_list_is(
    anna: Person, cluster: str, shop: str, control_plane: ControlPlane
) -> None:
    """The pods of a Service in doubt are read, and nobody else's: those of others are not missing for that."""
    spec = {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}
    metadata = {"name": "astray", "namespace": shop}
    control_plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})

    def states() -> dict[str, str]:
        rows = every_row(anna, cluster, f"kind=Service&namespace={shop}")
        return {row["name"]: row["health"]["state"] for row in rows}

    until(lambda: states()["astray"] == "degraded", what="it is found out")
    until(lambda: states()["web"] == "healthy", what="the other one is well", timeout_s=60)
    control_plane.delete("v1", "Service", "astray", shop)


def test_a_workload_is_no_better_in_a_list_than_its_pods(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    """In the list, in the list by health, and on the page: what the canvas says, and not that it is on its way."""
    from tests.cluster.test_diagnosing import deployment

    namespace = control_plane.namespace("stuck")
    one = deployment("web")
    one["metadata"]["namespace"] = namespace
    one["spec"]["template"]["spec"]["nodeSelector"] = {"no": "such"}
    control_plane.apply(one)

    def shown() -> list[str]:
        [row] = every_row(anna, cluster, f"kind=Deployment.apps&namespace={namespace}")
        page = anna.get(f"{cluster}/resources/Deployment.apps/{namespace}/web").body
        return [each["health"]["state"] for each in (row, page)]

    until(lambda: shown() == ["degraded", "degraded"], what="its pod finds no node", timeout_s=60)
    query = f"kind=Deployment.apps&namespace={namespace}"
    [row] = every_row(anna, cluster, f"{query}&health=degraded")
    assert row["health"]["reason"].startswith("The pod cannot be scheduled")
    page = anna.get(f"{cluster}/resources?{query}").body
    assert page["recheck_s"] is None
