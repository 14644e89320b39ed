"""All jobs there are: type → handler."""

from __future__ import annotations

from collections.abc import Mapping

from builds.connections.oauth import keeping as sign_in_keeping
from builds.detecting import jobs as detection_jobs
from builds.running import dispatching, keeping_images
from builds.running import jobs as build_jobs
from builds.running import retention as build_retention
from builds.running import watching as image_watching
from clusters.metrics import jobs as metric_jobs
from clusters.nodes import actions as node_actions
from clusters.nodes import jobs as node_jobs
from imports import jobs as import_jobs
from kubeorch.jobs.worker import Handler
from workflows.environments.store import ROLES_JOB
from workflows.plans import jobs as plan_jobs
from workflows.preflight import narrowing
from workflows.runs import jobs as run_jobs
from workflows.runs import renewing, retention, scheduling
from workflows.triggers import built as built_triggers
from workflows.triggers import jobs as trigger_jobs

HANDLERS: Mapping[str, Handler] = {
    scheduling.RUN_JOB: Handler(plan_jobs.execute, run_jobs.give_up),
    scheduling.DEADLINE_JOB: Handler(run_jobs.fail_overdue),
    trigger_jobs.SCHEDULE_JOB: Handler(trigger_jobs.keep_time),
    trigger_jobs.FIRE_JOB: Handler(trigger_jobs.run_trigger, trigger_jobs.give_up),
    built_triggers.BUILT_JOB: Handler(trigger_jobs.fire_for_build),
    dispatching.JOB: Handler(build_jobs.execute, build_jobs.give_up),
    detection_jobs.JOB: Handler(detection_jobs.execute, detection_jobs.give_up),
    build_retention.JOB: Handler(build_retention.forget_old_builds),
    keeping_images.JOB: Handler(keeping_images.keep_images),
    sign_in_keeping.JOB: Handler(sign_in_keeping.renew_unused),
    image_watching.JOB: Handler(image_watching.look_at_images),
    import_jobs.JOB: Handler(import_jobs.fetch, import_jobs.give_up),
    metric_jobs.JOB: Handler(metric_jobs.measure_cluster),
    node_actions.JOB: Handler(node_jobs.drain_node, node_jobs.give_up),
    retention.JOB: Handler(retention.forget_old_runs),
    renewing.JOB: Handler(renewing.renew_pull_secrets),
    ROLES_JOB: Handler(narrowing.take_roles_away, narrowing.give_up),
}
