"""Edits of Secrets against an API server that stores what it is sent: no answer holds a value, or tells of a guess."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from clusters.domain.hidden import HIDDEN, shown
from clusters.domain.kind_names import KindName
from clusters.domain.secret_copies import copies_in
from clusters.kube.client import KubeClient
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question
from clusters.resources.editing import Draft, FixedField, edit, yaml_of
from tests.support.hostile_api_server import Visit, credentials_for, hostile_api_server

Manifest = dict[str, Any]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KIND = ServedKind("", "v1", "Secret", "secrets", True, frozenset({"list"}), (), (), frozenset())
PLACE = Place(KindName("", "Secret"), "shop", "keys")
VALUE = "hunter22-and-more"


def packed(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def a_secret(**more: Any) -> Manifest:
    metadata = {"name": "keys", "namespace": "shop", "uid": "u", "resourceVersion": "7", "labels": {"of": VALUE}}
    annotations = {"note": f"it is {VALUE}", "other": "1", LAST_APPLIED: json.dumps({"data": {"p": packed(VALUE)}})}
    data = {"p": packed(VALUE), "pin": packed("4711")}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {**metadata, "annotations": annotations}, **more} | {
        "data": data
    }


def stores(visit: Visit) -> None:
    """As an API server does a PUT: stringData goes into data, and the version counts on if anything changes."""
    while visit.read_request():
        words, _, rest = visit.head.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in words.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(rest) < length:
            rest += visit.connection.recv(65_536)
        found = json.loads(rest)
        found.setdefault("data", {}).update({key: packed(value) for key, value in found.pop("stringData", {}).items()})
        if found["data"] != a_secret()["data"]:
            found["metadata"]["resourceVersion"] = "8"
        visit.answer(json.dumps(found).encode())


@pytest.fixture(scope="module")
def question() -> Iterator[Question]:
    with hostile_api_server(stores) as server:
        client = KubeClient(credentials_for(server.server))
        nobody = cast(Any, None)
        yield Question(nobody, nobody, client, client.allowance(60.0), None)


def told(question: Question, change: Callable[[Manifest], Any], live: Manifest | None = None) -> str:
    """All that a try of the edit says."""
    live = live or a_secret()
    base = copy.deepcopy(shown(live))
    mine = copy.deepcopy(base)
    change(mine)
    found = edit(question, PLACE, Draft(mine, base), live, KIND, dry_run=True, require=lambda _: None)
    return json.dumps([found.after, found.fields, found.clashes, found.moved, found.written]) + yaml_of(found.after)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["metadata"]["annotations"].pop(LAST_APPLIED),
        lambda m: m["metadata"]["annotations"].pop("note"),
        lambda m: m["metadata"].pop("annotations"),
        lambda m: m["metadata"].update(annotations={}),
        lambda m: m["metadata"]["labels"].update(of="x"),
        lambda m: m["metadata"].pop("labels"),
        lambda m: m["data"].pop("p"),
        lambda m: m["data"].update(p=packed("another")),
        lambda m: m.pop("data"),
        lambda m: m.update(data={}),
        lambda m: m.update(stringData={"p": "another"}),
        lambda m: m["metadata"]["annotations"].update(copy="(hidden)"),
    ],
)
def test_no_try_of_an_edit_shows_a_value_or_what_repeats_one(question: Question, change: Any) -> None:
    said = told(question, change)
    assert VALUE not in said
    assert packed(VALUE) not in said
    assert "another" not in said


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (lambda m: m["data"].update(pin=packed("4711")), lambda m: m["data"].update(pin=packed("4712"))),
        (lambda m: m.update(stringData={"pin": "4711"}), lambda m: m.update(stringData={"pin": "4712"})),
        (lambda m: m["data"].update(p=packed(VALUE)), lambda m: m["data"].update(p=packed("guess"))),
    ],
)
def test_a_guessed_value_is_answered_as_any_other(question: Question, right: Any, wrong: Any) -> None:
    assert told(question, right) == told(question, wrong)
    assert '"path": "data.p' in told(question, right)


@pytest.mark.parametrize("guess", [VALUE, f"one of guess-1 {VALUE} guess-2", packed(VALUE), "none of it"])
def test_an_annotation_that_the_person_writes_is_told_as_they_wrote_it(question: Question, guess: str) -> None:
    live = a_secret()
    mine = copy.deepcopy(shown(live))
    mine["metadata"]["annotations"]["mine"] = guess
    found = edit(question, PLACE, Draft(mine, shown(live)), live, KIND, dry_run=True, require=lambda _: None)
    assert [(row["path"], row["after"]) for row in found.fields] == [("metadata.annotations.mine", guess)]
    assert guess in yaml_of(found.after)


def test_an_immutable_secret_tells_nobody_that_a_guess_is_right(question: Question) -> None:
    live = a_secret(immutable=True)
    for guess in ("4711", "4712"):
        with pytest.raises(FixedField, match=r"data\.pin cannot be edited"):
            told(question, lambda m, guess=guess: m["data"].update(pin=packed(guess)), live)
    assert "metadata.labels.team" in told(question, lambda m: m["metadata"]["labels"].update(team="x"), live)


def test_an_edit_of_another_key_says_that_key_alone(question: Question) -> None:
    live = a_secret()
    mine = copy.deepcopy(shown(live))
    mine["data"]["added"] = packed("added")
    found = edit(question, PLACE, Draft(mine, shown(live)), live, KIND, dry_run=True, require=lambda _: None)
    assert [(row["path"], row["before"], row["after"]) for row in found.fields] == [("data.added", None, "(hidden)")]
    same = edit(question, PLACE, Draft(shown(live), shown(live)), live, KIND, dry_run=False, require=lambda _: None)
    assert (same.fields, same.written) == ([], False)


def test_what_tools_keep_of_a_secret_in_annotations_is_hidden_as_it_is_and_as_it_was() -> None:
    former = json.dumps({"kind": "Secret", "data": {"p": packed("a-former-value")}})
    kept = {
        "objectset.rio.cattle.io/applied": base64.b64encode(gzip.compress(former.encode())).decode(),
        "kapp.k14s.io/original": former,
        "as-text": json.dumps({"last": former}),
        "as-yaml": "kind: Secret\ndata:\n  p: YS1mb3JtZXItdmFsdWU=\n",
        "packed": base64.b64encode(former.encode()).decode(),
    }
    secret = a_secret()
    secret["metadata"]["annotations"] = {**kept, "owner": "the shop's data team"}
    seen = shown(secret)["metadata"]["annotations"]
    assert seen == {**dict.fromkeys(kept, HIDDEN), "owner": "the shop's data team"}


def test_looking_for_values_in_a_secret_is_bounded_and_hides_what_was_not_looked_at() -> None:
    values = [f"value-{number:05}" for number in range(10_000)]
    rows = {f"note-{number}": "v0" * 500 for number in range(1_000)}
    found = copies_in(rows, values)
    assert {f"note-{number}" for number in range(5, 1_000)} <= found, "beyond the bound all of it is hidden"
    assert "note-0" not in found
