"""A Job that ran to its end and was removed by its own time to live is not run again unless it changes."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.base.clock import now
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node


def a_migration(image: str = "nginx:1.27", **parameters: Any) -> dict[str, Any]:
    return a_node("migrate", kind="job", image=image, **parameters)


def complete_and_remove(bench: Bench, mongo: Any) -> None:
    """As the watcher notes it when the Job has succeeded; then the Job is removed."""
    mongo.inventory.update_one({"ref.kind": "Job"}, {"$set": {"completed_at": now()}})
    bench.plane.delete("batch/v1", "Job", "migrate", bench.namespace)
    until(lambda: bench.get("batch/v1", "Job", "migrate") is None)


@pytest.mark.parametrize("ttl_s", [0, 300])
def test_a_completed_job_that_was_removed_by_its_time_to_live_is_unchanged(
    bench: Bench, mongo: Any, ttl_s: int
) -> None:
    bench.draw(a_migration(ttl_after_finished_s=ttl_s), a_config_map("conf"))
    bench.until(bench.start(), "verifying")
    complete_and_remove(bench, mongo)
    bench.see_all_healthy()
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run) == {"migrate": "unchanged", "conf": "unchanged"}
    assert bench.get("batch/v1", "Job", "migrate") is None


def test_a_completed_job_that_changes_runs_again_and_has_to_complete_anew(bench: Bench, mongo: Any) -> None:
    bench.draw(a_migration(ttl_after_finished_s=300))
    bench.until(bench.start(), "verifying")
    complete_and_remove(bench, mongo)
    bench.see_all_healthy()
    bench.draw(a_migration("nginx:1.28", ttl_after_finished_s=300))
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run) == {"migrate": "done"}
    assert bench.get("batch/v1", "Job", "migrate")
    assert mongo.inventory.find_one({"ref.kind": "Job"})["completed_at"] is None


def test_a_completed_job_without_a_time_to_live_that_somebody_deleted_runs_again(bench: Bench, mongo: Any) -> None:
    bench.draw(a_migration())
    bench.until(bench.start(), "verifying")
    complete_and_remove(bench, mongo)
    bench.see_all_healthy()
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run) == {"migrate": "done"}


def test_a_job_that_is_gone_before_it_completed_runs_again(bench: Bench, mongo: Any) -> None:
    bench.draw(a_migration(ttl_after_finished_s=300))
    bench.until(bench.start(), "verifying")
    bench.plane.delete("batch/v1", "Job", "migrate", bench.namespace)
    bench.see_all_healthy()
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run) == {"migrate": "done"}
