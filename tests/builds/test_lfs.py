"""Builds of repositories on a real Gitea that keep files in Git LFS: over HTTP with a token, over SSH with a key."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.gitea import PASSWORD, Gitea, a_gitea
from tests.support.image_builds import Shop, an_app
from tests.support.lfs_server import pointer_to
from tests.support.people import a_user
from tests.support.workers import working

pytestmark = pytest.mark.slow
MEDIA_TYPE = "application/vnd.git-lfs+json"


@pytest.fixture(scope="module")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as running:
        yield running


def send(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, body, dict(headers), method=method), timeout=30) as answer:
        return bytes(answer.read())


def pushed(gitea: Gitea, name: str, content: bytes) -> str:
    """Have the server keep it for the repository, as `git lfs push` does; the text of its pointer."""
    oid = hashlib.sha256(content).hexdigest()
    owner = base64.b64encode(f"{gitea.owner}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {owner}", "Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
    asked = {"operation": "upload", "transfers": ["basic"], "objects": [{"oid": oid, "size": len(content)}]}
    url = f"{gitea.url}/{gitea.owner}/{name}.git/info/lfs/objects/batch"
    [row] = json.loads(send("POST", url, json.dumps(asked).encode(), headers))["objects"]
    upload = row["actions"]["upload"]
    send("PUT", upload["href"], content, {**headers, **upload.get("header", {})})
    return pointer_to(content)


def connected(shop: Shop, gitea: Gitea, name: str, **given: Any) -> dict[str, Any]:
    made = a_user("admin", shop.person.team_id).post("git-connections", {"name": name, **given})
    assert made.status == 201, made.body
    return dict(made.body["connection"])


def test_files_of_git_lfs_are_in_the_image_and_pointers_never_are(shop: Shop, gitea: Gitea) -> None:
    gitea.repository("shop", {"README.md": "# Shop\n"})
    small, large = b"hello from Git LFS\n", b"0123456789" * 900_000
    files = {"small": pushed(gitea, "shop", small), "large": pushed(gitea, "shop", large)}
    app = an_app("COPY small large /\nRUN cat /small && sha256sum /large\n", **files)
    rows = [
        {"operation": "create", "path": path, "content": base64.b64encode(_bytes(text)).decode()}
        for path, text in app.items()
    ]
    path = f"repos/{gitea.owner}/shop/contents"
    gitea.call("POST", path, {"branch": "main", "message": "Keep large files elsewhere", "files": rows})

    token = gitea.new_token(gitea.owner, "reads", ("read:repository", "read:user"))
    by_token = connected(shop, gitea, "token", provider="gitea", address=gitea.url, token=token)
    over_http = {"repository": f"{gitea.url}/{gitea.owner}/shop.git", "connection": by_token["id"]}
    by_key = connected(
        shop, gitea, "key", provider="git", address=f"ssh://git@127.0.0.1:{gitea.ssh_port}", deploy_key=True, test=False
    )
    gitea.deploy_key("shop", by_key["keys"][0]["public"])
    over_ssh = {"repository": gitea.ssh_url("shop"), "connection": by_key["id"]}
    wants = {"builder": {"lfs": True}}
    with working():
        refused = shop.build(shop.source("off", **over_http))
        assert (refused["state"], refused["reason"]["code"]) == ("failed", "git.lfs")
        assert "large, small: kept in Git LFS" in refused["reason"]["detail"]
        for name, place in (("token", over_http), ("key", over_ssh)):
            built = shop.build(shop.source(name, **place, **wants), no_cache=True)
            text = shop.text(built)
            assert built["state"] == "succeeded", (built["reason"], text)
            assert "hello from Git LFS" in text
            assert hashlib.sha256(large).hexdigest() in text
            assert "fetching 2 files of Git LFS, 9.0 MB" in text
            assert token not in text


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
