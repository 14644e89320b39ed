"""Steps that mount SSH: they sign in with the keys of their source, on each engine, and nothing else ever has these."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from builds.connections.keys import new_key_pair
from tests.builds.test_engines import engine_id, service  # noqa: F401  (fixtures)
from tests.support.agent_client import agent_client
from tests.support.database import collections_of
from tests.support.image_builds import SHELL, Shop, busybox
from tests.support.people import a_user
from tests.support.ports import free_port
from tests.support.ssh_server import a_key, an_ssh_server
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.slow


def an_app(shop: Shop, name: str, *steps: str) -> None:
    """A repository whose steps can ask an agent."""
    files = {f"root/{path}": content for path, content in agent_client().items()}
    text = SHELL + "COPY root /\nRUN chmod -R 755 /usr /lib*\n" + "".join(f"{one}\n" for one in steps)
    shop.repository(name, {"Dockerfile": text, "busybox": busybox(), **files})


def lines_of(private: str) -> list[str]:
    """Of a key's own lines those that stand in no other one."""
    return private.splitlines()[2:-1]


def test_a_step_signs_in_with_the_key_and_nothing_has_it(
    shop: Shop,
    engine_id: str,  # noqa: F811
    mongo: Any,
    data_dir: Path,
) -> None:
    pair, name = new_key_pair(), f"ssh-{engine_id[:5]}"
    an_app(
        shop,
        name,
        "RUN --mount=type=ssh,id=GITHUB ssh-add -L > /public && cat /public",
        "RUN --mount=type=ssh,id=GITHUB cat /proc/*/environ /proc/*/cmdline > /seen 2>/dev/null; ls -R /run",
        'RUN test -z "$SSH_AUTH_SOCK" && echo no agent without a mount',
    )
    key = {"key": "GITHUB", "usage": "ssh", "secret": True, "value": pair.private}
    with working():
        build = shop.build(shop.source(name, engine=engine_id, variables=[key]))
    text = shop.text(build)
    assert build["state"] == "succeeded", text
    assert pair.public.split()[1] in text, "the step has seen the public half"
    assert "no agent without a mount" in text
    content = shop.registry.everything_in(f"shop/{name}", build["digest"])
    kept = "".join(str(list(mongo[one].find())) for one in collections_of(mongo))
    files = [path.read_bytes() for path in data_dir.rglob("*") if path.is_file()]
    for line in lines_of(pair.private):
        assert line not in text
        assert line.encode() not in content
        assert line not in kept
        assert not any(line.encode() in one for one in files)


def test_another_key_is_no_other_input(shop: Shop) -> None:
    an_app(shop, "rotated", "RUN --mount=type=ssh,id=GITHUB ssh-add -L")
    key = {"key": "GITHUB", "usage": "ssh", "secret": True, "value": new_key_pair().private}
    with working():
        source = shop.source("rotated", variables=[key])
        first = shop.build(source)
        assert first["state"] == "succeeded", shop.text(first)
        changed = {"variables": [{**key, "value": new_key_pair().private}]}
        assert shop.person.patch(f"sources/{source['id']}", changed).status == 200
        again = shop.build(source)
    assert (again["digest"], again["answered_by"]) == (first["digest"], first["id"])


def test_steps_sign_in_with_the_deploy_keys_of_the_connection_where_the_source_says_so(
    shop: Shop, tmp_path: Path
) -> None:
    port = free_port()
    address = f"ssh://git@127.0.0.1:{port}"
    given = {"name": "over-ssh", "provider": "git", "address": address, "deploy_key": True, "test": False}
    made = a_user("admin", shop.person.team_id).post("git-connections", given)
    assert made.status == 201, made.body
    connection = made.body["connection"]
    [key] = connection["keys"]
    public = " ".join(key["public"].split()[:2])
    a_key(tmp_path / "server")
    (tmp_path / "authorized").write_text(key["public"])
    an_app(shop, "deployed", "RUN --mount=type=ssh ssh-add -L >/public && ssh-add -T /public && cat /public")
    an_app(shop, "undeployed", "RUN --mount=type=ssh ssh-add -L || echo no ''agent")
    place = {"connection": connection["id"]}
    with an_ssh_server(shop.server.root, tmp_path / "server", tmp_path / "authorized", port=port), working():
        over_ssh = {**place, "repository": f"{address}/deployed.git"}
        build = shop.build(shop.source("deployed", **over_ssh, builder={"deploy_key": True}))
        assert build["state"] == "succeeded", (build["reason"], shop.text(build))
        assert public in shop.text(build)
        without = shop.build(shop.source("undeployed", **{**place, "repository": f"{address}/undeployed.git"}))
    assert without["state"] == "succeeded", (without["reason"], shop.text(without))
    assert "no agent" in shop.text(without)
    assert public not in shop.text(without)


@pytest.mark.parametrize(("name", "mount"), [("keyless", "type=ssh,required=true"), ("agentless", "type=ssh")])
def test_a_step_that_needs_a_key_fails_without_one(shop: Shop, name: str, mount: str) -> None:
    an_app(shop, name, f"RUN --mount={mount} ssh-add -L")
    with working():
        build = shop.build(shop.source(name))
    assert build["state"] == "failed"
    assert build["reason"]["code"] == "build.no_ssh_key", build["reason"]


def test_the_key_is_gone_once_a_build_is_canceled(shop: Shop, data_dir: Path) -> None:
    pair = new_key_pair()
    an_app(shop, "canceled", "RUN --mount=type=ssh,id=GITHUB echo begun; while true; do sleep 0.1; done")
    key = {"key": "GITHUB", "usage": "ssh", "secret": True, "value": pair.private}
    build = shop.start(shop.source("canceled", variables=[key]))
    [line, *_] = lines_of(pair.private)
    with working():
        until(lambda: "begun" in shop.text(build), what="the step runs")
        commands = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
        assert "--ssh=GITHUB=" in commands
        assert line not in commands
        assert shop.person.post(f"builds/{build['id']}/cancel").status == 202
        assert shop.ended(build)["state"] == "canceled"
    assert not [path for path in data_dir.rglob("*") if path.is_file() and line.encode() in path.read_bytes()]
