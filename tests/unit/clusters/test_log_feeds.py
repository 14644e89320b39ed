"""Readers of logs at an API server that does what real ones do only now and then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from clusters.domain.logs.containers import pod_logs
from clusters.domain.logs.positions import Position, event_id
from clusters.kube.client import KubeClient
from clusters.kube.logs import Wanted
from clusters.logs.cron_jobs import JOBS_MOST, LABEL, JobsOf
from clusters.logs.entries import Note, Read
from clusters.logs.feed import SOURCES_A_PERSON, SOURCES_MOST, Feed, Subject
from clusters.logs.streams import TextOfFeed
from kubeorch.realtime.rooms import Room
from kubeorch.web.refusals import TooManyAttempts
from tests.support.log_server import LogServer, a_pod, log_server
from tests.support.wait import until

T = "2026-11-26T14:10:{:02d}.000000000Z"


class Reader:
    """What was taken from a feed so far."""

    def __init__(self, client: KubeClient, pods: list[dict[str, Any]], *, follow: bool = True, **options: Any) -> None:
        self.feed = Feed(
            client,
            options.pop("subject", None)
            or Subject("shop", field_selector=f"metadata.name={pods[0]['metadata']['name']}"),
            Wanted(follow=follow),
            positions=options.pop("positions", {}),
            pods=[pod_logs(pod) for pod in pods],
            reader=options.pop("reader", "ada"),
        )
        self.entries: list[Read | Note] = []
        self.is_over = False

    @property
    def texts(self) -> list[str]:
        return [one.line.text for one in self.entries if isinstance(one, Read)]

    @property
    def notes(self) -> list[str]:
        return [one.note for one in self.entries if isinstance(one, Note)]

    def take(self) -> bool:
        batch = self.feed.take(1 << 20)
        self.entries += [entry.value for entry in batch.entries]
        self.is_over = batch.is_over
        return self.is_over


@contextmanager
def reading(client: KubeClient, *pods: dict[str, Any], **options: Any) -> Iterator[Reader]:
    reader = Reader(client, list(pods), **options)
    reader.feed.start(lambda: None)
    try:
        yield reader
    finally:
        reader.feed.stop()


@pytest.fixture
def cluster() -> Iterator[tuple[LogServer, KubeClient]]:
    with log_server() as found:
        yield found


def test_a_followed_log_that_is_cut_off_within_a_line_gives_the_line_once_and_whole(
    cluster: tuple[LogServer, KubeClient],
) -> None:
    server, client = cluster
    first, second = f"{T.format(1)} one\n".encode(), f"{T.format(2)} the whole line\n".encode()
    server.readings["web"] = [[first, second[:-8]], [first + second]]
    pod = server.put(a_pod("web", "uid1", "web"))
    with reading(client, pod) as reader:
        until(lambda: reader.take() or len(server.queries) > 1)
        server.put(a_pod("web", "uid1", "web", ended=True))
        until(reader.take)
    assert reader.texts == ["one", "the whole line"]
    assert "gap" not in reader.notes


@pytest.mark.parametrize("follow", [True, False])
def test_nothing_is_shown_of_another_pod_that_has_the_name_by_now(
    cluster: tuple[LogServer, KubeClient], follow: bool
) -> None:
    server, client = cluster
    server.readings["db"] = [[f"{T.format(1)} of the other one\n".encode()]] * 3
    seen = a_pod("db-0", "uid1", "db")
    server.pods["db-0"] = a_pod("db-0", "uid2", "db")
    with reading(client, seen, follow=follow) as reader:
        until(lambda: bool(reader.take() or "gone" in reader.notes))
        old = [one for one in reader.entries if isinstance(one, Read) and one.position.pod == "uid1"]
    assert old == []


def test_a_flood_of_words_of_the_kubelet_is_one_note(cluster: tuple[LogServer, KubeClient]) -> None:
    server, client = cluster
    server.readings["web"] = [[b"\n" * 60_000]]
    pod = server.put(a_pod("web", "uid1", "web", ended=True))
    with reading(client, pod, follow=False) as reader:
        until(reader.take)
    assert reader.notes == ["gap"]


def test_the_id_of_an_event_names_containers_that_are_there_alone(cluster: tuple[LogServer, KubeClient]) -> None:
    server, client = cluster
    server.readings["web"] = [[f"{T.format(1)} one\n".encode()]]
    pod = server.put(a_pod("web", "uid1", "web", ended=True))
    gone = {(f"gone{number}", "web"): Position(f"gone{number}", "web", "", T.format(1), 0) for number in range(60)}
    with reading(client, pod, positions=gone) as reader:
        until(reader.take)
        named = event_id(reader.feed.read.values())
    assert named == f"uid1/web/uid1/{T.format(1)}/0"


def test_a_person_reads_so_many_containers_at_once_and_the_rest_is_named(
    cluster: tuple[LogServer, KubeClient],
) -> None:
    server, client = cluster
    names = [f"c{number}" for number in range(SOURCES_MOST)]
    pods = [server.put(a_pod(f"web-{number}", f"uid{number}", *names)) for number in range(4)]
    feeds = [Reader(client, [pod], reader="grace").feed for pod in pods]
    other = Reader(client, [pods[0]], reader="ada").feed
    try:
        for feed in feeds:
            feed.start(lambda: None)
        assert [feed.left_out for feed in feeds] == [0, 0, 0, 4 * SOURCES_MOST - SOURCES_A_PERSON]
        other.start(lambda: None)
        assert other.left_out == 0, "another person has a share of one's own"
    finally:
        for feed in (*feeds, other):
            feed.stop()
    until(lambda: not any(thread.name == "log" for thread in threading.enumerate()))
    again = Reader(client, [pods[3]], reader="grace").feed
    again.start(lambda: None)
    again.stop()
    assert again.left_out == 0, "what is read no more is given back"


@pytest.mark.parametrize("has_more", [False, True])
def test_a_download_says_first_which_containers_are_left_out(
    cluster: tuple[LogServer, KubeClient], has_more: bool
) -> None:
    server, client = cluster
    names = [f"c{number:02}" for number in range(SOURCES_MOST + 2)]
    server.readings = {name: [[f"{T.format(1)} of {name}\n".encode()]] for name in names}
    pod = server.put(a_pod("web", "uid1", *names, ended=True))
    text = TextOfFeed(Reader(client, [pod], follow=False).feed, timestamps=False, most_bytes=1 << 20, has_more=has_more)
    said = b""

    def took() -> bool:
        nonlocal said
        made = text.take(1 << 16)
        said += b"".join(made.pieces)
        return made.is_over

    server.may_answer.clear()  # a place that is given back is taken by another container
    text.start(lambda: None)
    server.may_answer.set()
    try:
        until(took)
    finally:
        text.stop()
    lines = said.decode().splitlines()
    assert lines[:3] == [
        "[kubeorch] at most 40 containers are read at once; left out are:",
        "[kubeorch]   web/c40",
        "[kubeorch]   web/c41",
    ]
    told = [line for line in lines if "has more pods" in line]
    assert len(told) == has_more
    assert sum(line.endswith(f"of {name}") for line in lines for name in names) == SOURCES_MOST


def test_places_are_taken_before_the_work_so_that_many_at_once_get_no_more() -> None:
    room = Room()
    got, refused = [], []
    gate = threading.Barrier(16)

    def ask() -> None:
        gate.wait()
        try:
            got.append(room.take({"a person": (5, "too many"), "all": (100, "full")}))
        except TooManyAttempts as error:
            refused.append(error.detail)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), refused) == (5, ["too many"] * 11)
    got[0].give_back()
    got[0].give_back()
    room.take({"a person": (5, "too many")})
    with pytest.raises(TooManyAttempts):
        room.take({"a person": (5, "too many")})


def restarted(name: str, uid: str, container: str, instance: str, before: str) -> dict[str, Any]:
    """A pod whose container runs anew, after it crashed."""
    pod = a_pod(name, uid, container)
    last = {"terminated": {"containerID": f"cri://{before}", "exitCode": 1, "reason": "Error"}}
    pod["status"]["containerStatuses"][0] |= {"containerID": f"cri://{instance}", "lastState": last}
    return pod


@pytest.mark.parametrize("look", [2, 3])
def test_a_crash_that_the_pod_does_not_tell_of_yet_loses_and_doubles_no_line(
    cluster: tuple[LogServer, KubeClient], look: int
) -> None:
    """The stream is cut, the container crashes and runs again, and the log of the new instance answers first. The API
    server knows of it by then, or a moment later."""
    server, client = cluster
    one, two, why = (f"{T.format(n)} A{n}\n".encode() for n in (1, 2, 3))
    new = [f"{T.format(n)} B{n}\n".encode() for n in (5, 6)]
    server.readings["web"] = [[one, two], [new[0]], [one, two, why], [*new]]
    pod = server.put(a_pod("web", "uid1", "web"))
    later = restarted("web", "uid1", "web", "uid2", "uid1")
    later["metadata"]["resourceVersion"] = "900"
    server.before_look[look] = later
    with reading(client, pod) as reader:
        until(lambda: reader.take() or "B6" in reader.texts, timeout_s=20)
    assert reader.texts == ["A1", "A2", "A3", "B5", "B6"]
    assert "gap" not in reader.notes
    assert reader.notes.count("restarted") == 1
    assert [query.get("previous") for query in server.queries][:4] == [None, None, "true", None]


def a_job(name: str, cron_job: str, made_at: str = "") -> dict[str, Any]:
    owner = {"kind": "CronJob", "name": cron_job, "uid": f"uid-{cron_job}", "controller": True}
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "creationTimestamp": made_at}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {**metadata, "ownerReferences": [owner]}}


def a_pod_of(job: str) -> dict[str, Any]:
    pod = a_pod(f"{job}-x", f"uid-of-{job}", job)
    owner = {"kind": "Job", "name": job, "uid": f"uid-{job}", "controller": True}
    pod["metadata"]["ownerReferences"] = [owner]
    return pod


def test_the_log_of_a_cron_job_shows_its_next_run_and_nobody_elses(cluster: tuple[LogServer, KubeClient]) -> None:
    """A Job that was made by hand of its CronJob counts; of Jobs that are known nobody is asked again."""
    server, client = cluster
    for name in ("nightly-1", "nightly-2", "by-hand", "others-1"):
        server.readings[name] = [[f"{T.format(1)} of {name}\n".encode()]]
    server.others = {name: a_job(name, "nightly") for name in ("nightly-2", "by-hand")}
    server.others["others-1"] = a_job("others-1", "others")
    jobs = JobsOf(client, "shop", "uid-nightly")
    assert jobs.take([a_job("nightly-1", "nightly"), a_job("others-0", "others")]) == ["nightly-1"]
    first = server.put(a_pod_of("nightly-1"))
    with reading(client, first, subject=Subject("shop", label_selector=LABEL, jobs=jobs)) as reader:
        until(lambda: reader.take() or "of nightly-1" in reader.texts)
        for name in ("others-0", "others-1", "by-hand", "nightly-2"):
            server.put(a_pod_of(name))
        until(lambda: reader.take() or {"of nightly-2", "of by-hand"} <= set(reader.texts))
    assert sorted(reader.texts) == ["of by-hand", "of nightly-1", "of nightly-2"]


def test_of_a_cron_job_the_newest_jobs_are_looked_at_first(cluster: tuple[LogServer, KubeClient]) -> None:
    jobs = JobsOf(cluster[1], "shop", "uid-nightly")
    assert jobs.take([]) == []
    rows = [a_job(f"nightly-{number}", "nightly", T.format(number)) for number in range(JOBS_MOST + 2)]
    assert jobs.take(rows) == [f"nightly-{number}" for number in range(JOBS_MOST + 1, 1, -1)]
    assert [jobs.made(a_pod_of(f"nightly-{number}")) for number in (0, JOBS_MOST)] == [False, True]


def test_a_container_that_was_left_out_joins_when_another_one_ends(cluster: tuple[LogServer, KubeClient]) -> None:
    server, client = cluster
    names = [f"c{number:02}" for number in range(SOURCES_MOST + 1)]
    pods = [server.put(a_pod(name, f"uid-{name}", name)) for name in names]
    server.readings = {names[0]: [[]], names[-1]: [[f"{T.format(1)} at last\n".encode()]]}
    with reading(client, *pods, subject=Subject("shop", label_selector="app=web")) as reader:
        until(lambda: reader.take() or reader.feed.names_left_out == [f"{names[-1]}/{names[-1]}"])
        server.put(a_pod(names[0], f"uid-{names[0]}", names[0], ended=True))
        until(lambda: reader.take() or "at last" in reader.texts)
        assert reader.feed.names_left_out == []
