"""What a repository says itself, in `kubeorch.yaml` or `paasdeploy.json`, as values in Kubernetes' units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DeclaredBuilder = Literal["", "dockerfile", "written", "static", "image"]


@dataclass(frozen=True, slots=True)
class Health:
    """A check over HTTP. Times are in seconds; 0 leaves one to Kubernetes."""

    path: str
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    period_s: int = 0
    timeout_s: int = 0
    failures: int = 0
    start_s: int = 0
    """How long it may take until it is well for the first time."""


@dataclass(frozen=True, slots=True)
class DeclaredVolume:
    name: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """One application. What is "" or 0 is not said."""

    file: str
    """The file that says it."""
    name: str
    root: str = ""
    builder: DeclaredBuilder = ""
    dockerfile: str = ""
    target: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    language: str = ""
    version: str = ""
    install: str = ""
    build: str = ""
    start: str = ""
    output: str = ""
    port: int = 0
    build_variables: tuple[str, ...] = ()
    """Names: the source has their values."""
    build_secrets: tuple[str, ...] = ()
    run_variables: Mapping[str, str] = field(default_factory=dict)
    cpu: str = ""
    """As Kubernetes writes it: 500m."""
    memory: str = ""
    """As Kubernetes writes it: 512Mi."""
    replicas: int = 0
    health: Health | None = None
    hosts: tuple[str, ...] = ()
    volumes: tuple[DeclaredVolume, ...] = ()
    warnings: tuple[tuple[int, str], ...] = ()
    """Lines, and what is not done although it is written there."""
