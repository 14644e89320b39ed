"""Objects become a graph that renders exactly them."""

from __future__ import annotations

import base64
from pathlib import Path
from random import Random
from typing import Any

import pytest

from imports.domain.ledger import Outcome
from imports.domain.manifests.read import read
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from kubeorch.base.yaml import load_all_strict
from tests.support.seeds import SEED
from tests.unit.imports.manifests.generated import objects
from tests.unit.imports.manifests.support import graph_of, meant, reading_of, rendered
from tests.unit.kinds.samples import GOLDEN, SAMPLES, object_kinds, the_catalog
from workflows.domain.rendering.render import render_graph

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "manifests").glob("*"))
RANDOM_APPLICATIONS = 12
WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"run": "web"}},
        "template": {
            "metadata": {"labels": {"run": "web", "tier": "front"}},
            "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27", "ports": [{"containerPort": 80}]}]},
        },
    },
}


def an_object(kind: str, name: str, api_version: str = "v1", **content: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **content}


def with_pod(**spec: Any) -> dict[str, Any]:
    template = WEB["spec"]["template"]
    return {**WEB, "spec": {**WEB["spec"], "template": {**template, "spec": {**template["spec"], **spec}}}}


def with_container(**fields: Any) -> dict[str, Any]:
    return with_pod(containers=[{**WEB["spec"]["template"]["spec"]["containers"][0], **fields}])


def edges_of(reading: Any) -> list[tuple[str, str, str]]:
    return sorted((edge.source, edge.relation, edge.target) for edge in reading.draft.edges)


def of_outcome(reading: Any, outcome: Outcome) -> list[Any]:
    return [entry for entry in reading.ledger().entries if entry.outcome is outcome]


@pytest.mark.parametrize("kind", [kind for kind in object_kinds() if kind != "manifest"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_a_kind_renders_is_read_back_into_it(kind: str, sample: str):
    manifests = load_all_strict((GOLDEN / kind / f"{sample}.yaml").read_bytes())
    if kind == "secret":
        manifests[0]["data"] = {"tls.crt": "", "tls.key": ""}
    reading = reading_of(*manifests)
    found = rendered(reading)

    assert kind in {node.kind for node in reading.draft.nodes.values()}
    for manifest in manifests:
        assert meant(found[manifest["kind"], manifest["metadata"]["name"]]) == meant(manifest)


@pytest.mark.parametrize("number", range(RANDOM_APPLICATIONS))
def test_a_random_application_is_rendered_as_it_was(number: int):
    manifests = objects(Random(SEED * 1000 + number))
    reading = reading_of(*manifests)
    found = rendered(reading)

    assert len(found) == len(manifests)
    for manifest in manifests:
        same = found[manifest["kind"], manifest["metadata"]["name"]]
        assert meant(same, of=manifests) == meant(manifest, of=manifests)
    assert "hidden-value" not in repr((reading, reading.ledger(), reading.draft.graph({})))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_public_application_is_rendered_as_it_was(path: Path):
    reading = read([SourceFile(path.name, path.read_bytes())], the_catalog())
    found = rendered(reading)

    documents = [one for one in load_all_strict(path.read_bytes()) if one]
    for manifest in [item for one in documents for item in one.get("items", [one])]:
        assert meant(found[manifest["kind"], manifest["metadata"]["name"]]) == meant(manifest)


def test_parameters_say_what_they_can_and_the_patch_the_rest():
    policy = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    reading = reading_of(with_container(**policy, env=[{"name": "A", "value": "1"}]))
    [node] = reading.draft.nodes.values()

    assert node.parameters == {
        "image": "nginx:1.27",
        "ports": [{"port": 80}],
        "env": {"A": "1"},
        "container_name": "nginx",
        "pod_labels": {"run": "web", "tier": "front"},
        "selector": {"run": "web"},
    }
    assert node.patch == {"spec": {"template": {"spec": {"containers[nginx]": policy}}}}


def test_the_order_of_variables_stays():
    env = [
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "b"}}},
        {"name": "A", "value": "$(B)"},
    ]
    reading = reading_of(with_container(env=env), an_object("Secret", "keys", data={"b": "eA=="}))

    [container] = rendered(reading)["Deployment", "web"]["spec"]["template"]["spec"]["containers"]
    assert container["env"] == env
    assert edges_of(reading) == [("secret-keys", "sets_env", "deployment-web")]


def test_references_become_edges_that_write_what_the_objects_say():
    volumes = [
        {"name": "conf", "configMap": {"name": "conf"}},
        {"name": "disk", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    mounts = [{"name": "conf", "mountPath": "/etc/conf"}, {"name": "disk", "mountPath": "/data"}]
    storage = {"resources": {"requests": {"storage": "1Gi"}}}
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    limits = {"maxReplicas": 3, "metrics": [{"type": "Resource", "resource": cpu}]}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    container = {"name": "web", "image": "a:1", "volumeMounts": mounts, "envFrom": [{"secretRef": {"name": "keys"}}]}
    manifests = [
        with_pod(containers=[container], volumes=volumes, serviceAccountName="robot"),
        an_object("Service", "web", spec={"selector": {"tier": "front"}, "ports": [{"port": 80}]}),
        an_object("ConfigMap", "conf", data={"a": "1"}),
        an_object("Secret", "keys", stringData={"K": "v"}),
        an_object("PersistentVolumeClaim", "data", spec={"accessModes": ["ReadWriteOnce"], **storage}),
        an_object("ServiceAccount", "robot"),
        an_object("HorizontalPodAutoscaler", "web", "autoscaling/v2", spec={"scaleTargetRef": scaled, **limits}),
        an_object("Ingress", "web", "networking.k8s.io/v1", spec={"rules": [{"http": {"paths": [path]}}]}),
        an_object(
            "NetworkPolicy", "web", "networking.k8s.io/v1", spec={"podSelector": {"matchLabels": {"run": "web"}}}
        ),
    ]
    reading = reading_of(*manifests)

    assert edges_of(reading) == [
        ("configmap-conf", "mounts", "deployment-web"),
        ("horizontalpodautoscaler-web", "scales", "deployment-web"),
        ("ingress-web", "routes", "service-web"),
        ("networkpolicy-web", "selects", "deployment-web"),
        ("persistentvolumeclaim-data", "stores", "deployment-web"),
        ("secret-keys", "sets_env", "deployment-web"),
        ("service-web", "exposes", "deployment-web"),
        ("serviceaccount-robot", "runs_as", "deployment-web"),
    ]
    assert {node.id for node in reading.draft.nodes.values() if node.patch} == set()
    for manifest in manifests:
        found = rendered(reading)[manifest["kind"], manifest["metadata"]["name"]]
        assert meant(found, of=manifests) == meant(manifest, of=manifests)


def test_a_route_is_joined_to_its_gateway_and_its_services_and_what_its_cluster_filled_in_is_no_patch():
    gateway_api = "gateway.networking.k8s.io/v1"
    ports = {"ports": [{"port": 80}]}
    filled = {"group": "", "kind": "Service", "weight": 1}
    match = {"path": {"type": "PathPrefix", "value": "/"}}
    listener = {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "Same"}}}
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}
    manifests = [
        an_object("Gateway", "edge", gateway_api, spec={"gatewayClassName": "nginx", "listeners": [listener]}),
        an_object(
            "HTTPRoute",
            "shop",
            gateway_api,
            spec={
                "parentRefs": [parent],
                "rules": [
                    {"matches": [match], "backendRefs": [{**filled, "name": "a", "port": 80}]},
                    {"matches": [{"path": {"value": "/b"}}], "backendRefs": [{"name": "b", "port": 80, "weight": 3}]},
                ],
            },
        ),
        an_object("HTTPRoute", "plain", gateway_api, spec={"rules": [{"backendRefs": [{"name": "a", "port": 80}]}]}),
        an_object(
            "HTTPRoute",
            "shared",
            gateway_api,
            spec={"rules": [{"backendRefs": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]}]},
        ),
        an_object("Service", "a", spec=ports),
        an_object("Service", "b", spec=ports),
    ]
    reading = reading_of(*manifests)

    assert edges_of(reading) == [
        ("httproute-plain", "forwards", "service-a"),
        ("httproute-shared", "after", "service-a"),
        ("httproute-shared", "after", "service-b"),
        ("httproute-shop", "attaches", "gateway-edge"),
        ("httproute-shop", "forwards", "service-a"),
        ("httproute-shop", "forwards", "service-b"),
    ]
    assert {node.id for node in reading.draft.nodes.values() if node.patch} == set()
    for manifest in manifests:
        assert meant(rendered(reading)[manifest["kind"], manifest["metadata"]["name"]]) == meant(manifest)


def test_a_reference_that_no_edge_can_write_says_that_one_rests_on_the_other():
    role = an_object("Role", "reader", "rbac.authorization.k8s.io/v1", rules=[])
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    subjects = [{"kind": "ServiceAccount", "name": "robot"}]
    binding = an_object("RoleBinding", "b", "rbac.authorization.k8s.io/v1", roleRef=reference, subjects=subjects)
    reading = reading_of(role, binding, an_object("ServiceAccount", "robot"))

    assert edges_of(reading) == [
        ("rolebinding-b", "after", "role-reader"),
        ("rolebinding-b", "after", "serviceaccount-robot"),
    ]


@pytest.mark.parametrize("own", [{}, {"namespace": "live"}])
def test_an_account_of_a_binding_is_named_as_it_was(own: dict[str, str]):
    """With its namespace or without: what is taken over from a namespace must be the same text."""
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    subjects = [{"kind": "ServiceAccount", "name": "robot", **own}, {"kind": "Group", "name": "ops"}]
    binding = an_object("RoleBinding", "b", "rbac.authorization.k8s.io/v1", roleRef=reference, subjects=subjects)
    for one in (binding, role := an_object("Role", "reader", "rbac.authorization.k8s.io/v1", rules=[])):
        one["metadata"]["namespace"] = "live"
    reading = reading_of(binding, role, namespace="live")
    made = render_graph(graph_of(reading), the_catalog(), namespace="live", variables={})

    [found] = [one.manifest for one in made if one.ref.kind == "RoleBinding"]
    assert found["subjects"] == subjects


def test_what_the_cluster_wrote_is_left_out_with_the_reason():
    printed = {
        **WEB,
        "metadata": {
            "name": "web", "namespace": "shop", "uid": "1", "resourceVersion": "2", "generation": 3,
            "annotations": {"deployment.kubernetes.io/revision": "1", "mine": "kept"},
        },
        "status": {"replicas": 1},
    }  # fmt: skip
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1", "controller": True}]
    replica_set = an_object("ReplicaSet", "web-1", "apps/v1", spec={})
    replica_set["metadata"]["ownerReferences"] = owner
    items = [printed, replica_set, an_object("ConfigMap", "kube-root-ca.crt")]
    reading = reading_of({"apiVersion": "v1", "kind": "List", "items": items})

    assert [node.id for node in reading.draft.nodes.values()] == ["deployment-web"]
    assert reading.namespace == "shop"
    assert [(one.written.ref.kind, one.why) for one in reading.left_out] == [
        ("ReplicaSet", "Deployment web makes it"),
        ("ConfigMap", "each namespace has it by itself"),
    ]
    assert not reading.ledger().dropped()
    left_out = {entry.path[3] for entry in of_outcome(reading, Outcome.LEFT_OUT) if len(entry.path) == 4}
    assert left_out == {
        *("metadata.uid", "metadata.resourceVersion", "metadata.generation", "status"),
        "metadata.annotations.deployment.kubernetes.io/revision",
    }
    assert rendered(reading)["Deployment", "web"]["metadata"]["annotations"] == {"mine": "kept"}


def test_a_namespace_is_said_to_be_that_of_the_environment_unless_it_is_another_one():
    maps = [an_object("ConfigMap", name) for name in ("a", "b", "c")]
    for one, namespace in zip(maps, ("demo", "demo", "other"), strict=True):
        one["metadata"]["namespace"] = namespace
    reading = reading_of(*maps)
    found = {one.path[2]: one for one in reading.ledger().entries if one.path[3:] == ("metadata", "namespace")}
    assert [one.outcome.value for one in found.values()] == ["left_out", "left_out", "converted"]
    assert found["a"].why == "the environment names the namespace; with demo the object stays where it was"
    assert found["c"].became[0].field == "parameters.namespace"
    assert reading.namespace == "demo"


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        ({"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"]}, {}),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, {"clusterIP": "None"}),
    ],
)
def test_a_service_leaves_the_address_that_its_cluster_gave_it(spec: dict[str, object], kept: dict[str, object]):
    ports = [{"port": 80, "targetPort": 80}]
    reading = reading_of(an_object("Service", "web", spec={**spec, "selector": {"app": "web"}, "ports": ports}))
    shown = rendered(reading)["Service", "web"]["spec"]
    assert {key: value for key, value in shown.items() if key == "clusterIP"} == kept
    left_out = {entry.path[3] for entry in of_outcome(reading, Outcome.LEFT_OUT)}
    assert left_out == ({f"spec.{key}" for key in spec} if not kept else set())


@pytest.mark.parametrize(("printed", "port"), [(True, None), (False, 30080)])
def test_a_node_port_that_a_cluster_printed_is_left_to_the_next_cluster(printed: bool, port: int | None):
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    service = an_object("Service", "web", spec={"type": "NodePort", "selector": {"app": "web"}, "ports": ports})
    service["metadata"] |= {"uid": "1"} if printed else {}
    reading = reading_of(service)
    assert rendered(reading)["Service", "web"]["spec"]["ports"][0].get("nodePort") == port
    left_out = {entry.path[3] for entry in of_outcome(reading, Outcome.LEFT_OUT)}
    assert ("spec.ports[0].nodePort" in left_out) == printed


def test_values_of_secrets_are_kept_apart_from_everything_else():
    reading = reading_of(an_object("Secret", "keys", data={"a": "aGlkZGVu"}, stringData={"b": "hidden"}))

    assert reading.secrets == {"secret-keys": {"a": b"hidden", "b": b"hidden"}}
    assert reading.draft.nodes["secret-keys"].parameters == {"keys": ["a", "b"]}
    graph_of(reading)


def test_the_ledger_has_each_field_and_what_it_became():
    reading = reading_of(with_container(tty=True, terminationMessagePath="/x"))
    entries = {entry.path[3:]: entry.became[0].field for entry in reading.ledger().entries if entry.became}
    container = ("spec", "template", "spec", "containers", 0)

    assert entries[(*container, "image")] == "parameters.image"
    assert entries[(*container, "terminationMessagePath")] == (
        "patch.spec.template.spec.containers[nginx].terminationMessagePath"
    )
    assert len(entries) == 11


ITEM = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}'
ITEM_B = ITEM.replace('"a"', '"b"')
MORE = "  kind: ConfigMap\n  metadata: {name: b}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1", "app.yaml:1:1: this is not a Kubernetes object"),
        (f"{CONFIG}---\njust text\n", "app.yaml:4:1: this is not a Kubernetes object"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a}", "app.yaml:1:1: this Pod has no name; generateName"),
        ("apiVersion: v1\nkind: [\n", "app.yaml:3:1: "),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: '*hidden*'}", "app.yaml:1:1: the value of k in"),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "app.yaml:1:1: a Kustomization is built",
        ),
        ("apiVersion: v1\nkind: {{ .Values.kind }}\n", "app.yaml:2:1: it has template expressions"),
        ("apiVersion: v1\nkind: List\nitems: 3\n", "app.yaml:1:1: the items of the List must be a list"),
        (f"{CONFIG}---\n{CONFIG}", "app.yaml:4:1: the ConfigMap a is already in app.yaml:1:1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(text: str, where: str):
    with pytest.raises(ImportInvalid) as found:
        read([SourceFile("app.yaml", text.encode())], the_catalog())
    assert found.value.detail.startswith(where)
    assert "hidden" not in found.value.detail


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"# all\napiVersion: v1\nkind: List\nitems:\n- {ITEM}\n- apiVersion: v1\n{MORE}", [(5, 3), (6, 3)]),
        (f'{{"apiVersion": "v1", "kind": "ConfigMapList", "items": [\n{ITEM},\n  {ITEM_B}]}}', [(2, 1), (3, 3)]),
    ],
)
def test_each_object_of_a_list_has_its_own_place(text: str, places: list[tuple[int, int]]):
    reading = read([SourceFile("all.yaml", text.encode())], the_catalog())
    assert [node.place and node.place[1:] for node in reading.draft.nodes.values()] == places
    assert {entry.place and entry.place[1:] for entry in reading.ledger().entries} == set(places)


def test_equal_files_give_equal_graphs():
    manifests = objects(Random(SEED))

    assert reading_of(*manifests).draft.graph({}) == reading_of(*manifests).draft.graph({})


@pytest.mark.parametrize("key", ["objectset.rio.cattle.io/applied", "example.com/last-applied", "note"])
@pytest.mark.parametrize("form", ["text", "base64", "zipped"])
def test_an_annotation_that_holds_a_copy_of_a_secret_is_left_out(key: str, form: str):
    value, coded = "zq9-PLANTED-77", base64.b64encode(b"zq9-PLANTED-77").decode()
    copy = {"text": f"was {value}", "base64": f'{{"x": "{coded}"}}', "zipped": "H4sIAAAAAAAA/6pWSkksSVSy"}[form]
    metadata = {"name": "login", "annotations": {key: copy, "kept": "yes"}}
    secret = {**an_object("Secret", "login", stringData={"password": value}), "metadata": metadata}
    reading = reading_of(secret)
    shown = str(reading.draft.graph({})) + str([one.as_json() for one in reading.ledger().entries])
    assert value not in shown and coded not in shown and "H4sI" not in shown  # noqa: PT018 - one thing
    [node] = reading.draft.nodes.values()
    assert node.parameters["annotations"] == {"kept": "yes"}
    assert any(one.path[-1] == f"metadata.annotations.{key}" for one in reading.ledger().dropped())


def test_a_variable_of_a_container_that_looks_like_a_secret_is_a_decision():
    env = [{"name": "DB_PASSWORD", "value": "zq9"}, {"name": "MODE", "value": "fast"}]
    entries = reading_of(with_container(env=env)).ledger().entries
    [found] = [one for one in entries if one.outcome is Outcome.DECISION]
    assert (found.path[-3:], found.became[0].node_id) == (("env", 0, "value"), "deployment-web")
    assert "zq9" not in found.why


def test_what_objects_name_and_nobody_brought_is_said_with_who_needs_it():
    pod = {
        "containers": WEB["spec"]["template"]["spec"]["containers"],
        "serviceAccountName": "robot",
        "priorityClassName": "system-node-critical",
        "imagePullSecrets": [{"name": "registry"}],
        "volumes": [
            {"name": "a", "configMap": {"name": "conf"}},
            {"name": "b", "secret": {"secretName": "maybe", "optional": True}},
            {"name": "c", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "d", "configMap": {"name": "kube-root-ca.crt"}},
        ],
    }
    claim = an_object(
        "PersistentVolumeClaim", "data", spec={"storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}
    )
    widget = an_object("Widget", "w", "shop.example/v1", spec={})
    reading = reading_of(with_pod(**pod), claim, widget)
    found = [one for one in reading.warnings(reading.ledger()) if one.code == "import.not_brought"]
    assert [(one.node_ids, one.detail.partition(", which")[0]) for one in found] == [
        (("deployment-web",), "Deployment web needs the ServiceAccount robot"),
        (("deployment-web",), "Deployment web needs the Secret registry"),
        (("deployment-web",), "Deployment web needs the ConfigMap conf"),
        (("persistentvolumeclaim-data",), "PersistentVolumeClaim data needs the StorageClass fast"),
        (("widget-w",), "Widget w needs the CustomResourceDefinition of Widget in shop.example"),
    ]


def test_a_definition_among_the_objects_is_not_missed():
    names = {"kind": "Widget", "plural": "widgets"}
    spec = {"group": "shop.example", "names": names, "scope": "Namespaced", "versions": []}
    defined = an_object("CustomResourceDefinition", "widgets.shop.example", "apiextensions.k8s.io/v1", spec=spec)
    reading = reading_of(an_object("Widget", "w", "shop.example/v1", spec={}), defined)
    assert reading.warnings(reading.ledger()) == ()


@pytest.mark.parametrize("namespace", [None, "demo"])
def test_objects_that_name_their_namespace_and_those_that_do_not_are_together(namespace: str | None) -> None:
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: demo}\n"
        "spec: {selector: {app: web}, ports: [{port: 80}]}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},\n"
        "  spec: {serviceAccountName: own, containers: [{name: web, image: nginx}]}}}\n---\n"
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: own, namespace: demo}\n"
    )
    found = read([SourceFile("all.yaml", text.encode())], the_catalog(), namespace=namespace)
    assert ("service-web", "deployment-web", "exposes") in {
        (edge.source, edge.target, edge.relation) for edge in found.draft.edges
    }
    assert found.warnings(found.ledger()) == ()


def test_a_hook_of_a_chart_without_a_name_is_called_as_its_names_begin():
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: set-up-}\ndata: {a: b}\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: set-up-}\nspec: {containers: [{name: a, image: a}]}\n"
    )
    reading = read([SourceFile("app.yaml", text.encode())], the_catalog(), by_prefix=True)
    found = rendered(reading)
    assert sorted(found) == [("ConfigMap", "set-up"), ("Pod", "set-up")]
    assert [one["metadata"].get("generateName") for one in found.values()] == [None, None]
    [entry, _] = [one for one in reading.ledger().entries if one.path[-1] == "metadata.generateName"]
    assert (entry.outcome, entry.why) == ("left_out", "runs apply one object of this name, where Helm makes new ones")
