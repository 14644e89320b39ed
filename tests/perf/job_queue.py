"""The durable queue beside a bare findOneAndUpdate loop on the same mongod.

Three figures: claims a second (ratio), enqueue → start (p99), and kill -9 of a worker → its job runs elsewhere.
Prints one JSON object a line.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

JOBS = 1500
ROUNDS = 5
STARTS = 200
KILLS = 3


def main() -> None:
    from kubeorch.mongo import server

    with tempfile.TemporaryDirectory(prefix="kubeorch-queue-") as folder:
        mongod = server.start(Path(folder))
        os.environ |= {
            "MONGODB_URI": mongod.uri,
            "MONGODB_DB": "bench",
            "KUBEORCH_SECRET_KEY": base64.b64encode(b"k" * 32).decode(),
            "DJANGO_SETTINGS_MODULE": "kubeorch.settings",
            "PYTHONPATH": str(ROOT),
        }
        try:
            import django

            django.setup()
            from kubeorch.mongo import indexes
            from kubeorch.mongo.client import db

            indexes.ensure(db())
            claims()
            starts()
            kills()
        finally:
            mongod.stop()


def claims() -> None:
    from kubeorch.jobs import queue
    from kubeorch.mongo.client import db

    ours, theirs = [], []
    for _ in range(ROUNDS):
        db().bare.delete_many({})
        db().bare.insert_many([{"state": "queued", "n": n} for n in range(JOBS)])
        db().bare.create_index([("state", 1), ("n", 1)])
        began = time.perf_counter()
        while db().bare.find_one_and_update({"state": "queued"}, {"$set": {"state": "running"}}, sort=[("n", 1)]):
            pass
        theirs.append(JOBS / (time.perf_counter() - began))
        db().jobs.delete_many({})
        for n in range(JOBS):
            queue.enqueue("bench", {"n": n})
        began = time.perf_counter()
        while queue.claim("worker", ["bench"]):
            pass
        ours.append(JOBS / (time.perf_counter() - began))
    _print("queue_claims", statistics.median(ours), statistics.median(theirs), "claims/s", must=0.4, aim=0.7)
    db().jobs.delete_many({})


def starts() -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler, Worker

    started: dict[int, float] = {}
    worker = Worker({"bench": Handler(lambda ctx: started.__setitem__(ctx.payload["n"], time.perf_counter()))})
    thread = threading.Thread(target=worker.run)
    thread.start()
    delays = []
    for n in range(-5, STARTS):
        began = time.perf_counter()
        queue.enqueue("bench", {"n": n})
        while n not in started:
            time.sleep(0.0005)
        if n >= 0:
            delays.append((started[n] - began) * 1000)
    worker.stop()
    thread.join()
    delays.sort()
    _print("queue_start_p50", delays[len(delays) // 2], None, "ms")
    _print("queue_start_p99", delays[int(len(delays) * 0.99)], None, "ms", must=100, aim=20)


HOLDER = """
import django; django.setup()
import sys, time
from kubeorch.jobs.worker import Handler, Worker
def run(ctx):
    print(ctx.attempt, flush=True)
    if ctx.attempt == 1:
        time.sleep(600)
Worker({"kill": Handler(run)}).run()
"""


def kills() -> None:
    """From the last moment a killed worker's lease could end, how late its job runs again."""
    from kubeorch.jobs import queue
    from kubeorch.mongo.client import db

    late = []
    for _ in range(KILLS):
        processes = [_holder()]
        job_id = queue.enqueue("kill", {})
        assert processes[0].stdout is not None
        processes[0].stdout.readline()
        processes.append(_holder())
        time.sleep(2)  # the second one is up and idle
        processes[0].send_signal(signal.SIGKILL)
        killed = time.monotonic()
        assert processes[1].stdout is not None
        processes[1].stdout.readline()
        late.append(time.monotonic() - killed - queue.LEASE_S)
        for process in processes:
            process.kill()
            process.wait()
        db().jobs.delete_one({"_id": job_id})
    _print("queue_resume_after_lease", max(late), None, "s", must=3, aim=0.5)


def _holder() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _print(bar: str, ours: float, theirs: float | None, unit: str, **limits: Any) -> None:
    row: dict[str, Any] = {"bar": bar, "ours": round(ours, 3)}
    if theirs is not None:
        row |= {"theirs": round(theirs, 3), "ratio": round(ours / theirs, 3)}
    print(json.dumps({**row, "unit": unit, **limits}), flush=True)


if __name__ == "__main__":
    main()
