"""A real Gitea on loopback, over HTTP and SSH, with people, tokens and repositories.

`python -m tests.support.gitea` gets the program: found, downloaded, or built once from its Go module, which takes a
quarter of an hour of computing.
"""

from __future__ import annotations

import base64
import getpass
import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kubeorch.programs.downloading import listed
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.finding import find
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.program import Kit, NoDownload, Program, Release
from kubeorch.programs.progress import Progress
from tests.support.ports import free_port
from tests.support.wait import until

VERSION = "1.26.0"
MODULES = Path(__file__).resolve().parents[1] / "programs"
KIT = Kit("git", ("KUBEORCH_GITEA_BIN",), MODULES)
PASSWORD = "canary-of-a-git-password"
READS = ("templates", "options", "public")


def _release(program: Program, system: str, architecture: str) -> Release:
    if system != "linux":
        raise NoDownload(f"the tests take no official {program.name} for {system}")
    name = f"gitea-{program.version}-{system}-{architecture}"
    url = f"https://dl.gitea.com/gitea/{program.version}/{name}"
    return Release(url, f"{url}.sha256", lambda text: listed(text, name))


GITEA = Program(
    KIT,
    "gitea",
    VERSION,
    "gitea",
    "code.gitea.io/gitea",
    _release,
    oldest=(1, 22),
    linked=(("main.Version", VERSION),),
    tags=("sqlite", "sqlite_unlock_notify"),
    needs_c=True,
    reads=READS,
)


def lacking() -> list[str]:
    """Why no Gitea runs here, each a phrase; empty: it can."""
    found = [] if not find([GITEA])[1] else ["gitea (python -m tests.support.gitea)"]
    return [*found, *(["git (apt-get install git)"] if shutil.which("git") is None else [])]


def need_gitea() -> Path:
    """The program. Leaves the test out, aloud, where there is none."""
    if missing := lacking():
        pytest.skip(f"no real git server: {'; '.join(missing)}")
    return find([GITEA])[0]["gitea"]


@dataclass(frozen=True, slots=True)
class Gitea:
    """A server that runs. `owner` administers it."""

    program: Path
    folder: Path
    port: int
    ssh_port: int
    token: str = field(default="", repr=False)
    owner: str = "ada"
    tls: tuple[Path, Path] | None = None
    """Files of its certificate, which is its own authority, and of the key."""

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def trusting(self) -> ssl.SSLContext | None:
        """What its certificate is accepted by."""
        return ssl.create_default_context(cafile=self.tls[0]) if self.tls else None

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", basic: str = "") -> Any:
        """Its own API, spoken to beside our client: what it answers, parsed."""
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", method=method)
        request.add_header("Content-Type", "application/json")
        password = base64.b64encode(f"{basic}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {password}" if basic else f"token {token or self.token}")
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urllib.request.urlopen(request, data, timeout=30, context=self.trusting()) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error
        return json.loads(text) if text else None

    def user(self, name: str) -> None:
        run_gitea(
            self,
            *("admin", "user", "create", "--username", name, "--password", PASSWORD),
            *("--email", f"{name}@example.test", "--must-change-password=false"),
        )

    def new_token(self, user: str, name: str, scopes: Sequence[str]) -> str:
        made = self.call("POST", f"users/{user}/tokens", {"name": name, "scopes": list(scopes)}, basic=user)
        return str(made["sha1"])

    def repository(self, name: str, files: Mapping[str, str | bytes], *, private: bool = True, org: str = "") -> str:
        """Make it with one commit of these files on `main`; the commit's id."""
        owner = org or self.owner
        where = f"orgs/{org}/repos" if org else "user/repos"
        self.call("POST", where, {"name": name, "private": private, "default_branch": "main"})
        rows = [
            {
                "operation": "create",
                "path": path,
                "content": base64.b64encode(text.encode() if isinstance(text, str) else text).decode(),
            }
            for path, text in files.items()
        ]
        change = {"branch": "main", "message": "Begin", "files": rows}
        made = self.call("POST", f"repos/{owner}/{name}/contents", change)
        return str(made["commit"]["sha"])

    def branch(self, name: str, branch: str) -> None:
        self.call("POST", f"repos/{self.owner}/{name}/branches", {"new_branch_name": branch})

    def tag(self, name: str, tag: str, message: str = "") -> None:
        """An annotated one where there is a message."""
        given = {"tag_name": tag, "target": "main", **({"message": message} if message else {})}
        self.call("POST", f"repos/{self.owner}/{name}/tags", given)

    def deploy_key(self, name: str, public: str) -> int:
        row = {"title": public[-30:], "key": public, "read_only": True}
        return int(self.call("POST", f"repos/{self.owner}/{name}/keys", row)["id"])

    def remove_deploy_key(self, name: str, key_id: int) -> None:
        self.call("DELETE", f"repos/{self.owner}/{name}/keys/{key_id}")

    def ssh_url(self, name: str) -> str:
        return f"ssh://git@127.0.0.1:{self.ssh_port}/{self.owner}/{name}.git"


@contextmanager
def a_gitea(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[Gitea]:
    """A Gitea with its administrator `ada` and a token of theirs that may do everything."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Gitea(need_gitea(), folder, free_port(), free_port(), tls=tls)
    (folder / "app.ini").write_text(_settings(made))
    run_gitea(made, "migrate")
    run_gitea(
        made,
        *("admin", "user", "create", "--username", made.owner, "--password", PASSWORD, "--admin"),
        *("--email", "ada@example.test", "--must-change-password=false"),
    )
    said = run_gitea(
        made,
        *("admin", "user", "generate-access-token", "--username", made.owner),
        *("--token-name", "tests", "--scopes", "all", "--raw"),
    )
    ready = replace(made, token=said.split()[-1])
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(_command(ready, "web"), env=_environment(folder), stdout=log, stderr=log)
    try:
        until(lambda: _answers(ready, process), timeout_s=60, every_s=0.1, what="Gitea answers")
        yield ready
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_gitea(gitea: Gitea, *arguments: str) -> str:
    done = subprocess.run(
        _command(gitea, *arguments),
        env=_environment(gitea.folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, (arguments[:2], done.stdout, done.stderr)
    return done.stdout


def _command(gitea: Gitea, *arguments: str) -> list[str]:
    return [str(gitea.program), "--config", str(gitea.folder / "app.ini"), *arguments]


def _environment(folder: Path) -> dict[str, str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "USER": getpass.getuser()}


def _answers(gitea: Gitea, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (gitea.folder / "out.log").read_text(errors="replace")[-2000:]
    try:
        with urllib.request.urlopen(f"{gitea.url}/api/healthz", timeout=5, context=gitea.trusting()) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _settings(gitea: Gitea) -> str:
    """Source: Gitea, "Configuration cheat sheet"."""
    folder, beside = gitea.folder, gitea.program.parent
    own = f"STATIC_ROOT_PATH = {beside}\n" if (beside / READS[0]).is_dir() else ""
    if gitea.tls:
        own += f"PROTOCOL = https\nCERT_FILE = {gitea.tls[0]}\nKEY_FILE = {gitea.tls[1]}\n"
    as_root = "I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n" if os.geteuid() == 0 else ""
    return f"""{as_root}RUN_MODE = prod
RUN_USER = {getpass.getuser()}
WORK_PATH = {folder}
[server]
{own}HTTP_ADDR = 127.0.0.1
HTTP_PORT = {gitea.port}
DOMAIN = 127.0.0.1
ROOT_URL = {gitea.url}/
START_SSH_SERVER = true
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = {gitea.ssh_port}
SSH_PORT = {gitea.ssh_port}
BUILTIN_SSH_SERVER_USER = git
OFFLINE_MODE = true
LFS_START_SERVER = true
LFS_JWT_SECRET = b2YtdGhlLXRlc3RzLW9mLXRoZS10ZXN0cy1vZi10ZXM
[lfs]
PATH = {folder}/lfs
[database]
DB_TYPE = sqlite3
PATH = {folder}/data/gitea.db
[repository]
ROOT = {folder}/repositories
[security]
INSTALL_LOCK = true
SECRET_KEY = of-the-tests
PASSWORD_HASH_ALGO = pbkdf2_v1
[service]
DISABLE_REGISTRATION = true
[api]
DEFAULT_PAGING_NUM = 50
[webhook]
ALLOWED_HOST_LIST = loopback
[cron]
ENABLED = false
[actions]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[log]
MODE = file
LEVEL = warn
ROOT_PATH = {folder}/log
"""


def main() -> int:
    def say(progress: Progress) -> None:
        print(progress.line(), file=sys.stderr, flush=True)

    try:
        print(obtain([GITEA], report=say)["gitea"])
    except NoProgram as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
