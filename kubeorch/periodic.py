"""All that every web process does again and again, in a thread of its own for each."""

from __future__ import annotations

from builds.connections.oauth.keeping import keep_signed_in
from builds.registries.embedded.logins import end_logins
from builds.running.dispatching import keep_dispatching
from builds.running.keeping_images import keep_keeping
from builds.running.leftovers import remove_left_jobs
from builds.running.retention import keep_forgetting as keep_forgetting_builds
from builds.running.watching import keep_watching
from clusters.monitoring.sweep import look_at_due_clusters
from clusters.sharing.keeping import keep_shares
from clusters.terminals.recording import record_lost_shells
from kubeorch.realtime.periodic import Periodic
from workflows.drift.leftovers import forget_removed
from workflows.runs.renewing import keep_renewing
from workflows.runs.retention import keep_forgetting
from workflows.statuses.leftovers import remove_leftovers
from workflows.statuses.unwatched import note_unwatched
from workflows.triggers.jobs import keep_schedules

TASKS: tuple[Periodic, ...] = (
    Periodic(note_unwatched, every_s=2.0),
    Periodic(keep_dispatching, every_s=5.0),
    Periodic(look_at_due_clusters, every_s=5.0),
    Periodic(keep_shares, every_s=5.0),
    Periodic(record_lost_shells, every_s=20.0),
    Periodic(end_logins, every_s=20.0),
    Periodic(keep_forgetting, every_s=60.0),
    Periodic(keep_renewing, every_s=30.0),
    Periodic(keep_watching, every_s=5.0),
    Periodic(keep_forgetting_builds, every_s=60.0),
    Periodic(keep_keeping, every_s=60.0),
    Periodic(keep_signed_in, every_s=60.0),
    Periodic(remove_leftovers, every_s=60.0),
    Periodic(remove_left_jobs, every_s=60.0),
    Periodic(keep_schedules, every_s=60.0),
    Periodic(forget_removed, every_s=60.0),
)
