"""Names by which services find one another: each resolves, is written otherwise, or is listed as unreachable."""

from __future__ import annotations

import pytest

from imports.domain.convert.conversion import Conversion
from tests.unit.imports.convert.apps import of_text
from tests.unit.imports.convert.test_containers import objects_of


def services(conversion: Conversion) -> dict[str, list[int]]:
    """Names of Services with their ports; those without an address have none."""
    return {
        one["metadata"]["name"]: []
        if one["spec"].get("clusterIP") == "None"
        else [p["port"] for p in one["spec"]["ports"]]
        for one in objects_of(conversion)
        if one["kind"] == "Service"
    }


def why(conversion: Conversion, *path: str | int) -> tuple[str, str]:
    [entry] = [one for one in conversion.ledger.entries if one.path == ("services", *path)]
    return entry.outcome.value, entry.why


def test_a_service_has_the_ports_of_its_container_and_those_at_which_others_ask_for_it():
    found = services(
        of_text(
            """
services:
  web:
    image: a
    ports: ["8080:80"]
    environment: {DB: "postgres://db/x", MQ: "amqp://mq:5673", API_HOST: api, API_PORT: "9"}
  db: {image: example/own-db}
  mq: {image: rabbitmq:3}
  api: {image: a, expose: ["7000-7001"]}
  worker: {image: a}
  named: {image: a}
  asks: {image: a, command: [run, named]}
"""
        )
    )
    assert found == {"web": [80], "db": [5432], "mq": [5672, 5673], "api": [7000, 7001, 9], "named": []}


def test_names_that_other_services_use_get_a_service():
    conversion = of_text(
        """
services:
  web: {image: a, environment: {A: "http://box:81", B: "thedb:5432", C: aka}}
  db: {image: postgres:16, container_name: thedb, hostname: box, networks: {default: {aliases: [aka, Aka.Two]}}}
  cache: {image: redis, container_name: nobody-asks}
"""
    )
    assert sorted(services(conversion)) == ["aka", "box", "cache", "db", "thedb"]
    assert why(conversion, "db", "container_name") == ("converted", "a Service of this name")
    assert why(conversion, "cache", "container_name")[0] == "approximated"
    outcome, reason = why(conversion, "db", "networks", "default", "aliases", 1)
    assert (outcome, "write db where it is used" in reason) == ("dropped", True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("my_db", "my-db"),
        ("http://my_db:80/my_db", "http://my-db:80/my_db"),
        ("postgres://u:p@my_db/my_db", "postgres://u:p@my-db/my_db"),
        ("a:1,my_db:2", "a:1,my-db:2"),
        ("--host=my_db", "--host=my-db"),
        ("until nc -z my_db 5432;do (ping my_db);done", "until nc -z my-db 5432;do (ping my-db);done"),
        ("my_db_old not_my_db my_db.x", "my_db_old not_my_db my_db.x"),
    ],
)
def test_a_name_that_no_service_can_have_is_written_otherwise_where_it_is_a_host(written: str, expected: str):
    text = f"services:\n  web: {{image: a, environment: {{X: '{written}'}}}}\n  my_db: {{image: postgres:16}}"
    [web] = [one for one in objects_of(of_text(text, {"secret/web/X": "plain"})) if one["metadata"]["name"] == "web"]
    assert web["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "X", "value": expected}]
    kept = of_text(text, {"names/my_db": "keep", "secret/web/X": "plain"})
    [web] = [one for one in objects_of(kept) if one["metadata"]["name"] == "web"]
    assert web["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "X", "value": written}]


def test_a_name_is_written_otherwise_in_commands_and_said_of_files():
    text = """
services:
  web:
    image: a
    entrypoint: [wait, "my_db:5432"]
    command: sh -c 'nc my_db 5432'
    healthcheck: {test: nc -z my_db 5432}
    volumes: ["./app.conf:/etc/app.conf:ro"]
  my_db: {image: postgres:16}
"""
    conversion = of_text(text, **{"app.conf": b"host = my_db\n"})
    [web] = [one for one in conversion.draft.nodes.values() if one.name == "web"]
    assert web.parameters["command"] == ["wait", "my-db:5432"]
    assert web.parameters["args"] == ["sh", "-c", "nc my-db 5432"]
    assert web.parameters["readiness_probe"]["command"] == ["/bin/sh", "-c", "nc -z my-db 5432"]
    for key in ("entrypoint", "command", "healthcheck"):
        assert why(conversion, "web", key) == ("approximated", "with the name that resolves in the cluster")
    outcome, reason = why(conversion, "web", "volumes", 0)
    assert (outcome, "write my-db in the file" in reason) == ("approximated", True)


def test_two_services_that_would_have_one_name_stay_apart():
    found = services(of_text('services: {a_b: {image: a, ports: ["80"]}, a-b: {image: a, ports: ["81"]}}'))
    assert found == {"a-b": [81], "a-b-2": [80]} or found == {"a-b": [80], "a-b-2": [81]}


def test_a_link_resolves_by_its_other_name():
    conversion = of_text("services:\n  web: {image: a, links: ['db:database']}\n  db: {image: postgres:16}")
    assert sorted(services(conversion)) == ["database", "db"]
    assert why(conversion, "web", "links", 0) == ("converted", "database resolves to db")


def test_a_name_in_a_mounted_file_counts_as_used():
    text = """
services:
  proxy: {image: a, volumes: ["./proxy.conf:/etc/proxy.conf:ro"], configs: [targets]}
  app: {image: a, container_name: the-app}
  node: {image: a}
configs: {targets: {content: "targets: [node:9100]"}}
"""
    conversion = of_text(text, **{"proxy.conf": b"proxy_pass http://the-app:3000;\n"})
    assert services(conversion) == {"app": [3000], "the-app": [3000], "node": [9100]}


def test_ports_of_programs_that_speak_no_http_are_not_called_http():
    text = """
services:
  db: {image: postgres, ports: ["5432", "22", "25", "587"]}
  dns: {image: a, ports: ["5353/udp"]}
"""
    objects = [one for one in objects_of(of_text(text)) if one["kind"] == "Service"]
    names = [port["name"] for one in objects for port in one["spec"]["ports"]]
    assert names == ["postgres", "ssh", "smtp-25", "smtp-587", "udp-5353"]


OTHER_NAMES = """
services:
  api: {image: acme/api, container_name: my_api, networks: {default: {aliases: [backend.internal, shop.example.com]}}}
  web:
    image: acme/web
    environment: {UP: "http://my_api:80", PUBLIC_URL: "https://shop.example.com/", IN: "http://backend.internal"}
    command: sh -c "curl http://my_api"
    configs: [{source: conf, target: /conf}]
configs: {conf: {content: "upstream my_api:80;"}}
"""


def test_other_names_that_no_service_can_have_are_rewritten_where_they_are_used():
    """One that may be a name of the Internet's stays: it is for browsers. The choice is a person's."""
    conversion = of_text(OTHER_NAMES)
    web = conversion.draft.nodes["web"].parameters
    written = {"UP": "http://api:80", "IN": "http://api", "PUBLIC_URL": "https://shop.example.com/"}
    assert web["env"] == written
    assert "http://api" in " ".join(web["args"])
    asked = {one.id: one.answer for one in conversion.decisions if one.id.startswith("names/")}
    assert asked == {
        "names/api/my_api": "rewrite",
        "names/api/backend.internal": "rewrite",
        "names/api/shop.example.com": "keep",
    }
    became = {one.path: (one.outcome, one.why) for one in conversion.ledger.entries}
    why = "found at api, which is written where variables and commands named my_api"
    assert became["services", "api", "container_name"] == ("approximated", why)
    assert "write api in the file" in became["services", "web", "configs", 0][1]

    kept = of_text(OTHER_NAMES, {"names/api/my_api": "keep", "names/api/shop.example.com": "rewrite"})
    assert kept.draft.nodes["web"].parameters["env"] == {
        "UP": "http://my_api:80", "IN": "http://api", "PUBLIC_URL": "https://api/"
    }  # fmt: skip


@pytest.mark.parametrize("hook", ["post_start", "pre_stop"])
def test_commands_of_hooks_name_other_services_as_well(hook: str):
    """A command after the start that cannot reach what it asks has its container started again for ever."""
    conversion = of_text(f"""
services:
  web:
    image: a
    {hook}:
      - command: [psql, -h, api_db, -c, "select 1"]
      - command: curl "http://my.cache:81/"
  api_db: {{image: "postgres:16"}}
  my.cache: {{image: acme/cache}}
""")
    assert services(conversion) == {"api-db": [5432], "my-cache": [81]}
    [web] = [one for one in conversion.draft.nodes.values() if one.name == "web"]
    assert web.parameters[hook] == ["/bin/sh", "-c", "psql -h api-db -c 'select 1' && curl http://my-cache:81/"]
    assert {one.id for one in conversion.decisions} >= {"names/api_db", "names/my.cache"}
    assert "the name that resolves" in why(conversion, "web", hook)[1]


def test_another_name_that_several_services_have_stands_for_none_of_them():
    text = """
services:
  web: {image: a, environment: {API: "http://api.both:80"}}
  blue: {image: a, networks: {default: {aliases: [api.both]}}}
  green: {image: a, networks: {default: {aliases: [api.both]}}}
"""
    conversion = of_text(text)
    [web] = [one for one in conversion.draft.nodes.values() if one.name == "web"]
    assert web.parameters["env"]["API"] == "http://api.both:80"
    for service in ("blue", "green"):
        outcome, said = why(conversion, service, "networks", "default", "aliases", 0)
        assert (outcome, "2 services are called api.both" in said) == ("dropped", True)
