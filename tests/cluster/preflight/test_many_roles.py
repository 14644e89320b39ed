"""Fifty workflows of any kinds: each passes with its smallest roles, and not without any single rule of them.

Every set of roles is bound to a user of its own, in whose name the very requests are made that need its rights; so the
API server is told of all of them first, and then asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import yaml

from clusters.domain.sharing import Acting
from tests.cluster.preflight.test_minimal_roles import Narrow, Right, every_kind, refused
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, Roles, grant, single_rights
from tests.support.people import Person
from tests.support.plans import made
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.unit.kinds.samples import object_kinds

WORKFLOWS = 50
KINDS_MOST = 3
"""Of one workflow."""
PLANNED_EVERY = 5
"""So many of them are also planned with these roles alone."""


def bind(plane: ControlPlane, roles: Roles, user: str) -> str:
    """The user, who may do what these roles say from now on."""
    for role in roles:
        metadata = {**role["metadata"], "name": user}
        plane.apply({**role, "metadata": metadata})
        subject = {"apiGroup": RBAC, "kind": "User", "name": user}
        given = {"apiGroup": RBAC, "kind": role["kind"], "name": user}
        kind = f"{role['kind']}Binding"
        body = {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "roleRef": given, "subjects": [subject]}
        plane.apply(body)
    return user


def without_each_rule(roles: Roles) -> Iterator[tuple[Roles, list[Right]]]:
    """(the roles without one of their rules, what that rule gave)."""
    for at, role in enumerate(roles):
        for number, rule in enumerate(role["rules"]):
            left = [one for index, one in enumerate(role["rules"]) if index != number]
            others = [*roles[:at], {**role, "rules": left}, *roles[at + 1 :]]
            yield others, single_rights([{**role, "rules": [rule]}])


def test_fifty_workflows_pass_with_their_roles_and_not_without_any_rule(
    person: Person, control_plane: ControlPlane
) -> None:
    from clusters.connections import new_client
    from clusters.domain.kubeconfig import parse_kubeconfig

    narrow, rng = Narrow(person, control_plane, "many"), random.Random(SEED)
    root = new_client(parse_kubeconfig(control_plane.kubeconfig, allow_http=True))
    kinds = sorted({*object_kinds()} - {"manifest", "secret"})
    whole: list[tuple[str, list[Right]]] = []
    lacking: list[tuple[str, list[Right]]] = []
    for number in range(WORKFLOWS):
        chosen = {kinds[number % len(kinds)], *rng.sample(kinds, rng.randint(1, KINDS_MOST) - 1)}
        narrow.bench.draw(*every_kind(*sorted(chosen)))
        roles: list[dict[str, Any]] = list(yaml.safe_load_all(narrow.preflight()["role"]))
        if number % PLANNED_EVERY == 0:
            grant(control_plane, roles, narrow.namespace)
            narrow.until_missing(set())
            assert [one["error"] for one in made(narrow.bench)["objects"] if one["error"]] == [], chosen
            grant(control_plane, [{**role, "rules": []} for role in roles], narrow.namespace)
        user = f"{narrow.namespace}-{number}"
        whole.append((bind(control_plane, roles, user), single_rights(roles)))
        for index, (left, gone) in enumerate(without_each_rule(roles)):
            lacking.append((bind(control_plane, left, f"{user}-{index}"), gone))

    def asked(user: str, right: Right) -> bool:
        return refused(control_plane, root.acting_as(Acting(user, "nobody")), right)

    last_user, last_rights = whole[-1]
    until(lambda: not asked(last_user, last_rights[0]), what="the API server knows the roles")
    with ThreadPoolExecutor(8) as pool:

        def wrong(of: list[tuple[str, list[Right]]], *, is_refused: bool) -> list[tuple[str, Right]]:
            each = [(user, right) for user, rights in of for right in rights]
            found = pool.map(lambda one: asked(*one), each)
            return [one for one, answer in zip(each, found, strict=True) if answer is not is_refused]

        assert wrong(whole, is_refused=False) == []
        assert wrong(lacking, is_refused=True) == []
    assert len(whole) == WORKFLOWS
    assert all(rights for _, rights in whole)
