"""What is said of a server that does not answer as an API server: nothing that tells what is there instead."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.kubeconfigs import a_kubeconfig
from tests.support.people import Person, a_user
from tests.support.tls_api_server import TlsApiServer, tls_api_server, tls_certificate

pytestmark = pytest.mark.usefixtures("mongo")

QUESTION_S = 1.0
HTML = b"<html>An admin page with secret words</html>"


def page(status: str, body: bytes = HTML, *, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n{more}\r\n".encode() + body


ANSWERS: dict[str, bytes] = {
    "200 and a page": page("200 OK"),
    "200 and JSON": page("200 OK", b'{"version": "7"}'),
    "302": page("302 Found", more="Location: https://169.254.169.254/\r\n"),
    "400": page("400 Bad Request"),
    "401 with Basic": page("401 Unauthorized", more='WWW-Authenticate: Basic realm="intranet"\r\n'),
    "403": page("403 Forbidden"),
    "404": page("404 Not Found"),
    "404 as Go says it": page("404 Not Found", b"404 page not found\n"),
    "429": page("429 Too Many Requests"),
    "500": page("500 Internal Server Error"),
    "503": page("503 Service Unavailable"),
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
}


@contextlib.contextmanager
def server(answer: Callable[[socket.socket], None] | None) -> Iterator[int]:
    """A port on which every connection gets an answer and is closed; with None the connections are kept in silence."""
    listening = socket.create_server((own_address(), 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            kept.append(connection)
            if answer is not None:
                with contextlib.suppress(OSError):
                    answer(connection)
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()
        for connection in kept:
            connection.close()


def own_address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


def closed_port() -> int:
    with socket.create_server((own_address(), 0)) as listening:
        return int(listening.getsockname()[1])


def over_tls(folder: Path, answer: bytes) -> Callable[[socket.socket], None]:
    certificate, key = tls_certificate(1)
    pem = folder / "other.pem"
    pem.write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def speak(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65_536)
            if answer:
                tls.sendall(answer)

    return speak


@contextlib.contextmanager
def what_is_there(kind: str, folder: Path) -> Iterator[tuple[str, bool]]:
    """(server, insecure) of a place where no API server is."""
    host = own_address()
    if kind == "nobody":
        yield f"https://{host}:{closed_port()}", False
    elif kind == "a name that nobody has":
        yield "https://nobody.invalid:6443", False
    elif kind == "silence":
        with server(None) as port:
            yield f"https://{host}:{port}", False
    elif kind == "no TLS":
        with server(lambda connection: connection.sendall(page("400 Bad Request"))) as port:
            yield f"https://{host}:{port}", False
    elif kind == "TLS of somebody else":
        with server(over_tls(folder, HTML)) as port:
            yield f"https://{host}:{port}", False
    else:
        with server(over_tls(folder, ANSWERS[kind])) as port:
            yield f"https://{host}:{port}", True


KINDS = ["nobody", "a name that nobody has", "silence", "no TLS", "TLS of somebody else", *ANSWERS]


@pytest.fixture
def hosted(settings: Any) -> Iterator[None]:
    """Served to people elsewhere, with no word of the administrator about where clusters are."""
    from clusters import connections
    from clusters.kube.limits import Limits

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "kubeorch.example.test"]
    connections.configure(Limits(question_s=QUESTION_S, connect_s=0.5))
    yield
    connections.configure(Limits())


def connect(person: Person, address: str, insecure: bool) -> tuple[Any, float]:
    options = {"insecure-skip-tls-verify": True} if insecure else {}
    begun = time.monotonic()
    answer = person.post(
        "clusters",
        {"name": "probe", "kubeconfig": a_kubeconfig(address, cluster=options, token="t"), "insecure": insecure},
    )
    return answer, time.monotonic() - begun


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_at_an_address_is_neither_said_nor_told_by_the_time(kind: str, tmp_path: Path, caplog: Any) -> None:
    with what_is_there(kind, tmp_path) as (address, insecure), caplog.at_level("INFO"):
        answer, took_s = connect(a_user("admin"), address, insecure)
    assert (answer.status, answer.body["code"]) == (400, "cluster.unreachable"), answer.body
    assert [error["field"] for error in answer.body["errors"]] == ["kubeconfig"]
    assert answer.body["detail"] == answer.body["errors"][0]["detail"] == expected()
    assert took_s >= QUESTION_S
    assert any(address in record.getMessage() for record in caplog.records)


def expected() -> str:
    from clusters.kube.telling import UNREACHABLE

    return f"not connected: {UNREACHABLE}"


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("kind", ["nobody", "silence", "401 with Basic", "404 as Go says it", "302"])
@pytest.mark.parametrize("question", ["test", "namespaces"])
def test_a_cluster_that_moved_to_such_an_address_tells_nothing_either(
    kind: str, question: str, tmp_path: Path, mongo: Any
) -> None:
    from clusters import connections, credentials
    from clusters.domain.credentials import Credentials
    from clusters.kube.telling import UNREACHABLE

    person = a_user("admin")
    with what_is_there(kind, tmp_path) as (address, insecure):
        cluster_id = a_stored_cluster(person)
        held = Credentials(server=address, token="t", insecure=insecure)
        mongo["clusters"].update_one({"_id": cluster_id}, {"$set": credentials.sealed(cluster_id, held)})
        connections.forget_client(cluster_id)
        begun = time.monotonic()
        if question == "test":
            answer = person.post(f"clusters/{cluster_id}/test")
            said = answer.body["error"]
        else:
            answer = person.get(f"clusters/{cluster_id}/namespaces")
            said = {"code": answer.body["code"], "detail": answer.body["detail"]}
            assert answer.status == 503
    assert said == {"code": "cluster.unreachable", "detail": UNREACHABLE}
    assert time.monotonic() - begun >= QUESTION_S


def a_stored_cluster(person: Person) -> Any:
    from clusters import store

    return store.insert(store.new_cluster("moved", team_id=person.team_id, created_by=None))["_id"]


@pytest.mark.usefixtures("hosted")
def test_the_cause_is_said_where_an_administrator_has_named_the_network(tmp_path: Path, settings: Any) -> None:
    settings.CLUSTER_NETWORKS = [own_address()]
    person = a_user("admin")
    codes = []
    for kind in ("nobody", "silence", "TLS of somebody else", "200 and a page"):
        with what_is_there(kind, tmp_path) as (address, insecure):
            codes.append(connect(person, address, insecure)[0].body["code"])
    assert codes == ["cluster.unavailable", "cluster.timeout", "cluster.untrusted", "cluster.not_kubernetes"]


def test_the_cause_is_said_to_who_uses_kubeorch_on_their_own_machine(tmp_path: Path) -> None:
    with what_is_there("nobody", tmp_path) as (address, insecure):
        answer, _ = connect(a_user("admin"), address, insecure)
    assert answer.body["code"] == "cluster.unavailable"
    assert "refused" in answer.body["detail"]


@pytest.mark.usefixtures("hosted")
def test_what_an_api_server_says_is_said(tmp_path: Path, settings: Any) -> None:
    settings.CLUSTER_NETWORKS = []
    with tls_api_server(tmp_path, host=own_address()) as found:
        person = a_user("admin")
        wrong = person.post("clusters", {"name": "a", "kubeconfig": kubeconfig_of(found, "another-token")})
        assert (wrong.status, wrong.body["code"]) == (400, "cluster.unauthorized")
        assert person.post("clusters", {"name": "a", "kubeconfig": kubeconfig_of(found)}).status == 201


def kubeconfig_of(found: TlsApiServer, token: str = "") -> str:
    return found.kubeconfig(server=f"https://{own_address()}:{found.port}", **({"token": token} if token else {}))
