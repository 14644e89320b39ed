"""Objects that give rights, to whoever was given a part of a cluster."""

from __future__ import annotations

from typing import cast

import pytest

from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from clusters.resources.belonging import GivesRights, require_right


class Asked:
    """A question of a person who may do all that their share allows."""

    def __init__(self, namespaces: frozenset[str] | None) -> None:
        self.namespaces = namespaces

    def may(self, verb: str) -> bool:
        return bool(verb)


@pytest.mark.parametrize("group", ["rbac.authorization.k8s.io", "authorization.openshift.io", "security.openshift.io"])
def test_a_guest_changes_no_object_that_gives_rights_in_whatever_group_it_is(group: str) -> None:
    kind = ServedKind(group, "v1", "RoleBinding", "rolebindings", True, frozenset({"list"}), (), (), frozenset())
    with pytest.raises(GivesRights):
        require_right(cast("Question", Asked(frozenset({"shop"}))), kind)
    require_right(cast("Question", Asked(None)), kind)
