"""What is drawn runs, answers and writes logs; and the node itself stays enclosed."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.support.node.configuration import BRIDGE
from tests.support.node.enclosed import CGROUP
from tests.support.node.node import IMAGES
from tests.support.node.product import Product
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

PAGE = "mkdir /www; echo from-a-container >/www/index.html; echo serving; exec httpd -f -p 8080 -h /www"


def page_at(url: str) -> str:
    """What a server answers; "" while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_what_is_drawn_runs_is_ready_and_answers_through_its_service(product: Product) -> None:
    bench = product.bench()
    web = a_node(
        "web",
        image=IMAGES[0],
        command=["sh", "-c", PAGE],
        port=8080,
        readiness_probe={"period_s": 1},
    )
    service = a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 8080}])
    bench.draw(web, service, edges=(an_edge("svc", "web", "exposes"),))

    bench.deployed()

    assert bench.status("web")["health"] == "healthy"
    address = bench.get("v1", "Service", "svc")["spec"]["clusterIP"]
    [pod] = bench.pods("web")
    inside = pod["status"]["containerStatuses"][0]["containerID"]
    assert bench.plane.execute(inside, "cat", "/www/index.html") == "from-a-container\n"
    assert until(lambda: page_at(f"http://{address}/")) == "from-a-container\n"
    path = f"/api/v1/namespaces/{bench.namespace}/pods/{pod['metadata']['name']}/log"
    assert bench.plane.call("GET", path) == (200, b"serving\n")


def test_a_command_in_namespaces_of_its_own_sees_and_leaves_nothing() -> None:
    script = (
        f"ip link add {BRIDGE} type bridge && mount -t tmpfs tmpfs /mnt && touch /run/left && (sleep 1000 &) && "
        f"ls -d /sys/fs/cgroup/${CGROUP} /sys/fs/cgroup/*/${CGROUP} | while read top; do mkdir $top/below; "
        "echo $top/below; done; exit 7"
    )
    enclosed = (sys.executable, "-m", "tests.support.node.enclosed")
    done = subprocess.run((*enclosed, "sh", "-c", script), check=False, timeout=60, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 7
    assert done.stdout.splitlines(), "it has cgroups of its own"
    assert not [line for line in done.stdout.splitlines() if Path(line).parent.exists()]
    assert not Path("/run/left").exists()
    assert not [line for line in Path("/proc/mounts").read_text().splitlines() if " /mnt " in line]
