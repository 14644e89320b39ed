"""What is built, and how, as values: a place in a repository, a builder, variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from builds.domain.repositories import ref_of, repository_of
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label, shows_all

Usage = Literal["build", "run", "both", "ssh"]
USAGES: tuple[Usage, ...] = ("build", "run", "both", "ssh")
"""`ssh`: a private key, which steps that mount SSH sign in with and never see; its id is the name of the variable."""
BUILDING: tuple[Usage, ...] = ("build", "both", "ssh")
DEFAULT_SSH = "default"
"""The id of a mount of SSH that names none."""
BuilderType = Literal["dockerfile", "written"]
BUILDERS: tuple[BuilderType, ...] = ("dockerfile", "written")
"""`dockerfile` is a file of the repository, `written` a text that is kept with the source."""
DOCKERFILE = "Dockerfile"
PATH_MOST = 500
TARGET_MOST = 128
TEXT_MOST = 64 * 1024
"""Of a Dockerfile that is kept with the source, in characters."""
IGNORE_MOST = 16 * 1024
"""Of what is left out of a build, in characters."""
ARGS_MOST = 100
VALUE_MOST = 32 * 1024
"""Of an argument or a variable, in bytes."""
TOGETHER_MOST = 500_000
"""Of all arguments and variables that are no secrets, in bytes: an engine's program gets them as its arguments."""
VARIABLES_MOST = 500
VALUES_MOST = 1_000_000
"""Of all variables of a source, in bytes."""
KEY_MOST = 255
PLATFORMS = ("linux/amd64", "linux/arm64")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TARGET = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]*\Z")


class SourceInvalid(InvalidInput):
    """Something about a source cannot be accepted."""

    code = "source.invalid"


@dataclass(frozen=True, slots=True)
class BuilderSpec:
    """How an image is made of the files below the root of a source."""

    type: BuilderType = "dockerfile"
    dockerfile: str = DOCKERFILE
    """Path below the root, for `dockerfile`."""
    text: str = field(default="", repr=False)
    """The whole Dockerfile, for `written`."""
    ignore: str = field(default="", repr=False, kw_only=True)
    """What is left out of the files that it is built of, as a .dockerignore, for `written`; one of the repository goes
    before it."""
    target: str = ""
    """A stage of it; "" for the last one."""
    args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments; they end up in the history of the image, so no secret may be among them."""
    platform: str = ""
    """One of PLATFORMS; "" for that of the engine."""
    provenance: bool = field(default=False, kw_only=True)
    """Whether the image says, in its registry, what it was built from and how; it gives each build another digest."""
    sbom: bool = field(default=False, kw_only=True)
    """Whether it says there what is in it."""
    submodules: bool = field(default=False, kw_only=True)
    """Whether the repositories come along that stand in its own as submodules."""
    lfs: bool = field(default=False, kw_only=True)
    """Whether files come along that are kept in Git LFS."""
    deploy_key: bool = field(default=False, kw_only=True)
    """Whether steps that mount SSH sign in with the deploy keys of the source's connection, by the id DEFAULT_SSH."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a source. The value of a secret is known only where it is used."""

    key: str
    usage: Usage
    is_secret: bool
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One place of a repository that images are built of."""

    name: str
    """A DNS label, unique in its team; it never changes."""
    repository: str
    """The address, as `Repository.url` has it."""
    ref: str
    """A branch, a tag or a commit; "" for the branch that the server shows first."""
    root: str
    """A folder of the repository, without "/" at its ends; "" for all of it."""
    builder: BuilderSpec
    image: str = ""
    """Where its images go, as host/path without a tag; "" for the registry of the team, or of the installation."""


def name_of_source(text: str, *, field: str = "name") -> str:
    """Raises SourceInvalid."""
    if not is_dns_label(text):
        raise SourceInvalid(
            "the name of a source is 1 to 63 small letters, digits and -, and begins and ends with a letter or digit",
            field=field,
        )
    return text


def repository_url(text: str, *, field: str = "repository") -> str:
    """The address in its one form. Raises RepositoryInvalid."""
    return repository_of(text.strip(), field=field).url


def ref_or_none(text: str, *, field: str = "ref") -> str:
    """Raises RepositoryInvalid."""
    return ref_of(text, field=field) if text else ""


def path_below(text: str, *, field: str) -> str:
    """A path of the repository without "/" at its ends; "" for its top. Raises SourceInvalid."""
    path = text.strip("/")
    if not path or path == ".":
        return ""
    parts = path.removeprefix("./").split("/")
    wrong = len(path) > PATH_MOST or not shows_all(path) or "\\" in path
    if wrong or any(part in ("", ".", "..") for part in parts):
        raise SourceInvalid(
            f"a path has {PATH_MOST} characters at most, no part that is empty or .., and stays in the repository",
            field=field,
        )
    return "/".join(parts)


def builder_of(given: Mapping[str, object], *, field: str = "builder") -> BuilderSpec:
    """A builder of checked types (a serializer's), with what only its words show checked. Raises SourceInvalid."""
    type_: BuilderType = given.get("type") or "dockerfile"  # type: ignore[assignment]
    dockerfile = path_below(str(given.get("dockerfile") or DOCKERFILE), field=f"{field}.dockerfile") or DOCKERFILE
    text = str(given.get("text") or "")
    if type_ == "written" and not text.strip():
        raise SourceInvalid("give the text of the Dockerfile", field=f"{field}.text")
    if type_ == "dockerfile" and text:
        raise SourceInvalid("a text is given only for the type written", field=f"{field}.text")
    if len(text) > TEXT_MOST or "\x00" in text:
        raise SourceInvalid(f"a Dockerfile has {TEXT_MOST:,} characters at most, and no NUL", field=f"{field}.text")
    ignore = str(given.get("ignore") or "")
    if type_ == "dockerfile" and ignore:
        raise SourceInvalid("a repository with a Dockerfile has a .dockerignore of its own", field=f"{field}.ignore")
    if len(ignore) > IGNORE_MOST or "\x00" in ignore:
        raise SourceInvalid(
            f"a .dockerignore has {IGNORE_MOST:,} characters at most, and no NUL", field=f"{field}.ignore"
        )
    target = str(given.get("target") or "")
    if target and (len(target) > TARGET_MOST or not _TARGET.match(target)):
        raise SourceInvalid("a target is the name of a stage of the Dockerfile", field=f"{field}.target")
    platform = str(given.get("platform") or "")
    if platform and platform not in PLATFORMS:
        raise SourceInvalid(f"a platform is one of {', '.join(PLATFORMS)}", field=f"{field}.platform")
    args: Mapping[str, str] = given.get("args") or {}  # type: ignore[assignment]
    return BuilderSpec(
        type_,
        dockerfile,
        text,
        target,
        args_of(args, field=f"{field}.args"),
        platform,
        ignore=ignore,
        provenance=bool(given.get("provenance")),
        sbom=bool(given.get("sbom")),
        submodules=bool(given.get("submodules")),
        lfs=bool(given.get("lfs")),
        deploy_key=bool(given.get("deploy_key")),
    )


def args_of(given: Mapping[str, str], *, field: str) -> dict[str, str]:
    """Raises SourceInvalid."""
    if len(given) > ARGS_MOST:
        raise SourceInvalid(f"a build has {ARGS_MOST} arguments at most", field=field)
    for key, value in given.items():
        check_variable(key, value, field=f"{field}.{key[:KEY_MOST]}")
    check_together(given, {}, {}, field=field)
    return dict(given)


def check_together(
    args: Mapping[str, str], plain: Mapping[str, str], secrets: Mapping[str, str], *, field: str
) -> None:
    """Raises SourceInvalid where all values together are more than a build takes."""
    if _bytes(args) + _bytes(plain) > TOGETHER_MOST:
        raise SourceInvalid(
            f"arguments and variables that are not secret have {TOGETHER_MOST:,} bytes at most in total; put large "
            "values into files of the repository",
            field=field,
        )
    if _bytes(plain) + _bytes(secrets) > VALUES_MOST:
        raise SourceInvalid(
            f"the variables of a source have {VALUES_MOST:,} bytes together at most; leave some out", field=field
        )


def _bytes(values: Mapping[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in values.items())


def check_variable(key: str, value: str, *, field: str) -> None:
    """Raises SourceInvalid for a name or a value that a build cannot take."""
    if len(key) > KEY_MOST or not _KEY.match(key):
        raise SourceInvalid(
            "a variable is called by letters, digits and _, and does not begin with a digit", field=field
        )
    if len(value.encode()) > VALUE_MOST or "\x00" in value:
        raise SourceInvalid(f"a value has {VALUE_MOST:,} bytes at most, and no NUL", field=field)
