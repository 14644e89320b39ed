"""Files that are served as they are."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import served


def write(plan: Plan) -> list[str]:
    return served(plan, f"COPY {plan.output}/" if plan.output else "COPY .")
