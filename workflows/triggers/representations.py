"""Triggers as the API shows them."""

from __future__ import annotations

from typing import Any

from kubeorch.base.clock import iso
from workflows.domain.images import images_json, pinned_images_json
from workflows.environments.store import Environment
from workflows.runs.drawn import images_that_run
from workflows.triggers.images import watchable_images
from workflows.triggers.store import Trigger, Watched

WATCHABLE_MOST = 500


def trigger_json(trigger: Trigger) -> dict[str, Any]:
    last, waiting = trigger["last"], trigger.get("waiting")
    return {
        "id": str(trigger["_id"]),
        "environment_id": str(trigger["environment_id"]),
        "type": trigger["type"],
        "name": trigger.get("name", ""),
        "enabled": trigger["enabled"],
        "cron": trigger["cron"],
        "time_zone": trigger["time_zone"],
        "next_at": iso(trigger["next_at"]) if trigger["next_at"] else None,
        "signed": "signing_key" in trigger,
        "deploys": trigger.get("deploys", "saved"),
        "may_delete": trigger.get("may_delete", False),
        "images": [_watched_json(one) for one in trigger.get("images", [])],
        "made_by": {"id": str(trigger["made_by"]), "name": trigger["made_by_name"]},
        "created_at": iso(trigger["created_at"]),
        "waiting": waiting and {"at": iso(waiting["at"]), "reason": waiting["reason"]},
        "last": last
        and {
            "at": iso(last["at"]),
            "outcome": last["outcome"],
            "run": last["run"] and {"id": str(last["run"]["id"]), "number": last["run"]["number"]},
            "plan": str(last["plan"]) if last["plan"] else None,
            "reason": last["reason"],
        },
    }


def watchable_json(here: Environment) -> dict[str, Any]:
    found = watchable_images(here)
    return {
        "images": found.saved[:WATCHABLE_MOST],
        "total": len(found.saved),
        "deployed": found.deployed[:WATCHABLE_MOST],
        "deployed_total": len(found.deployed),
        "running": pinned_images_json(images_json(images_that_run(here))),
    }


def _watched_json(watched: Watched) -> dict[str, Any]:
    return {
        "image": watched["image"],
        "digest": watched["digest"],
        "looked_at": iso(watched["looked_at"]),
        "changed_at": iso(watched["changed_at"]),
        "next_at": iso(watched["next_at"]),
        "error": watched["error"],
    }
