"""An object that others had made is taken over, once it was applied for the first time, and given back."""

from __future__ import annotations

from collections.abc import Callable, Collection

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.adoption import Hand, without_hands
from clusters.domain.ownership.returning import Former, returned
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiConflict
from clusters.kube.handover import WRITES_MOST, write_managers


def take_from_hands(
    client: KubeClient, ref: Ref, applied: Manifest, hands: Collection[Hand], *, guard: Callable[[], None]
) -> Manifest:
    """Take the entries of these managers out of the object, and no value with them; the object then.

    `applied` is what the API server answered our apply. Once others have touched what we applied, all stays as it is:
    taking them out would hide what they changed. A worker killed before this applies again and comes here once more.
    Raises ApiConflict when the object changes all the time, and API errors.
    """
    live, ours = applied, fingerprint_of(applied)
    for left in reversed(range(WRITES_MOST)):
        entries = without_hands(live, hands)
        if entries is None:
            return live
        try:
            return write_managers(client, ref, live, entries, guard)
        except ApiConflict:
            again = client.get(ref)
            if not left:
                raise
            if again is None or again["metadata"]["uid"] != live["metadata"]["uid"] or fingerprint_of(again) != ours:
                return again or live
            live = again
    raise AssertionError("unreachable")


def give_back_object(
    client: KubeClient,
    ref: Ref,
    uid: str,
    environment_id: str,
    former: Former | None,
    *,
    guard: Callable[[], None],
) -> bool:
    """Take off the very object `uid` what says that it is ours, and give its fields to `former`; whether it is there,
    and no other environment's. No value of it changes, so no pod starts anew.

    Again and again it gives the same. Raises ApiConflict when the object changes all the time, and API errors.
    """
    for left in reversed(range(WRITES_MOST)):
        live = client.get(ref)
        if live is None or live["metadata"]["uid"] != uid:
            return False
        if (live["metadata"].get("labels") or {}).get(ENVIRONMENT_LABEL, environment_id) != environment_id:
            return False
        change = returned(live, former)
        if change is None:
            return True
        same = {name: live["metadata"][name] for name in ("uid", "resourceVersion")}
        try:
            client.request(
                "PATCH",
                client.path_of(ref),
                body={"metadata": {**same, **change}},
                query={"fieldManager": FIELD_MANAGER},
                headers={"Content-Type": "application/merge-patch+json"},
                guard=guard,
                name=f"{ref.kind} {ref.name}",
            )
            return True
        except ApiConflict:
            if not left:
                raise
    raise AssertionError("unreachable")
