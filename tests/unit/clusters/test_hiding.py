"""What is hidden of an object whose history is kept: what is secret by its name or its form, wherever it stands."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from clusters.domain.changes import look_at
from clusters.domain.hiding import DIGESTS_MOST, KEPT, LOOKED_AT
from tests.support.cpu import takes_less_than
from tests.support.proportion import assert_in_proportion

SECRET = "hunter2-hunter2"


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def spec_of(spec: dict[str, Any]) -> dict[str, Any]:
    found = look_at({"spec": spec, "metadata": {}}, digest).content["spec"]
    assert isinstance(found, dict)
    return found


def kept(text: str) -> str:
    found = spec_of({"args": [text]})["args"][0]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    "words",
    [
        " ".join(f"pass={one}" for one in "abcdef0123456789hiden:()" * 40),
        " ".join(f"pass{number}=secret-{number}" for number in range(900)),
        " ".join(f"pass=({one * 5})" for one in "abcdef0123456789"),
        "a" * 9_000,
    ],
)
def test_a_text_of_many_secrets_stays_about_as_long_as_it_was(words: str) -> None:
    found = kept(words)
    assert len(found) < 7 * len(words)
    assert "secret-7" not in found
    assert "aaaaa" not in found or "=" not in words


def test_a_setting_that_only_switches_hides_no_word() -> None:
    assert kept("--use-token=true --verbose=true") == "--use-token=true --verbose=true"


@pytest.mark.parametrize(
    "text",
    [
        f"run --password={SECRET} --verbose",
        f"Server=db;Password={SECRET};Port=1",
        f"a=b,password={SECRET}",
        f"password=a,{SECRET}",
        f"pg://u:{SECRET}@db pg://u:{SECRET}@other",
        f"password: {SECRET} and {SECRET} again",
    ],
)
def test_a_secret_within_a_text_is_hidden(text: str) -> None:
    assert "hunter2" not in kept(text)


def test_no_secret_is_cut_where_a_long_text_is_cut() -> None:
    for start in (*range(KEPT - 60, KEPT + 10, 3), *range(LOOKED_AT - 60, LOOKED_AT + 10, 3)):
        assert "hunter2" not in kept("y " * (start // 2) + f" pg://user:{SECRET}@db " + "z" * 3_000)
    assert kept("y" * 20_000).startswith("(hidden:")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"pass={letter} " for letter in "abcdef0123456789" * 80),
        "pass=" * 2_000,
        "password=" + "a,password=" * 900,
        "a=" * 5_000,
        "pass: " + " " * 9_000,
        "hunter2 " * 1_200 + "password=hunter2",
        "x://:" * 2_000 + "@",
    ],
)
def test_hidden_secrets_make_no_text_much_longer_and_take_no_time(text: str) -> None:
    assert len(kept(text)) <= 4 * len(text)
    assert takes_less_than(1.0, lambda: [kept(text) for _ in range(20)])


def test_the_digests_of_an_object_are_bounded() -> None:
    made: list[str] = []

    def counted(value: str) -> str:
        made.append(value)
        return digest(value)

    look_at({"spec": {"password": [str(number) for number in range(5_000)]}, "metadata": {}}, counted)
    assert len(made) == DIGESTS_MOST


def test_a_login_that_ends_beyond_what_is_looked_at_is_hidden() -> None:
    assert "hunter2" not in kept("y " * 3_000 + "pg://u:" + SECRET * 1_000 + "@db " + "z " * 9_000)
    assert "hunter2" not in kept("y " * 3_000 + "password='a " + f"{SECRET} " * 1_000)


@pytest.mark.parametrize(
    "text",
    [
        f"redis-server --requirepass {SECRET}",
        f"requirepass {SECRET}\nmaxmemory 1gb",
        f"PASSWORD='{SECRET}' run",
        f'export TOKEN="{SECRET}"',
        f"PASSWORD='two words {SECRET}' run",
        f"PASSWORD='two'\"{SECRET}\" run",
        f'{{"password":"{SECRET}"}}',
        f'{{"password" : "{SECRET}"}}',
        f'{{"password": "a\\"{SECRET}"}}',
        f'{{\\"password\\": \\"{SECRET}\\"}}',
        f'[{{"name": "password", "value": "{SECRET}"}}]',
        f"- name: DB_PASSWORD\n  value: {SECRET}\n",
        f'["--requirepass", "{SECRET}"]',
        f'{{"credentials": {{"data": "{SECRET}"}}}}',
        f"password:\n  value: {SECRET}",
        f"password: |\n  {SECRET}\n",
        f"password: correct horse {SECRET}",
        f"<password>{SECRET}</password>",
        f'config["password"] = "{SECRET}"',
        f"password => {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'proxy_set_header Authorization "Basic {SECRET}";',
        f"Proxy-Authorization: custom {SECRET}",
        f"curl -H 'X: Bearer {SECRET}' https://h",
        f"curl -u admin:{SECRET} https://h",
        f"curl --user=admin:{SECRET} https://h",
        f"mysql -u root -p{SECRET}",
        f"redis-cli -a {SECRET} ping",
        f"sshpass -p {SECRET} ssh h",
        f"docker login -p {SECRET} r",
        f"java -Dpassword={SECRET} -Dapp.token={SECRET} -Dpwd={SECRET}",
        f"postgres://u:hun/{SECRET}@h/db",
        f"shop:{SECRET}@tcp(db:3306)/shop",
        f"https://{SECRET}@github.com/a/b",
        f"Server=h;User Id=u;Pwd={SECRET};",
        f"CREATE USER a WITH PASSWORD '{SECRET}'",
        f"machine h login u password {SECRET}",
        "x" * 7_000 + f"password={SECRET}",
        f"password=1,{SECRET}",
        f"use-token=true token={SECRET}",
        f"--password  {SECRET} --verbose",
    ],
)
def test_common_forms_of_secrets_are_hidden(text: str) -> None:
    assert "hunter2" not in kept(text)


@pytest.mark.parametrize(
    "spec",
    [
        {"args": ["--requirepass", SECRET]},
        {"args": ["-password", f"two words {SECRET}"]},
        {"command": ["config", "set", "requirepass", SECRET]},
        {"command": ["redis-cli", "-a", SECRET, "ping"]},
        {"command": ["mysqladmin"], "args": ["ping", f"-p{SECRET}"]},
        {"command": ["mysqladmin"], "readinessProbe": {"exec": {"command": ["sh", "-c", f"x -p{SECRET}"]}}},
        {"command": ["curl", "-u", f"admin:{SECRET}", "https://h"]},
        {"env": [{"name": "key", "value": SECRET}]},
        {"env": [{"name": "CONFIG", "value": f'{{"password":"{SECRET}"}}'}]},
        {"env": [{"name": "AUTHORIZATION", "value": f"Basic {SECRET}"}]},
        {"httpHeaders": [{"name": "Authorization", "value": f"Bearer {SECRET}"}]},
        {"httpHeaders": [{"name": "X-Auth", "value": SECRET}]},
        {"password": {"value": SECRET}},
        {"password": {"value": 48151623}},
        {"credentials": {"data": SECRET}},
        {"credentials": {"key": SECRET}},
        {"credentials": {"one": {"two": [{"three": SECRET}]}}},
        {"token": [SECRET, {"v": SECRET}]},
        {"encryption": {"key": SECRET}},
        {"parameters": [{"name": "password", "default": SECRET}, {"key": "token", "value": SECRET}]},
    ],
)
def test_a_secret_is_hidden_wherever_its_name_stands(spec: dict[str, Any]) -> None:
    found = json.dumps(spec_of(spec))
    assert "hunter2" not in found
    assert "48151623" not in found
    assert "(hidden:" in found


@pytest.mark.parametrize(
    "spec",
    [
        {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "a", "optional": True}}}]},
        {"token": {"valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}},
        {"volumes": [{"secret": {"secretName": "tls", "items": [{"key": "a", "path": "b", "mode": 4}]}}]},
        {"imagePullSecrets": [{"name": "registry"}], "secretRef": {"name": "keys"}, "secretName": "web-tls"},
        {"tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}]},
        {
            "automountServiceAccountToken": False,
            "containers": [{"name": "token-service", "image": "b:1@sha256:0a1b"}],
        },
        {"rules": [{"resources": ["secrets", "configmaps"], "verbs": ["get"]}]},
        {"args": ["--config=/etc/app.yaml", "--listen", "0.0.0.0:80", "--token-file", "/run/token", "-p", "80:8080"]},
        {"command": ["sh", "-c", "mkdir -p /data && exec nginx -g 'daemon off;' --url=http://api:80/x"]},
    ],
)
def test_what_says_where_a_secret_is_and_what_is_none_is_kept(spec: dict[str, Any]) -> None:
    assert spec_of(spec) == spec


@pytest.mark.parametrize(
    "unit",
    [
        *("pass=", "password=a,", "a=", "name=", "token,", "--token ", "token ", "pass: ", "pass: x ", "-token,"),
        *("https://", "x://:@", "a:b@", "-u a:", "basic ", "-p ", 'pass="', "pass='\\\"", "\\", '"', "a-", "-", "aA9_"),
        *("passA1b2C3 ", "\n ", " ", "pass=true ", "pass:\t", "redis -a", "pass=0 ", "name:pass\nvalue: true\n"),
    ],
)
def test_the_work_of_hiding_grows_as_the_text_does(unit: str) -> None:
    assert_in_proportion(lambda size: kept(unit * (size // len(unit))), LOOKED_AT // 2)
