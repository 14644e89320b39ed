"""Secrets that no variable of a container holds: they are sealed as well, and commands read them as variables."""

from __future__ import annotations

import json

import pytest

from imports.domain.convert.said_secrets import options_in
from imports.domain.convert.secret_texts import SECRETS_MOST, SecretTexts
from imports.domain.problems import ImportInvalid
from kubeorch.base.secrecy import is_secret, web_tokens_in
from tests.support.steps import counted_steps
from tests.unit.imports.convert.apps import of_text
from tests.unit.kinds.samples import the_catalog


@pytest.mark.parametrize(
    "said",
    [
        "command: redis-server --requirepass ${REDIS_PASSWORD:-Ab3Default99}",
        "command: app --dsn postgres://u:Ab3Default99@db/x",
        "command: app --url=postgres://u:Ab3Default99@db/x --verbose",
        "command: app --api-key=Ab3Default99",
        'command: ["app", "--db-password", "Ab3Default99"]',
        "entrypoint: sh -c 'APP_SECRET=Ab3Default99 exec app'",
        "command: java -Dspring.datasource.password=Ab3Default99 -jar app.jar",
        "healthcheck: {test: 'curl -fu admin:x http://x; curl -u admin:Ab3Default99 http://localhost'}",
        "healthcheck: {test: [CMD, mysqladmin, ping, -uroot, -pAb3Default99]}",
        "healthcheck: {test: 'wget -q \"http://localhost/health?token=Ab3Default99\"'}",
        "labels: {db: 'postgres://u:Ab3Default99@db/x'}",
        "command: 'app --login ghp_Ab3Default99Ab3Default99'",
    ],
)
def test_a_secret_in_a_command_or_probe_is_not_in_the_workflow(said: str):
    conversion = of_text(f"services:\n  app:\n    image: app:1\n    {said}\n")
    told = json.dumps([conversion.graph(the_catalog()), conversion.as_json()], default=str)
    assert "Ab3Default99" not in told
    sealed = b"".join(value for keys in conversion.secret_values.values() for value in keys.values())
    assert b"Ab3Default99" in sealed or said.startswith("labels")


@pytest.mark.parametrize(
    "said",
    [
        "command: app --password-file /run/secrets/db --token-ttl 300s",
        "command: app --tls-key=server-1.key --secret-key $$SECRET_KEY --key /certs/Tls1.pem",
        'command: ["sh", "-c", "app --require-token serve --port 8080"]',
        "command: docker login --password-stdin Registry1.example.com",
        "healthcheck: {test: 'curl -u 1000:1000000 http://localhost'}",
        "command: app --no-password Backup2Daily",
        "command: nginx -p 8080 -g daemon-off",
        "command: app --primary-key=Column1Name --cache-key=Prefix1Value",
        "labels: {traefik.http.routers.app.rule: 'Host(`app.example.com`)'}",
    ],
)
def test_what_only_looks_alike_stays_as_it_is(said: str):
    conversion = of_text(f"services:\n  app:\n    image: app:1\n    {said}\n")
    assert not conversion.secret_values
    assert not [one for one in conversion.ledger.entries if "is read from the Secret" in one.why]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_PAT", "short"),
        ("SETTINGS", "ghp_abcdefabcdefabcdefabcdef"),
        ("SETTINGS", "github_pat_11AAAAAAA0123456789_abcdefgh"),
        ("SETTINGS", "glpat-abcdefghij-123456"),
        ("NPMRC", "//registry.npmjs.org/:_authToken=0123-4567"),
        ("HOOK", "xoxb-1234567890-abcdefghij"),
        ("MODEL", "sk-proj-abcdefghijklmnopqrstuvwx"),
        ("SESSION", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlMTIz"),
    ],
)
def test_a_secret_is_known_by_a_word_of_its_name_or_by_its_form(name: str, value: str):
    assert is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/usr/bin"),
        ("PATTERN", "ghp_"),
        ("NPMRC", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}"),
        ("PLUGINS", "npm_config,sk-learn,glossary-terms"),
        ("COMPATIBLE", "yes-it-is"),
    ],
)
def test_what_names_no_secret_is_none(name: str, value: str):
    assert not is_secret(name, value)


def test_an_argument_of_a_build_that_is_a_token_by_its_form_is_sealed():
    conversion = of_text(
        "services:\n"
        "  app:\n"
        "    build:\n"
        "      context: https://github.com/example/shop.git\n"
        "      args: {EXTRA: npm_abcdefabcdefabcdef, MODE: production}\n"
    )
    (source,) = conversion.sources
    assert (source.args, source.secrets) == ({"MODE": "production"}, {"EXTRA": "npm_abcdefabcdefabcdef"})


ONE_IN_ANOTHER = ["pwd=", "--token=", "--token --token=", "secret=https://x/?token=", "--key 'pwd=", "--token pwd="]


@pytest.mark.parametrize("words", ONE_IN_ANOTHER)
def test_values_that_stand_in_one_another_are_not_told_again_and_again(words: str):
    text = words * 2_000
    with counted_steps() as steps:
        found = list(options_in(text))
    assert sum(len(value) for _, value in found) <= 2 * len(text)
    assert steps.count < 10 * len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app --opts=password=Ab3Default99", [("PASSWORD", "Ab3Default99")]),
        ("app --secret=https://x/?token=Ab3Default99&a=b", [("TOKEN", "Ab3Default99")]),
        ("app --token --password Ab3Default99", [("PASSWORD", "Ab3Default99")]),
        ("pwd='Ab3Default99' token=Ab3Default98;x", [("PWD", "Ab3Default99"), ("TOKEN", "Ab3Default98")]),
        (f"--api-key {'A' * 3_000}", [("API_KEY", "A" * 3_000)]),
        ("pwd=Ab3=pwd=x", [("PWD", "Ab3=pwd=x")]),
    ],
)
def test_a_value_is_told_from_where_it_begins_to_where_it_ends(text: str, expected: list[tuple[str, str]]):
    assert list(options_in(text)) == expected


@pytest.mark.parametrize(
    "begun", ["eyJ-", "eyJ_", "eyJhbGciOiJIUzI1NiJ9.", "eyJhbGciOiJIUzI1NiJ9.eyJ-", "a-eyJ", "-", "."]
)
def test_each_word_is_read_once_for_tokens(begun: str):
    """Where it is read at each step this takes hours."""
    assert sum(map(len, web_tokens_in(begun * (1_000_000 // len(begun))))) <= 3_000_000


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlMTIz"


@pytest.mark.parametrize("text", ["{}", "Bearer {}", "a-session_{}", "a-longer-word-1.{} and", "auth.eyJ.{}", "eyJ-{}"])
def test_a_token_is_found_wherever_it_begins(text: str):
    [found] = web_tokens_in(text.format(TOKEN))
    assert found.endswith(TOKEN)


def test_more_secrets_than_any_project_has_are_refused():
    words = " ".join(f"pwd=Ab3D{number}" for number in range(600))
    with pytest.raises(ImportInvalid, match="more than 500") as refused:
        of_text(f"services:\n  app:\n    image: app:1\n    command: {words}\n")
    assert "Ab3D" not in refused.value.detail
    assert refused.value.code == "import.too_large"
    lines = "".join(f"      A{number}_TOKEN: Ab3D{number}\n" for number in range(SECRETS_MOST + 1))
    with pytest.raises(ImportInvalid, match="secrets"):
        of_text(f"services:\n  app:\n    image: app:1\n    environment:\n{lines}")


def test_a_command_with_many_secrets_reads_each_from_its_variable():
    words = " ".join(f"--a{number}-token=Ab3Default{number:03}" for number in range(300))
    text = f"services:\n  app:\n    image: app:1\n    command: {words} {words}\n"
    with counted_steps() as steps:
        conversion = of_text(text)
    [values] = conversion.secret_values.values()
    assert len(values) == 300
    [node] = [one for one in conversion.draft.nodes.values() if one.kind == "deployment"]
    assert node.parameters["args"][-1] == "--a299-token=$(A299_TOKEN)"
    with counted_steps() as fewer:
        of_text(text.replace(words, " ".join(words.split()[:150])))
    assert steps.count < 2.5 * fewer.count


def test_a_text_is_compared_with_values_that_begin_alike_in_few_steps():
    start = "a" * 16
    secrets = SecretTexts({f"{start}{'b' * 1_000}{number}": "PWD" for number in range(20)})
    with counted_steps() as steps:
        found = list(secrets.hits(f"{start}{'b' * 500}c" * 200))
    assert [(one.end - one.start, one.whole) for one in found] == [(516, False)] * 200
    assert steps.count < 200 * 100
