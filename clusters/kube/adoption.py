"""After an object was applied for the first time that others had made: its fields become ours alone."""

from __future__ import annotations

from collections.abc import Callable, Collection

from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.adoption import Hand, without_hands
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
