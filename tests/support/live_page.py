"""What a page keeps of a live topic."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.support.wait import PATIENCE_S


class Page:
    """The values of one topic and how far they go; `types` are the messages it took."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.seq: int | None = None
        self.epoch: str | None = None
        self.types: list[str] = []

    def take(self, message: dict[str, Any]) -> None:
        self.types.append(message["type"])
        if message["type"] == "snapshot":
            self.data, self.epoch = dict(message["data"]), message["epoch"]
        elif message["type"] == "delta":
            for key, value in message["data"].items():
                if value is None:
                    self.data.pop(key, None)
                else:
                    self.data[key] = value
        self.seq = message["seq"]

    async def follow(self, live: Any, wanted: dict[str, Any]) -> None:
        """Read messages until the page shows `wanted`."""
        async with asyncio.timeout(PATIENCE_S):
            while self.data != wanted:
                self.take(json.loads(await live.recv()))
