"""What Compose promises a container, and what is said of what was seen of it."""

from __future__ import annotations

import hashlib

from imports.domain.compose.load import load
from imports.domain.promises import Answer, Promise, Seen, Times, judge, promises_of
from imports.domain.sources import Files

TEXT = """\
services:
  db:
    image: postgres:16
    environment: {POSTGRES_DB: db}
    volumes: ["data:/var/lib/postgresql/data", "data:/read:ro"]
    tmpfs: ["/run", "/still:ro,size=1m"]
  web:
    image: example/web
    environment: {DB_HOST: db, DB_NAME: db, CACHE: "redis://cache:7000", EMPTY: "", GONE: null}
    volumes: ["./conf:/etc/web", "./app.ini:/app.ini:ro", "./not-brought-in:/x"]
    configs: [motd]
    secrets: [{source: pass, target: other}, unknown]
    depends_on: {db: {condition: service_healthy}, cache: {condition: service_started}}
  cache: {image: redis, expose: ["7000"]}
volumes: {data: {}}
configs: {motd: {content: hello}}
secrets: {pass: {environment: PASS}, unknown: {external: true}}
"""
FILES = {"compose.yaml": TEXT.encode(), "conf/a": b"A", "conf/sub/b": b"B", "app.ini": b"[x]"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def the_promises() -> list[Promise]:
    tree = Files(FILES)
    return promises_of(load(tree, ["compose.yaml"], environment={"PASS": "sealed"}), tree)


def test_everything_that_compose_gives_a_container_is_promised():
    found = {(one.service, one.topic, one.subject): one.digest for one in the_promises()}
    assert found == {
        ("db", "variable", "POSTGRES_DB"): digest(b"db"),
        ("db", "folder", "/var/lib/postgresql/data"): "",
        ("db", "folder", "/run"): "",
        ("web", "variable", "DB_HOST"): digest(b"db"),
        ("web", "variable", "DB_NAME"): digest(b"db"),
        ("web", "variable", "CACHE"): digest(b"redis://cache:7000"),
        ("web", "variable", "EMPTY"): digest(b""),
        ("web", "file", "/etc/web/a"): digest(b"A"),
        ("web", "file", "/etc/web/sub/b"): digest(b"B"),
        ("web", "file", "/app.ini"): digest(b"[x]"),
        ("web", "file", "/motd"): digest(b"hello"),
        ("web", "file", "/run/secrets/other"): digest(b"sealed"),
        ("web", "name", "db:5432"): "",
        ("web", "name", "cache:7000"): "",
        ("web", "order", "db"): "",
        ("web", "order", "cache"): "",
    }
    [host] = [one for one in the_promises() if one.subject == "DB_HOST"]
    assert host.place is not None
    assert (host.place.path, host.place.line) == ("compose.yaml", 9)


def said(topic: str, subject: str, **seen: Seen) -> tuple[str, str]:
    [promise] = [one for one in the_promises() if (one.service, one.topic, one.subject) == ("web", topic, subject)]
    judged = judge(promise, seen)
    return judged.verdict, judged.reason


def test_what_was_seen_keeps_a_promise_breaks_it_or_says_nothing():
    answers = {
        "variable": Answer({"DB_HOST": digest(b"db"), "CACHE": digest(b"redis://other")}),
        "file": Answer({"/app.ini": digest(b"[y]")}),
        "name": Answer(why="the image has no program that can be asked for it"),
    }
    web = Seen(answers=answers)
    assert said("variable", "DB_HOST", web=web) == ("kept", "")
    assert said("variable", "CACHE", web=web) == ("broken", "its value is another one")
    assert said("variable", "EMPTY", web=web) == ("broken", "the container does not have it")
    assert said("file", "/app.ini", web=web) == ("broken", "its content is another one")
    assert said("name", "db:5432", web=web)[0] == "unknown"
    assert said("file", "/motd", web=Seen("nothing of it runs")) == ("unknown", "nothing of it runs")
    assert said("file", "/motd")[0] == "unknown"


def test_the_order_is_judged_by_the_condition_that_is_waited_for():
    web, early = Seen(times=Times(started=20.0)), Seen(times=Times(started=5.0))
    healthy_at_10 = Seen(times=Times(started=1.0, ready=10.0))
    assert said("order", "db", web=web, db=healthy_at_10) == ("kept", "")
    assert said("order", "db", web=early, db=healthy_at_10) == ("broken", "it started 5 s before that")
    assert said("order", "cache", web=early, cache=healthy_at_10) == ("kept", "")
    assert said("order", "db", web=web, db=Seen(times=Times(started=1.0)))[0] == "unknown"
    again = Seen(times=Times(started=1.0, ready=10.0, again=True))
    assert said("order", "db", web=web, db=again)[0] == "unknown"
    assert said("order", "db", web=web, db=Seen("nothing of it runs"))[1] == "db: nothing of it runs"
