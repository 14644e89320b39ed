"""Sign-ins that nobody uses are renewed all the same: a refresh token ends where it lies unused (Gitea: 30 days)."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from builds.connections.oauth import grant_store
from builds.connections.oauth.grants import renew
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext

JOB = "builds.keep_sign_ins"
LANE = "sign_ins"
PRIORITY = -1
EVERY_S = 3600.0
AGAIN_AFTER = timedelta(hours=6)
PASS_MOST = 100
PASS_S = 60.0
"""For all of a pass: what is left waits for the next."""

logger = logging.getLogger(__name__)


def keep_signed_in() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S, in_lanes=[LANE], priority=PRIORITY)


def renew_unused(ctx: JobContext) -> None:
    """Handler of `builds.keep_sign_ins`. What cannot be renewed is tried again at its next use, and in
    AGAIN_AFTER."""
    until = time.monotonic() + PASS_S
    for row in grant_store.unused(now(), PASS_MOST):
        if time.monotonic() > until:
            break
        ctx.check_lease()
        if state := row.get("grant_state"):
            grant_store.put_off(row, state, now() + AGAIN_AFTER)
        try:
            renew(row)
        except KubeOrchError as error:
            logger.warning("the sign-in of git connection %s could not be renewed: %s", row["_id"], error.detail)
    ctx.snooze(EVERY_S)
