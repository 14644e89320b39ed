"""Images that one was built on, read from the names of BuildKit's steps."""

from __future__ import annotations

from builds.domain.bases import BASES_MOST, bases_of

D = "sha256:" + "a" * 64


def test_steps_that_pull_name_image_tag_and_digest() -> None:
    names = [
        "[internal] load metadata for docker.io/library/python:3.12",
        f"[build 1/4] FROM docker.io/library/golang:latest@{D}",
        f"[stage-1 1/2] FROM reg.test:5000/team/base:1@{D}",
        f"[linux/amd64 stage-1 1/2] FROM reg.test:5000/team/base:1@{D}",
        f"[1/2] FROM docker.io/library/python@{D}",
        f"FROM reg.test/copied:2@{D}",
    ]
    found = [(one.name, one.image.digest) for one in bases_of(names)]
    assert found == [
        ("docker.io/library/golang:latest", D),
        ("reg.test:5000/team/base:1", D),
        ("docker.io/library/python", D),
        ("reg.test/copied:2", D),
    ]


def test_what_a_step_says_itself_is_no_image() -> None:
    names = [
        f"[2/2] RUN echo [1/2] FROM docker.io/library/python:3@{D}",
        "[1/2] FROM docker.io/library/python:3",
        f"[1/2] FROM UPPER/case:1@{D}",
        "[" * 5000 + f" 1/2] FROM x@{D}",
    ]
    assert bases_of(names) == []


def test_there_is_an_end_to_them() -> None:
    assert len(bases_of([f"[1/2] FROM reg.test/a{number}:1@{D}" for number in range(100)])) == BASES_MOST
