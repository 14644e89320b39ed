"""When the garbage collector runs in a role."""

from __future__ import annotations

import gc


def spare_what_is_loaded() -> None:
    """Let collections pass over what is there now, and come less often. Call it once a role has loaded.

    Without this each of them walks 300,000 objects: a fifth of a request's time, an eighth of a rendering's.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
