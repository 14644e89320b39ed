"""Labels that people give to clusters, in Kubernetes' own form.

Source: Kubernetes docs, "Labels and Selectors", syntax and character set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubeorch.base.errors import InvalidInput

MOST = 32
_KEY = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")


def checked_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels. Raises InvalidInput for the first that cannot be one."""
    if len(labels) > MOST:
        raise InvalidInput(f"a cluster may have {MOST} labels", code="cluster.labels", field="labels")
    for key, value in labels.items():
        if not _KEY.match(key) or not _VALUE.match(value):
            raise InvalidInput(
                f"{key[:60]}={value[:60]} is not a label; use letters, digits, dashes, dots and "
                "underscores in keys and values, 63 characters at most, which begin and end with a letter or digit",
                code="cluster.labels",
                field="labels",
            )
    return dict(labels)
