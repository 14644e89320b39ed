"""An edit of a Secret as it may be told: which keys a person gave a value, and never what stands or stood there.

Nothing in it may depend on whether a value that was given is the one that stands there, or is a part of it: whoever may
try an edit without writing would learn values by guessing them.
"""

from __future__ import annotations

from collections.abc import Mapping

from clusters.domain.hidden import HIDDEN
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping

MAY_HAVE_CHANGED = "(may have changed)"
"""Stands for a value that somebody may have changed since the Secret was shown."""
GIVEN = "(given)"
"""Stands for a value that the edit gives, the same or another one."""
WORDS = ("annotations", "labels")


def as_given(rebased: Manifest) -> Manifest:
    """The Secret that an edit makes of the one that was shown (see `shown`), with GIVEN for each value it gives."""
    values = {
        key: HIDDEN if value in (HIDDEN, MAY_HAVE_CHANGED) else GIVEN
        for key, value in mapping(rebased.get("data")).items()
    }
    values |= dict.fromkeys(mapping(rebased.get("stringData")), GIVEN)
    found = {key: value for key, value in rebased.items() if key != "stringData"}
    return {**found, "data": values} if values or isinstance(found.get("data"), Mapping) else found


def as_stored(live: Manifest, given: Manifest, after: Manifest) -> Manifest:
    """What the API server made of it, in the same words: `given` is what `as_given` says of the edit of `live`.

    Annotations and labels are as the person was shown or wrote them; what was hidden from them, and what a webhook
    has put in, is hidden. The whole of it is answered, so the rest is as it is stored.
    """
    before, words = mapping(live.get("data")), mapping(given.get("data"))
    metadata = dict(mapping(after.get("metadata")))
    for part in WORDS:
        said = mapping(mapping(given.get("metadata")).get(part))
        if stored := mapping(metadata.get(part)):
            metadata[part] = {key: text if said.get(key) == text else HIDDEN for key, text in stored.items()}
    found = {key: value for key, value in after.items() if key != "stringData"} | {"metadata": metadata}
    if "data" in after:
        found["data"] = {
            key: words[key] if key in words else HIDDEN if before.get(key) == value else GIVEN
            for key, value in mapping(after["data"]).items()
        }
    return found


def without_values(manifest: Manifest) -> Manifest:
    """It with HIDDEN for every value, given or not."""
    return (
        {**manifest, "data": dict.fromkeys(mapping(manifest.get("data")), HIDDEN)} if "data" in manifest else manifest
    )


def with_kept(rebased: Manifest, live: Manifest) -> Manifest:
    """What is to be sent: what was hidden from the person, and they have not replaced, is what stands there."""
    metadata = dict(mapping(rebased.get("metadata")))
    for part in WORDS:
        old = mapping(mapping(live.get("metadata")).get(part))
        if words := mapping(metadata.get(part)):
            metadata[part] = {key: old.get(key, text) if text == HIDDEN else text for key, text in words.items()}
    found = {**rebased, "metadata": metadata}
    if isinstance(rebased.get("data"), Mapping):
        old = mapping(live.get("data"))
        found["data"] = {
            key: old.get(key, value) if value in (HIDDEN, MAY_HAVE_CHANGED) else value
            for key, value in rebased["data"].items()
        }
    return found
