"""How a suite ended."""

from __future__ import annotations

import re

LAST_LINE = re.compile(r"^\d+ (?:passed|skipped|xfailed|deselected)\b[^\n]* in [\d.]+s\b", re.MULTILINE)


def is_whole(text: str) -> bool:
    """Whether pytest has come to its last line: a process may end as if all were well before that."""
    return LAST_LINE.search(text) is not None
