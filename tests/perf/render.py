"""Rendering 1,000 nodes, beside text templates (Jinja2) whose output is parsed by CSafeLoader.

Both make the same objects, which is checked first. Ours includes references, edges, labels, waves and
order; theirs is handed the values of edges ready-made.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment

from kubeorch.processes.garbage import spare_what_is_loaded
from tests.perf._rows import report

ROOT = Path(__file__).resolve().parents[2]

ROUNDS = 7
APPS = 250  # each a Deployment, a Service, a ConfigMap and an Ingress

META = """metadata:
  name: {{ name|tojson }}
  namespace: {{ namespace|tojson }}
  labels:
{%- for key, value in labels.items() %}
    {{ key|tojson }}: {{ value|tojson }}
{%- endfor %}
{%- if annotations %}
  annotations:
{%- for key, value in annotations.items() %}
    {{ key|tojson }}: {{ value|tojson }}
{%- endfor %}
{%- endif %}
"""
TEXT = {
    "deployment": """apiVersion: apps/v1
kind: Deployment
"""
    + META
    + """spec:
  replicas: {{ replicas }}
  selector: {matchLabels: {app: {{ name|tojson }}}}
  template:
    metadata:
      labels:
{%- for key, value in labels.items() %}
        {{ key|tojson }}: {{ value|tojson }}
{%- endfor %}
    spec:
      containers:
        - name: {{ name|tojson }}
          image: {{ image|tojson }}
          ports: [{name: http, containerPort: {{ port }}, protocol: TCP}]
{%- if env %}
          env:
{%- for key, value in env.items() %}
            - {name: {{ key|tojson }}, value: {{ value|tojson }}}
{%- endfor %}
{%- endif %}
          resources:
            requests: {cpu: {{ resources.requests.cpu|tojson }}, memory: {{ resources.requests.memory|tojson }}}
            limits: {memory: {{ resources.limits.memory|tojson }}}
{%- if readiness_probe %}
          readinessProbe:
            httpGet: {path: {{ readiness_probe.path|tojson }}, port: {{ port }}}
            periodSeconds: {{ readiness_probe.period_s }}
{%- endif %}
          volumeMounts:
{%- for mount in mounts %}
            - {name: {{ mount.name|tojson }}, mountPath: {{ mount.path|tojson }}, readOnly: true}
{%- endfor %}
      volumes:
{%- for mount in mounts %}
        - {name: {{ mount.name|tojson }}, configMap: {name: {{ mount.object|tojson }}}}
{%- endfor %}
""",
    "service": """apiVersion: v1
kind: Service
"""
    + META
    + """spec:
  type: {{ type }}
  selector: {app: {{ target|tojson }}}
  ports: [{name: http, port: {{ port }}, targetPort: {{ target_port }}, protocol: {{ protocol }}}]
""",
    "configmap": """apiVersion: v1
kind: ConfigMap
"""
    + META
    + """data:
{%- for key, value in data.items() %}
  {{ key|tojson }}: {{ value|tojson }}
{%- endfor %}
""",
    "ingress": """apiVersion: networking.k8s.io/v1
kind: Ingress
"""
    + META
    + """spec:
  ingressClassName: {{ ingress_class|tojson }}
  rules:
    - host: {{ host|tojson }}
      http:
        paths:
{%- for path in paths %}
          - path: {{ path.path|tojson }}
            pathType: {{ path.type }}
            backend: {service: {name: {{ path.service|tojson }}, port: {number: {{ path.port }}}}}
{%- endfor %}
""",
}


def graph() -> dict[str, Any]:
    nodes, edges = [], []
    for i in range(APPS):
        nodes += [
            {"id": f"d{i}", "kind": "deployment", "name": f"web-{i}", "parameters": {
                "image": f"nginx:1.{i}", "replicas": 2, "port": 8080, "env": {"LOG_LEVEL": "info", "PEER": f"web-{i}"},
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                "readiness_probe": {"path": "/ready", "period_s": 5},
            }},
            {"id": f"s{i}", "kind": "service", "name": f"web-{i}", "parameters": {"port": 80}},
            {"id": f"c{i}", "kind": "configmap", "name": f"conf-{i}", "parameters": {"data": {"a": "x = 1\n"}}},
            {"id": f"i{i}", "kind": "ingress", "name": f"web-{i}",
             "parameters": {"host": f"w{i}.example.com", "ingress_class": "nginx"}},
        ]  # fmt: skip
        edges += [
            {"id": f"sd{i}", "source": f"s{i}", "target": f"d{i}", "relation": "exposes"},
            {"id": f"cd{i}", "source": f"c{i}", "target": f"d{i}", "relation": "mounts"},
            {"id": f"is{i}", "source": f"i{i}", "target": f"s{i}", "relation": "routes"},
        ]
    return {"nodes": nodes, "edges": edges}


def values(raw: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What a text template would be given for every node, edges resolved."""
    out = []
    for node in raw["nodes"]:
        i, name = node["id"][1:], node["name"]
        given = {
            **node["parameters"],
            "name": name,
            "namespace": "shop",
            "labels": {
                "app": name,
                "app.kubernetes.io/name": name,
                "app.kubernetes.io/managed-by": "kubeorch",
                "kubeorch.dev/environment": "e1",
                "kubeorch.dev/node": node["id"],
            },
            "mounts": [{"name": f"configmap-conf-{i}", "path": "/etc/config", "object": f"conf-{i}"}],
            "paths": [{"path": "/", "type": "Prefix", "service": f"web-{i}", "port": 80}],
        }
        if node["kind"] == "service":
            given |= {"type": "ClusterIP", "target": f"web-{i}", "target_port": 8080, "protocol": "TCP"}
        out.append((node["kind"], given))
    return out


def main() -> None:
    from workflows.domain.graphs.read_graph import parse_graph
    from workflows.domain.kinds.catalog import make_catalog
    from workflows.domain.kinds.folder import TemplateFolder
    from workflows.domain.rendering.render import render_graph

    catalog = make_catalog(TemplateFolder(ROOT / "k8s_templates"))
    raw = graph()
    parsed = parse_graph(raw, catalog)
    given = values(raw)
    templates = {kind: Environment(autoescape=False).from_string(text) for kind, text in TEXT.items()}

    def ours() -> list[Any]:
        rendered = render_graph(parsed, catalog, namespace="shop", environment_id="e1")
        return [one.manifest for one in rendered]

    def theirs() -> list[Any]:
        return [yaml.load(templates[kind].render(one), Loader=yaml.CSafeLoader) for kind, one in given]

    def key(manifest: dict[str, Any]) -> tuple[str, str]:
        return manifest["kind"], manifest["metadata"]["name"]

    spare_what_is_loaded()  # as every role does that renders
    assert sorted(ours(), key=key) == sorted(theirs(), key=key), "the two do not make the same objects"
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    mine, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    report("render_1000", mine, other, unit="s", must=0.08, aim=0.05)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
