"""Where the images of a project are built: in the repository of its files, or in one that a service names.

Source: Compose Build Specification; Docker docs, "Build context" (how a context names a repository).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from builds.domain.repositories import RepositoryInvalid, ref_of, repository_of
from imports.domain.convert.build_values import BuildPlace, Origin
from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from kubeorch.base.names import shows_all
from kubeorch.base.records import record

REPOSITORY, REF, FOLDER = "build/repository", "build/ref", "build/folder"
"""Decisions about all services that are built of the files' own repository."""
TEXT_MOST = 64 * 1024
PATH_MOST = 500
"""As `builds.domain.sources`, which a command in a shell need not load."""
_DOCKERFILE = "Dockerfile"
_REMOTE = re.compile(r"(?:https?|ssh|git)://|git@|github\.com/")
_ARCHIVE = re.compile(r"\.(?:tar|tgz|tar\.[a-z0-9]+|zip)\Z")
_TARGET = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]{0,127}\Z")
NO_REPOSITORY = "no repository is known: give the one that the files are from, or name an image that is there"


@record
class Home:
    """The repository of the files, and the folder in it where they lie."""

    repository: str
    ref: str
    folder: str


class NotBuilt(Exception):
    """Why a service cannot be built here; the words complete "…, so name an image"."""


def home_of(work: Work, building: list[Workload], origin: Origin | None) -> Home | None:
    """The repository of the files; asked for where some service is built of them."""
    own = [one for one in building if not _REMOTE.match(_context(one))]
    if not own:
        return None
    paths = [one.path("build") for one in own]
    question = "Which git repository are these files from? Images are built from it; without it, name each image."
    known = origin.repository if origin is not None else ""
    repository = work.ask(REPOSITORY, "images", question, (), known, paths, format_="repository")
    if not repository:
        return None
    question = "Which branch, tag or commit is built? Leave empty for the default branch"
    ref = work.ask(REF, "images", question, (), origin.ref if origin is not None else "", paths, format_="git_ref")
    folder = ""
    if origin is None:
        question = "In which folder of the repository are these files? Leave empty for its top"
        given = work.ask(FOLDER, "images", question, (), "", paths)
        folder = posixpath.normpath(given.strip("/")) if given.strip("/") else ""
        if folder.startswith("..") or not shows_all(folder) or "\\" in folder:
            raise AnswerInvalid(FOLDER, given, "a folder of the repository, such as apps/web")
    return Home(repository_of(repository).url, ref, "" if folder == "." else folder)


def _context(workload: Workload) -> str:
    return text_of(workload.spec["build"].get("context"))


def place_of(workload: Workload, home: Home | None) -> BuildPlace:
    """Raises NotBuilt."""
    build: Mapping[str, Any] = workload.spec["build"]
    context = _context(workload)
    dockerfile, text = _dockerfile(workload, build, context)
    target = text_of(build.get("target"))
    if target and not _TARGET.match(target):
        raise NotBuilt(f"{target[:60]!r} is not the name of a stage of a Dockerfile")
    if _REMOTE.match(context):
        repository, ref, root = _remote(context)
    elif home is None:
        raise NotBuilt(NO_REPOSITORY)
    else:
        repository, ref, root = home.repository, home.ref, _root(workload, home, context)
    for path, what in ((root, "context"), (dockerfile, "Dockerfile")):
        if len(path) > PATH_MOST or not shows_all(path) or "\\" in path:
            why = f"at most {PATH_MOST} characters, with / between the names"
            raise NotBuilt(f"its {what} {path[:60]!r} cannot be a path of the repository: {why}")
    written = (repository, ref, root, dockerfile, text, target)
    if any(workload.work.secrets.first(one) is not None for one in written):
        raise NotBuilt("the value of a secret is in it, which all would read who see the source; take it out")
    return BuildPlace(*written)


def _root(workload: Workload, home: Home, context: str) -> str:
    """The folder of the repository that is the context: it may lie above the files, but not above the repository."""
    below = posixpath.relpath(context, workload.work.root)
    root = posixpath.normpath(posixpath.join(home.folder, below))
    if root.startswith(".."):
        raise NotBuilt("its context is outside of the repository")
    return "" if root == "." else root


def _remote(context: str) -> tuple[str, str, str]:
    """(repository, ref, folder) of a context such as https://host/path.git#ref:folder."""
    address, _, fragment = context.partition("#")
    ref, _, folder = fragment.partition(":")
    root = posixpath.normpath(folder.strip("/")) if folder.strip("/") else ""
    if _ARCHIVE.search(address):
        raise NotBuilt("its context is an archive; sources are git repositories")
    if root.startswith("..") or not shows_all(root):
        raise NotBuilt("its context is outside of the repository")
    try:
        url = repository_of(f"https://{address}" if address.startswith("github.com/") else address).url
        return url, ref_of(ref) if ref else "", "" if root == "." else root
    except RepositoryInvalid as error:
        raise NotBuilt(f"its context is not a repository that can be read: {error.detail}") from None


def _dockerfile(workload: Workload, build: Mapping[str, Any], context: str) -> tuple[str, str]:
    """(path below the context, text): the text of one that the Compose file has, or that lies beside the context."""
    text, path = text_of(build.get("dockerfile_inline")), text_of(build.get("dockerfile")) or _DOCKERFILE
    if not text:
        path = posixpath.normpath(path)
        if not path.startswith(("/", "..")):
            return path, ""
        inside = None if _REMOTE.match(context) else workload.work.inside(posixpath.join(context, path))
        if inside is not None and (whole := _below(posixpath.normpath(inside), workload.work.inside(context))):
            return whole, ""
        content = workload.work.files.read(posixpath.normpath(inside)) if inside is not None else None
        if content is None:
            raise NotBuilt(f"its Dockerfile {path[:100]} is outside of the context, and was not brought in")
        text = content.decode(errors="replace")
    if not text.strip() or len(text) > TEXT_MOST or "\x00" in text:
        raise NotBuilt(f"its Dockerfile is empty, or has more than {TEXT_MOST:,} characters; keep it in the context")
    return _DOCKERFILE, text


def _below(path: str, folder: str | None) -> str:
    """The path from the folder on; "" where it is not below."""
    if not folder:
        return "" if folder is None or path.startswith("..") else path
    return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else ""
