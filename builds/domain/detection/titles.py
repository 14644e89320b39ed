"""What a plan makes, in a few words."""

from __future__ import annotations

from builds.domain.detection.plan import Plan

_NAMES = {"node": "Node", "python": "Python", "go": "Go", "java": "Java", "ruby": "Ruby", "php": "PHP"}


def title_of(plan: Plan) -> str:
    """As in "Node 22, Vite, static site on port 8080"."""
    if plan.language == "static":
        return f"Static site on port {plan.port}"
    language = "Bun" if plan.manager == "bun" else f"{_NAMES[plan.language]} {plan.version}"
    end = f"static site on port {plan.port}" if plan.output and plan.language != "java" else f"port {plan.port}"
    return ", ".join(part for part in (language, plan.framework, end) if part)
