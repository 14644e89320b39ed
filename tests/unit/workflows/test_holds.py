"""What stays in the cluster once it is not drawn any more, and what that needs to live."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from clusters.domain.objects import Ref
from tests.support.proportion import assert_in_proportion
from tests.unit.workflows.test_plan import Drawn
from workflows.domain.rendering.data import asks_for_storage, hold_of, hold_of_row
from workflows.domain.rendering.needs import needs_of


def manifest(api_version: str, kind: str, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    metadata = {"name": "x", **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Namespace"),
        ("v1", "PersistentVolume"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("storage.k8s.io/v1", "CSIDriver"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("networking.k8s.io/v1", "IngressClass"),
        ("node.k8s.io/v1", "RuntimeClass"),
        ("gateway.networking.k8s.io/v1", "GatewayClass"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass"),
        ("cert-manager.io/v1", "ClusterIssuer"),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ],
)
def test_what_belongs_to_the_whole_cluster_stays_also_when_all_is_destroyed(api_version: str, kind: str) -> None:
    hold = hold_of(manifest(api_version, kind, namespace=""))
    assert hold is not None
    assert hold.on_destroy
    old = hold_of_row(Ref(api_version, kind, "", "x"), holds_data=False)
    assert old == hold, "an inventory of an earlier release says less, and means the same"


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    ],
)
def test_what_would_do_harm_when_it_is_left_goes(api_version: str, kind: str) -> None:
    assert hold_of(manifest(api_version, kind, namespace="")) is None


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io/v1", "VolumeSnapshot")],
)
def test_what_holds_data_stays(api_version: str, kind: str) -> None:
    hold = hold_of(manifest(api_version, kind))
    assert hold is not None
    assert (hold.loses_data, hold.on_destroy) == (True, True)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Secret"), ("apps/v1", "Deployment"), ("batch/v1", "Job"), ("rbac.authorization.k8s.io/v1", "Role")],
)
def test_other_objects_of_a_namespace_go(api_version: str, kind: str) -> None:
    assert hold_of(manifest(api_version, kind)) is None


def test_a_set_with_claims_stays_and_is_destroyed_unless_its_claims_would_go_with_it() -> None:
    assert hold_of(manifest("apps/v1", "StatefulSet", spec={})) is None
    spec: dict[str, Any] = {"volumeClaimTemplates": [{}]}
    hold = hold_of(manifest("apps/v1", "StatefulSet", spec=spec))
    assert hold is not None
    assert not hold.on_destroy
    spec["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Delete"}
    hold = hold_of(manifest("apps/v1", "StatefulSet", spec=spec))
    assert hold is not None
    assert hold.on_destroy
    assert "whenDeleted" in hold.reason


DATABASES = """
postgresql.cnpg.io/v1: {kind: Cluster, spec: {instances: 3, storage: {size: 1Gi}}}
kafka.strimzi.io/v1beta2: {kind: Kafka, spec: {kafka: {storage: {type: persistent-claim, size: 1Gi}}}}
elasticsearch.k8s.elastic.co/v1: {kind: Elasticsearch, spec: {nodeSets: [{volumeClaimTemplates: [{metadata: {}}]}]}}
rabbitmq.com/v1beta1: {kind: RabbitmqCluster, spec: {persistence: {storage: 1Gi}}}
pxc.percona.com/v1: {kind: PerconaXtraDBCluster, spec: {pxc: {volumeSpec: {persistentVolumeClaim: {resources: {}}}}}}
mongodbcommunity.mongodb.com/v1: {kind: X, spec: {statefulSet: {spec: {volumeClaimTemplates: [{spec: {}}]}}}}
postgres-operator.crunchydata.com/v1beta1: {kind: X, spec: {instances: [{dataVolumeClaimSpec: {accessModes: [a]}}]}}
"""
OTHERS = """
cert-manager.io/v1: {kind: Certificate, spec: {secretName: tls, dnsNames: [a]}}
traefik.io/v1alpha1: {kind: IngressRoute, spec: {routes: []}}
monitoring.coreos.com/v1: {kind: ServiceMonitor, spec: {selector: {}}}
serving.knative.dev/v1: {kind: Service, spec: {template: {spec: {containers: []}}}}
keda.sh/v1alpha1: {kind: ScaledObject, spec: {scaleTargetRef: {name: x}}}
example.com/v1: {kind: Cache, spec: {persistence: false, storage: {}, storageClassName: ""}}
"""


@pytest.mark.parametrize(("api_version", "row"), yaml.safe_load(DATABASES).items())
def test_a_custom_object_that_asks_for_storage_holds_data(api_version: str, row: dict[str, Any]) -> None:
    hold = hold_of(manifest(api_version, row["kind"], spec=row["spec"]))
    assert hold is not None
    assert hold.loses_data


@pytest.mark.parametrize(("api_version", "row"), yaml.safe_load(OTHERS).items())
def test_another_custom_object_goes(api_version: str, row: dict[str, Any]) -> None:
    assert hold_of(manifest(api_version, row["kind"], spec=row["spec"])) is None


def drawn(text: str) -> list[Drawn]:
    out = []
    for one in yaml.safe_load_all(text):
        metadata = one["metadata"]
        ref = Ref(one["apiVersion"], one["kind"], metadata.get("namespace", ""), metadata["name"])
        out.append(Drawn(ref.name, ref, one, 0))
    return out


SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db-headless
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      serviceAccountName: robot
      imagePullSecrets: [{name: pull}]
      containers:
      - name: db
        envFrom: [{configMapRef: {name: settings}}]
        env: [{name: P, valueFrom: {secretKeyRef: {name: password, key: p}}}]
      volumes:
      - {name: a, configMap: {name: files}}
      - {name: b, secret: {secretName: tls}}
      - {name: c, projected: {sources: [{secret: {name: projected}}]}}
  volumeClaimTemplates: [{metadata: {name: data}}]
"""
AROUND = """
{apiVersion: v1, kind: Service, metadata: {name: db-headless, namespace: shop}, spec: {selector: {app: db}}}
---
{apiVersion: v1, kind: Service, metadata: {name: db-headless, namespace: elsewhere}}
---
{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: shop}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reads, namespace: shop}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: binds, namespace: shop}
roleRef: {kind: Role, name: reads}
subjects: [{kind: ServiceAccount, name: robot}]
---
{apiVersion: v1, kind: Secret, metadata: {name: pull, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: password, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: tls, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: projected, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: files, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: password, namespace: shop}}
"""


def test_a_kept_set_needs_its_service_its_identity_and_what_its_pods_read() -> None:
    [(_, needs)] = needs_of(drawn(SET + "---" + AROUND)).items()
    assert {f"{ref.kind}/{ref.name}" for ref in needs} == {
        *("Service/db-headless", "ServiceAccount/robot", "Role/reads", "RoleBinding/binds", "Secret/pull"),
        *("Secret/password", "Secret/tls", "Secret/projected", "ConfigMap/settings", "ConfigMap/files"),
    }
    assert {ref.namespace for ref in needs} == {"shop"}


def test_a_kept_api_needs_the_server_behind_it() -> None:
    text = """
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.x}
spec: {service: {name: s, namespace: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}, spec: {selector: {app: server}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: shop}
spec:
  template: {metadata: {labels: {app: server, more: "1"}}, spec: {containers: [{envFrom: [{secretRef: {name: key}}]}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: shop}}
"""
    [(_, needs)] = needs_of(drawn(text)).items()
    assert sorted(ref.name for ref in needs) == ["key", "s", "server"]


def test_odd_yaml_is_read_without_failing() -> None:
    text = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: a, namespace: b}
spec: {volumeClaimTemplates: [1], template: x}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {selector: {a: 1}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b, labels: []}, spec: [1]}
"""
    assert list(needs_of(drawn(text)).values()) == [()]
    for odd in ("text", 5, None, [], [[{"storage": []}]]):
        assert not asks_for_storage(odd)


def test_the_work_grows_with_the_drawing_and_not_faster() -> None:
    def sets(count: int) -> list[Drawn]:
        text = []
        for n in range(count):
            text += drawn(SET.replace("db", f"db{n}")) + drawn(
                f"{{apiVersion: v1, kind: Service, metadata: {{name: db{n}-headless, namespace: shop}}, "
                f"spec: {{selector: {{app: db{n}, x: y}}}}}}"
            )
        return text

    drawings = {count: sets(count) for count in (100, 200)}
    assert len(needs_of(drawings[200])) == 200
    assert_in_proportion(lambda count: needs_of(drawings[count]), size=100)
