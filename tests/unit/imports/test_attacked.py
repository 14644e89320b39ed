"""What came out wrong of imports once: each case as somebody would write it."""

from __future__ import annotations

import posixpath
from typing import Any

import pytest

from imports.building import build_rows
from imports.charts.kustomize import kustomizations
from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.manifests.read import read
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files, SourceFile
from imports.intake import wrong_path
from kubeorch.base.yaml_writing import dump
from tests.support.helm import written_chart
from tests.unit.imports.convert.apps import of_text
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph


@pytest.mark.parametrize(
    "named",
    [
        "http://127.0.0.1:8080/x.yaml",
        "https://example.com//x.yaml",
        "github.com/x/y/../../../sub",
        "me@host:x/../../sub",
        "gitlab.com:x/../sub",
        "sub/../sub",
    ],
)
def test_a_kustomization_names_no_place_elsewhere_whatever_files_there_are(named: str):

    at = posixpath.normpath(named)
    files = [
        SourceFile("kustomization.yaml", dump({"resources": [named]}).encode()),
        SourceFile(at, b"a: 1\n"),
        SourceFile(f"{at}/kustomization.yaml", b"resources: []\n"),
    ]
    with pytest.raises(ImportInvalid):
        kustomizations(files).check("")


def test_a_folder_that_reads_like_the_beginning_of_an_address_is_refused():
    assert wrong_path("https:/127.0.0.1/x.yaml")
    assert not wrong_path("conf/a:b.yaml")


@pytest.mark.parametrize("policy", ["never", "missing", "if_not_present", "build", "always"])
def test_an_image_that_is_built_is_pulled_from_the_registry(policy: str):
    text = (
        "services:\n"
        "  web:\n"
        "    build: https://github.com/example/shop.git\n"
        "    image: shop:dev\n"
        f"    pull_policy: {policy}\n"
        "  worker:\n"
        "    image: shop:dev\n"
        f"    pull_policy: {policy}\n"
    )
    conversion = of_text(text)
    assert conversion.sources
    drawn = [node for node in conversion.draft.nodes.values() if node.kind == "deployment"]
    assert [node.parameters.get("image_pull_policy") for node in drawn] in ([None, None], ["Always", "Always"])


def test_what_is_told_of_builds_shows_no_secret():
    text = (
        "services:\n"
        "  a: {build: 'https://user:ghp_secretsecret123@github.com/x/y.git', image: 'a:1'}\n"
        "  b: {build: 'https://${GIT_TOKEN}@github.com/x/y.git', image: 'b:1'}\n"
        "  c: {build: {context: ., target: '${API_TOKEN}'}, image: 'c:1'}\n"
    )
    tree = Files({"compose.yaml": text.encode()})
    values = {"GIT_TOKEN": "glpat-zzzzzzzzzzzz", "API_TOKEN": "api-qqqqqqqqqqqq"}
    project = load(tree, ["compose.yaml"], folder_name="shop", environment=values)
    told = str([one.as_json() for one in build_rows(project, convert(project, tree, {}))])
    assert [one for one in ("ghp_secretsecret123", *values.values()) if one in told] == []


def test_a_chart_that_renders_its_values_may_have_random_ones():
    fixed = written_chart(templates__a_yaml="a: {{ tpl .Values.password . }}\n", values_yaml="password: x\n")
    assert not fixed.is_random()
    assert fixed.is_random(("password: '{{ randAlphaNum 20 }}'\n",))
    own = written_chart(templates__a_yaml="a: {{ tpl .Values.p . }}\n", values_yaml="p: '{{ randAlphaNum 20 }}'\n")
    assert own.is_random()
    plain = written_chart(templates__a_yaml="a: {{ .Values.p }}\n", values_yaml="p: '{{ randAlphaNum 20 }}'\n")
    assert not plain.is_random()


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/amd64", "linux/amd64"),
        ("linux/arm/v7", ""),
    ],
)
def test_an_image_is_built_for_the_platform_of_its_pods(written: str, platform: str):
    text = f"services: {{a: {{build: 'https://github.com/example/shop.git', platform: {written}}}}}\n"
    conversion = of_text(text)
    [source] = conversion.sources
    assert source.platform == platform
    if not platform:
        told = [one for one in conversion.ledger.entries if one.path == ("services", "a", "build")]
        assert any("engine" in one.why for one in told)


RIGHTS = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: sa, namespace: prod}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb, namespace: prod}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: sa, namespace: prod}, {kind: ServiceAccount, name: x, namespace: others}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: crb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: sa, namespace: prod}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hooks}
webhooks:
- name: a.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {service: {name: hooks, namespace: prod}}
"""


def test_rights_follow_the_account_into_the_namespace_of_the_environment():
    reading = read([SourceFile("all.yaml", RIGHTS.encode())], the_catalog())
    graph = parse_graph(reading.draft.graph({}), the_catalog())

    def subjects(namespace: str) -> dict[str, Any]:
        rendered = render_graph(graph, the_catalog(), namespace=namespace, variables={})
        rows = {one.ref.name: one.manifest.get("subjects") for one in rendered}
        return {name: [one["namespace"] for one in found] for name, found in rows.items() if found}

    assert subjects("staging") == {"rb": ["staging", "others"], "crb": ["staging"]}
    assert subjects("prod") == {"rb": ["prod", "others"], "crb": ["prod"]}
    warnings = [one.detail for one in reading.warnings(reading.ledger())]
    assert [one for one in warnings if "prod" in one and "hooks" in one]


NAMED = """
services:
  app_db:
    image: postgres:16
    environment: {POSTGRES_DB: app_db, POSTGRES_USER: app_db, POSTGRES_PASSWORD: x}
  web:
    image: example/web:1
    command: [serve, --database=app_db, --db-host=app_db, --also, 'app_db:5432', -h, app_db, -d, app_db]
    environment:
      URL: postgres://app_db@app_db:5432/app_db?x=app_db
      DB_NAME: app_db
      DB_HOST: app_db
      EMAIL: me@app_db
      BROKERS: app_db:9092,app_db:9093
      DSN: host=app_db user=app_db dbname=app_db
"""


def test_a_name_is_written_otherwise_only_where_it_is_that_of_a_host():
    conversion = of_text(NAMED)
    web = next(node for node in conversion.draft.nodes.values() if node.name == "web" and node.kind == "deployment")
    secret = {key: value.decode() for values in conversion.secret_values.values() for key, value in values.items()}
    env = {**web.parameters["env"], **secret}
    assert {name: env[name] for name in ("URL", "DB_NAME", "DB_HOST", "EMAIL", "BROKERS", "DSN") if name in env} == {
        "URL": "postgres://app_db@app-db:5432/app_db?x=app_db",
        "DB_NAME": "app_db",
        "DB_HOST": "app-db",
        "EMAIL": "me@app_db",
        "BROKERS": "app-db:9092,app-db:9093",
        "DSN": "host=app-db user=app_db dbname=app_db",
    }
    words = ["serve", "--database=app_db", "--db-host=app-db", "--also", "app-db:5432", "-h", "app-db", "-d", "app_db"]
    assert web.parameters["args"] == words
    database = next(
        node for node in conversion.draft.nodes.values() if (node.name, node.kind) == ("app-db", "deployment")
    )
    assert {database.parameters["env"][name] for name in ("POSTGRES_DB", "POSTGRES_USER")} == {"app_db"}
