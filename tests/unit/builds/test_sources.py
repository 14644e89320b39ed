"""What may be written of a source."""

from __future__ import annotations

import pytest

from builds.domain.repositories import RepositoryInvalid
from builds.domain.sources import (
    ARGS_MOST,
    TEXT_MOST,
    VALUE_MOST,
    BuilderSpec,
    SourceInvalid,
    builder_of,
    name_of_source,
    path_below,
    ref_or_none,
    repository_url,
)


def test_a_name_is_a_dns_label() -> None:
    assert name_of_source("shop-2") == "shop-2"
    for wrong in ("", "Shop", "-shop", "shop-", "a" * 64, "a.b", "a b", "é"):
        with pytest.raises(SourceInvalid, match="small letters"):
            name_of_source(wrong)


def test_a_path_stays_in_the_repository() -> None:
    for text, path in {"": "", ".": "", "/": "", "apps/web/": "apps/web", "./apps": "apps", "/a": "a"}.items():
        assert path_below(text, field="root") == path
    for wrong in ("..", "a/../b", "a//b", "a/./b", "a\\b", "a\nb", "x" * 501, "a/\u202eb"):
        with pytest.raises(SourceInvalid) as refused:
            path_below(wrong, field="root")
        assert refused.value.problems[0].field == "root"


def test_addresses_and_refs_are_those_of_repositories() -> None:
    assert repository_url(" https://git.example.com/a/b.git ") == "https://git.example.com/a/b.git"
    assert ref_or_none("") == ""
    assert ref_or_none("main") == "main"
    for call, wrong in ((repository_url, "ext::sh -c x"), (ref_or_none, "--upload-pack=x")):
        with pytest.raises(RepositoryInvalid):
            call(wrong)


def test_a_builder_without_words_builds_the_dockerfile_at_the_root() -> None:
    assert builder_of({}) == BuilderSpec()
    given = {"dockerfile": "docker/Dockerfile", "target": "prod", "args": {"A": "1"}, "platform": "linux/arm64"}
    assert builder_of(given) == BuilderSpec("dockerfile", "docker/Dockerfile", "", "prod", {"A": "1"}, "linux/arm64")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "written"}, "builder.text"),
        ({"text": "FROM scratch"}, "builder.text"),
        ({"type": "written", "text": "x" * (TEXT_MOST + 1)}, "builder.text"),
        ({"dockerfile": "../Dockerfile"}, "builder.dockerfile"),
        ({"target": "--output=x"}, "builder.target"),
        ({"target": "a,b"}, "builder.target"),
        ({"platform": "windows/amd64"}, "builder.platform"),
        ({"ignore": "node_modules"}, "builder.ignore"),
        ({"type": "written", "text": "FROM a", "ignore": "x" * 17_000}, "builder.ignore"),
        ({"type": "written", "text": "FROM a", "ignore": "a\x00"}, "builder.ignore"),
        ({"args": {"1A": ""}}, "builder.args.1A"),
        ({"args": {"A=B": ""}}, "builder.args.A=B"),
        ({"args": {"A": "x" * (VALUE_MOST + 1)}}, "builder.args.A"),
        ({"args": {"A": "\x00"}}, "builder.args.A"),
        ({"args": {f"A{n}": "x" * 30_000 for n in range(20)}}, "builder.args"),
        ({"args": {f"A{n}": "" for n in range(ARGS_MOST + 1)}}, "builder.args"),
    ],
)
def test_what_a_builder_cannot_take_is_refused_with_its_field(given: dict[str, object], field: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        builder_of(given)
    assert refused.value.problems[0].field == field
