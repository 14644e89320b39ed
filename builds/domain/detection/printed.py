"""Findings as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from builds.domain.detection.findings import Findings, Proposal, Reason


def printed(findings: Findings) -> str:
    lines = [line for one in findings.proposals for line in _proposal(one)]
    if not lines:
        lines = ["Nothing that can be built was found. Add a Dockerfile, or a kubeorch.yaml that names the language."]
    for found in findings.importable:
        lines.append(f"can be imported: {found.type} in {found.path or 'the top folder'} ({', '.join(found.files)})")
    lines += [f"! {_placed(one)}" for one in findings.warnings]
    return "\n".join(lines) + "\n"


def _proposal(one: Proposal) -> Iterator[str]:
    yield f"{one.name}: {one.title}"
    place = one.root or "the top folder"
    yield f"  builder {one.builder}, in {place}" + (f", {one.dockerfile}" if one.dockerfile else "")
    yield from (f"  + {_placed(reason)}" for reason in one.reasons)
    yield from (
        f"  ? {question.text} [{question.field}: {question.default or 'empty'}] {question.why}"
        for question in one.questions
    )
    yield from (f"  ! {_placed(warning)}" for warning in one.warnings)


def _placed(reason: Reason) -> str:
    place = f"{reason.path}:{reason.line}" if reason.line else reason.path
    return f"{reason.text} ({place})" if place else reason.text
