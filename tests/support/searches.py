"""How far a random search goes: not far and always the same way with the tests, further in `make soak`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from tests.support.seeds import SEED

SHARE = 5
LEAST = 30


def searched(examples: int, **more: Any) -> settings:
    """`examples` in `make soak`, new ones each time; a fifth with the tests, so that these never fail by chance."""
    if SEED != 1:
        return settings(max_examples=examples, deadline=None, **more)
    fewer = min(examples, max(LEAST, examples // SHARE))
    return settings(max_examples=fewer, deadline=None, derandomize=True, database=None, **more)


settings.register_profile("searches", searched(100))
settings.load_profile("searches")
"""For searches that say nothing themselves: their examples have no deadline either."""
