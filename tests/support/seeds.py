"""The seed of a random search: the same one in each run of the tests, others in `make soak`."""

from __future__ import annotations

import os

SEED = int(os.environ.get("TEST_SEED", "1"))
