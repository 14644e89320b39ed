"""An object that others had made is taken over, once it was applied for the first time, and given back."""

from __future__ import annotations

from collections.abc import Callable, Collection

from clusters.domain.handover import value_at
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.adoption import Hand, without_hands
from clusters.domain.ownership.items import MISSING
from clusters.domain.ownership.paths import PathInvalid, read_path
from clusters.domain.ownership.returning import Former, returned
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiConflict, FieldConflict, OwnedField
from clusters.kube.handover import WRITES_MOST, write_managers


def adopted_object(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest,
    hands: Collection[Hand],
    *,
    force: bool,
    guard: Callable[[], None] | None,
) -> Manifest:
    """Apply to the very object `live` what it is drawn as, and take it from these managers; the object then.

    The API server compares with what a manager has set before it fills in defaults: a value that it treats as one (a
    field reference, templates of claims) is a conflict where defaults were filled in below it, although nothing would
    change. Such fields are taken from managers that give the object up anyway. Without a `guard` nothing is written,
    and `live` is the whole object. Raises FieldConflict with what would change or stays somebody's, ApiConflict when
    the object has changed, and API errors.
    """
    uid, version = live["metadata"]["uid"], live["metadata"]["resourceVersion"]
    if guard is not None:  # another environment may take it over at this very moment, by the same manager
        manifest = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
    try:
        after = client.apply(manifest, uid=uid, force=force, dry_run=guard is None, guard=guard).object
    except FieldConflict as conflict:
        whole = live if guard is None else client.get(ref)
        if whole is None:
            raise
        forced = client.apply(manifest, uid=uid, force=True, dry_run=True, guard=None).object
        givers = {manager for manager, *_ in hands}
        left = [one for one in conflict.fields if one.manager not in givers or not _is_same(one, whole, forced)]
        if left:
            raise FieldConflict(f"{ref.kind} {ref.name}", tuple(left)) from conflict
        after = forced if guard is None else client.apply(manifest, uid=uid, force=True, guard=guard).object
    return after if guard is None else take_from_hands(client, ref, after, hands, guard=guard)


def _is_same(field: OwnedField, live: Manifest, after: Manifest) -> bool:
    """Whether a field of a conflict is afterwards what it is. What cannot be read is not."""
    try:
        path = read_path(field.path.removeprefix("."))
    except PathInvalid:
        return False
    value = value_at(live, path)
    return value is not MISSING and value == value_at(after, path)


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
    is_another: Callable[[str], bool],
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
        owner = (live["metadata"].get("labels") or {}).get(ENVIRONMENT_LABEL) or environment_id
        if owner != environment_id and is_another(owner):
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
