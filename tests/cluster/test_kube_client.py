"""The API client: what the real API server says, and what a bad one may do to us."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clusters.domain.kubeconfig import Credentials, parse_kubeconfig
from clusters.domain.objects import Ref
from clusters.kube.apply import ForeignObject, apply_object, fingerprint_of
from clusters.kube.client import KubeClient
from clusters.kube.errors import (
    ApiConflict,
    ApiForbidden,
    ApiInvalid,
    ClusterTimeout,
    ClusterUnavailable,
    FieldConflict,
    Unauthorized,
    UnknownKind,
)
from clusters.kube.transport import Limits
from kubeorch.base.errors import KubeOrchError
from tests.support.control_plane import ControlPlane


@pytest.fixture
def client(control_plane: ControlPlane) -> Iterator[KubeClient]:
    made = KubeClient(parse_kubeconfig(control_plane.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    return control_plane.namespace("client")


def config_map(namespace: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": namespace}, "data": data}


def test_apply_says_whether_it_created_and_repeating_changes_nothing(client: KubeClient, namespace: str) -> None:
    first = client.apply(config_map(namespace, a="1"))
    again = client.apply(config_map(namespace, a="1"))
    assert (first.created, again.created) == (True, False)
    assert first.object["metadata"]["resourceVersion"] == again.object["metadata"]["resourceVersion"]


def test_the_fingerprint_moves_when_one_of_our_fields_does_and_only_then(client: KubeClient, namespace: str) -> None:
    ours = fingerprint_of(client.apply(config_map(namespace, a="1")).object)
    path = f"/api/v1/namespaces/{namespace}/configmaps/conf"
    merge = {"Content-Type": "application/merge-patch+json"}

    def edited(data: dict[str, str]) -> str:
        query = {"fieldManager": "somebody"}
        return fingerprint_of(client.request("PATCH", path, body={"data": data}, query=query, headers=merge)[1])

    assert edited({"b": "2"}) == ours, "a field of theirs"
    assert edited({"a": "9"}) != ours, "a field of ours"
    listed, _ = client.list("v1", "ConfigMap", namespace=namespace, metadata_only=True)
    live = next(item for item in listed if item["metadata"]["name"] == "conf")
    assert fingerprint_of(live) == edited({"c": "3"}), "metadata alone is enough to tell"


def test_conflicts_name_field_and_manager(client: KubeClient, namespace: str) -> None:
    client.apply(config_map(namespace, a="1"))
    with pytest.raises(FieldConflict, match=r"kubeorch manages \.data\.a") as caught:
        client.apply(config_map(namespace, a="2"), field_manager="other")
    assert [(field.path, field.manager) for field in caught.value.fields] == [(".data.a", "kubeorch")]


def test_a_uid_fences_apply_and_delete(client: KubeClient, namespace: str) -> None:
    ref = Ref("v1", "ConfigMap", namespace, "conf")
    with pytest.raises(ApiConflict):
        client.apply(config_map(namespace, a="1"), uid="no-such-object")
    assert client.get(ref) is None
    uid = client.apply(config_map(namespace, a="1")).object["metadata"]["uid"]
    for call in (
        lambda: client.apply(config_map(namespace, a="2"), uid="another"),
        lambda: client.delete(ref, uid="another"),
    ):
        with pytest.raises(ApiConflict):
            call()
    assert client.delete(ref, uid=uid)
    assert client.delete(ref, uid=uid), "gone already is as good"


def test_taking_over_stops_at_an_object_that_was_not_seen_and_is_not_ours(client: KubeClient, namespace: str) -> None:
    ref = Ref("v1", "ConfigMap", namespace, "conf")
    client.apply(config_map(namespace, a="theirs"), field_manager="somebody")
    theirs = client.get(ref)
    with pytest.raises(ForeignObject):
        apply_object(
            client,
            ref,
            config_map(namespace, a="ours"),
            None,
            environment_id="e1",
            known_uid=None,
            take_over=True,
            guard=lambda: None,
        )
    assert client.get(ref) == theirs


def test_an_unknown_field_or_kind_is_refused_in_the_api_servers_words(client: KubeClient, namespace: str) -> None:
    with pytest.raises(ApiInvalid, match="dato: field not declared in schema"):
        client.apply({**config_map(namespace), "dato": {}})
    with pytest.raises(UnknownKind, match="no kind Thing"):
        client.resource("nowhere.example.com/v1", "Thing")


@pytest.mark.parametrize("data", [{"key": "c4n4ry!"}, {"c4n4ry bad key": "YQ=="}, {"key": {"c4n4ry": 1}}])
def test_an_error_about_a_secret_never_repeats_a_value(client: KubeClient, namespace: str, data: Any) -> None:
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": namespace}, "data": data}
    with pytest.raises(KubeOrchError) as caught:
        client.apply(manifest)
    shown = caught.value.detail + "".join(cause.message for cause in getattr(caught.value, "causes", ()))
    assert "c4n4ry!" not in shown
    assert "Secret s" in caught.value.detail


# A server that misbehaves on purpose

Answering = Callable[[BaseHTTPRequestHandler, int], None]


@pytest.fixture
def serve() -> Iterator[Callable[..., KubeClient]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answering: Answering, **limits: Any) -> KubeClient:
        calls = iter(range(1, 1000))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.received = len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                answering(self, next(calls))

            do_PATCH = do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return KubeClient(plain_credentials(f"http://127.0.0.1:{server.server_address[1]}"), limits=Limits(**limits))

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def plain_credentials(server: str) -> Credentials:
    return Credentials(
        server=server,
        ca_data=None,
        token="t",
        client_cert_data=None,
        client_key_data=None,
        tls_server_name=None,
        insecure=False,
    )


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"{}", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_429_is_obeyed_and_the_guard_is_asked_before_every_attempt(serve: Any) -> None:
    def busy(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call < 3:
            answer(handler, 429, Retry_After="0")
        else:
            answer(handler, 200, b'{"ok":1}')

    asked: list[int] = []
    client = serve(busy)
    assert client.request("PATCH", "/x", body={}, guard=lambda: asked.append(1)) == (200, {"ok": 1})
    assert len(asked) == 3


def test_a_request_goes_out_in_one_piece_right_after_its_guard(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[bytes] = []
    here = threading.get_ident()
    client = serve(lambda handler, _: answer(handler, 200))

    def noting(send: Callable[..., Any]) -> Callable[..., Any]:
        def noted(connection: socket.socket, data: bytes, *flags: int) -> Any:
            if threading.get_ident() == here:
                order.append(bytes(data))
            return send(connection, data, *flags)

        return noted

    for name in ("send", "sendall"):
        monkeypatch.setattr(socket.socket, name, noting(getattr(socket.socket, name)))
    for _ in range(2):  # on a new connection, and on one that stands
        order.clear()
        client.request("PATCH", "/x", body={"a": 1}, guard=lambda: order.append(b"guard"))
        assert len(order) == 2, order
        assert order[0] == b"guard"
        assert order[1].startswith(b"PATCH /x HTTP/1.1\r\n")
        assert order[1].endswith(b'\r\n\r\n{"a":1}')


@pytest.mark.parametrize("size", [1, 900_000])
def test_a_body_that_does_not_fit_at_once_arrives_whole(client: KubeClient, namespace: str, size: int) -> None:
    """Over TLS, and without."""
    text = "0123456789" * (size // 10) + "."
    client.apply(config_map(namespace, a=text))
    live = client.get(Ref("v1", "ConfigMap", namespace, "conf"))
    assert live is not None
    assert live["data"]["a"] == text


def test_a_body_larger_than_what_the_kernel_takes_arrives_whole(serve: Any) -> None:
    got: list[int] = []

    def reading(handler: BaseHTTPRequestHandler, _: int) -> None:
        got.append(handler.received)  # type: ignore[attr-defined]
        answer(handler, 200)

    client = serve(reading)
    body = b"x" * 50_000_000
    assert client.request("PATCH", "/x", body=body)[0] == 200
    assert got == [len(body)]


def test_a_guard_that_forbids_lets_nothing_out(serve: Any) -> None:
    seen: list[int] = []
    client = serve(lambda handler, call: (seen.append(call), answer(handler, 200))[1])

    class Forbidden(Exception):
        pass

    def forbid() -> None:
        raise Forbidden

    with pytest.raises(Forbidden):
        client.request("PATCH", "/x", body={}, guard=forbid)
    assert client.request("GET", "/x") == (200, {})
    assert seen == [1], "only the GET arrived"


def test_a_broken_keep_alive_is_tried_again_for_idempotent_calls_only(serve: Any) -> None:
    def cut_every_other(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call % 2:
            handler.close_connection = True
            handler.connection.close()
        else:
            answer(handler, 200)

    client = serve(cut_every_other)
    assert client.request("PATCH", "/x", body={})[0] == 200
    with pytest.raises(ClusterUnavailable):
        client.request("POST", "/x", body={})


@pytest.mark.parametrize(
    ("status", "family"),
    [(401, Unauthorized), (403, ApiForbidden), (409, ApiConflict), (422, ApiInvalid), (500, ClusterUnavailable)],
)
def test_statuses_become_families(serve: Any, status: int, family: type[KubeOrchError]) -> None:
    client = serve(lambda handler, _: answer(handler, status, b"<html>not what was asked for"))
    with pytest.raises(family):
        client.request("POST", "/x", body={})


def test_a_silent_server_and_a_dead_one_are_told_apart(serve: Any) -> None:
    release = threading.Event()
    client = serve(lambda handler, _: release.wait(20))
    with pytest.raises(ClusterTimeout, match="in time"):
        client.request("GET", "/x", timeout_s=0.3)
    release.set()
    with pytest.raises(ClusterUnavailable, match="refused"):
        KubeClient(plain_credentials("http://127.0.0.1:1")).request("GET", "/x", timeout_s=0.3)


def test_a_stream_that_does_not_begin_is_given_up_long_before_one_that_pauses(serve: Any) -> None:
    release = threading.Event()
    told = threading.Event()

    def answering(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call == 1:
            release.wait(20)
            return
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"one\n")
        told.wait(20)
        handler.wfile.write(b"two\n")
        handler.close_connection = True

    client = serve(answering, answer_s=0.3)
    began = time.monotonic()
    with pytest.raises(ClusterTimeout, match="in time"):
        client.stream("/x", read_timeout_s=300)
    assert time.monotonic() - began < 5
    release.set()
    with client.stream("/x", read_timeout_s=20) as lines:
        assert next(lines) == b"one"
        threading.Timer(0.8, told.set).start()  # longer than the head may take
        assert list(lines) == [b"two"]
    told.clear()
    with client.stream("/x", read_timeout_s=0.2) as lines:
        assert next(lines) == b"one"
        with pytest.raises(ClusterTimeout):
            next(lines)
        told.set()


def test_endless_answers_are_not_read_and_take_no_connection_away(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 200, b" " * 5000 if call < 20 else b"{}"), answer_bytes=1000)
    for _ in range(19):  # more than there are connections
        with pytest.raises(ClusterUnavailable, match="larger than"):
            client.request("GET", "/x", timeout_s=1)
    assert client.request("GET", "/x", timeout_s=1) == (200, {})


def test_an_answer_that_is_not_json_is_not_an_api_servers(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 200, b"<html>Welcome" if call == 1 else b"[1]"))
    for _ in range(2):
        with pytest.raises(ClusterUnavailable, match="not a Kubernetes API server"):
            client.request("GET", "/x")


def test_a_server_that_is_not_ready_or_not_there_is_said_at_once(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 500 if call == 1 else 200, b"ok"))
    assert [client.is_ready(), client.is_ready()] == [False, True]
    began = time.monotonic()
    assert not KubeClient(plain_credentials("http://127.0.0.1:1")).is_ready()
    assert time.monotonic() - began < 1


def test_a_connection_that_leads_to_a_forbidden_address_is_closed_before_anything_is_sent(serve: Any) -> None:
    class Forbidden(Exception):
        pass

    def forbid(address: str) -> None:
        raise Forbidden(address)

    seen: list[int] = []
    allowed = serve(lambda handler, call: (seen.append(call), answer(handler, 200))[1])
    client = KubeClient(plain_credentials(allowed.server), check_peer=forbid)
    for _ in range(9):  # more than there are connections
        with pytest.raises(Forbidden, match=r"127\.0\.0\.1"):
            client.request("GET", "/x", timeout_s=1)
    assert allowed.request("GET", "/x") == (200, {})
    assert seen == [1]
