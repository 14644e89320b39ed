"""Our settings for a web role that closes a stalled event stream after a second, and says often that it is there."""

from kubeorch.realtime.timing import StreamTiming
from kubeorch.settings import *  # noqa: F403

LIVE_STREAM_TIMING = StreamTiming(keep_alive_s=0.2, ping_s=0.5, stall_limit_s=1.0)
