"""A cluster that is dead, silent, broken or no longer trusts us: said in words, bounded, and felt by nobody else."""

from __future__ import annotations

import base64
import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from bson import ObjectId
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import ERRORS, HOLE, OPEN, REFUSED, UNAUTHORIZED, FaultProxy, door_to
from tests.support.people import Answer, Person, a_user
from tests.support.runs import Bench
from tests.support.wait import PATIENCE_S, until
from tests.support.watching import watching
from tests.support.workers import working
from tests.support.workflows import a_node


@pytest.fixture(scope="module")
def door(control_plane: ControlPlane) -> Iterator[tuple[FaultProxy, str]]:
    """The door, and a kubeconfig that leads through it."""
    behind = AuditProxy(control_plane.kubeconfig)
    config = yaml.safe_load(behind.kubeconfig)
    proxy = FaultProxy(int(config["clusters"][0]["cluster"]["server"].rpartition(":")[2]))
    config["clusters"][0]["cluster"]["server"] = f"http://127.0.0.1:{proxy.port}"
    try:
        yield proxy, yaml.safe_dump(config)
    finally:
        proxy.stop()
        behind.stop()


@pytest.fixture(scope="module")
def tls_door(control_plane: ControlPlane) -> Iterator[tuple[FaultProxy, str]]:
    """The same straight to the API server, so that watches stream."""
    with door_to(control_plane) as found:
        yield found


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def shaky(person: Person, door: tuple[FaultProxy, str]) -> str:
    """The cluster behind the door, which stands open; its id."""
    from clusters import actions

    door[0].become(OPEN)
    return str(actions.register_sandbox(door[1]))


@pytest.fixture
def sound(person: Person, control_plane: ControlPlane) -> str:
    answer = person.post("clusters", {"name": "sound", "kubeconfig": control_plane.kubeconfig})
    assert answer.body["state"] == "ready", answer.body
    return str(answer.body["id"])


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Five seconds of silence instead of thirty, so that its end is seen; a busy but sound cluster answers sooner."""
    from clusters import connections
    from clusters.kube.limits import Limits

    connections.configure(Limits(answer_s=5.0, question_s=5.0))
    yield
    connections.configure(Limits())


@pytest.fixture
def worker(mongo: Any) -> Iterator[None]:
    with working():
        yield


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (REFUSED, "cluster.unavailable", "cannot be reached"),
        (HOLE, "cluster.timeout", "does not answer in time"),
        (ERRORS, "cluster.unavailable", "no leader"),
        (UNAUTHORIZED, "cluster.unauthorized", "connect it again"),
    ],
)
def test_a_run_on_a_broken_cluster_fails_with_the_reason_and_a_retry_succeeds_once_it_works(
    person: Person,
    shaky: str,
    sound: str,
    door: tuple[FaultProxy, str],
    control_plane: ControlPlane,
    worker: None,
    mongo: Any,
    fault: str,
    code: str,
    words: str,
) -> None:
    bench = Bench(person, shaky, control_plane, control_plane.namespace("trouble"))
    other = Bench(person, sound, control_plane, control_plane.namespace("sound"))
    bench.draw(a_node("one", kind="configmap", data={"a": "1"}))
    other.draw(a_node("one", kind="configmap", data={"a": "1"}))
    door[0].become(fault)
    run = bench.start()
    # Instead of twelve attempts, which take minutes. Whoever has claimed it already learns it at the next attempt.
    few = mongo.jobs.update_one(
        {"payload.run_id": run["id"], "state": {"$in": ["queued", "running"]}}, {"$set": {"max_attempts": 2}}
    )
    assert few.matched_count == 1
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(person.get, f"clusters/{shaky}/namespaces")
        assert other.applied()["state"] == "succeeded", "the other cluster is not held up"
        ended = bench.until(run, "failed", timeout_s=120)
    assert ended["error"]["code"] == code
    assert words in ended["error"]["detail"]
    lines = [row["message"] for row in person.get(f"runs/{run['id']}/logs").body["results"]]
    if fault != UNAUTHORIZED:
        assert any("trying again" in line and words in line for line in lines), lines
    namespaces = asked.result()
    assert namespaces.status in (403, 503)
    assert namespaces.body["code"] == code

    door[0].become(OPEN)
    assert person.post(f"runs/{run['id']}/retry", {}).status == 202
    bench.until(run, "verifying", "succeeded")
    assert bench.get("v1", "ConfigMap", "one")["data"] == {"a": "1"}


@pytest.mark.parametrize("fault", [REFUSED, HOLE])
def test_the_state_of_a_cluster_follows_its_api_server(
    person: Person, sound: str, tls_door: tuple[FaultProxy, str], fault: str
) -> None:
    from clusters import actions
    from clusters.watching.runner import Probing
    from kubeorch.base.backoff import Backoff

    door, config = tls_door
    shaky = str(actions.register_sandbox(config))

    often = Probing(every_s=0.3, timeout_s=1.0, test_every_s=0.5, after_failure=Backoff(first_s=1.0, most_s=1.0))

    def is_shown(state: str) -> Any:
        row = person.get(f"clusters/{shaky}").body
        return row if row["state"] == state else None

    with watching(ObjectId(shaky), probing=often):
        door.become(fault)
        failed = until(lambda: is_shown("failed"), every_s=0.1)
        assert failed["error"]["code"].startswith("cluster.")
        assert len(failed["error"]["detail"]) > 20
        assert person.get(f"clusters/{sound}").body["state"] == "ready"
        door.become(OPEN)
        ready = until(lambda: is_shown("ready"), every_s=0.1)
        assert ready["error"] is None


def test_the_page_is_answered_without_asking_a_cluster(
    person: Person, shaky: str, door: tuple[FaultProxy, str], control_plane: ControlPlane
) -> None:
    bench = Bench(person, shaky, control_plane, control_plane.namespace("silent"))
    door[0].become(HOLE)
    before = door[0].accepted
    for path in ("clusters", f"clusters/{shaky}", "workflows", f"environments/{bench.environment['id']}/status"):
        assert person.get(path).status == 200, path
    assert door[0].accepted == before


def test_requests_to_a_silent_cluster_do_not_hold_up_requests_to_another(
    person: Person, shaky: str, sound: str, door: tuple[FaultProxy, str]
) -> None:
    door[0].become(HOLE)
    answers: list[Answer] = []
    asking = [
        threading.Thread(target=lambda: answers.append(person.get(f"clusters/{shaky}/namespaces")), daemon=True)
        for _ in range(12)
    ]
    for thread in asking:
        thread.start()
    until(lambda: any(answer.body["code"] == "cluster.busy" for answer in answers), what="every place is taken")
    assert person.get(f"clusters/{sound}/namespaces").status == 200
    assert any(thread.is_alive() for thread in asking), "it was answered before those who wait"
    for thread in asking:
        thread.join(PATIENCE_S)
    assert {(answer.status, answer.body["code"]) for answer in answers} == {
        (503, "cluster.busy"),
        (503, "cluster.timeout"),
    }


# Credentials that are no good (any more)


def kubeconfig(control_plane: ControlPlane, **user: str) -> str:
    config = yaml.safe_load(control_plane.kubeconfig)
    config["users"][0]["user"] = user
    return str(yaml.safe_dump(config))


def client_certificate(control_plane: ControlPlane, *, days: int, own_authority: bool = False) -> dict[str, str]:
    """A client certificate of the cluster's administrators that ends in `days`."""
    from clusters.sandbox.pki import ensure_pki

    now = dt.datetime.now(dt.UTC)
    pki = ensure_pki(control_plane.sandbox.paths.pki, now)
    authority = x509.load_pem_x509_certificate(pki.authority.certificate.read_bytes())
    signer: Any = serialization.load_pem_private_key(pki.authority.key.read_bytes(), None)
    if own_authority:
        signer = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    names = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "somebody")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in names]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return {
        "client-certificate-data": base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)).decode(),
        "client-key-data": base64.b64encode(pem).decode(),
    }


def replace_credentials(cluster_id: str, text: str) -> None:
    """Store credentials without asking the cluster whether it takes them."""
    from clusters import connections, store
    from clusters.credentials import sealed
    from clusters.domain.kubeconfig import parse_kubeconfig

    store.change(ObjectId(cluster_id), sealed(ObjectId(cluster_id), parse_kubeconfig(text)))
    connections.forget_client(ObjectId(cluster_id))


def test_rejected_credentials_are_reported_when_connecting(person: Person, control_plane: ControlPlane) -> None:
    cases = {
        "good": (client_certificate(control_plane, days=1), None),
        "expired": (client_certificate(control_plane, days=-1), "cluster.unauthorized"),
        "foreign": (client_certificate(control_plane, days=1, own_authority=True), "cluster.unauthorized"),
        "token": ({"token": "canary-0f-a-t0ken"}, "cluster.unauthorized"),
    }
    for name, (user, code) in cases.items():
        answer = person.post("clusters", {"name": name, "kubeconfig": kubeconfig(control_plane, **user)})
        if code is None:
            assert (answer.status, answer.body["state"]) == (201, "ready"), answer.body
        else:
            assert (answer.status, answer.body["code"]) == (400, code), name
        assert "canary" not in str(answer.body)


def test_a_wrong_certificate_authority_is_reported_and_nothing_is_sent(
    person: Person, control_plane: ControlPlane
) -> None:
    config = yaml.safe_load(control_plane.kubeconfig)
    user = client_certificate(control_plane, days=1)
    config["clusters"][0]["cluster"]["certificate-authority-data"] = user["client-certificate-data"]
    answer = person.post("clusters", {"name": "wrong", "kubeconfig": yaml.safe_dump(config)})
    assert (answer.status, answer.body["code"]) == (400, "cluster.untrusted")
    assert "certificate-authority-data" in answer.body["detail"]


def test_expired_credentials_fail_the_next_run_at_once_and_new_ones_fix_it(
    person: Person, control_plane: ControlPlane, worker: None, mongo: Any
) -> None:
    good = kubeconfig(control_plane, **client_certificate(control_plane, days=1))
    bad = kubeconfig(control_plane, **client_certificate(control_plane, days=-1))
    cluster = person.post("clusters", {"name": "ending", "kubeconfig": good}).body["id"]
    bench = Bench(person, cluster, control_plane, control_plane.namespace("ending"))
    bench.draw(a_node("one", kind="configmap", data={"a": "1"}))
    assert person.patch(f"clusters/{cluster}", {"kubeconfig": bad}).body["code"] == "cluster.unauthorized"
    replace_credentials(cluster, bad)  # as if time had passed
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.unauthorized"
    assert "connect it again" in run["error"]["detail"]
    assert person.patch(f"clusters/{cluster}", {"kubeconfig": good}).body["state"] == "ready"
    assert person.post(f"runs/{run['id']}/retry", {}).status == 202
    bench.until(run, "verifying", "succeeded")


def test_new_credentials_are_accepted_for_the_cluster_that_is_connected_and_for_no_other(
    person: Person, sound: str, control_plane: ControlPlane, tls_door: tuple[FaultProxy, str], mongo: Any
) -> None:
    namespace = control_plane.get("v1", "Namespace", "kube-system")
    assert namespace is not None
    tls_door[0].become(OPEN)
    assert person.patch(f"clusters/{sound}", {"kubeconfig": tls_door[1]}).status == 200, "the same at another address"
    stored = mongo["clusters"].find_one({"name": "sound"})
    assert stored["uid"] == namespace["metadata"]["uid"]
    mongo["clusters"].update_one({"name": "sound"}, {"$set": {"uid": "another"}})
    refused = person.patch(f"clusters/{sound}", {"kubeconfig": control_plane.kubeconfig})
    assert (refused.status, refused.body["code"]) == (409, "cluster.another")
    assert mongo["clusters"].find_one({"name": "sound"})["server"] == stored["server"]
