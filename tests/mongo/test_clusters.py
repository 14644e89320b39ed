"""Connecting clusters: credentials in, never out; states that are true; deletions that say what they would break."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from bson import ObjectId

from tests.support.database import collections_of
from tests.support.people import Person, a_team, a_user
from tests.support.tls_api_server import TOKEN, TlsApiServer, tls_api_server
from tests.support.wait import until
from tests.support.workflows import a_workflow

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path_factory.mktemp("fake")) as running:
        yield running


def connect(person: Person, server: TlsApiServer, **changes: Any) -> Any:
    return person.post("clusters", {"name": "east", "kubeconfig": server.kubeconfig(), **changes})


def test_a_cluster_that_answers_is_ready_with_its_version(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    answer = connect(admin, server)
    assert answer.status == 201, answer.body
    assert (answer.body["state"], answer.body["version"], answer.body["error"]) == ("ready", "v1.36.3", None)
    assert answer.body["team"]["id"] == str(admin.team_id)
    assert [row["name"] for row in admin.get("clusters").body["results"]] == ["east"]
    assert admin.get(f"clusters/{answer.body['id']}/namespaces").body["results"] == ["default", "shop"]


def test_credentials_are_sealed_and_never_given_out(server: TlsApiServer, mongo: Any) -> None:
    admin = a_user(role="admin")
    made = connect(admin, server).body
    admin.post(f"clusters/{made['id']}/test")
    admin.patch(f"clusters/{made['id']}", {"name": "west"})
    shown = [admin.get("clusters"), admin.get(f"clusters/{made['id']}"), admin.get(f"clusters/{made['id']}/kubeconfig")]
    assert TOKEN not in str(shown)
    assert shown[2].status == 403
    for name in collections_of(mongo):
        assert TOKEN not in str(list(mongo[name].find())), name


def test_a_wrong_token_fails_with_the_reason_and_without_the_token(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    answer = connect(admin, server, kubeconfig=server.kubeconfig(token="wrong-canary"))
    assert (answer.status, answer.body["code"]) == (400, "cluster.unauthorized")
    assert answer.body["errors"][0]["field"] == "kubeconfig"
    assert "wrong-canary" not in str(answer.body)
    assert admin.get("clusters").body["results"] == [], "what does not answer is not stored"


def test_a_server_that_does_not_answer_is_not_connected_and_the_field_is_named(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    connect(admin, server)
    dead = connect(admin, server, name="dead", kubeconfig=server.kubeconfig(server="https://127.0.0.1:1"))
    assert (dead.status, dead.body["code"]) == (400, "cluster.unavailable")
    assert (dead.body["errors"][0]["field"], "refused" in dead.body["detail"]) == ("kubeconfig", True)
    assert [row["name"] for row in admin.get("clusters").body["results"]] == ["east"]
    assert connect(admin, server, name="dead").status == 201, "the name is still free"


def test_a_cluster_that_dies_fails_with_the_reason_and_others_are_not_held_up(tmp_path: Path) -> None:
    admin = a_user(role="admin")
    with tls_api_server(tmp_path) as dying:
        made = connect(admin, dying, name="dead").body
    tested = admin.post(f"clusters/{made['id']}/test")
    assert (tested.status, tested.body["state"], tested.body["error"]["code"]) == (200, "failed", "cluster.unavailable")
    assert admin.get(f"clusters/{made['id']}/namespaces").status == 503


def test_a_test_of_a_connection_tells_its_outcome_to_everybody(server: TlsApiServer, mongo: Any) -> None:
    admin = a_user(role="admin")
    made = connect(admin, server).body
    tested = admin.post(f"clusters/{made['id']}/test").body
    assert tested["state"] == "ready"
    assert tested["last_checked_at"] > made["last_checked_at"]
    told = list(mongo["events"].find({"topic": "clusters"}).sort("_id", 1))[-1]
    assert told["data"]["last_checked_at"] == tested["last_checked_at"]


def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    with tls_api_server(tmp_path, days=-1) as expired:
        answer = connect(a_user(role="admin"), expired)
    assert (answer.status, answer.body["code"]) == (400, "cluster.untrusted")
    assert "has expired" in answer.body["detail"]


def test_a_certificate_for_another_name_is_explained_with_the_cure(server: TlsApiServer) -> None:
    text = server.kubeconfig(server=f"https://localhost:{server.port}")
    answer = connect(a_user(role="admin"), server, kubeconfig=text)
    assert (answer.status, answer.body["code"]) == (400, "cluster.untrusted")
    assert "tls-server-name" in answer.body["detail"]
    assert ".;" not in answer.body["detail"]


def test_a_server_whose_certificate_is_not_known_gets_no_token(server: TlsApiServer) -> None:
    server.requests.clear()
    answer = connect(a_user(role="admin"), server, kubeconfig=server.kubeconfig(authority=False))
    assert (answer.status, answer.body["code"]) == (400, "cluster.untrusted")
    assert "certificate-authority-data" in answer.body["detail"]
    assert server.requests == []


def test_new_credentials_that_are_refused_leave_the_old_ones_in_place(server: TlsApiServer) -> None:
    from clusters.connections import credentials_of

    admin = a_user(role="admin")
    made = connect(admin, server).body
    refused = admin.patch(f"clusters/{made['id']}", {"name": "west", "kubeconfig": server.kubeconfig(token="old")})
    assert (refused.status, refused.body["code"]) == (400, "cluster.unauthorized")
    assert admin.get(f"clusters/{made['id']}").body == made
    assert credentials_of(made["id"]).token == TOKEN


def test_a_kubeconfig_that_names_a_program_is_answered_with_the_way_that_works(server: TlsApiServer) -> None:
    config = yaml.safe_load(server.kubeconfig())
    config["users"][0]["user"] = {"exec": {"command": "aws", "args": ["eks", "get-token"]}}
    given = {"kubeconfig": yaml.safe_dump(config)}
    admin = a_user(role="admin")
    for answer in (admin.post("clusters/tests", given), admin.post("clusters", {"name": "east", **given})):
        assert (answer.status, answer.body["code"]) == (400, "kubeconfig.exec")
        assert answer.body["errors"][0]["field"] == "kubeconfig"
        assert (answer.body["instead"]["way"], answer.body["instead"]["plugin"]) == ("service_account", "aws")
        assert answer.body["instead"]["ca"] == server.certificate.decode()


def test_a_team_may_have_fifty_clusters(server: TlsApiServer, mongo: Any) -> None:
    from clusters import store

    admin = a_user(role="admin")
    rows = [store.new_cluster(f"c{n}", team_id=admin.team_id, created_by=None) for n in range(50)]
    mongo["clusters"].insert_many(rows)
    refused = connect(admin, server)
    assert (refused.status, refused.body["code"]) == (409, "cluster.too_many")
    assert connect(a_user(role="admin"), server).status == 201


def test_guests_of_a_shared_cluster_see_the_namespaces_that_their_runs_have_made_and_its_team_sees_all(
    server: TlsApiServer,
) -> None:
    from workflows.environments.namespace_store import note_made

    owner = a_user(role="admin", is_admin=True)
    cluster_id = connect(owner, server).body["id"]
    owner.patch(f"clusters/{cluster_id}", {"shared": True})
    guest = a_user(role="editor")
    place = {"cluster": cluster_id, "namespace": "shop"}
    assert guest.post(f"workflows/{a_workflow(guest)['id']}/environments", {"name": "prod", **place}).status == 201
    people = (a_user(role="viewer", team=owner.team_id), guest, a_user(role="viewer", team=guest.team_id), a_user())

    def shown() -> list[list[str]]:
        return [person.get(f"clusters/{cluster_id}/namespaces").body["results"] for person in people]

    assert shown() == [["default", "shop"], [], [], []], "to name a namespace gives no right to it"
    note_made(ObjectId(cluster_id), "shop", guest.team_id, "uid-of-shop")
    assert shown() == [["default", "shop"], ["shop"], ["shop"], []]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://169.254.169.254", "cluster.address"),
        ("https://[fe80::1]", "cluster.address"),
        ("https://[::ffff:169.254.169.254]", "cluster.address"),
        ("https://2852039166", "cluster.address"),
        ("https://0xa9fea9fe", "cluster.address"),
        ("https://0.0.0.0", "cluster.address"),
        ("https://[::]", "cluster.address"),
        ("https://224.0.0.1", "cluster.address"),
        ("https://[fd00:ec2::254]", "cluster.address"),
        ("http://10.0.0.1", "kubeconfig.server"),
        ("https://user:pw@10.0.0.1", "kubeconfig.server"),
    ],
)
def test_forbidden_addresses_are_refused_before_any_connection(server: TlsApiServer, address: str, code: str) -> None:
    answer = connect(a_user(role="admin"), server, kubeconfig=server.kubeconfig(server=address))
    assert (answer.status, answer.body["code"]) == (400, code)
    assert TOKEN not in str(answer.body)


def test_loopback_is_allowed_only_when_the_server_listens_on_loopback(server: TlsApiServer, settings: Any) -> None:
    settings.HOST = "0.0.0.0"
    assert connect(a_user(role="admin"), server).body["code"] == "cluster.address"
    settings.CLUSTER_NETWORKS = ["127.0.0.0/8"]
    assert connect(a_user(role="admin"), server).body["state"] == "ready"
    settings.CLUSTER_NETWORKS = ["10.0.0.0/8"]
    assert connect(a_user(role="admin"), server).body["code"] == "cluster.address"


def test_a_cluster_name_is_unique_within_its_team(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: connect(admin, server), range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert connect(a_user(role="admin"), server).status == 201
    other = connect(admin, server, name="west").body
    assert admin.patch(f"clusters/{other['id']}", {"name": "east"}).body["code"] == "cluster.name_taken"


@pytest.mark.parametrize("name", ["", "East", "a b", "-a", "a" * 64, "sandbox", "a.b", "ä", "a\nb"])
def test_a_cluster_name_must_be_a_label(server: TlsApiServer, name: str) -> None:
    assert connect(a_user(role="admin"), server, name=name).status == 400


def test_only_administrators_of_the_team_may_connect_a_cluster(server: TlsApiServer) -> None:
    team = a_team()
    for role in ("viewer", "editor", "operator"):
        answer = connect(a_user(role=role, team=team), server)
        assert (answer.status, answer.body["code"]) == (403, "forbidden.role")
    assert connect(a_user(role="admin", team=team), server, team=str(a_team())).status == 404


def test_a_test_says_that_the_cluster_is_connected_already_and_by_which_name(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    connect(admin, server)

    def step_of(person: Person) -> Any:
        report = person.post("clusters/tests", {"kubeconfig": server.kubeconfig()}).body
        return next(step for step in report["steps"] if step["name"] == "version")

    step = step_of(admin)
    assert (step["state"], step["code"]) == ("warning", "cluster.known")
    assert step["detail"] == "v1.36.3; this is the cluster east, which is connected already"
    assert step_of(a_user(role="admin"))["state"] == "ok", "what other teams have is not told"


def test_a_share_names_the_namespace_whose_letters_are_wrong(server: TlsApiServer) -> None:
    owner, team = a_user(role="admin"), a_team()
    path = f"clusters/{connect(owner, server).body['id']}/shares"
    for namespaces, why in (
        (["shop", "Demo!!"], "'Demo!!' is not the name of a namespace: small letters, digits and -, 63 at most"),
        ([], "name 1 to 50 namespaces"),
    ):
        refused = owner.post(path, {"team": str(team), "role": "viewer", "namespaces": namespaces})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, "namespaces"), refused.body
        assert refused.body["errors"][0]["detail"] == why


def test_a_cluster_is_hidden_from_other_teams_until_it_is_shared(server: TlsApiServer) -> None:
    owner, other = a_user(role="admin", is_admin=True), a_user(role="admin")
    path = f"clusters/{connect(owner, server).body['id']}"
    for answer in (other.get(path), other.patch(path, {"name": "x"}), other.delete(path), other.post(f"{path}/test")):
        assert answer.status == 404
    assert other.get("clusters").body["results"] == []
    assert owner.patch(path, {"shared": True}).status == 200
    assert other.get(path).body["shared"]
    assert other.patch(path, {"name": "x"}).status == 403
    assert other.delete(path).status == 403


def test_only_administrators_of_the_instance_may_share_a_cluster(server: TlsApiServer) -> None:
    admin = a_user(role="admin")
    path = f"clusters/{connect(admin, server).body['id']}"
    assert admin.patch(path, {"shared": True}).status == 403
    assert not admin.get(path).body["shared"]


def test_administrators_of_the_team_that_owns_a_cluster_may_end_its_sharing(server: TlsApiServer) -> None:
    admin = a_user("admin")
    cluster = connect(admin, server).body
    owner = a_user("admin", team=admin.team_id, is_admin=True)
    path = f"clusters/{cluster['id']}"
    assert owner.patch(path, {"shared": True}).status == 200
    editor = a_user("editor", team=admin.team_id)
    assert (editor.patch(path, {"shared": False}).status, a_user("admin").patch(path, {"shared": False}).status) == (
        403,
        403,
    )
    ended = admin.patch(path, {"shared": False})
    assert (ended.status, ended.body["shared"]) == (200, False)
    assert admin.patch(path, {"shared": True}).status == 403


def test_deleting_a_cluster_in_use_is_refused_and_names_its_environments(server: TlsApiServer, mongo: Any) -> None:
    admin = a_user(role="admin")
    path = f"clusters/{connect(admin, server).body['id']}"
    environment = {"cluster_id": ObjectId(path[-24:]), "workflow_id": ObjectId()}
    others = [{**environment, "name": f"canary-{n}", "team_id": ObjectId()} for n in range(2)]
    mongo["environments"].insert_many([{**environment, "name": "staging", "team_id": admin.team_id}, *others])
    mongo["clusters"].update_one({"_id": ObjectId(path[-24:])}, {"$set": {"shared": True}})
    refused = admin.delete(path)
    assert (refused.status, refused.body["code"]) == (409, "cluster.in_use")
    assert [row["name"] for row in refused.body["environments"]] == ["staging"]
    assert (refused.body["of_other_teams"], "canary" in str(refused.body)) == (2, False)
    mongo["environments"].delete_many({})
    assert admin.delete(path).status == 204
    assert admin.get(path).status == 404


def test_a_cluster_whose_credentials_cannot_be_opened_is_failed_and_can_be_deleted(
    server: TlsApiServer, mongo: Any
) -> None:
    admin = a_user(role="admin")
    good, bad = connect(admin, server).body, connect(admin, server, name="west").body
    sealed = mongo["clusters"].find_one({"name": "east"})["credentials"]
    mongo["clusters"].update_one({"name": "west"}, {"$set": {"credentials": sealed}})  # moved: bound elsewhere
    rows = {row["name"]: row for row in admin.get("clusters").body["results"]}
    assert rows["east"]["state"] == "ready"
    assert rows["west"]["error"]["code"] == "cluster.credentials_unreadable"
    assert admin.post(f"clusters/{bad['id']}/test").body["state"] == "failed"
    assert admin.delete(f"clusters/{bad['id']}").status == 204
    assert admin.get(f"clusters/{good['id']}").body["state"] == "ready"


def test_new_credentials_are_used_from_the_next_request_on(server: TlsApiServer) -> None:
    from clusters.connections import client_for, credentials_of

    admin = a_user(role="admin")
    made = connect(admin, server).body
    server.token = "renewed"
    assert admin.post(f"clusters/{made['id']}/test").body["error"]["code"] == "cluster.unauthorized"
    changed = admin.patch(f"clusters/{made['id']}", {"kubeconfig": server.kubeconfig(token="renewed")})
    server.token = TOKEN
    assert changed.body["state"] == "ready"
    assert credentials_of(made["id"]).token == "renewed"
    assert client_for(made["id"]) is client_for(made["id"])


def test_a_deleted_cluster_has_no_client(server: TlsApiServer) -> None:
    from clusters.connections import client_for
    from kubeorch.base.errors import NotFound

    admin = a_user(role="admin")
    made = connect(admin, server).body
    client_for(made["id"])
    admin.delete(f"clusters/{made['id']}")
    with pytest.raises(NotFound):
        client_for(made["id"])


def test_the_sandbox_shows_its_progress_to_every_team_and_its_kubeconfig_to_administrators(
    server: TlsApiServer, mongo: Any
) -> None:
    from clusters import actions

    progress = {"phase": "building", "step": 2, "steps": 5, "message": "kube-apiserver", "detail": ""}
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda _: actions.report_sandbox(progress), range(4)))
    assert len(ids) == 1
    viewer, admin = a_user(role="viewer"), a_user(is_admin=True)
    shown = viewer.get("clusters").body["results"][0]
    assert (shown["name"], shown["state"], shown["progress"]) == ("sandbox", "connecting", progress)
    assert admin.get(f"clusters/{shown['id']}/namespaces").body["code"] == "cluster.not_connected"
    assert actions.register_sandbox(server.kubeconfig()) in ids
    shown = viewer.get(f"clusters/{shown['id']}").body
    assert (shown["state"], shown["version"], shown["is_sandbox"]) == ("ready", "v1.36.3", True)
    assert viewer.get(f"clusters/{shown['id']}/kubeconfig").status == 403
    text = admin.get(f"clusters/{shown['id']}/kubeconfig").body["kubeconfig"]
    assert yaml.safe_load(text)["users"][0]["user"]["token"] == TOKEN
    assert admin.delete(f"clusters/{shown['id']}").status == 403
    actions.report_sandbox({**progress, "phase": "failed", "message": "no compiler", "detail": "install Go"})
    failed = viewer.get(f"clusters/{shown['id']}").body
    assert failed["error"]["detail"] == "no compiler install Go"


def test_snapshot_before_and_events_give_the_snapshot_after(server: TlsApiServer, mongo: Any) -> None:
    from clusters import actions, topics

    admin = a_user(role="admin", is_admin=True)
    state = topics.snapshot("", admin.principal)
    actions.report_sandbox({"phase": "finding", "step": 0, "steps": 1, "message": "", "detail": ""})
    actions.register_sandbox(server.kubeconfig())
    east, west = connect(admin, server).body, connect(admin, server, name="west").body
    admin.patch(f"clusters/{east['id']}", {"name": "north", "shared": True})
    admin.delete(f"clusters/{west['id']}")
    for event in mongo["events"].find().sort("_id", 1):
        assert event["topic"] == "clusters"
        known = state.get(event["key"])
        if known is None or event["rev"] > known["rev"]:
            state[event["key"]] = event["data"]
    assert {key: value for key, value in state.items() if value} == topics.snapshot("", admin.principal)


def test_people_get_events_only_of_clusters_they_may_see(server: TlsApiServer) -> None:
    from clusters import topics

    owner, other = a_user(role="admin"), a_user()
    connect(owner, server)
    (key, value), *_ = topics.snapshot("", owner.principal).items()
    assert topics.is_visible(topics.audience(owner.principal), key, value)
    assert not topics.is_visible(topics.audience(other.principal), key, value)
    assert topics.is_visible(topics.audience(other.principal), key, {**value, "shared": True})


def test_guests_learn_nothing_of_each_other_nor_of_what_is_the_owners(server: TlsApiServer, mongo: Any) -> None:
    from clusters import topics

    owner, guest, other = a_user(role="admin"), a_user(), a_user()
    cluster = connect(owner, server).body
    shares = [{"id": ObjectId(), "team_id": one.team_id, "user_id": None} for one in (guest, other)]
    error = {"code": "cluster.unavailable", "detail": "10.1.2.3 does not answer"}
    told = {"prometheus": "monitoring/prometheus:9090", "state": "failed", "error": error}
    more = [{**share, "role": "viewer", "namespaces": ["shop"], "unenforced": ""} for share in shares]
    mongo.clusters.update_one({"_id": ObjectId(cluster["id"])}, {"$set": {**told, "shares": more}})

    def shown(who: Person) -> list[dict[str, Any]]:
        """The list, the detail, and what the live topic tells."""
        key, value = f"cluster:{cluster['id']}", topics.snapshot("", who.principal)[f"cluster:{cluster['id']}"]
        live = topics.shown(topics.audience(who.principal), key, value)
        return [*who.get("clusters").body["results"], who.get(f"clusters/{cluster['id']}").body, live]

    for seen in shown(owner):
        assert (seen["prometheus"], seen["error"], len(seen["shared_with"])) == (told["prometheus"], error, 2)
    for seen in shown(guest):
        assert (seen["server"], seen["prometheus"], seen["expires"]) == ("", "", [])
        assert seen["shared_with"] == [str(guest.team_id)]
        assert (seen["error"]["code"], "10.1.2.3" in str(seen)) == ("cluster.unavailable", False)


def test_another_address_forgets_the_credentials_and_names_labels_and_the_default_are_a_teams_own(
    server: TlsApiServer,
) -> None:
    admin = a_user(role="admin")
    first, second = (connect(admin, server, name=name).body["id"] for name in ("east", "west"))
    labelled = admin.patch(f"clusters/{first}", {"labels": {"region": "eu"}, "is_default": True}).body
    assert (labelled["labels"], labelled["is_default"]) == ({"region": "eu"}, True)
    assert admin.patch(f"clusters/{first}", {"labels": {"a b": "c"}}).body["code"] == "cluster.labels"
    admin.patch(f"clusters/{second}", {"is_default": True})
    assert [row["is_default"] for row in admin.get("clusters").body["results"]] == [False, True]
    moved = admin.patch(f"clusters/{first}", {"server": "https://127.0.0.1:2"}).body
    assert (moved["state"], moved["error"]["code"], moved["auth"]) == ("failed", "cluster.no_credentials", None)
    server.requests.clear()
    assert admin.post(f"clusters/{first}/test").body["state"] == "failed"
    assert server.requests == []
    told = [(entry["action"], entry["detail"]) for entry in admin.get(f"clusters/{first}/log").body["results"]]
    assert told[0][0] == "tested"
    assert ("edited", "is_default, labels") in told


def test_a_silent_cluster_among_many_holds_up_no_look_and_its_last_answer_keeps_its_age(
    server: TlsApiServer, tmp_path: Path, mongo: Any
) -> None:
    from clusters.monitoring.sweep import look_at_due_clusters

    admin = a_user(role="admin")
    with tls_api_server(tmp_path) as dying:
        dead = connect(admin, dying, name="dead").body
    others = [connect(admin, server, name=f"c{number}").body["id"] for number in range(4)]
    began = dead["last_seen_at"]
    look_at_due_clusters()
    until(
        lambda: (
            mongo["cluster_log"].find_one({"action": "fails"}) and mongo["cluster_history"].count_documents({}) == 5
        ),
        what="every cluster was looked at",
    )
    shown = {row["name"]: row for row in admin.get("clusters").body["results"]}
    assert (shown["dead"]["state"], shown["dead"]["last_seen_at"], shown["dead"]["latency_ms"]) == (
        "failed",
        began,
        None,
    )
    assert {shown[f"c{number}"]["state"] for number in range(4)} == {"ready"}
    assert shown["c0"]["expires"][0]["what"] == "server_certificate"
    slots = admin.get(f"clusters/{others[0]}/history").body["slots"]
    assert (slots[0]["ok"], slots[0]["failed"], slots[0]["error"]) == (1, 0, None)
    assert admin.get(f"clusters/{dead['id']}/history").body["slots"][0]["failed"] == 1
    look_at_due_clusters()
    assert mongo["cluster_history"].count_documents({"ok": {"$gt": 1}}) == 0, "each has its turn once a minute"


def test_a_team_with_many_silent_clusters_holds_up_the_looks_at_no_others(server: TlsApiServer, mongo: Any) -> None:
    from clusters import connections, store
    from clusters.credentials import sealed
    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.limits import Limits
    from clusters.monitoring.sweep import look_at_due_clusters

    many, one = a_user(role="admin"), a_user(role="admin")
    quiet = Limits(connect_s=3.0, question_s=3.0)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        credentials = parse_kubeconfig(server.kubeconfig(server=address))
        for number in range(12):
            row = store.new_cluster(f"silent-{number}", team_id=many.team_id, created_by=None)
            store.insert({**row, **sealed(row["_id"], credentials), "state": "ready"})
        cluster_id = ObjectId(connect(one, server).body["id"])
        connections.configure(quiet)
        try:
            look_at_due_clusters()
            until(lambda: mongo["cluster_history"].find_one({"cluster_id": cluster_id}), what="it is looked at")
            assert mongo["cluster_history"].count_documents({"cluster_id": {"$ne": cluster_id}}) == 0
            until(lambda: mongo["cluster_history"].count_documents({}) == 13, what="the silent ones are, too")
        finally:
            connections.configure(Limits())
