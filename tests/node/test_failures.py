"""What really does not start, crashes or is not ready: the card is not green, and says why."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.node.readers import STAY
from tests.support.node.configuration import EMPTY_REGISTRY
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node

SHELL = ("sh", "-c")
MISSING = [{"name": "KEY", "source": "configmap", "object": "settings", "key": "missing"}]
ABSENT = [{"name": "KEY", "source": "secret", "object": "nowhere", "key": "a"}]
NEVER_RAN = ("no-image", "no-registry", "no-key", "no-secret", "no-volume", "no-program", "root", "init", "not-ready")
"""Those that cannot be healthy for a moment."""
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: (parameters, what the card says, the reason of its evidence)
    "no-image": (
        {"image": f"{EMPTY_REGISTRY}/app:1"},
        rf"Image {EMPTY_REGISTRY}/app:1 cannot be pulled: .*not found",
        "ImagePullBackOff|ErrImagePull",
    ),
    "no-registry": (
        {"image": "127.0.0.1:1/app:1"},
        r"Image 127.0.0.1:1/app:1 cannot be pulled: .*",
        "ImagePullBackOff|ErrImagePull",
    ),
    "crash": (
        {"command": [*SHELL, "echo no database; exit 3"]},
        r"Container crash keeps crashing: exit code 3, \d+ restarts?",
        "CrashLoopBackOff",
    ),
    "memory": (
        {"command": ["tail", "/dev/zero"], "resources": {"limits": {"memory": "16Mi"}}},
        r"Container memory was killed for using more memory than its limit: OOMKilled",
        "OOMKilled",
    ),
    "not-ready": (
        {"readiness_probe": {"type": "exec", "command": ["cat", "/ready"], "period_s": 1}},
        r"Readiness probe of container not-ready fails: .*/ready",
        "Unhealthy",
    ),
    "hangs": (
        {"liveness_probe": {"type": "exec", "command": ["cat", "/alive"], "period_s": 1, "failure_threshold": 1}},
        r"Container hangs keeps crashing|Liveness probe of container hangs fails",
        "CrashLoopBackOff|Unhealthy",
    ),
    "no-key": (
        {"env_refs": MISSING},
        r"Container no-key cannot start: .*missing.*",
        "CreateContainerConfigError",
    ),
    "no-secret": (
        {"env_refs": ABSENT},
        r"Container no-secret cannot start: .*nowhere.*",
        "CreateContainerConfigError",
    ),
    "no-volume": (
        {"volumes": [{"name": "v", "type": "secret", "object": "nowhere", "mount_path": "/v"}]},
        r"A volume cannot be mounted: .*nowhere.*",
        "FailedMount",
    ),
    "no-program": (
        {"command": ["/no/such/program"]},
        r"Container no-program (keeps crashing|cannot start).*",
        "CrashLoopBackOff|RunContainerError|StartError",
    ),
    "root": (
        {"run_as_non_root": True},
        r"Container root cannot start: .*root.*",
        "CreateContainerConfigError",
    ),
    "init": (
        {"init_containers": [{"name": "first", "image": IMAGES[0], "command": ["false"]}]},
        r"Init container first keeps crashing: exit code 1, \d+ restarts?",
        "CrashLoopBackOff",
    ),
}


class Broken:
    """One workflow with everything that fails, and what its cards have shown."""

    def __init__(self, bench: NodeBench) -> None:
        self.bench = bench
        self.was_green: set[str] = set()
        self.last: dict[str, Any] = {}

    def card(self, name: str) -> dict[str, Any]:
        """What the card of a node shows now; every card is looked at."""
        self.last = {one: self.bench.status(one) for one in CASES}
        self.was_green |= {one for one, status in self.last.items() if status.get("health") == "healthy"}
        return dict(self.last[name])


@pytest.fixture(scope="module")
def broken(product: Product) -> Broken:
    bench = product.bench("broken")
    common = {"image": IMAGES[0], "command": [*SHELL, STAY], "termination_grace_s": 1}
    nodes = [a_node(name, **common | parameters) for name, (parameters, _, _) in CASES.items()]
    bench.draw(a_config_map("settings", a="1"), *nodes)
    bench.until(bench.start(), "verifying", timeout_s=RUN_S)
    return Broken(bench)


@pytest.mark.parametrize("name", CASES)
def test_a_card_says_why_its_containers_do_not_run(broken: Broken, name: str) -> None:
    _, words, reason = CASES[name]

    def said() -> bool:
        card = broken.card(name)
        evidence = {one["reason"] for one in card.get("evidence", [])}
        is_seen = any(re.fullmatch(reason, one) for one in evidence)
        return card.get("health") == "degraded" and bool(re.match(words, card["reason"])) and is_seen

    try:
        until(said, timeout_s=RUN_S / 2, every_s=0.5)
    except AssertionError:
        pytest.fail(f"{name} shows {broken.last[name]}")


def test_what_a_container_said_before_it_ended_is_in_its_log(broken: Broken) -> None:
    [pod] = broken.bench.pods("crash")
    path = f"/api/v1/namespaces/{broken.bench.namespace}/pods/{pod['metadata']['name']}/log"
    until(lambda: broken.bench.plane.call("GET", path) == (200, b"no database\n"), what="its log", every_s=0.3)


def test_what_never_ran_was_never_green(broken: Broken) -> None:
    assert broken.last, "the cards have been looked at"
    assert not broken.was_green & set(NEVER_RAN)
