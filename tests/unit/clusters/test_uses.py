"""What an object says of who made it, whatever a cluster sends."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref
from clusters.questions.tracing import Asked, environment_of
from clusters.uses import Belonging, Trace
from kubeorch.accounts.principal import Principal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["controller", "kind", "name", "uid"]), inner, max_size=4)
    ),
    max_leaves=15,
)
NOBODY = cast(Principal, None)
NOWHERE = cast(Asked, SimpleNamespace(cluster_id=ObjectId()))
"""Nothing is read, since the first trace is enough."""


def known(principal: Principal, cluster_id: ObjectId, traces: Iterable[Trace]) -> Belonging:
    return Belonging(
        workflow_id="1",
        workflow="shop",
        environment_id="2",
        environment="dev",
        node_id="",
        protected=False,
        owned=False,
    )


def made_by(owners: Any) -> str:
    live = {"metadata": {"labels": {ENVIRONMENT_LABEL: "2"}, "ownerReferences": owners}}
    found = environment_of(NOBODY, Ref("v1", "Pod", "shop", "web-1"), live, NOWHERE, known)
    assert found is not None
    return found["made_by"]


def test_the_owner_that_is_its_controller_made_it() -> None:
    keeper = {"kind": "Keeper", "name": "k"}
    assert made_by([keeper, {"kind": "ReplicaSet", "name": "web-5d8f", "controller": True}]) == "ReplicaSet web-5d8f"
    assert made_by([keeper]) == ""


@given(
    st.lists(JSON | st.fixed_dictionaries({"controller": st.just(True), "kind": JSON, "name": JSON}), max_size=3) | JSON
)
def test_any_owners_are_read_without_failing(owners: Any) -> None:
    assert len(made_by(owners)) <= 320
