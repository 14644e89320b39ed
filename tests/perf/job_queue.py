"""The durable queue beside a bare findOneAndUpdate loop on the same mongod.

How long a claim takes beside the bare loop, enqueue → start, how late a job for later starts, and kill -9 of a
worker → its job runs elsewhere.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import threading
import time
from datetime import timedelta

from tests.perf._product import ROOT, database
from tests.perf._rows import percentile, report
from tests.support.wait import until

JOBS = 1500
ROUNDS = 5
STARTS = 200
KILLS = 3
DUE = 20


def main() -> None:
    with database():
        claims()
        starts()
        due()
        kills()


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
        theirs.append((time.perf_counter() - began) / JOBS * 1000)
        db().jobs.delete_many({})
        for n in range(JOBS):
            queue.enqueue("bench", {"n": n})
        began = time.perf_counter()
        while queue.claim("worker", ["bench"]):
            pass
        ours.append((time.perf_counter() - began) / JOBS * 1000)
    report("queue_claim", statistics.median(ours), statistics.median(theirs), unit="ms", must=2.5, aim=1.43)
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
    report("queue_start_p50", percentile(delays, 0.5), unit="ms")
    report("queue_start_p99", percentile(delays, 0.99), unit="ms", must=100, aim=20)


def due() -> None:
    """How late jobs for later start."""
    from kubeorch.base.clock import now
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler, Worker

    late: list[float] = []
    worker = Worker({"bench": Handler(lambda ctx: late.append(time.time() - ctx.payload["due"]))})
    thread = threading.Thread(target=worker.run)
    thread.start()
    for n in range(DUE):
        at = now() + timedelta(seconds=1.5 + n / 10)
        queue.enqueue("bench", {"due": at.timestamp()}, run_at=at)
    until(lambda: len(late) == DUE)
    worker.stop()
    thread.join()
    report("queue_due_late", max(late), unit="s", must=0.5, aim=0.05)


HOLDER = """
import django; django.setup()
import sys, time
from kubeorch.jobs.worker import Handler, Worker
def run(ctx):
    print(ctx.attempt, flush=True)
    if ctx.attempt == 1:
        time.sleep(600)
print("up", flush=True)
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
        processes[0].send_signal(signal.SIGKILL)
        killed = time.monotonic()
        assert processes[1].stdout is not None
        processes[1].stdout.readline()
        late.append(time.monotonic() - killed - queue.LEASE_S)
        for process in processes:
            process.kill()
            process.wait()
        db().jobs.delete_one({"_id": job_id})
    report("queue_resume_after_lease", max(late), unit="s", must=3, aim=0.5)


def _holder() -> subprocess.Popen[str]:
    """A worker that is up; it prints the attempt of each job that it begins."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


if __name__ == "__main__":
    main()
