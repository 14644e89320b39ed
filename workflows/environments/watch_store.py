"""What the triggers of an environment know of the images that they watch. Index: `triggers.environment`."""

from __future__ import annotations

from bson import ObjectId

from kubeorch.mongo.client import db


def digests_of(environment_id: ObjectId) -> dict[str, str]:
    """By image, the digest that its tag named last; of two triggers that watch the same one the older trigger's. Also
    of a trigger that is disabled: it looks no more, and what runs stays what it is."""
    query = {"environment_id": environment_id, "type": "image"}
    found: dict[str, str] = {}
    for trigger in db().triggers.find(query, {"images": 1}).sort("_id", 1):
        for one in trigger["images"]:
            if one["digest"]:
                found.setdefault(one["image"], one["digest"])
    return found
