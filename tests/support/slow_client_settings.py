"""Our settings for a web role that gives clients little time to deliver a request."""

from kubeorch.settings import *  # noqa: F403
from kubeorch.web.arrivals import ArrivalLimits

ARRIVAL_LIMITS = ArrivalLimits(head_s=1.0, idle_s=1.5, body_s=1.0, body_bytes_per_s=1_000_000, at_once=20)
