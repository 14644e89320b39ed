"""How texts name the images of a source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from builds.domain.images import image_of
from builds.domain.keeping import Made
from builds.running.image_uses import Key


def key_of(one: Made) -> Key:
    return one.image, one.digest


class Named:
    """A registry has more names than one, so that the path and the digest count alone."""

    def __init__(self, images: Iterable[Made]) -> None:
        self._by_digest: dict[str, list[Key]] = {}
        self._by_tag: dict[tuple[str, str], Key] = {}
        self._by_path: dict[str, list[Key]] = {}
        for one in images:
            path = image_of(one.image).path
            self._by_digest.setdefault(one.digest, []).append(key_of(one))
            self._by_path.setdefault(path, []).append(key_of(one))
            self._by_tag.update({(path, tag): key_of(one) for tag in one.tags})
        paths = "|".join(re.escape(path) for path in sorted(self._by_path, key=len, reverse=True))
        self._paths = re.compile(rf"({paths})[:@]([\w.-]{{1,128}}|\$)")

    def keys_in(self, text: str) -> Iterator[Key]:
        for digest in re.findall(r"sha(?:256|512):[0-9a-f]{64,128}", text):
            yield from self._by_digest.get(digest, ())
        for path, tag in self._paths.findall(text):
            if tag == "$":  # a variable may mean each of them
                yield from self._by_path[path]
            elif (key := self._by_tag.get((path, tag))) is not None:
                yield key
