"""Secrets that no variable of a container holds: they are sealed as well, and commands read them as variables."""

from __future__ import annotations

import json

import pytest

from imports.domain.secrecy import is_secret
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
