"""What it means that an object belongs to a workflow, for whoever is about to change it."""

from __future__ import annotations

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, text
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from clusters.scope import WholeCluster
from clusters.uses import Belonging, BelongingOf
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import VERBS
from kubeorch.accounts.scope import NotAllowed
from kubeorch.base.errors import Conflict, Forbidden

RBAC = "rbac.authorization.k8s.io"


class ProtectedObject(Conflict):
    """It belongs to an environment that only approved plans change."""

    code = "object.protected"


class GivesRights(Forbidden):
    """On a cluster of others nobody changes who may do what."""

    code = "cluster.rights_of_owner"

    def __init__(self) -> None:
        super().__init__("roles and their bindings are for the team that owns the cluster; ask its owner")


def belonging(
    principal: Principal, question: Question, kind: ServedKind, live: Manifest, belonging_of: BelongingOf
) -> Belonging | None:
    """The environment that the object's label names; of a Namespace, the protected one in it."""
    metadata = mapping(live.get("metadata"))
    environment_id = text(mapping(metadata.get("labels")).get(ENVIRONMENT_LABEL))
    if not environment_id and (kind.group, kind.kind) != ("", "Namespace"):
        return None
    ref = Ref(kind.api_version, kind.kind, text(metadata.get("namespace")), text(metadata.get("name")))
    return belonging_of(principal, question.cluster["_id"], environment_id, ref)


def require_change(question: Question, kind: ServedKind, found: Belonging | None) -> None:
    """Raise unless the person may change such an object; the cluster has the last word.

    ProtectedObject, and what `require_right` raises.
    """
    if words := why_protected(found):
        raise ProtectedObject(words)
    require_right(question, kind)


def why_protected(found: Belonging | None) -> str:
    """Why only a plan changes what belongs to a protected environment; "" for the rest."""
    if found is None or not found["protected"]:
        return ""
    if not found["environment"]:
        return "a protected environment of another team is in it; only that team's plans change what is there"
    return (
        f"it belongs to the environment “{found['environment']}” of {found['workflow']}, which is protected: change "
        "the workflow, and let another operator of the team approve the plan"
    )


def require_right(question: Question, kind: ServedKind) -> None:
    """Raise WholeCluster, GivesRights, or Forbidden for the role in whose name the question is asked."""
    _require(question, "cluster.use")
    if not kind.namespaced:
        if question.namespaces is not None:
            raise WholeCluster
        _require(question, "cluster.operate")
    if kind.group == RBAC and question.namespaces is not None:
        raise GivesRights


def _require(question: Question, verb: str) -> None:
    if not question.may(verb):
        raise NotAllowed(verb, VERBS[verb], question.access.role)
