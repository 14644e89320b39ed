"""What nodes sign in with: by the keys that the kubelet looks for, of the team's own, and renewed where it ends."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kubeorch.base.clock import now
from tests.support.odd_registry import Asked, Said, an_odd_registry
from tests.support.people import Person, a_user

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin")


def add(person: Person, name: str, **given: Any) -> dict[str, Any]:
    account = {"provider": "generic", "username": "ko", "secret": f"secret-{name}", "pulls": "same", "test": False}
    answer = person.post("registries", {"name": name, **account, **given})
    assert answer.status == 201, answer.body
    return dict(answer.body["registry"])


def auths(person: Person, *images: str) -> dict[str, str]:
    from builds.registries.pulling import config_of

    found = config_of(person.team_id, images, False)
    assert found is not None
    rows = json.loads(found.content)["auths"]
    return {key: base64.b64decode(row["auth"]).decode().partition(":")[2] for key, row in rows.items()}


def test_keys_are_those_that_kubelets_look_for(anna: Person) -> None:
    add(anna, "hub", provider="docker_hub")
    add(anna, "all", host="reg.example.test:5000")
    add(anna, "team", host="reg.example.test:5000", path_prefix="team")
    assert auths(anna, "nginx", "reg.example.test:5000/a/b:1", "reg.example.test:5000/team/web", "ghcr.io/a/b") == {
        "https://index.docker.io/v1/": "secret-hub",
        "reg.example.test:5000": "secret-all",
        "reg.example.test:5000/team": "secret-team",
    }


def test_images_without_an_account_or_a_name_need_none(anna: Person) -> None:
    from builds.registries.pulling import needing_of

    add(anna, "open", host="open.example.test", username="", secret="")
    images = ["open.example.test/a/b", "BROKEN IMAGE", "nothing to pull (not built)", "${IMAGE}", ""]
    assert needing_of(anna.team_id, images) == frozenset()
    assert auths(anna, *images) == {}


def test_nothing_is_given_to_nodes_unless_somebody_chose_to(anna: Person, mongo: Any) -> None:
    from builds.registries.pulling import needing_of

    given = {"name": "old", "provider": "generic", "host": "reg.example.test", "username": "ko", "secret": "x"}
    made = anna.post("registries", {**given, "test": False}).body["registry"]
    assert made["pulls"] == "none"
    assert needing_of(anna.team_id, ["reg.example.test/a/b"]) == frozenset()
    mongo.registries.update_many({}, {"$unset": {"pulls": ""}})  # as rows of an earlier release are
    assert needing_of(anna.team_id, ["reg.example.test/a/b"]) == frozenset()


def test_what_a_team_keeps_is_nobody_elses(anna: Person) -> None:
    from builds.registries.pulling import accounts_of, needing_of

    add(anna, "own", host="reg.example.test")
    other = a_user("admin")
    image = "reg.example.test/a/b:1"
    assert needing_of(anna.team_id, [image]) == {image}
    assert needing_of(other.team_id, [image]) == frozenset()
    assert auths(other, image) == {}
    assert accounts_of(anna.team_id, [image]) != accounts_of(other.team_id, [image])


def test_an_account_of_their_own_is_checked_kept_sealed_and_given_up(anna: Person, mongo: Any) -> None:
    image = "reg.example.test/a/b:1"
    path = f"registries/{add(anna, 'own', host='reg.example.test')['id']}"
    for given, field in (
        ({"pulls": "own"}, "pull_username"),
        ({"pulls": "own", "pull_username": "reader"}, "pull_secret"),
        ({"pulls": "own", "pull_username": "a:b", "pull_secret": "x"}, "pull_username"),
        ({"pulls": "none", "pull_secret": "x"}, "pulls"),
        ({"pulls": "some"}, "pulls"),
    ):
        refused = anna.patch(path, {**given, "test": False})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field), given
    kept = {"pulls": "own", "pull_username": "reader", "pull_secret": "canary-reader", "test": False}
    shown = anna.patch(path, kept).body
    assert (shown["pulls"], shown["pull_username"], shown["has_pull_secret"]) == ("own", "reader", True)
    assert "canary-reader" not in json.dumps(anna.get("registries").body)
    assert "canary-reader" not in str(list(mongo.registries.find()))
    assert auths(anna, image) == {"reg.example.test": "canary-reader"}
    anna.patch(path, {"pull_username": "second", "test": False})
    assert auths(anna, image) == {"reg.example.test": "canary-reader"}, "another name keeps the password"
    anna.patch(path, {"pulls": "same", "test": False})
    assert auths(anna, image) == {"reg.example.test": "secret-own"}
    assert anna.get(path).body["has_pull_secret"] is False


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from builds.registries import ecr

    def said(asked: Asked) -> Said:
        token = base64.b64encode(b"AWS:of-twelve-hours").decode()
        ends_at = (now() + timedelta(hours=12)).timestamp()
        return Said(200, {"authorizationData": [{"authorizationToken": token, "expiresAt": ends_at}]})

    ecr._kept.clear()
    with an_odd_registry(said) as server:
        monkeypatch.setattr(ecr, "endpoint_of", lambda host: server.url)
        yield
    ecr._kept.clear()


def test_a_password_that_ends_says_when_and_is_not_asked_for_by_who_only_plans(anna: Person, amazon: None) -> None:
    from builds.registries.pulling import config_of
    from workflows.pulling import Noted, is_renewed, pull_of

    add(anna, "cloud", provider="ecr", host=ECR, username="AKIDEXAMPLE")
    image = f"{ECR}/web:1"
    assert config_of(anna.team_id, [image], False) is None
    pull = pull_of(anna.team_id, [image], may_ask=True)
    assert base64.b64decode(pull.value).decode().count("auth") == 2
    assert pull.until is not None
    assert timedelta(hours=10, minutes=50) < pull.until - now() < timedelta(hours=11, minutes=1), "an hour before"
    assert auths(anna, image) == {ECR: "of-twelve-hours"}
    noted = pull.noted()
    assert not is_renewed(anna.team_id, noted)
    assert is_renewed(anna.team_id, Noted(**{**noted, "until": now()}))
    assert is_renewed(anna.team_id, Noted(**{**noted, "accounts": "others"}))
