"""What a diagnosis says: causes, each with what shows it, what to do, since when, and a change that mends it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clusters.domain.objects import Ref
from clusters.domain.plain_text import plain, shortened

TEXT_MOST = 600
LABEL_MOST = 200
PROOFS_MOST = 12
DETAILS_MOST = 20


class Severity(StrEnum):
    ERROR = "error"
    """Something does not work."""
    WARNING = "warning"
    """It works, and will not for long, or not in every case."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One observed fact: a field of an object, or an event about it."""

    ref: Ref
    message: str
    field: str = ""
    """Its path, as `status.conditions[Ready]`; "" for an event."""
    event: str = ""
    """The event's reason; "" for a field."""
    times: int = 1
    at: str = ""
    """RFC 3339; "" where nobody says when."""

    def as_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref.as_json(),
            "field": self.field[:TEXT_MOST] or None,
            "event": self.event or None,
            "message": plain(shortened(self.message, TEXT_MOST)),
            "count": self.times,
            "at": self.at or None,
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of an object, and what to set it to; None takes it out."""

    field: str
    """As the API spells it, lists by the name of the entry: `spec.template.spec.containers[web].image`."""
    value: Any


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of one object that removes the cause, and that loses nothing; what it does is for a dry run to show."""

    ref: Ref
    label: str
    """As on a button: "Select the pods of Deployment web"."""
    settings: tuple[Setting, ...]
    target: Ref | None = None
    """The object at the other end: the workload that a Service is to select, the Service that an Ingress routes to."""

    def as_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref.as_json(),
            "label": self.label[:LABEL_MOST],
            "target": self.target.as_json() if self.target else None,
            "settings": [{"field": one.field, "value": one.value} for one in self.settings],
        }


@dataclass(frozen=True, slots=True)
class LogWanted:
    """The container whose last words belong to the finding."""

    pod: str
    container: str
    previous: bool


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    """Stable, as `image.not_found`."""
    ref: Ref
    """What it is about: a workload for its pods."""
    sentence: str
    cure: str
    """What to do, in one or two sentences."""
    proofs: tuple[Proof, ...] = ()
    severity: Severity = Severity.ERROR
    since: str = ""
    """RFC 3339, of a time that the cluster itself says; "" where there is no honest one."""
    details: tuple[str, ...] = ()
    """The cause in parts, as the nodes that refuse a pod by reason."""
    field: str = ""
    """The field of `ref` to look at."""
    fix: Fix | None = None
    log: LogWanted | None = None

    @property
    def key(self) -> str:
        """The same for the same cause of the same object."""
        text = f"{self.code}\n{self.ref.identity}\n{self.field}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.key,
            "code": self.code,
            "severity": self.severity.value,
            "ref": self.ref.as_json(),
            "sentence": _capital(plain(shortened(self.sentence, TEXT_MOST))),
            "cure": _capital(plain(self.cure[:TEXT_MOST])),
            "since": self.since or None,
            "evidence": [proof.as_json() for proof in self.proofs[:PROOFS_MOST]],
            "details": [plain(one[:TEXT_MOST]) for one in self.details[:DETAILS_MOST]],
            "field": self.field[:TEXT_MOST] or None,
            "fix": self.fix.as_json() if self.fix else None,
        }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
