"""The contract of engines, kept by each that there is: the local one, and a real BuildKit service over TCP with client
certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builds.registries.embedded.place import embedded_in
from builds.registries.embedded.role import Wanted
from tests.builds.test_faults import running as processes_with
from tests.support.buildkit_service import BuildKitService, a_buildkit_service
from tests.support.client_certificates import Authority
from tests.support.embedded import an_embedded_registry, in_team
from tests.support.image_builds import Shop, an_app, need_everything
from tests.support.people import a_user
from tests.support.ports import free_port
from tests.support.registry import Registry
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[BuildKitService]:
    with a_buildkit_service(tmp_path_factory.mktemp("service"), registry) as one:
        yield one


def steps_of(report: Any) -> dict[str, str]:
    return {step["name"]: step["state"] for step in report["steps"]}


def an_engine(shop: Shop, service: BuildKitService, **more: Any) -> dict[str, Any]:
    admin = a_user("admin", shop.person.team_id)
    made = admin.post("build-engines", {"name": "big", **service.given(), **more})
    assert made.status == 201, made.body
    return {**made.body, "admin": admin}


@pytest.fixture(params=["local", "service"])
def engine_id(request: pytest.FixtureRequest, shop: Shop) -> str:
    if request.param == "local":
        return "local"
    return str(an_engine(shop, request.getfixturevalue("service"))["id"])


def test_an_engine_builds_pushes_and_tells(shop: Shop, engine_id: str) -> None:
    name = f"made-{engine_id[:5]}"
    step = "RUN --mount=type=secret,id=TOKEN test -s /run/secrets/TOKEN && echo seen > /made\n"
    shop.repository(name, an_app(step))
    variables = [{"key": "TOKEN", "usage": "build", "secret": True, "value": "canary-of-an-engine"}]
    with working():
        build = shop.build(shop.source(name, engine=engine_id, variables=variables))
    assert build["state"] == "succeeded", shop.text(build)
    assert build["engine"] == engine_id
    assert shop.registry.is_tag(f"shop/{name}", build["tags"][0])
    assert any("RUN --mount" in step["name"] for step in build["steps"])
    assert "canary-of-an-engine" not in shop.text(build)


def test_an_engine_tells_why_a_step_has_failed(shop: Shop, engine_id: str) -> None:
    name = f"broken-{engine_id[:5]}"
    shop.repository(name, an_app("RUN echo trouble >&2; exit 7\n"))
    with working():
        build = shop.build(shop.source(name, engine=engine_id))
    assert (build["state"], build["reason"]["code"]) == ("failed", "build.step_failed")
    assert any(line["text"] == "trouble" and line["stream"] == "stderr" for line in shop.log(build))


def test_an_engine_ends_what_it_runs_when_a_build_is_canceled(shop: Shop, engine_id: str) -> None:
    name = f"endless-{engine_id[:5]}"
    word = f"canary-{engine_id[:5]}"
    shop.repository(name, an_app(f"RUN echo begun; while true; do sleep 0.1; done # {word}\n"))
    build = shop.start(shop.source(name, engine=engine_id))
    with working():
        until(lambda: "begun" in shop.text(build), what="the step runs")
        assert processes_with(word)
        assert shop.person.post(f"builds/{build['id']}/cancel").status == 202
        assert shop.ended(build)["state"] == "canceled"
        until(lambda: not processes_with(word), what="the step has ended")


def test_a_service_is_tried_step_by_step_before_it_is_stored(shop: Shop, mongo: Any, service: BuildKitService) -> None:
    admin = a_user("admin", shop.person.team_id)
    tried = admin.post("build-engines/tests", service.given())
    assert tried.status == 200, tried.body
    report = tried.body
    assert report["ok"], report
    names = ["name", "tcp", "tls", "certificate", "version", "platforms", "processes", "place"]
    assert [step["name"] for step in report["steps"]] == names
    assert steps_of(report)["processes"] == "ok"
    assert "CN=buildkit" in report["certificate"]["subject"]
    assert mongo.build_engines.count_documents({}) == 0
    made = an_engine(shop, service)
    assert made["service"]["platforms"][0].startswith("linux/")
    stored = repr(mongo.build_engines.find_one({}))
    assert "PRIVATE KEY" not in stored
    assert "BEGIN CERTIFICATE" not in stored


def test_what_does_not_fit_names_its_step_and_nothing_is_stored(
    shop: Shop, mongo: Any, service: BuildKitService
) -> None:
    admin = a_user("admin", shop.person.team_id)
    stranger, other = Authority("a stranger"), service.authority.sign("other")
    foreign = stranger.sign("foreign")
    for changed, step, code in (
        ({"address": "127.0.0.1:9"}, "tcp", "engine.unreachable"),
        ({"ca": stranger.pem}, "tls", "engine.untrusted"),
        ({"server_name": "elsewhere.test"}, "tls", "engine.untrusted"),
        ({"certificate": foreign.certificate, "key": foreign.key}, "certificate", "engine.certificate_refused"),
        ({"address": f"127.0.0.1:{shop.registry.port}", "ca": shop.registry.ca}, "certificate", "engine.unreachable"),
    ):
        report = admin.post("build-engines/tests", service.given(**changed)).body
        failed = report["steps"][-1]
        assert (failed["name"], failed["state"], failed["code"]) == (step, "failed", code), report
        refused = admin.post("build-engines", {"name": "big", **service.given(**changed)})
        assert (refused.status, refused.body["code"]) == (400, "engine.test_failed")
    for changed, field in (
        ({"key": other.key}, "key"),
        ({"ca": "no certificate"}, "ca"),
        ({"address": "no address"}, "address"),
        ({"certificate": service.authority.sign("late", days=-1).certificate}, "key"),
    ):
        refused = admin.post("build-engines", {"name": "big", **service.given(**changed)})
        assert refused.status == 400, refused.body
        assert [one["field"] for one in refused.body["errors"]] == [field]
    assert mongo.build_engines.count_documents({}) == 0


def test_one_that_lets_everybody_in_or_runs_no_steps_is_told(tmp_path: Path, shop: Shop) -> None:
    need_everything()
    admin = a_user("admin", shop.person.team_id)
    with a_buildkit_service(tmp_path, asks=False, runtime="/bin/false") as open_one:
        report = admin.post("build-engines/tests", open_one.given()).body
    assert steps_of(report)["certificate"] == "warning"
    assert report["steps"][-1]["code"] == "engine.no_processes", report


def test_the_default_of_a_team_builds_and_is_not_removed_from_under_its_builds(
    shop: Shop, service: BuildKitService
) -> None:
    engine = an_engine(shop, service, is_default=True, slots=1)
    admin, path = engine["admin"], f"build-engines/{engine['service']['id']}"
    shop.repository("default", an_app("RUN echo made > /made\n"))
    source = shop.source("default")
    first, second = shop.start(source), shop.start(source, no_cache=True)
    assert {first["engine"], second["engine"]} == {engine["id"]}
    refused = admin.delete(path)
    assert (refused.status, refused.body["code"]) == (409, "engine.in_use")
    shown = {one["id"]: one for one in shop.person.get("build-engines").body["results"]}
    assert (shown[engine["id"]]["running"], shown[engine["id"]]["waiting"]) == (1, 1)
    with working():
        assert shop.ended(first)["state"] == "succeeded"
        assert shop.ended(second)["state"] == "succeeded"
    named = shop.person.patch(f"sources/{source['id']}", {"engine": engine["id"]})
    assert named.status == 200, named.body
    assert "it builds default" in admin.delete(path).body["detail"]
    assert shop.person.patch(f"sources/{source['id']}", {"engine": ""}).status == 200
    assert admin.delete(path).status == 204
    assert shop.start(source)["engine"] == "local"


def test_nobody_builds_by_the_engine_of_another_team(shop: Shop, service: BuildKitService) -> None:
    engine = an_engine(shop, service)
    other = a_user("editor")
    given = {"name": "theirs", "repository": shop.server.url("x.git"), "engine": engine["id"]}
    refused = other.post("sources", given)
    assert (refused.status, refused.body["code"]) == (400, "source.invalid")
    assert [one["id"] for one in other.get("build-engines").body["results"]] == ["local"]


def test_a_service_that_is_gone_ends_a_build_in_words(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builds.running.jobs.COMING_MOST_S", 1.0)
    with a_buildkit_service(tmp_path, shop.registry) as gone:
        engine = an_engine(shop, gone)
    shop.repository("gone", an_app("RUN echo made > /made\n"))
    with working():
        build = shop.build(shop.source("gone", engine=engine["id"]))
    assert (build["state"], build["reason"]["code"]) == ("failed", "engine.late")
    assert "does not answer" in build["reason"]["detail"]


def test_a_trial_names_what_it_lacks(shop: Shop) -> None:
    admin = a_user("admin", shop.person.team_id)
    for engine in ("", " "):
        refused = admin.post("build-engines/tests", {"engine": engine, "address": "127.0.0.1:9"})
        assert refused.status == 400, refused.body
        assert {one["field"] for one in refused.body["errors"]} == {"ca", "certificate", "key"}


def test_a_service_pushes_to_a_registry_that_gives_tokens_by_an_authority_of_its_own(
    shop: Shop, tmp_path: Path
) -> None:
    address, place = f"127.0.0.2:{free_port()}", embedded_in(tmp_path / "registry")
    (tmp_path / "service").mkdir()
    shop.repository("tokens", an_app("RUN echo made > /made\n"))
    with an_embedded_registry(place, Wanted(address)):
        team = in_team(place, str(shop.person.team_id), address=address)
        admin = a_user("admin", shop.person.team_id)
        account = {"username": team.username, "secret": team.password, "host": address}
        added = admin.post("registries", {"name": "own", "path_prefix": team.username[:24], **team.given(**account)})
        assert added.status == 201, added.body
        with a_buildkit_service(tmp_path / "service", team) as service, working():
            engine = an_engine(shop, service)
            image = f"{address}/{shop.person.team_id}/tokens"
            build = shop.build(shop.source("tokens", engine=engine["id"], image=image))
    assert build["state"] == "succeeded", shop.text(build)
