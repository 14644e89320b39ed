"""Secrets given to the product are found nowhere but sealed, and in their cluster."""

from __future__ import annotations

import base64
import json
import os
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.busy_people import Follower
from tests.support.database import collections_of
from tests.support.kubeconfigs import a_kubeconfig
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workflows import a_config_map

CANARIES = {
    name: f"c4nary-{name}-{os.urandom(6).hex()}"
    for name in ("given", "kept", "wrong", "token", "userinfo", "exec", "key", "broken", "password", "guess", "foreign")
}


def spellings(text: str) -> set[bytes]:
    """As it is, and as it would look in base64 wherever it begins, in hex and in an address."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), urllib.parse.quote(text, safe="").encode()}
    for shift in range(3):
        found.add(base64.b64encode(b"\0" * shift + raw)[(shift * 8 + 5) // 6 : -4])
    return found


def test_no_secret_is_found_in_answers_logs_or_the_database(product: Stack, follow: Callable[[str], Follower]) -> None:
    said: list[str] = []

    def ask(method: str, path: str, body: Any = None, *, statuses: tuple[int, ...] = (), **options: Any) -> Any:
        answer = product.api(method, f"/api/v1/{path}", body, **options)
        assert not statuses or answer.status in statuses, (path, answer)
        assert answer.status < 500, (path, answer)
        said.append(f"{answer.headers} {json.dumps(answer.body)}")
        return answer.body

    sandbox = product.sandbox()
    node = {**a_config_map("keys"), "kind": "secret", "parameters": {"keys": ["a", "b"]}}
    made = product.create_workflow(
        "with secrets",
        graph={"nodes": [node], "edges": []},
        environment={"name": "dev", "cluster": sandbox["id"], "namespace": "secrets"},
    )
    path, environment = f"workflows/{made['id']}", made["environments"][0]["id"]
    followers = [follow(f"environment:{environment}"), follow("clusters"), follow(f"workflow:{made['id']}")]

    # Every way in, the wrong ones too
    values = {"keys": {"a": CANARIES["given"], "b": CANARIES["kept"]}}
    ask("POST", f"{path}/runs", {"environment": environment, "secrets": {"no": values["keys"]}}, statuses=(400,))
    for wrong in (
        {"keys": {"a": [CANARIES["wrong"]]}},
        {"keys": {"c": CANARIES["wrong"]}},
        {"keys": CANARIES["wrong"]},
        {"keys": {"a": {"$ne": CANARIES["wrong"]}}},
    ):
        ask("POST", f"{path}/runs", {"environment": environment, "secrets": wrong}, statuses=(400,))
    runs = [ask("POST", f"{path}/runs", {"environment": environment, "secrets": values}, statuses=(202,))["id"]]
    again = {"environment": environment, "secrets": values, "keep_secrets": True}
    runs.append(ask("POST", f"{path}/runs", again, statuses=(202,))["id"])
    for run in runs:
        until(
            lambda run=run: product.api("GET", f"/api/v1/runs/{run}").body["state"] == "succeeded",  # type: ignore[misc]
            every_s=0.2,
        )
    for name, text in {
        "dead": a_kubeconfig("https://127.0.0.1:1", token=CANARIES["token"]),
        "refusing": a_kubeconfig(sandbox["server"], token=CANARIES["token"]),
        "userinfo": a_kubeconfig(f"https://u:{CANARIES['userinfo']}@127.0.0.1:1", token="t"),
        "password": a_kubeconfig("https://127.0.0.1:1", username="u", password=CANARIES["userinfo"]),
        "exec": a_kubeconfig("https://127.0.0.1:1", exec={"command": CANARIES["exec"], "args": [CANARIES["exec"]]}),
        "key": a_kubeconfig("https://127.0.0.1:1", **pair(CANARIES["key"])),
        "no-base64": a_kubeconfig("https://127.0.0.1:1", **{"client-key-data": CANARIES["key"]}),
        "broken": f"users: [{{token: {CANARIES['broken']}",
        "twice": f"token: {CANARIES['broken']}\ntoken: {CANARIES['broken']}",
        "tag": f"token: !secret {CANARIES['broken']}",
    }.items():
        ask("POST", "clusters", {"name": name, "kubeconfig": text}, statuses=(201, 400))
    ask("POST", "auth/login", {"email": "ada@example.test", "password": CANARIES["guess"]}, statuses=(400, 401))
    ask("POST", "auth/password", {"current_password": CANARIES["guess"], "new_password": CANARIES["password"]})
    ask("GET", "auth/profile", token=CANARIES["foreign"], statuses=(401,))
    ask("POST", "invites/accept", {"code": CANARIES["foreign"]}, statuses=(403,))
    team = ask("GET", "teams")["results"][0]["id"]
    invite = product.api("POST", "/api/v1/invites", {"team": team, "role": "viewer"}).body
    login = {"email": "bea@example.test", "password": CANARIES["password"], "name": "Bea"}
    register = product.api("POST", "/api/v1/auth/register", {**login, "invite_code": invite["code"]})
    assert register.status == 201, register
    fresh = product.api("POST", "/api/v1/auth/tokens", {"name": "ci"}).body["token"]
    hidden = [*CANARIES.values(), invite["code"], register.body["token"], fresh, str(product.token)]

    # Every way out
    for shown in (
        "clusters", "workflows", "runs", "teams", "auth/tokens", "auth/session", "auth/profile", "invites", "catalog",
        path, f"{path}/graph", f"{path}/versions", f"{path}/versions/1", f"{path}/environments", f"{path}/runs",
        f"{path}/export", f"{path}/secrets?environment={environment}", f"environments/{environment}",
        f"environments/{environment}/inventory", f"environments/{environment}/status",
        *(f"runs/{run}{more}" for run in runs for more in ("", "/logs")),
    ):  # fmt: skip
        ask("GET", shown, statuses=(200,))
    ask("POST", f"{path}/manifests", {"environment": environment}, statuses=(200,))
    heaps = {"answers": "\n".join(said).encode()}
    heaps["live"] = json.dumps([follower.values for follower in followers]).encode()
    for log in [*product.data_dir.glob("logs/*"), product.log, product.data_dir / "mongodb" / "mongod.log"]:
        heaps[f"log {log.name}"] = log.read_bytes()
    with product.database() as client:
        database = client["kubeorch"]
        for name in collections_of(database):
            heaps[f"collection {name}"] = b"".join(database[name].find_raw_batches())
        heaps["oplog"] = b"".join(client["local"]["oplog.rs"].find_raw_batches({"ns": {"$regex": "^kubeorch"}}))
    assert len(heaps["collection secret_values"]) > 100
    assert len(heaps["log web.log"]) + len(heaps["log worker.log"]) > 0
    found = [
        (name, text[:16])
        for name, heap in heaps.items()
        for text in hidden
        if any(spelling in heap for spelling in spellings(text))
    ]
    assert found == []


def pair(text: str) -> dict[str, str]:
    return {
        "client-certificate-data": base64.b64encode(b"no certificate").decode(),
        "client-key-data": base64.b64encode(text.encode()).decode(),
    }


def test_the_sealing_key_is_in_the_environment_of_our_own_roles_alone(product: Stack) -> None:
    key = (product.data_dir / "keys" / "secret.key").read_text().strip().encode()
    programs = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environ = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue  # it ended, or belongs to somebody else
        if str(product.data_dir).encode() in command + environ:
            programs[command.replace(b"\0", b" ").decode(errors="replace")] = key in environ
    holders = [name for name, has_key in programs.items() if has_key]
    others = [name for name, has_key in programs.items() if not has_key]
    assert holders
    assert all("manage.py" in name for name in holders), holders
    assert any("kube-apiserver" in name for name in others)
    assert any("mongod" in name for name in others)
