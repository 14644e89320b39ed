"""The health of an object that was just read, where its kind can be judged by the object alone."""

from __future__ import annotations

from clusters.domain.health import RULES, Health, health_of
from clusters.domain.judgement import ObjectContext
from clusters.domain.objects import GroupKind, Manifest
from clusters.domain.projection import KUBERNETES_OWN, NoIdentity, project, unreadable
from clusters.domain.rules import others
from clusters.kube.kinds import ServedKind
from kubeorch.base.clock import now


def is_judged(group: str, kind: str) -> bool:
    """Whether objects of the kind say by their own status how they are. What merely exists is not judged."""
    rule = RULES.get(GroupKind(group, kind))
    if rule is None:
        return group not in KUBERNETES_OWN and not group.endswith(".k8s.io")
    return rule is not others.exists


def judged(kind: ServedKind, manifest: Manifest) -> Health | None:
    """None for what has no identity."""
    try:
        seen = project(kind.api_version, kind.kind, manifest)
    except NoIdentity:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return health_of(unreadable(kind.api_version, kind.kind, manifest, str(error)))
    return health_of(seen, ObjectContext(now=now()))
