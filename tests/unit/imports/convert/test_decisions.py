"""Answers change what a project becomes, and are refused where they are none."""

from __future__ import annotations

import pytest

from imports.domain.convert.conversion import Conversion
from imports.domain.convert.decisions import AnswerInvalid, chosen_profiles
from tests.unit.imports.convert.apps import converted, of_text
from tests.unit.imports.convert.test_containers import objects_of, outcome, pod_of, service

TWO = """
services:
  web: {image: example/web:1, ports: ["8080:80"], volumes: ["data:/data"], networks: [a, b]}
  db: {image: postgres:16, volumes: ["data:/data", "pg:/var/lib/postgresql/data"], networks: [b]}
volumes: {data: , pg: }
networks: {a: , b: {internal: true}}
"""


def answers_of(conversion: Conversion) -> dict[str, tuple[str, list[str]]]:
    """The answer and the choices of each decision."""
    return {one.id: (one.answer, [choice.value for choice in one.choices]) for one in conversion.decisions}


def kinds(conversion: Conversion) -> dict[str, str]:
    return {one["metadata"]["name"]: one["kind"] for one in objects_of(conversion)}


@pytest.mark.parametrize(
    ("kind", "found"), [("statefulset", "StatefulSet"), ("daemonset", "DaemonSet"), ("job", "Job")]
)
def test_a_service_becomes_the_kind_that_was_decided(kind: str, found: str):
    assert found in {one["kind"] for one in objects_of(of_text(service(), {"service/web/kind": kind}))}


def test_a_cronjob_runs_on_the_schedule_that_was_given():
    answers = {"service/web/kind": "cronjob", "service/web/schedule": "0 3 * * *"}
    [found] = objects_of(of_text(service(), answers))
    assert (found["kind"], found["spec"]["schedule"]) == ("CronJob", "0 3 * * *")


@pytest.mark.parametrize(
    ("exposure", "kind", "port"), [("nodeport", "NodePort", 8080), ("loadbalancer", "LoadBalancer", 8080)]
)
def test_what_is_published_gets_a_service_of_its_own(exposure: str, kind: str, port: int):
    found = objects_of(of_text(TWO, {"service/web/exposure": exposure}))
    [public] = [one for one in found if one["metadata"]["name"] == "web-public"]
    [inside] = [one for one in found if (one["kind"], one["metadata"]["name"]) == ("Service", "web")]
    assert (public["spec"]["type"], public["spec"]["ports"][0]["port"]) == (kind, port)
    assert public["spec"]["ports"][0]["targetPort"] == inside["spec"]["ports"][0]["port"] == 80


def test_an_ingress_serves_the_host_that_was_given_with_tls():
    answers = {"service/web/exposure": "ingress", "service/web/host": "shop.example.com", "service/web/tls": "yes"}
    [ingress] = [one for one in objects_of(of_text(TWO, answers)) if one["kind"] == "Ingress"]
    assert ingress["spec"]["tls"] == [{"hosts": ["shop.example.com"]}]
    [rule] = ingress["spec"]["rules"]
    assert rule["host"] == "shop.example.com"
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "web", "port": {"number": 80}}


def test_volumes_have_the_size_the_class_and_the_access_that_were_given():
    answers = {"volume/data/access": "ReadWriteMany", "volume/data/size": "5Gi", "volume/data/storage_class": "nfs"}
    [claim] = [one for one in objects_of(of_text(TWO, answers)) if one["metadata"]["name"] == "data"]
    assert claim["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "nfs",
        "resources": {"requests": {"storage": "5Gi"}},
    }


def test_scratch_volumes_are_empty_folders_of_each_pod():
    found = kinds(of_text(TWO, {"volume/data": "scratch", "volume/pg": "scratch"}))
    assert "PersistentVolumeClaim" not in found.values()


def test_a_seeded_volume_is_filled_from_the_image_before_the_container_starts():
    text = service("volumes: ['data:/app/data']") + "\nvolumes: {data: }"
    [init] = pod_of(of_text(text, {"volume/data/seed/web": "yes"}))["initContainers"]
    assert init["image"] == "example/web:1"
    assert init["volumeMounts"] == [{"name": "claim-data", "mountPath": "/seed"}]
    assert "cp -a" in init["command"][2]


def test_a_database_gets_an_empty_directory_of_its_claim_and_all_that_mount_it_see_the_same():
    text = """
services:
  db: {image: 'postgres:16', volumes: ['pg:/var/lib/postgresql/data']}
  backup: {image: a, volumes: ['pg:/from:ro', 'other:/to']}
  old: {image: 'mysql:8', volumes: ['./mysql:/var/lib/mysql']}
  own: {image: 'example/pg:1', environment: {PGDATA: /data/postgres/}, volumes: ['own:/data/postgres']}
  inner: {image: 'postgres:16', environment: {PGDATA: /pg/17}, volumes: ['inner:/pg']}
  moved: {image: 'mysql:8', command: --datadir=/disk, volumes: ['moved:/disk']}
volumes: {pg: , other: , own: , inner: , moved: }
"""
    conversion = of_text(text)
    inside = {
        mount["mountPath"]: mount.get("subPath")
        for one in objects_of(conversion)
        if one["kind"] in ("Deployment", "StatefulSet")
        for mount in one["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    }
    usual = {"/var/lib/postgresql/data": "data", "/from": "data", "/to": None, "/var/lib/mysql": "data"}
    assert inside == {**usual, "/data/postgres": "data", "/pg": None, "/disk": "data"}
    said = {one.path[1] for one in conversion.ledger.entries if "lost+found" in one.why}
    assert said == {"db", "backup", "old", "own", "moved"}


def test_networks_become_policies_only_by_decision():
    assert "NetworkPolicy" not in kinds(of_text(TWO)).values()
    found = [one for one in objects_of(of_text(TWO, {"networks": "policies"})) if one["kind"] == "NetworkPolicy"]
    by_name = {one["metadata"]["name"]: one["spec"] for one in found}
    assert by_name["network-a"]["ingress"] == [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]
    assert by_name["network-b-egress"]["podSelector"] == {"matchLabels": {"app": "db"}}
    assert [name for name in by_name if name.endswith("-published")] == []


def test_policies_let_everyone_reach_only_what_is_open_to_the_outside():
    conversion = of_text(TWO, {"networks": "policies"})
    [port] = [one for one in conversion.ledger.entries if one.path == ("services", "web", "ports", 0)]
    assert "let only services of a and b reach it" in port.why
    conversion = of_text(TWO, {"networks": "policies", "service/web/exposure": "nodeport"})
    found = {one["metadata"]["name"]: one for one in objects_of(conversion) if one["kind"] == "NetworkPolicy"}
    assert found["web-published"]["spec"]["ingress"] == [{"ports": [{"port": 80, "protocol": "TCP"}]}]
    [port] = [one for one in conversion.ledger.entries if one.path == ("services", "web", "ports", 0)]
    assert "web-published lets everyone reach port 80" in port.why


NEEDS = """
services:
  web: {image: a, depends_on: {NAME: {condition: CONDITION, required: REQUIRED}}}
  db: {image: postgres:16, healthcheck: {test: [CMD, pg_isready]}}
  cache: {image: redis:8}
  migrate: {image: example/migrate}
"""


def needs(name: str, condition: str, answers: dict[str, str] | None = None, required: str = "true") -> Conversion:
    text = NEEDS.replace("NAME", name).replace("CONDITION", f"service_{condition}").replace("REQUIRED", required)
    return of_text(text, answers or {})


def orders_of(conversion: Conversion) -> list[tuple[str, str, str]]:
    return [
        (edge.source, edge.relation, edge.target)
        for edge in conversion.draft.edges
        if edge.relation.startswith("after")
    ]


@pytest.mark.parametrize(
    ("name", "condition", "required", "relation", "became", "said"),
    [
        ("db", "started", "true", "after", "converted", "a run applies it after that"),
        ("db", "healthy", "true", "after_health", "converted", "once db is healthy, and stops if that fails"),
        ("cache", "healthy", "true", "after_health", "approximated", "no healthcheck says when they are ready"),
        (
            "migrate",
            "completed_successfully",
            "true",
            "after_completion",
            "converted",
            "once the Job migrate has completed",
        ),
        ("db", "healthy", "false", "after", "approximated", "does not wait: `required` is false"),
    ],
)
def test_a_run_keeps_the_order_that_a_dependency_asks_for(
    name: str, condition: str, required: str, relation: str, became: str, said: str
):
    conversion = needs(name, condition, required=required)
    assert orders_of(conversion) == [("web", relation, name)]
    assert "initContainers" not in str(objects_of(conversion)), "no image and no right is needed"
    found, why = outcome(conversion, "depends_on", name)
    assert found == became
    assert said in why


def test_what_never_completes_is_waited_for_until_it_is_healthy():
    conversion = needs("db", "completed_successfully", {"service/db/kind": "statefulset"})
    assert orders_of(conversion) == [("web", "after_health", "db")]
    assert "it never completes" in outcome(conversion, "depends_on", "db")[1]


@pytest.mark.parametrize(("how", "orders"), [("gate", ["after"]), ("order", ["after_health"]), ("none", [])])
def test_a_dependency_is_kept_as_decided(how: str, orders: list[str]):
    conversion = needs("db", "healthy", {"depends/web/db": how})
    [web] = [one for one in objects_of(conversion) if one["metadata"]["name"] == "web" and one["kind"] == "Deployment"]
    assert ("initContainers" in web["spec"]["template"]["spec"]) == (how == "gate")
    assert [relation for _, relation, _ in orders_of(conversion)] == orders


def test_a_gate_runs_the_image_that_was_given_and_says_so():
    answers = {"depends/web/db": "gate", "gate/port_image": "registry.example.com/tools/nc:1"}
    conversion = needs("db", "healthy", answers)
    [web] = [one for one in objects_of(conversion) if one["metadata"]["name"] == "web" and one["kind"] == "Deployment"]
    [gate] = web["spec"]["template"]["spec"]["initContainers"]
    assert gate["image"] == "registry.example.com/tools/nc:1"
    assert "db 5432" in gate["command"][-1]
    assert "with the image registry.example.com/tools/nc:1" in outcome(conversion, "depends_on", "db")[1]


def test_a_gate_for_a_job_may_see_just_that_job():
    conversion = needs("migrate", "completed_successfully", {"depends/web/migrate": "gate"})
    by_kind = {one["kind"]: one for one in objects_of(conversion) if one["kind"] not in ("Deployment", "StatefulSet")}
    assert by_kind["Role"]["rules"] == [
        {"apiGroups": ["batch"], "resources": ["jobs"], "resourceNames": ["migrate"], "verbs": ["get", "list", "watch"]}
    ]
    assert by_kind["RoleBinding"]["subjects"] == [{"kind": "ServiceAccount", "name": "web-waits"}]
    [web] = [one for one in objects_of(conversion) if one["metadata"]["name"] == "web" and one["kind"] == "Deployment"]
    pod = web["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == by_kind["ServiceAccount"]["metadata"]["name"] == "web-waits"
    assert pod["initContainers"][0]["args"][:3] == ["wait", "--for=condition=Complete", "job/migrate"]
    assert "the right to see just this Job" in outcome(conversion, "depends_on", "migrate")[1]


def test_a_restart_with_a_dependency_is_dropped_with_the_reason():
    conversion = of_text(
        "services: {web: {image: a, depends_on: {db: {condition: service_started, restart: true}}}, db: {image: b}}"
    )
    assert outcome(conversion, "depends_on", "db", "restart")[0] == "dropped"
    assert outcome(conversion, "depends_on", "db", "condition")[0] == "converted"


def test_secrets_are_sealed_asked_for_made_or_kept_as_text():
    text = service("environment: {DB_PASSWORD: hunter2}")
    sealed = of_text(text)
    assert sealed.secret_values == {"secret-web-env": {"DB_PASSWORD": b"hunter2"}}
    asked = of_text(text, {"secret/web/DB_PASSWORD": "ask"})
    assert (asked.secret_values, asked.to_generate) == ({}, {})
    made = of_text(text, {"secret/web/DB_PASSWORD": "generate"})
    assert made.to_generate == {"secret-web-env": {"DB_PASSWORD": "web/DB_PASSWORD"}}
    assert pod_of(of_text(text, {"secret/web/DB_PASSWORD": "plain"}))["containers"][0]["env"][0]["value"] == "hunter2"


def test_a_blank_password_that_sets_up_a_database_is_made_and_reaches_all_others_are_asked_for():
    text = """
    services:
      db: {image: postgres:16, environment: [POSTGRES_PASSWORD]}
      web: {image: a, environment: {DB_PASSWORD: "${POSTGRES_PASSWORD}"}}
      other: {image: a, environment: {DB_PASSWORD: "${ELSEWHERE-}", TEXT: "x ${ELSEWHERE-}"}}
    """
    conversion = of_text(text)
    assert {name for keys in conversion.to_generate.values() for name in keys.values()} == {"POSTGRES_PASSWORD"}
    assert len(conversion.to_generate) == 2
    open_ = [one.path for one in conversion.ledger.entries if one.outcome == "decision"]
    assert open_ == [("services", "other", "environment", "DB_PASSWORD")]
    assert answers_of(conversion)["secret/other/DB_PASSWORD"] == ("plain", ["ask", "plain"])


def test_a_secret_that_is_not_set_is_asked_for_or_left_out_and_there_is_no_value_to_keep():
    rows = ["environment:", "  API_TOKEN: ${TOKEN}", "  SECRET_KEY:", "  BLANK_PASSWORD: ''"]
    conversion = of_text(service(*rows))
    assert answers_of(conversion) == {
        "service/web/kind": ("deployment", ["deployment", "statefulset", "daemonset", "job", "cronjob"]),
        "secret/web/API_TOKEN": ("ask", ["ask", "generate", "plain"]),
        "secret/web/SECRET_KEY": ("leave", ["ask", "generate", "plain", "leave"]),
        "secret/web/BLANK_PASSWORD": ("plain", ["ask", "generate", "plain"]),
    }
    assert (conversion.secret_values, conversion.to_generate) == ({}, {})
    assert outcome(conversion, "environment", "BLANK_PASSWORD")[0] == "decision"
    kept = of_text(service("environment: {API_TOKEN: '${TOKEN}'}"), {"secret/web/API_TOKEN": "seal"})
    assert answers_of(kept)["secret/web/API_TOKEN"][0] == "ask"


def test_a_device_needs_a_decision_and_a_privileged_container():
    text = service("devices: ['/dev/ttyUSB0:/dev/tty']")
    assert outcome(of_text(text), "devices", 0)[0] == "decision"
    assert outcome(of_text(text, {"device/web/dev/tty": "image"}), "devices", 0)[0] == "dropped"
    pod = pod_of(of_text(text, {"device/web/dev/tty": "host"}))
    assert pod["containers"][0]["securityContext"] == {"privileged": True}
    assert pod["volumes"] == [{"name": "node", "hostPath": {"path": "/dev/ttyUSB0"}}]


@pytest.mark.parametrize(
    ("decision", "answer", "expected"),
    [
        ("service/web/kind", "pod", "deployment, statefulset"),
        ("volume/data/size", "large", "a quantity"),
        ("volume/data/storage_class", "Not Valid", "lower-case"),
        ("volume/data", "x" * 5000, "at most 4096"),
    ],
)
def test_an_answer_that_is_none_is_refused_with_what_it_may_be(decision: str, answer: str, expected: str):
    with pytest.raises(AnswerInvalid, match=expected):
        of_text(TWO, {decision: answer})


def test_profiles_are_chosen_by_answers():
    assert chosen_profiles({"profile/seed": "yes", "profile/flower": "no", "networks": "none"}) == {"seed"}
    [profile] = [one for one in converted("voting").decisions if one.topic == "profiles"]
    assert (profile.id, profile.default) == ("profile/seed", "no")


def test_the_group_that_owns_a_disk_is_asked_for_where_a_claim_is_mounted():
    text = service("volumes: ['data:/data']") + "\nvolumes: {data: }"
    assert answers_of(of_text(text))["service/web/fs_group"] == ("", [])
    assert "securityContext" not in pod_of(of_text(text))
    assert pod_of(of_text(text, {"service/web/fs_group": "1000"}))["securityContext"] == {"fsGroup": 1000}
    with pytest.raises(AnswerInvalid, match="the number of a group"):
        of_text(text, {"service/web/fs_group": "staff"})
    assert "service/web/fs_group" not in answers_of(of_text(service("volumes: ['./x:/data']", "user: '5:6'")))


def test_a_volume_without_a_name_can_be_filled_from_the_image_as_well():
    text = service("volumes: [/data]")
    kept = {"mount/web/data": "claim", "volume/web/data/seed/web": "yes"}
    [init] = pod_of(of_text(text, kept))["initContainers"]
    assert init["command"][:2] == ["/bin/sh", "-c"]


def test_a_route_of_the_gateway_api_serves_the_host_at_the_gateway_that_was_given():
    answers = {"service/web/exposure": "httproute", "service/web/host": "shop.example.com", "gateway": "infra/edge"}
    conversion = of_text(TWO, answers)
    [route] = [one for one in objects_of(conversion) if one["kind"] == "HTTPRoute"]
    assert route["spec"] == {
        "parentRefs": [{"name": "edge", "namespace": "infra"}],
        "hostnames": ["shop.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "web", "port": 80}],
            }
        ],
    }
    assert "at the Gateway infra/edge" in outcome(conversion, "ports", 0)[1]
    with pytest.raises(AnswerInvalid):
        of_text(TWO, {**answers, "gateway": "a/b/c"})


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ("restart: on-failure", "job"),
        ("restart: 'no'", "job"),
        ("deploy: {restart_policy: {condition: on-failure}}", "job"),
        ("restart: on-failure, command: celery -A shop worker", "deployment"),
        ("restart: on-failure:3, expose: ['9000']", "deployment"),
        ("restart: 'no', expose: ['9000']", "deployment"),
        ("restart: on-failure, scale: 3", "deployment"),
        ("restart: on-failure, healthcheck: {test: 'true'}", "deployment"),
        ("deploy: {replicas: 3, restart_policy: {condition: on-failure}}", "deployment"),
        ("deploy: {restart_policy: {condition: on-failure}}, command: ./serve", "deployment"),
        ("deploy: {restart_policy: {condition: on-failure}}, ports: ['80']", "deployment"),
        ("restart: on-failure, command: ./manage.py migrate --server x", "job"),
    ],
)
def test_to_start_again_what_failed_makes_no_job_of_what_runs_on(more: str, kind: str):
    conversion = of_text(f"services: {{q: {{image: acme/queue, {more}}}}}")
    assert conversion.draft.nodes["q"].kind == kind


@pytest.mark.parametrize(
    ("name", "spec", "kind"),
    [
        (
            "db-restore",
            "{image: 'postgres:16', command: [sh, -c, 'dropdb -h my_db app; pg_restore -h my_db x']}",
            "job",
        ),
        ("load", "{image: 'mysql:8', entrypoint: [mysql, -h, server], command: ['-e', 'source x']}", "job"),
        ("setup", "{image: 'redis:7', command: redis-cli -h cache SET a b}", "job"),
        ("import", "{image: acme/a, command: [./wait-for.sh, 'server:80', --, ./import.sh]}", "job"),
        ("tables", "{image: acme/a, command: ./tables --proxy worker}", "job"),
        ("db", "{image: 'postgres:16', command: postgres -c max_connections=200}", "deployment"),
        ("data", "{image: 'mysql:8', command: '--skip-name-resolve'}", "deployment"),
        ("cache", "{image: 'redis:7', command: redis-server --save ''}", "deployment"),
        ("app", "{image: acme/a, command: [sh, -c, './manage.py collectstatic && exec gunicorn app']}", "deployment"),
        ("app", "{image: acme/a, command: php -d memory_limit=1G artisan queue:work}", "deployment"),
        ("app", "{image: acme/a, command: bundle exec sidekiq}", "deployment"),
    ],
)
def test_what_runs_once_in_the_image_of_a_server_is_a_job(name: str, spec: str, kind: str):
    """Run again and again it would drop and restore what it is for."""
    conversion = of_text(f"services: {{{name}: {spec[:-1]}, restart: on-failure}}}}")
    assert conversion.draft.nodes[name].kind == kind


@pytest.mark.parametrize(("more", "answer"), [("", "image"), ("privileged: true, ", "host")])
def test_a_privileged_container_gets_its_devices(more: str, answer: str):
    conversion = of_text(f"services: {{advisor: {{image: acme/a, {more}devices: [/dev/kmsg]}}}}")
    [asked] = [one for one in conversion.decisions if one.id.startswith("device/")]
    assert asked.answer == answer
    assert ("is privileged, so that it can use /dev/kmsg" in asked.question) == bool(more)
    assert bool(conversion.draft.nodes["advisor"].parameters.get("volumes")) == bool(more)
