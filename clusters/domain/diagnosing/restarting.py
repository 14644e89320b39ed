"""Containers that run, and have ended again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clusters.domain.diagnosing.finding import Finding, LogWanted, Proof, Severity
from clusters.domain.diagnosing.surroundings import Surroundings, ref_of, status_of
from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, moment, text

RESTARTS = 3
RECENTLY_S = 3600.0


def restarting(kind: str, root: Manifest, pods: Sequence[Manifest], seen: Surroundings) -> Iterator[Finding]:
    """Containers that run now and have ended again and again, the last time within an hour."""
    for pod in pods:
        for row in mappings(status_of(pod).get("containerStatuses")):
            ended = mapping(mapping(row.get("lastState")).get("terminated"))
            at = moment(text(ended.get("finishedAt")))
            restarts = integer(row.get("restartCount"))
            if at is None or restarts < RESTARTS or (seen.now - at).total_seconds() > RECENTLY_S:
                continue
            name = text(row.get("name"))
            why = text(ended.get("reason")) or f"exit code {integer(ended.get('exitCode'))}"
            yield Finding(
                code="container.restarts",
                ref=ref_of(kind, root),
                sentence=f"Container {name} runs, and was restarted {restarts} times: {why}",
                cure="Read the log of its last run. A limit of memory or a liveness probe may be too tight.",
                severity=Severity.WARNING,
                proofs=(
                    Proof(
                        ref_of("Pod", pod),
                        why,
                        field=f"status.containerStatuses[{name}].lastState.terminated",
                        times=restarts,
                        at=text(ended.get("finishedAt")),
                    ),
                ),
                log=LogWanted(text(mapping(pod.get("metadata")).get("name")), name, previous=True),
            )
            return
