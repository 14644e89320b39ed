"""What a commit only points to, and keys that steps sign in with, are seen before anything is built."""

from __future__ import annotations

from builds.detecting.rows import rows_of
from builds.domain.detection.detect import detect
from builds.domain.detection.dockerfile import parse
from builds.domain.detection.dockerfiles import facts_of
from builds.domain.detection.findings import Findings

DOCKERFILE = "FROM debian:13\nUSER 1000\nEXPOSE 80\nCOPY . .\n"
LFS = "# as git lfs track wrote it\n*.psd filter=lfs diff=lfs merge=lfs -text\n"


def found(files: dict[str, str]) -> Findings:
    return detect({path: len(text) for path, text in files.items()}, files.get)


def test_files_of_git_lfs_are_fetched_where_attributes_above_or_below_say_so() -> None:
    files = {"Dockerfile": DOCKERFILE, "api/Dockerfile": DOCKERFILE, "web/Dockerfile": DOCKERFILE}
    assert not any(one.lfs for one in found(files).proposals)
    assert all(one.lfs for one in found({**files, ".gitattributes": LFS}).proposals)
    below = {one.root: one for one in found({**files, "api/art/.gitattributes": LFS}).proposals}
    assert {root: one.lfs for root, one in below.items()} == {"": True, "api": True, "web": False}
    reason = below["api"].reasons[-1]
    assert (reason.path, reason.line) == ("api/art/.gitattributes", 2)


def test_attributes_that_keep_nothing_in_git_lfs_say_nothing() -> None:
    text = "# *.psd filter=lfs\n*.txt text\nfilter=lfs text\n*.bin filter=lfsx\n"
    assert not found({"Dockerfile": DOCKERFILE, ".gitattributes": text}).proposals[0].lfs


def test_submodules_are_fetched_by_who_has_them_in_its_folder() -> None:
    modules = '[submodule "x"]\n\tpath = api/vendor/x\n\turl = ../x.git\n'
    files = {
        "Dockerfile": DOCKERFILE,
        "api/Dockerfile": DOCKERFILE,
        "web/Dockerfile": DOCKERFILE,
        ".gitmodules": modules,
    }
    proposals = {one.root: one for one in found(files).proposals}
    assert {root: one.submodules for root, one in proposals.items()} == {"": True, "api": True, "web": False}
    assert (proposals["api"].reasons[-1].path, proposals["api"].reasons[-1].line) == (".gitmodules", 2)


def test_submodules_that_the_connection_opens_are_switched_on_by_a_person() -> None:
    modules = (
        '[submodule "x"]\n\tpath = api/x\n\turl = ../secret.git\n'
        '[submodule "y"]\n\tpath = web/y\n\turl = https://github.com/a/y.git\n'
    )
    findings = found({"api/Dockerfile": DOCKERFILE, "web/Dockerfile": DOCKERFILE, ".gitmodules": modules})
    rows = {one["root"]: one for one in rows_of(findings, "", lambda url: url.startswith(".."))["proposals"]}
    assert {root: one["builder"]["submodules"] for root, one in rows.items()} == {"api": False, "web": True}
    [warned] = [one for one in rows["api"]["warnings"] if "switch them on" in one["text"]]
    assert "../secret.git" in warned["text"]
    assert "https://github.com/a/y.git" in rows["web"]["reasons"][-1]["text"]
    assert all(one["builder"]["submodules"] for one in rows_of(findings, "")["proposals"]), "without a connection"


def test_what_is_fetched_is_switched_on_in_the_builder_that_is_proposed() -> None:
    row = rows_of(found({"Dockerfile": DOCKERFILE, ".gitattributes": LFS}), "")["proposals"][0]
    assert (row["builder"]["lfs"], row["builder"]["submodules"]) == (True, False)


def test_steps_that_sign_in_by_ssh_are_told_with_what_they_need() -> None:
    text = (
        "FROM debian:13\nUSER 1000\nEXPOSE 80\n"
        "RUN --mount=type=ssh git clone git@git.example.test:a/b\n"
        "RUN --mount=type=cache,target=/x --mount=type=ssh,id=DEPLOY_KEY,required=true true\n"
        "RUN --mount=type=ssh,id=default true\n"
        "COPY --from=x --mount=type=sshx a b\n"
    )
    facts = facts_of(parse(text))
    assert (facts.ssh, facts.ssh_lines) == (("default", "DEPLOY_KEY"), (4, 5))
    [one] = found({"Dockerfile": text}).proposals
    said = {warning.line: warning.text for warning in one.warnings}
    assert "deploy key of the connection" in said[4]
    assert "as the variable DEPLOY_KEY" in said[5]
    assert [(need.name, need.usage, need.is_secret, need.line) for need in one.needs] == [
        ("default", "ssh", True, 4),
        ("DEPLOY_KEY", "ssh", True, 5),
    ]
