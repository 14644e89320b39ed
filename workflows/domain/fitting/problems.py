"""What would go wrong with an object on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from clusters.domain.objects import Ref

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Misfit:
    """`path` as in spec.template.spec.containers[0].image; "" for the whole object."""

    code: str
    detail: str
    path: str = ""
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Found:
    node_id: str
    ref: Ref | None
    """None for what concerns all objects together, as a quota."""
    misfit: Misfit
