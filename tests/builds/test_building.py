"""From a commit to a digest: fetched, built by BuildKit, pushed to a registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import collections_of
from tests.support.image_builds import Shop, an_app
from tests.support.workers import working

pytestmark = pytest.mark.slow


def test_a_dockerfile_becomes_an_image_in_the_registry(shop: Shop) -> None:
    commit = shop.repository("plain", an_app("RUN echo made > /made\nUSER 1000\n"))
    source = shop.source("plain")
    with working():
        build = shop.build(source)
    assert build["state"] == "succeeded", shop.text(build)
    assert build["commit"] == commit
    assert build["message"] == "Change it"
    assert build["tags"] == [f"1-{commit[:12]}"]
    assert build["image"] == f"{shop.registry.host}/shop/plain"
    status, headers, _ = shop.registry.call(
        "HEAD",
        f"/v2/shop/plain/manifests/{build['tags'][0]}",
        None,
        {"Accept": "application/vnd.oci.image.manifest.v1+json"},
    )
    assert (status, headers["Docker-Content-Digest"]) == (200, build["digest"])
    assert [one["stage"] for one in build["stages"]] == ["cloning", "building", "pushing"]
    assert all(one["ended_at"] for one in build["stages"])
    assert any(step["name"].endswith("RUN echo made > /made") for step in build["steps"])
    assert [step["number"] for step in build["steps"]] == list(range(1, len(build["steps"]) + 1))


def test_the_same_inputs_are_answered_with_the_same_image_unless_no_cache_is_asked(shop: Shop) -> None:
    shop.repository("same", an_app("RUN cat /proc/sys/kernel/random/uuid > /made\n"))
    source = shop.source("same")
    with working():
        first, second = shop.build(source), shop.build(source)
        anew = shop.build(source, no_cache=True)
    assert second["state"] == "succeeded"
    assert second["digest"] == first["digest"]
    assert second["answered_by"] == first["id"]
    assert "has made the same image" in shop.text(second)
    assert [one["stage"] for one in second["stages"]] == ["cloning"]
    assert anew["state"] == "succeeded"
    assert anew["answered_by"] is None
    assert anew["digest"] != first["digest"]


def test_a_step_that_fails_is_told_with_its_line_and_leaves_no_image(shop: Shop) -> None:
    shop.repository("broken", an_app("RUN echo before; echo trouble >&2; exit 7\n"))
    with working():
        build = shop.build(shop.source("broken"))
    assert build["state"] == "failed"
    assert build["reason"]["code"] == "build.step_failed"
    assert build["reason"]["stage"] == "building"
    assert "exit code 7 (Dockerfile, line " in build["reason"]["detail"]
    lines = {line["seq"]: line for line in shop.log(build)}
    assert lines[build["error_seq"]]["level"] == "error"
    assert any(line["text"] == "trouble" and line["stream"] == "stderr" and line["step"] for line in lines.values())
    assert not shop.registry.is_tag("shop/broken", "1")
    assert build["digest"] is None


@pytest.mark.parametrize(
    ("files", "builder", "code"),
    [
        ({"README": "x"}, {}, "build.no_dockerfile"),
        ({"Dockerfile": "FROM scratch\nRUNN x\n"}, {}, "build.dockerfile"),
        ({"Dockerfile": "FROM scratch\nCOPY none /\n"}, {}, "build.no_file"),
        ({"Dockerfile": "FROM 127.0.0.1:9/none:1\n"}, {}, "build.base_image"),
        ({"Dockerfile": "FROM scratch\n"}, {"target": "none"}, "build.dockerfile"),
    ],
)
def test_what_cannot_be_built_says_why(
    shop: Shop, request: pytest.FixtureRequest, files: dict[str, str], builder: dict[str, str], code: str
) -> None:
    name = f"wrong-{request.node.callspec.indices['files']}"
    shop.repository(name, files)
    with working():
        build = shop.build(shop.source(name, builder=builder))
    assert (build["state"], build["reason"]["code"]) == ("failed", code), shop.text(build)


def test_a_secret_reaches_the_step_that_mounts_it_and_nothing_else(shop: Shop, mongo: Any, data_dir: Path) -> None:
    secret = "canary-of-a-build-4417"
    step = f"RUN --mount=type=secret,id=TOKEN test $(cat /run/secrets/TOKEN) = {secret[:-4]}$((4400+17))\n"
    shown = "RUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN; echo $MODE > /mode\n"
    shop.repository("secret", an_app(f"ARG MODE\n{step}{shown}"))
    variables = [
        {"key": "TOKEN", "usage": "build", "secret": True, "value": secret},
        {"key": "MODE", "usage": "both", "value": "fast"},
        {"key": "LATER", "usage": "run", "secret": True, "value": "canary-of-a-run-5518"},
    ]
    with working():
        build = shop.build(shop.source("secret", variables=variables))
    assert build["state"] == "succeeded", shop.text(build)
    assert secret not in shop.text(build)
    assert "***" in shop.text(build)
    content = shop.registry.everything_in("shop/secret", build["digest"])
    assert b"fast" in content
    assert secret.encode() not in content
    assert b"canary-of-a-run" not in content
    kept = {name: str(list(mongo[name].find())) for name in collections_of(mongo)}
    paths = ("sources", f"builds/{build['id']}", f"builds?source={build['source_id']}")
    kept |= {path: json.dumps(shop.person.get(path).body) for path in paths}
    assert not [name for name, text in kept.items() if secret in text or "canary-of-a-run" in text]
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()], "BuildKit's own among them"


def test_a_dockerfile_that_is_kept_with_the_source_is_built(shop: Shop) -> None:
    shop.repository("written", {"apps/web/index.html": "hello", "README": "x"})
    builder = {"type": "written", "text": "FROM scratch\nCOPY index.html /index.html\n"}
    with working():
        build = shop.build(shop.source("written", root="apps/web", builder=builder))
    assert build["state"] == "succeeded", shop.text(build)
    assert b"hello" in shop.registry.everything_in("shop/written", build["digest"])


def test_a_step_that_was_not_cached_says_why(shop: Shop) -> None:
    files = an_app("WORKDIR /app\nCOPY one /app/one\nRUN cat one > two\n", one="first")
    shop.repository("why", files)
    source = shop.source("why")
    with working():
        first = shop.build(source)
        shutil.rmtree(shop.server.root / "why.git")
        shop.repository("why", {**files, "one": "second"})
        second = shop.build(source)
    said = {step["why"] for step in first["steps"] if "] COPY one" in step["name"]}
    assert said == {"no build of this source has succeeded before"}
    by_name = {step["name"].partition("] ")[2]: step for step in second["steps"]}
    assert by_name["WORKDIR /app"]["cached"]
    assert by_name["WORKDIR /app"]["why"] == ""
    assert by_name["COPY one /app/one"]["why"].startswith("files that it copies have changed since build #1")
    copied = by_name["COPY one /app/one"]["number"]
    assert by_name["RUN cat one > two"]["why"] == f"step #{copied}, which it stands on, was built anew"
