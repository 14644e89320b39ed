"""What was found in a tree of files: proposals, in words, with their reasons, and what is still to be asked. Values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from builds.domain.detection.declared import Declared
from builds.domain.detection.plan import Plan
from builds.domain.sources import Usage

Builder = Literal["dockerfile", "written", "static", "image"]
"""`written` is a Dockerfile of ours, `static` one of ours that serves files as they are."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is proposed, and the file and line that say so. Line 0 is the whole file."""

    text: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What no file tells. `default` is what is taken when nobody answers, and `why` the reason for it."""

    field: str
    text: str
    default: str
    why: str


@dataclass(frozen=True, slots=True)
class Need:
    """A variable that an application wants. Values of examples are not taken: they are of another place."""

    name: str
    usage: Usage
    is_secret: bool
    value: str = ""
    """As the repository declares it for running."""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Argument:
    """A build argument that a Dockerfile declares. Without a default it is None."""

    name: str
    default: str | None
    line: int


@dataclass(frozen=True, slots=True)
class DockerfileFacts:
    """What a Dockerfile says about the image of one of its targets."""

    targets: tuple[str, ...] = ()
    """Names of stages, in order."""
    target: str = ""
    """The stage that these facts are about; "" is the last."""
    arguments: tuple[Argument, ...] = ()
    ports: tuple[int, ...] = ()
    user: str = ""
    base_images: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    """Ids of secrets that steps ask for."""
    secret_lines: tuple[int, ...] = ()
    """Where each of them is asked for first."""
    ssh: tuple[str, ...] = ()
    """Ids of SSH keys that steps sign in with."""
    ssh_lines: tuple[int, ...] = ()
    """Where each of them is used first."""
    start: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One image that can be built here. Every value may be changed before it is used."""

    title: str
    """In words: "Node 22, Vite, static site on port 8080"."""
    name: str
    """A DNS label, unique among the proposals."""
    root: str
    """The folder that is the context of the build; "" is the top."""
    builder: Builder
    dockerfile: str = ""
    """Path below the root, of the builder `dockerfile` alone."""
    image: str = ""
    """Of the builder `image` alone."""
    plan: Plan | None = None
    """What our Dockerfile is written from, of the builders `written` and `static`."""
    facts: DockerfileFacts | None = None
    port: int | None = None
    reasons: tuple[Reason, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[Reason, ...] = ()
    declared: Declared | None = None
    """What the repository itself says, in kubeorch.yaml, paasdeploy.json or the `build` of a Compose file."""
    needs: tuple[Need, ...] = ()
    """Variables that it wants."""
    lfs: bool = False
    """Whether files of it are kept in Git LFS."""
    submodules: bool = False
    """Whether parts of it are other repositories."""
    parts: tuple[str, ...] = ()
    """Where these are, as the repository says; not of those that it names amiss."""


@dataclass(frozen=True, slots=True)
class Importable:
    """Something that describes running things, and can be imported: Compose files, manifests, charts."""

    type: Literal["compose", "chart", "kustomize", "manifests"]
    path: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    proposals: tuple[Proposal, ...] = ()
    """The best first."""
    importable: tuple[Importable, ...] = ()
    warnings: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Notes:
    """Reasons, questions and warnings, as they are gathered for one proposal."""

    reasons: list[Reason] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)

    def because(self, text: str, path: str = "", line: int = 0) -> None:
        self.reasons.append(Reason(text, path, line))

    def ask(self, field: str, text: str, default: str, why: str) -> None:
        self.questions.append(Question(field, text, default, why))

    def warn(self, text: str, path: str = "", line: int = 0) -> None:
        self.warnings.append(Reason(text, path, line))
