"""Named places where a test may end this process, to prove that what was begun is finished by another one.

Only code arms a point; nothing in the environment of a running product does.
"""

from __future__ import annotations

import signal
import threading

_armed: dict[str, tuple[int, int]] = {}
"""Point → (passes left, signal)."""
_lock = threading.Lock()


def arm(text: str) -> None:
    """Arm one point, given as `name[:n][:stop]`; an empty text disarms all.

    At the n-th pass (1 by default) the process kills itself with SIGKILL, or halts with SIGSTOP when `stop` is given.
    """
    _armed.clear()
    if text:
        name, *rest = text.split(":")
        passes = next((int(part) for part in rest if part.isdigit()), 1)
        _armed[name] = (passes, signal.SIGSTOP if "stop" in rest else signal.SIGKILL)


def hit(name: str) -> None:
    """Pass the point `name`; costs one dict lookup when it is not armed."""
    if name in _armed:
        _pass(name)


def _pass(name: str) -> None:
    with _lock:
        passes, number = _armed[name]
        _armed[name] = (passes - 1, number)
        if passes == 1:
            # To this very thread: another one may take its time to hand a halt on, while this one would run past here.
            signal.pthread_kill(threading.get_ident(), number)
