"""Images of a source that tags of others lead to: they are told by what the registry has, not by a name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence

from builds.domain.images import Image, image_of
from builds.domain.keeping import Made
from builds.domain.manifests import Index, manifest_of
from builds.registries.access import registry_of
from builds.registries.choices import ending_at
from builds.registries.distribution import Distribution, Found
from builds.running.image_names import key_of
from builds.running.image_uses import Key
from builds.running.preparing import SHORT
from builds.sources.store import SourceRow
from kubeorch.base.errors import KubeOrchError

OTHER_TAGS_MOST = 100
"""Tags of others in a repository that are looked at; with more, everything stays."""
LISTED_MOST = 100
"""What an index lists; with more, everything stays."""
LOOKING_S = 10.0
"""For asking one repository for its tags."""
_OWN_TAG = re.compile(rf"([0-9]{{1,9}})-[0-9a-f]{{{SHORT}}}")


class _Unclear(Exception):
    """Not everything can be looked at. With why, in words."""


def tagged_by_others(source: SourceRow, images: Sequence[Made], until: float) -> dict[Key, str]:
    """Those of the images that are, or may be, behind a tag which no build of the source gave, with words."""
    why = dict[Key, str]()
    by_image: dict[str, list[Made]] = {}
    for one in images:
        by_image.setdefault(one.image, []).append(one)
    for text, of_image in by_image.items():
        image = image_of(text)
        check = ending_at(min(until, time.monotonic() + LOOKING_S), image.host)
        try:
            with registry_of(source["team_id"], image, check=check) as registry:
                why |= _others_tags(registry, image, source, of_image)
        except KubeOrchError as error:  # a 404 among them: it may be an answer of something else in between
            why |= {key_of(one): f"its tags are not known: {error.detail}" for one in of_image}
        except _Unclear as unclear:
            why |= {key_of(one): str(unclear) for one in of_image}
    return why


def _others_tags(registry: Distribution, image: Image, source: SourceRow, images: Sequence[Made]) -> Mapping[Key, str]:
    """Raises _Unclear and what the registry says."""
    given = {tag for one in images for tag in one.tags}
    found = registry.tags(image.path)
    others = [tag for tag in found.names if tag not in given and not _is_own(tag, source)]
    if not found.is_whole or len(others) > OTHER_TAGS_MOST:
        raise _Unclear("its repository has more tags of others than are looked at")
    why = dict[Key, str]()
    by_digest = {one.digest: key_of(one) for one in images}
    for tag in others:
        manifest = registry.manifest(image.path, tag)
        if (key := by_digest.get(manifest.digest)) is not None:
            why.setdefault(key, f"somebody has given it the tag {tag}")
        for digest in _listed(manifest, tag):
            if (key := by_digest.get(digest)) is not None:
                why.setdefault(key, f"the tag {tag}, which somebody has given, is for several platforms and lists it")
    return why


def _listed(manifest: Found, tag: str) -> Iterator[str]:
    """What an index lists; nothing for one image. Raises _Unclear."""
    found = manifest_of(manifest.content, manifest.media_type)
    if not isinstance(found, Index):
        return
    if len(found.listed) > LISTED_MOST or found.lists_indexes:
        raise _Unclear(f"what the tag {tag} lists, which somebody has given, is more than is looked at")
    yield from found.listed


def _is_own(tag: str, source: SourceRow) -> bool:
    """Whether a build of the source has given it, be it one that is kept no more."""
    found = _OWN_TAG.fullmatch(tag)
    return found is not None and 1 <= int(found[1]) <= source["last_number"]
