"""Words of YAML 1.1 in manifests mean what they mean to kubectl."""

from __future__ import annotations

from imports.domain.manifests.read import read
from imports.domain.sources import SourceFile
from tests.unit.imports.manifests.support import rendered
from tests.unit.kinds.samples import the_catalog

WEB = b"""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {a: web}}
  template:
    metadata: {labels: {a: web}}
    spec:
      hostNetwork: yes
      containers:
      - {name: web, image: nginx, securityContext: {privileged: no, readOnlyRootFilesystem: on, runAsUser: 1_000}}
---
apiVersion: example.com/v1
kind: Shop
metadata: {name: shop}
spec: {open: no, sells: "no"}
"""


def test_words_are_booleans_in_objects_of_known_and_of_other_kinds():
    found = rendered(read([SourceFile("web.yaml", WEB)], the_catalog()))
    pod = found["Deployment", "web"]["spec"]["template"]["spec"]
    assert pod["hostNetwork"] is True
    assert pod["containers"][0]["securityContext"] == {
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "runAsUser": 1000,
    }
    assert found["Shop", "shop"]["spec"] == {"open": False, "sells": "no"}
