"""When two objects are the same: digests of their JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from clusters.domain.objects import Manifest


def manifest_hash(manifest: Manifest) -> str:
    """Equal for equal content, however its keys are ordered."""
    return content_digest(manifest)


def content_digest(value: Any) -> str:
    """Equal for equal JSON values, however the keys of objects are ordered."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
