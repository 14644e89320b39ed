"""Images that are watched: what pods run instead of the tag that is drawn, and which images a drawing names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.workflows.test_pull_secrets import a_pod, deployment, item
from workflows.domain.images import (
    Images,
    PinnedImage,
    images_digest,
    images_from,
    images_json,
    pinned_images_json,
    pins_in,
)
from workflows.domain.rendering.pinned import with_pinned_images
from workflows.domain.rendering.pulls import images_in

WEB, OTHER = "reg.example.com/team/web:1", "nginx:1.27"
DIGEST = f"sha256:{'a' * 64}"
PINNED = f"{WEB}@{DIGEST}"


@pytest.mark.parametrize(
    "one",
    [
        deployment("a", WEB, OTHER),
        item("Pod", "a", a_pod(WEB, OTHER), group="v1"),
        item("CronJob", "a", {"jobTemplate": {"spec": {"template": {"spec": a_pod(WEB, OTHER)}}}}, group="batch/v1"),
        item("Job", "a", {"template": {"spec": a_pod(OTHER, initContainers=[{"image": WEB}])}}, group="batch/v1"),
        item("StatefulSet", "a", {"template": {"spec": a_pod(OTHER, volumes=[{"image": {"reference": WEB}}, 1])}}),
        item("DaemonSet", "a", {"template": {"spec": {"containers": [1, {"image": OTHER}, {"image": WEB}, {}]}}}),
    ],
    ids=lambda one: one.ref.kind,
)
def test_pods_run_the_digest_and_nothing_else_of_the_object_changes(one: Any) -> None:
    before = repr(one.manifest)

    [after] = with_pinned_images([one], {WEB: PINNED})

    assert images_in(after.manifest) == {PINNED, OTHER}
    assert repr(after.manifest).replace(PINNED, WEB) == before == repr(one.manifest)


def test_objects_that_do_not_name_it_are_the_same_objects() -> None:
    items = [deployment("a", OTHER), item("Deployment", "b", {"template": "broken"}), deployment("c", f"{WEB}.1")]

    assert all(a is b for a, b in zip(items, with_pinned_images(items, {WEB: PINNED}), strict=True))
    assert with_pinned_images(items, {}) is items


def test_it_is_kept_beside_images_that_were_built_and_shown_apart() -> None:
    one = PinnedImage(WEB, DIGEST)
    images: Images = {one.key: one}

    assert images_from(images_json(images)) == images
    assert pins_in(images) == {WEB: PINNED}
    assert pinned_images_json(images_json(images)) == [{"image": WEB, "digest": DIGEST}]
    moved = PinnedImage(WEB, f"sha256:{'b' * 64}")
    assert one.key == moved.key
    assert images_digest(images_json(images)) != images_digest(images_json({moved.key: moved}))
