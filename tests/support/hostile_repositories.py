"""Repositories that git itself would not make, written object by object, and servers that break the protocol."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.support.git_server import git

Entry = tuple[str, bytes, str]
"""Mode, name and object id of an entry of a tree."""
FILE, LINK, FOLDER, SUBMODULE = "100644", "120000", "40000", "160000"
COMPOSE = b"services: {web: {image: nginx:1.27}}\n"


class Raw:
    """A bare repository into which any object can be put."""

    def __init__(self, folder: Path, *, is_filtering: bool = True) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        git(folder, "init", "-q", "--bare", "--initial-branch=main")
        git(folder, "config", "uploadpack.allowFilter", str(is_filtering).lower())

    def put(self, kind: str, content: bytes) -> str:
        whole = f"{kind} {len(content)}\0".encode() + content
        id_ = sha1(whole, usedforsecurity=False).hexdigest()
        path = self.folder / "objects" / id_[:2] / id_[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(whole, 1))
        return id_

    def blob(self, content: bytes) -> str:
        return self.put("blob", content)

    def tree(self, *entries: Entry) -> str:
        return self.put(
            "tree", b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(id_) for mode, name, id_ in entries)
        )

    def commit(self, tree: str, *, subject: bytes = b"Change it") -> str:
        who = b"A <a@b.test> 1700000000 +0000"
        text = b"tree %s\nauthor %s\ncommitter %s\n\n%s\n" % (tree.encode(), who, who, subject)
        return self.point(self.put("commit", text))

    def point(self, id_: str) -> str:
        ref = self.folder / "refs" / "heads" / "main"
        ref.write_text(f"{id_}\n")
        return id_


def _with(*entries: Callable[[Raw], Entry]) -> Callable[[Raw], None]:
    def make(raw: Raw) -> None:
        raw.commit(raw.tree(*(entry(raw) for entry in entries), (FILE, b"compose.yaml", raw.blob(COMPOSE))))

    return make


def a_file(name: bytes, content: bytes = b"x\n") -> Callable[[Raw], Entry]:
    return lambda raw: (FILE, name, raw.blob(content))


def a_link(name: bytes, target: bytes) -> Callable[[Raw], Entry]:
    return lambda raw: (LINK, name, raw.blob(target))


def a_folder(name: bytes, *entries: Callable[[Raw], Entry]) -> Callable[[Raw], Entry]:
    return lambda raw: (FOLDER, name, raw.tree(*(entry(raw) for entry in entries)))


def _compose_is_a_link(raw: Raw) -> None:
    raw.commit(raw.tree(a_link(b"compose.yaml", b"/etc/passwd")(raw)))


def _tree_bomb(raw: Raw) -> None:
    """10^9 files in ten trees."""
    tree = raw.tree(*((FILE, b"f%d" % number, raw.blob(b"")) for number in range(10)))
    for _ in range(8):
        tree = raw.tree(*((FOLDER, b"d%d" % number, tree) for number in range(10)))
    raw.commit(tree)


def _blob_bomb(raw: Raw) -> None:
    big = raw.blob(b"\0" * 60_000_000)
    raw.commit(raw.tree((FILE, b"compose.yaml", big), (FILE, b"docker-compose.yml", raw.blob(COMPOSE))))


def _points_at_a_blob(raw: Raw) -> None:
    raw.point(raw.blob(COMPOSE))


def _tree_in_a_loop_of_names(raw: Raw) -> None:
    deep = raw.tree(a_file(b"compose.yaml", COMPOSE)(raw))
    for _ in range(1500):
        deep = raw.tree((FOLDER, b"d", deep))
    raw.commit(raw.tree((FOLDER, b"a", deep), (FILE, b"compose.yaml", raw.blob(COMPOSE))))


def _missing_blob(raw: Raw) -> None:
    raw.commit(raw.tree((FILE, b"compose.yaml", "1" * 40)))


def _many(count: int) -> Callable[[Raw], None]:
    def make(raw: Raw) -> None:
        blob = raw.blob(COMPOSE)
        raw.commit(raw.tree(*((FILE, b"compose-%06d.yaml" % number, blob) for number in range(count))))

    return make


def _compose(text: bytes, *more: Callable[[Raw], Entry]) -> Callable[[Raw], None]:
    def make(raw: Raw) -> None:
        raw.commit(raw.tree(*(entry(raw) for entry in more), (FILE, b"compose.yaml", raw.blob(text))))

    return make


FINDS: Mapping[str, Callable[[Raw], None]] = {
    "a name with ..": _with(a_file(b"..")),
    "a folder ..": _with(a_folder(b"..", a_file(b"etc"))),
    "a folder .git with a hook": _with(
        a_folder(b".git", a_folder(b"hooks", a_file(b"post-checkout", b"#!/bin/sh\nid\n")))
    ),
    "a name with a slash": _with(a_file(b"../../../../tmp/escaped")),
    "an absolute name": _with(a_file(b"/etc/cron.d/x")),
    "a name that is not UTF-8": _with(a_file(b"caf\xe9.yaml", COMPOSE)),
    "a name with a line end": _with(a_file(b"a\nb.yaml", COMPOSE)),
    "a name that turns the direction": _with(a_file("a\u202elmay.exe".encode(), COMPOSE)),
    "a name with a backslash": _with(a_file(b"..\\..\\x.yaml", COMPOSE)),
    "a name of an option": _with(a_file(b"--upload-pack=id", COMPOSE)),
    "a name of 5,000 bytes": _with(a_file(b"a" * 5000)),
    "two entries of one name": _with(a_file(b"compose.yaml", b"services: {}\n")),
    "a link to a file of the machine": _with(a_link(b"passwd", b"/etc/passwd")),
    "a link that leads out": _with(a_link(b"up", b"../../../..")),
    "a link to itself": _with(a_link(b"loop", b"loop")),
    "a submodule of a transport": _with(
        a_file(b".gitmodules", b'[submodule "x"]\npath = x\nurl = ext::sh -c id\nupdate = !id\n'),
        lambda _: (SUBMODULE, b"x", "2" * 40),
    ),
    "attributes with a filter": _with(
        a_file(b".gitattributes", b"* filter=lfs diff=x merge=y working-tree-encoding=UTF-16\n")
    ),
    "a configuration": _with(
        a_file(b".gitconfig", b"[core]\nsshCommand = id\n"), a_file(b".lfsconfig", b"[lfs]\nurl=ext::id\n")
    ),
    "a file that is kept in LFS": _with(
        a_file(b"big.yaml", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    ),
    "a file of an unknown mode": _with(lambda raw: ("100777", b"odd", raw.blob(b"x"))),
    "a bomb of zeros": _blob_bomb,
    "1,500 folders in each other": _tree_in_a_loop_of_names,
    "3,500 Compose files": _many(3500),
    "an include from the network": _compose(
        b"include: ['https://127.0.0.1/x.git', 'oci://127.0.0.1/x']\nservices: {}\n"
    ),
    "an env file of the machine": _compose(b"services: {web: {image: a, env_file: [/etc/passwd, ../../etc/passwd]}}\n"),
    "an extended file of the machine": _compose(b"services: {web: {extends: {file: /etc/passwd, service: a}}}\n"),
    "a mount of a link": _compose(
        b"services: {web: {image: a, volumes: ['./passwd:/x', './up:/y']}}\n", a_link(b"passwd", b"/etc/passwd")
    ),
    "a YAML bomb": _compose(
        b"services: {}\nx-a: &a [1,1,1,1,1,1,1,1,1]\n"
        + b"".join(
            b"x-%d: &%s [%s]\n" % (n, b"abcdefghij"[n : n + 1], b",".join([b"*" + b"abcdefghij"[n - 1 : n]] * 9))
            for n in range(1, 9)
        )
    ),
    "a Compose file that is binary": _compose(b"services:\n" + os.urandom(2000)),
}
"""Each may have something to choose, or nothing; nothing outside of it is read."""

NOTHING = ""
"""The code of a repository in which there is nothing to choose."""
REFUSED: Mapping[str, tuple[Callable[[Raw], None], str]] = {
    "a Compose file that is a link": (_compose_is_a_link, NOTHING),
    "a bomb of trees": (_tree_bomb, "git.too_large"),
    "a branch that is a file": (_points_at_a_blob, "git.refused"),
    "an object that is missing": (_missing_blob, "git."),
    "an empty name": (_with(a_file(b"")), "git."),
    "an empty repository": (lambda _: None, "git.refused"),
    "an empty commit": (lambda raw: (None, raw.commit(raw.tree()))[0], NOTHING),
}

Answer = Callable[[BaseHTTPRequestHandler], None]


def answering(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


ADVERTISED = "application/x-git-upload-pack-advertisement"
_HELLO = b"001e# service=git-upload-pack\n0000"


def endless(start: bytes, again: bytes) -> Answer:
    """An answer that does not end, until the other side breaks off."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", ADVERTISED)
        request.end_headers()
        try:
            request.wfile.write(start)
            while True:
                request.wfile.write(again * 1000)
        except OSError:
            return

    return answer


def _line(text: bytes) -> bytes:
    return b"%04x" % (len(text) + 4) + text


ANSWERS: Mapping[str, tuple[Answer, str]] = {
    "a page": (answering(200, b"<html></html>", Content_Type="text/html"), "git.refused"),
    "nothing": (answering(200, b"", Content_Type=ADVERTISED), "git."),
    "an error of the server": (answering(500, b"oh"), "git.unavailable"),
    "a refusal": (answering(403, b"no"), "git.denied"),
    "not found": (answering(404, b"no"), "git.denied"),
    "a question for a password": (
        answering(401, b"", WWW_Authenticate='Basic realm="\x1b[31mroot password"'),
        "git.denied",
    ),
    "noise": (answering(200, _HELLO + os.urandom(5000), Content_Type=ADVERTISED), "git."),
    "lengths that lie": (answering(200, _HELLO + b"ffff" + b"x" * 100, Content_Type=ADVERTISED), "git."),
    "a compressed bomb": (
        answering(200, zlib.compress(b"0" * 50_000_000), Content_Type=ADVERTISED, Content_Encoding="deflate"),
        "git.",
    ),
    "names without end": (endless(_HELLO, _line(b"1" * 40 + b" refs/heads/" + b"x" * 200 + b"\n")), "git."),
    "a capability of another host": (
        answering(
            200,
            _HELLO + _line(b"version 2\n") + _line(b"bundle-uri\n") + _line(b"fetch=packfile-uris\n") + b"0000",
            Content_Type=ADVERTISED,
        ),
        "git.",
    ),
}
