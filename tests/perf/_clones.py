"""Many objects that differ by name from one that a real API server has made, without the hours of making them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from tests.perf.watch_10000 import A_NODE
from tests.support.fake_api_server import FakeApiServer, bookmark, path_of

NUMBER = 99_999
"""Of the object that is cloned: wherever that stands in it, each clone has its own number."""
NODE = f"n{NUMBER // A_NODE}"
LATEST = 10**9


class Clones(FakeApiServer):
    """Shows `count` of each of these objects to whoever lists or watches their collections."""

    def __init__(self, made: list[dict[str, Any]], count: int) -> None:
        super().__init__()
        self._count = count
        self._texts = {path_of(one): json.dumps(_numbered(one)) for one in made}

    def watch(self, path: str, after: int | None) -> Iterator[bytes] | None:
        if after is not None or path not in self._texts:
            return super().watch(path, after)
        later = super().watch(path, LATEST)
        assert later is not None
        lines = (f'{{"type": "ADDED", "object": {one}}}\n'.encode() for one in self._clones(path))
        return chain(lines, [bookmark(path, str(LATEST))], later)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        if path not in self._texts:
            return super().answer(path)
        items = [json.loads(one) for one in self._clones(path)]
        return 200, {"metadata": {"resourceVersion": str(LATEST)}, "items": items}

    def _clones(self, path: str) -> Iterator[str]:
        text = self._texts[path]
        for number in range(self._count):
            of_node = text.replace(f"{NODE}-", f"n{number // A_NODE}-").replace(f'"{NODE}"', f'"n{number // A_NODE}"')
            yield of_node.replace(str(NUMBER), f"{number:05d}")


def _numbered(made: dict[str, Any]) -> dict[str, Any]:
    uid = f"{made['metadata']['uid'][:24]}{NUMBER:012d}"
    return {**made, "metadata": {**made["metadata"], "uid": uid, "resourceVersion": f"1{NUMBER}"}}
