"""The value of a secret stands nowhere but among what is sealed, wherever a project writes it."""

from __future__ import annotations

import base64
import json
import random

import pytest

from imports.domain.compose.load import load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from kubeorch.base.secrecy import is_secret_name
from tests.support.seeds import SEED
from tests.unit.imports.convert.apps import of_text
from tests.unit.kinds.samples import the_catalog

PLANTED = "zq9-PLANTED-77"
COUNT = 25 if SEED == 1 else 600
PLACES = {
    "command": "'redis-server --requirepass ${V}'",
    "entrypoint": "[run, '--pw=${V}']",
    "environment": "{CONN: 'Server=db;Password=${V};', JAVA_OPTS: '-Dpw=${V}', PLAIN: '${V}'}",
    "healthcheck": "{test: 'mysqladmin -p${V} ping'}",
    "labels": "{a.b/c: '${V}'}",
    "annotations": "{a.b/d: '${V}x'}",
    "sysctls": "{net.core.somaxconn: '${V}'}",
    "image": "'registry.example.com/${V}:1'",
    "user": "'${V}'",
    "profiles": "['', '${V}']",
    "hostname": "'${V}'",
    "extra_hosts": "['a:${V}']",
    "dns_search": "['${V}']",
    "logging": "{driver: gelf, options: {x: '${V}'}}",
    "volumes": "['./.env:/app/.env:ro', './conf:/conf:ro', './app:/app:ro']",
    "configs": "[c]",
    "build": "{context: ., args: {A: '${V}'}}",
    "working_dir": "'/${V}'",
    "stop_signal": "'${V}'",
    "container_name": "'${V}'",
    "post_start": "[{command: 'x ${V}', environment: {DB_PASSWORD: '${V}'}}]",
    "pre_stop": "[{command: [x, '${V}']}]",
    "runtime": "'${V}'",
    "tmpfs": "['/x/${V}']",
    "deploy": "{labels: {x.y/z: '${V}'}, placement: {constraints: ['node.labels.a==${V}']}}",
}


def project_of(keys: list[str], variable: str = "DB_PASSWORD", value: str = PLANTED) -> Conversion:
    rows = {"image": "redis", "environment": "{DB_PASSWORD: '${V}'}"} | {key: PLACES[key] for key in keys}
    lines = "".join(f"    {key}: {text}\n" for key, text in rows.items())
    other = "  other: {image: redis, environment: {DB_PASSWORD: '${V}'}}\n"
    text = f"services:\n  web:\n{lines}{other}configs: {{c: {{content: 'x ${{V}}'}}}}\n".replace(
        "${V}", f"${{{variable}}}"
    )
    files = Files(
        {
            "compose.yaml": text.encode(),
            ".env": f"{variable}={value}\n".encode(),
            "conf/a.ini": f"value={value}\n".encode(),
            "app/a.txt": b"nothing\n",
        }
    )
    return convert(load(files, ["compose.yaml"], folder_name="p"), files, {})


def everything_in(conversion: Conversion) -> str:
    return json.dumps([conversion.graph(the_catalog()), conversion.as_json()], ensure_ascii=False)


def assert_hidden(conversion: Conversion, value: str = PLANTED) -> None:
    found = everything_in(conversion)
    assert value.lower() not in found.lower()
    assert base64.b64encode(value.encode()).decode()[:12] not in found


def assert_unsaid(refused: ImportInvalid, value: str) -> None:
    assert value not in refused.detail


@pytest.mark.parametrize("variable", ["DB_PASSWORD", "HARMLESS"])
@pytest.mark.parametrize("key", list(PLACES))
def test_the_value_of_a_secret_stands_nowhere_but_where_it_is_sealed(key: str, variable: str):
    try:
        conversion = project_of([key], variable)
    except ImportInvalid as refused:
        return assert_unsaid(refused, PLANTED)
    return assert_hidden(conversion)


@pytest.mark.parametrize("number", range(COUNT))
def test_a_value_in_random_places_of_a_project_is_found_nowhere(number: int):
    choice = random.Random(SEED * 10_000 + number)
    keys = choice.sample(sorted(set(PLACES) - {"container_name", "hostname"}), choice.randint(2, 9))
    value = "".join(choice.choices("abcXYZ019-_.$!#+", k=choice.randint(6, 40))).strip(".$#") + "7Zq"
    try:
        conversion = project_of(keys, choice.choice(["DB_PASSWORD", "HARMLESS"]), f"'{value}'")
    except ImportInvalid as refused:
        return assert_unsaid(refused, value)
    return assert_hidden(conversion, value)


def test_a_command_reads_the_value_from_the_secret():
    conversion = project_of(["command"])
    assert conversion.draft.nodes["web"].parameters["args"] == ["redis-server", "--requirepass", "$(DB_PASSWORD)"]
    why = [one for one in conversion.ledger.entries if one.path[-1] == "command"]
    assert [(one.outcome.value, "from the Secret" in one.why) for one in why] == [("approximated", True)]


@pytest.mark.parametrize("key", ["post_start", "pre_stop"])
def test_a_hook_reads_the_value_by_a_shell_or_is_left_out_whole(key: str):
    def with_hook(command: str) -> Conversion:
        web = f"{{image: redis, environment: {{DB_PASSWORD: '${{DB_PASSWORD}}'}}, {key}: [{{command: {command}}}]}}"
        files = {"compose.yaml": f"services: {{web: {web}}}".encode(), ".env": f"DB_PASSWORD={PLANTED}\n".encode()}
        tree = Files(files)
        return convert(load(tree, ["compose.yaml"], folder_name="p"), tree, {})

    kept = with_hook("[say, '${DB_PASSWORD}']")
    left = with_hook("[/bin/sh, -c, \"say '${DB_PASSWORD}'\"]")
    assert kept.draft.nodes["web"].parameters[key] == ["/bin/sh", "-c", 'say "$${DB_PASSWORD}"']
    assert key not in left.draft.nodes["web"].parameters, "nothing is run of a command without one of its words"
    entries = [one for one in left.ledger.entries if key in one.path and one.path[-1] == "command"]
    assert [(one.outcome.value, "left out, set it yourself" in one.why) for one in entries] == [("decision", True)]


def test_what_cannot_be_sealed_is_left_out_and_the_ledger_says_so():
    conversion = project_of(["labels"])
    [entry] = [one for one in conversion.ledger.entries if one.path[-1] == "a.b/c"]
    assert entry.outcome.value == "decision"
    assert "the value of DB_PASSWORD" in entry.why


@pytest.mark.parametrize(
    "row",
    [
        "ports: ['${DB_PASSWORD}:80']",
        "cpus: '${DB_PASSWORD}'",
        "environment: {DB_PASSWORD: 'a${zq9-PLANTED-77!'}",
        "environment: {DB_PASSWORD: '${XX:?need ${DB_PASSWORD}}'}",
        "mem_limit: 'x${DB_PASSWORD}'",
        "env_file: [key.txt]",
    ],
)
def test_a_refusal_does_not_repeat_a_value(row: str):
    text = f"services: {{web: {{image: redis, {row}}}}}"
    tree = Files(
        {
            "compose.yaml": text.encode(),
            ".env": f"DB_PASSWORD={PLANTED}\n".encode(),
            "key.txt": f"{PLANTED} b\n".encode(),
        }
    )
    with pytest.raises(ImportInvalid) as refused:
        load(tree, ["compose.yaml"], folder_name="p")
    assert PLANTED[:6] not in refused.value.detail
    assert refused.value.place is not None


@pytest.mark.parametrize("name", ["PGPASSWORD", "ROOTPASSWORD", "MASTERKEY", "APPKEY", "KEY", "STRIPE_KEY"])
def test_a_name_that_ends_as_secrets_do_is_sealed(name: str):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["KEYBOARD", "AUTHOR", "MONKEY", "PRIMARY_KEY", "KEY_FILE", "PUBLIC_KEY", "COMPASS"])
def test_a_name_that_only_looks_alike_is_none(name: str):
    assert not is_secret_name(name)


@pytest.mark.parametrize("password", ["${POSTGRES_PASSWORD}", "hunter-22", "pw1"])
@pytest.mark.parametrize("env", ["", "POSTGRES_PASSWORD=hunter-22\n"])
def test_a_random_value_is_not_offered_for_one_that_stands_in_other_values(password: str, env: str):
    text = (
        f"services: {{db: {{image: postgres, environment: {{POSTGRES_PASSWORD: '{password}'}}}}, "
        f"web: {{image: redis, environment: {{DATABASE_URL: 'postgres://u:{password}@db/x'}}}}}}"
    )
    tree = Files({"compose.yaml": text.encode(), ".env": env.encode()})
    found = convert(load(tree, ["compose.yaml"], folder_name="p"), tree, {"secret/db/POSTGRES_PASSWORD": "generate"})
    [decision] = [one for one in found.decisions if one.id == "secret/db/POSTGRES_PASSWORD"]
    assert "generate" not in [one.value for one in decision.choices]
    assert "elsewhere" in decision.question
    assert not found.to_generate


def test_a_value_that_its_own_name_spells_is_sealed_and_the_variable_stays():
    text = (
        "services: {db: {image: postgres, environment: {POSTGRES_PASSWORD: postgres_password, SESSION_KEY: session}}}"
    )
    tree = Files({"compose.yaml": text.encode()})
    found = convert(load(tree, ["compose.yaml"], folder_name="p"), tree, {})
    [values] = found.secret_values.values()
    assert values == {"POSTGRES_PASSWORD": b"postgres_password", "SESSION_KEY": b"session"}


def test_a_secret_that_is_passed_on_without_a_value_is_left_out_as_compose_does():
    text = """
services:
  web: {image: acme/web, environment: {SENTRY_SECRET: , API_TOKEN: "${API_TOKEN}"}}
  db: {image: 'postgres:16', environment: [POSTGRES_PASSWORD], volumes: ['pg:/var/lib/postgresql/data']}
volumes: {pg: }
"""

    def found(answers: dict[str, str]) -> tuple[dict[str, str], list[str], dict[str, str]]:
        conversion = of_text(text, answers)
        asked = {one.id: one.answer for one in conversion.decisions if one.id.startswith("secret/")}
        keys = [key for node in conversion.draft.nodes.values() for key in node.parameters.get("keys", ())]
        return asked, keys, conversion.draft.nodes["web"].parameters.get("env", {})

    asked, keys, env = found({})
    assert asked == {
        "secret/web/SENTRY_SECRET": "leave",
        "secret/web/API_TOKEN": "ask",
        "secret/db/POSTGRES_PASSWORD": "generate",
    }
    assert keys == ["API_TOKEN", "POSTGRES_PASSWORD"]
    assert env == {}
    assert found({"secret/web/SENTRY_SECRET": "ask"})[1] == ["SENTRY_SECRET", "API_TOKEN", "POSTGRES_PASSWORD"]
    assert found({"secret/web/SENTRY_SECRET": "plain"})[2] == {"SENTRY_SECRET": ""}
    assert found({"secret/web/API_TOKEN": "leave"})[0]["secret/web/API_TOKEN"] == "ask", "the file sets it"
