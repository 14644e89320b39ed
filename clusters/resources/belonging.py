"""What it means that an object belongs to a workflow, for whoever is about to change it."""

from __future__ import annotations

from clusters.domain.kind_names import GIVING_RIGHTS
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, text
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from clusters.questions.tracing import Asked, environment_of
from clusters.scope import WholeCluster, role_refused
from clusters.uses import Belonging, BelongingOf, require_unprotected
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Forbidden


class GivesRights(Forbidden):
    """On a cluster of others nobody changes who may do what."""

    code = "cluster.rights_of_owner"

    def __init__(self) -> None:
        super().__init__("roles and their bindings are for the team that owns the cluster; ask its owner")


def belonging(
    principal: Principal, question: Question, kind: ServedKind, live: Manifest, belonging_of: BelongingOf
) -> Belonging | None:
    """As `environment_of`, for an object that was read whole."""
    metadata = mapping(live.get("metadata"))
    ref = Ref(kind.api_version, kind.kind, text(metadata.get("namespace")), text(metadata.get("name")))
    asked = Asked(question.cluster["_id"], question.client, question.allowance)
    return environment_of(principal, ref, live, asked, belonging_of)


def require_change(question: Question, kind: ServedKind, found: Belonging | None) -> None:
    """Raise unless the person may change such an object; the cluster has the last word.

    ProtectedObject, and what `require_right` raises.
    """
    require_unprotected(found)
    require_right(question, kind)


def require_right(question: Question, kind: ServedKind) -> None:
    """Raise WholeCluster, GivesRights, or Forbidden for the role in whose name the question is asked."""
    _require(question, "cluster.use")
    if not kind.namespaced:
        if question.namespaces is not None:
            raise WholeCluster
        _require(question, "cluster.operate")
    if kind.group in GIVING_RIGHTS and question.namespaces is not None:
        raise GivesRights


def _require(question: Question, verb: str) -> None:
    if not question.may(verb):
        raise role_refused(verb, question.access)
