"""Pointers of Git LFS, and what its server may answer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.domain.lfs import (
    HEADERS_MOST,
    NOTHING,
    LfsRefused,
    Place,
    Pointer,
    check_pointers,
    door_told,
    headers_of,
    places_told,
    pointer_of,
    question,
    url_beside,
)
from builds.domain.repositories import repository_of

OID = hashlib.sha256(b"content").hexdigest()
TEXT = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 7\n"
ASKED = Pointer(OID, 7)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.rstrip("\n"),
    ],
    ids=["as git-lfs writes it", "line ends of Windows", "no last line end"],
)
def test_a_pointer_is_read(text: str) -> None:
    assert pointer_of(text.encode()) == ASKED


def test_one_that_was_changed_by_an_extension_is_told() -> None:
    found = pointer_of(TEXT.replace("oid", f"ext-0-foo sha256:{'0' * 64}\noid", 1).encode())
    assert found == Pointer(OID, 7, is_extended=True)
    with pytest.raises(LfsRefused, match="a is kept in Git LFS with an extension"):
        check_pointers({"a": found})


@pytest.mark.parametrize(
    "pointers",
    [{"a": ASKED, "b": Pointer(OID, 8)}, {"a": Pointer(OID, 0)}],
    ids=["two sizes of one file", "something that is nothing"],
)
def test_pointers_that_no_file_can_be_had_for_are_refused(pointers: dict[str, Pointer]) -> None:
    with pytest.raises(LfsRefused, match="says a size"):
        check_pointers(pointers)


def test_nothing_is_a_file_and_one_file_may_stand_twice() -> None:
    check_pointers({"a": ASKED, "b": ASKED, "c": Pointer(NOTHING, 0)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version https://git-lfs.github.com/spec/v1\n",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        TEXT.replace("sha256", "md5"),
        TEXT.replace("size 7", "size -7"),
        TEXT.replace("size 7", f"size {'9' * 16}"),
        f"# {TEXT}",
        f"{TEXT}more\n",
        TEXT + "x" * 1024,
    ],
)
def test_any_other_file_stands_for_itself(text: str) -> None:
    assert pointer_of(text.encode()) is None


@given(st.binary(max_size=1024))
def test_no_content_breaks_the_reading(content: bytes) -> None:
    assert pointer_of(content) is None
    assert pointer_of(TEXT.encode() + content) in (None, ASKED)


def test_the_server_is_beside_the_repository() -> None:
    for text in ("https://git.example.com/a/b", "https://git.example.com/a/b.git", "https://git.example.com/a/b/"):
        assert url_beside(repository_of(text)) == "https://git.example.com/a/b.git/info/lfs"
    assert json.loads(question([ASKED]))["objects"] == [{"oid": OID, "size": 7}]


def told(row: Any) -> bytes:
    return json.dumps({"objects": [row]}).encode()


def download(href: object, **more: Any) -> Any:
    return {"oid": OID, "size": 7, "actions": {"download": {"href": href, **more}}}


def test_the_places_of_files_are_read_with_what_lets_in() -> None:
    others = {"X-HTTP-Method-Override": "DELETE", "X-Forwarded-For": "127.0.0.1", "X-Auth-Token": "t", "Cookie": "a"}
    entry = {"authorization": "Basic x", "X-Amz-Date": "1", "Host": "inside", "Content-Length": "9", **others}
    found = places_told(told(download("https://files.example.com/1", header=entry)), [ASKED])
    assert found == {OID: Place("https://files.example.com/1", {"Authorization": "Basic x", "X-Amz-Date": "1"})}
    assert "Basic" not in repr(found)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "does not answer as one"),
        (b"<html>", "does not answer as one"),
        (b"[" * 100_000, "does not answer as one"),
        (b"{}", "does not answer as one"),
        (b'{"objects": 5}', "does not answer as one"),
        (b'{"objects": [5]}', "does not answer as one"),
        (b'{"objects": []}', "does not have the object"),
        (told({"oid": OID, "actions": {}}), "git lfs push"),
        (told({"oid": OID, "actions": []}), "git lfs push"),
        (told({"oid": OID, "error": {"code": 404, "message": "no, Basic c2VjcmV0"}}), r"its error is 404\)\Z"),
        (told({"oid": OID, "error": {"code": "x" * 99}}), r"its error is unknown\)\Z"),
        (told(download(5)), "does not answer as one"),
        (told(download("https://x", header=["a"])), "no header is"),
        (told(download("https://x", header={"Authorization": "a\r\nHost: b"})), "no header is"),
        (told(download("https://x", header={"x-ms-a": "b" * 10_000})), "no header is"),
        (told(download("https://x", header={f"x-{n}": "b" for n in range(HEADERS_MOST + 1)})), "no header is"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told(content: bytes, words: str) -> None:
    with pytest.raises(LfsRefused, match=words):
        places_told(content, [ASKED])


def test_what_ssh_tells_is_read_as_strictly() -> None:
    entry = {"Authorization": "RemoteAuth x"}
    door = door_told(json.dumps({"href": "https://git.example.com/a.git/info/lfs/", "header": entry}).encode())
    assert (door.url, door.headers) == ("https://git.example.com/a.git/info/lfs", entry)
    for content in (b"", b"welcome", b"[]", b"{}", b'{"href": 5}', b'{"href": ""}'):
        with pytest.raises(LfsRefused, match="https address"):
            door_told(content)
    assert headers_of(None) == {}
