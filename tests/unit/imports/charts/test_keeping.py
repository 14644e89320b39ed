"""What is random in a rendering is kept, by whose it is, and no further than it reaches."""

from __future__ import annotations

import base64
import ssl
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from imports.charts.helm import Rendering
from imports.charts.keeping import Before, Random, kept
from imports.charts.leaves import Texts
from imports.charts.lines import Pattern
from imports.charts.printed import Part
from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump
from tests.support.client_certificates import Authority
from tests.support.steps import counted_steps

Manifest = dict[str, Any]


def parts(*manifests: Manifest) -> tuple[Part, ...]:
    return tuple(Part("shop/templates/all.yaml", dump(one)) for one in manifests)


def secret(name: str, **data: str) -> Manifest:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


def config(name: str, text: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"own": text}}


def carried(
    before: tuple[list[Manifest], list[Manifest]], now: tuple[list[Manifest], list[Manifest]]
) -> tuple[list[Manifest], list[Random]]:
    """What is kept of two renderings, after two that were random as well."""
    first, random = kept(Rendering(parts(*before[0]), parts(*before[1])))
    found, said = kept(Rendering(parts(*now[0]), parts(*now[1])), Before(tuple(first), tuple(random)))
    return [one for part in found for one in load_all_strict(part.text)], said


def test_a_password_stays_with_its_object_when_others_come_and_go():
    before = [secret("alice", password="a-1"), secret("bob", password="b-1")]
    other = [secret("alice", password="a-2"), secret("bob", password="b-2")]
    now = [secret("bob", password="b-3"), secret("carol", password="c-3")]
    again = [secret("bob", password="b-4"), secret("carol", password="c-4")]

    found, random = carried((before, other), (now, again))

    assert found == [secret("bob", password="b-1"), secret("carol", password="c-3")]
    assert [(one.name, one.fields, one.anew) for one in random] == [
        ("bob", ("data.password",), ()),
        ("carol", ("data.password",), ()),
    ]


def pod(*env: dict[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"rows": list(env)}}


def test_an_item_of_a_list_is_known_by_its_name():
    def env(letter: str, *names: str) -> list[Manifest]:
        return [pod(*({"name": name, "value": f"{letter * 8}{name}"} for name in names))]

    found, random = carried(
        (env("a", "ALICE", "BOB"), env("b", "ALICE", "BOB")), (env("c", "BOB", "CAROL"), env("d", "BOB", "CAROL"))
    )
    assert found == [pod({"name": "BOB", "value": "aaaaaaaaBOB"}, {"name": "CAROL", "value": "ccccccccCAROL"})]
    assert [one.anew for one in random] == [()]


def test_an_item_without_a_name_is_the_same_only_by_what_it_holds():
    def users(letter: str, *names: str) -> list[Manifest]:
        return [pod(*({"user": name, "password": letter * 8} for name in names))]

    before = users("a", "alice", "bob"), users("b", "alice", "bob")
    found, random = carried(before, (users("c", "bob", "carol"), users("d", "bob", "carol")))
    assert found == users("c", "bob", "carol")
    assert random[0].anew == ("spec.rows.0.password", "spec.rows.1.password")
    found, _ = carried(before, (users("c", "alice", "bob"), users("d", "alice", "bob")))
    assert found == before[0]


def test_an_argument_is_known_by_its_beginning():
    def args(*texts: str) -> list[Manifest]:
        return [{**pod(), "spec": {"args": list(texts)}}]

    found, _ = carried(
        (args("--port=80", "--key=aaaaaaaa", "aaaaaaab"), args("--port=80", "--key=bbbbbbbb", "bbbbbbbc")),
        (args("--port=80", "--key=cccccccc", "cccccccd"), args("--port=80", "--key=dddddddd", "ddddddde")),
    )
    assert found == args("--port=80", "--key=aaaaaaaa", "cccccccd")


@pytest.mark.parametrize(
    ("template", "before", "now", "expected"),
    [
        ("port: {v}\ntoken: t-{r}\n", "80", "90", "port: 90\ntoken: t-aaaaaaaa\n"),
        ("{v}-{r}", "v1", "v2", "v2-aaaaaaaa"),
        ("{r}-{v}", "2", "3", "aaaaaaaa-3"),
        ("postgres://u:{r}@{v}:5432/{r}", "db", "db-2", "postgres://u:aaaaaaaa@db-2:5432/aaaaaaaa"),
        ("{v}: {r}", "alice", "carol", "carol: aaaaaaaa"),
        ("{r}", "", "", "aaaaaaaa"),
        ("{v}{r}", "admin", "root", None),
        ("{r}{v}", "2222", "", None),
    ],
)
def test_what_a_value_changes_beside_a_random_text_is_not_lost(
    template: str, before: str, now: str, expected: str | None
):
    def rendered(value: str, letter: str) -> list[Manifest]:
        return [config("conf", template.format(v=value, r=letter * 8))]

    found, random = carried((rendered(before, "a"), rendered(before, "b")), (rendered(now, "c"), rendered(now, "d")))
    assert found == ([config("conf", expected)] if expected else rendered(now, "c"))
    assert random[0].anew == (() if expected else ("data.own",))


def test_a_random_text_of_another_length_is_made_anew():
    found, random = carried(
        ([secret("db", password="a" * 8)], [secret("db", password="b" * 8)]),
        ([secret("db", password="c" * 32)], [secret("db", password="d" * 32)]),
    )
    assert found == [secret("db", password="c" * 32)]
    assert random[0].anew == ("data.password",)


def test_the_same_text_is_the_same_everywhere():
    def shop(letter: str, image: str, *, with_worker: bool) -> list[Manifest]:
        env = {"name": "PW", "value": letter * 8}
        url = {**pod({"url": f"postgres://u:{letter * 8}@db/x", "image": image}), "metadata": {"name": "worker"}}
        web = {**pod(env), "spec": {"image": image, "env": [env], "args": [letter * 8]}}
        return [secret("db", password=letter * 8), web, *([url] if with_worker else [])]

    before = shop("a", "n:1", with_worker=False), shop("b", "n:1", with_worker=False)
    now = shop("c", "n:2", with_worker=True), shop("d", "n:2", with_worker=True)
    found, random = carried(before, now)
    assert found == shop("a", "n:2", with_worker=True)
    assert [one.anew for one in random] == [(), (), ()]


def test_what_became_one_text_is_made_anew_together():
    def two(one: str, other: str) -> list[Manifest]:
        return [secret("db", password=one * 8), secret("client", password=other * 8)]

    found, random = carried((two("a", "b"), two("c", "d")), (two("e", "e"), two("f", "f")))
    assert found == two("e", "e")
    assert [one.anew for one in random] == [("data.password",), ("data.password",)]


def pem(letter: str, lines: int = 3, label: str = "CERTIFICATE") -> str:
    rows = "\n".join(letter * 64 for _ in range(lines))
    return f"-----BEGIN {label}-----\n{rows}\n-----END {label}-----\n"


def hook(policy: str, certificate: str, name: str = "hook") -> Manifest:
    bundle = base64.b64encode(certificate.encode()).decode()
    row = {"name": "a.b.c", "failurePolicy": policy, "clientConfig": {"caBundle": bundle}}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [row],
    }


def serving(certificate: str, key: str) -> Manifest:
    return secret("tls", **{"tls.crt": certificate, "tls.key": key})


def test_a_certificate_is_kept_with_its_key_and_with_whoever_signed_it():
    def operator(letter: str, policy: str, key_lines: int = 3) -> list[Manifest]:
        return [serving(pem(letter), pem(letter, key_lines, "RSA PRIVATE KEY")), hook(policy, pem(letter.upper()))]

    before = operator("a", "Fail"), operator("b", "Fail")
    found, random = carried(before, (operator("c", "Ignore"), operator("d", "Ignore")))
    assert found == operator("a", "Ignore")
    found, random = carried(before, (operator("c", "Fail", 4), operator("d", "Fail", 5)))
    assert found == operator("a", "Fail")
    assert [one.anew for one in random] == [(), ()]


def test_certificates_of_one_chain_are_made_anew_together():
    def operator(*hooks: str) -> list[Manifest]:
        authority, other = Authority("shop"), Authority("of others")
        pair, beside = authority.sign("hook", "hook.shop.svc"), other.sign("web", "web.shop.svc")
        apart = secret("apart", **{"tls.crt": beside.certificate, "tls.key": beside.key})
        return [serving(pair.certificate, pair.key), apart, *(hook("Fail", authority.pem, name) for name in hooks)]

    before, now, again = operator(), operator("hook"), operator("hook")
    found, random = carried((before, operator()), (now, again))
    assert found == [now[0], before[1], now[2]], "who signed the certificate that was kept is not known"
    assert [one.anew for one in random] == [("data.tls.crt", "data.tls.key"), (), ()]


def test_a_certificate_that_cannot_be_read_stays_with_its_key():
    def signed() -> list[Manifest]:
        pair = Authority("shop").sign("hook", "hook.shop.svc")
        made = x509.load_pem_x509_certificate(pair.certificate.encode()).public_bytes(Encoding.DER)
        twice = made.replace(bytes.fromhex("551d11"), bytes.fromhex("551d25"))  # two extensions of one sort
        return [serving(ssl.DER_cert_to_PEM_cert(twice), pair.key)]

    before = signed(), signed()
    found, random = carried(before, (signed(), signed()))
    assert [one["data"] for one in found] == [one["data"] for one in before[0]]
    assert random[0].anew == ()


@pytest.mark.parametrize("now", [(12345678, 87654321), (1234.5678, 8765.4321)], ids=["int", "float"])
def test_a_random_word_that_became_a_number_is_made_anew_and_named_nowhere(now: tuple[Any, Any]):
    def word(text: str) -> list[Manifest]:
        return [secret("db", password=text), {**pod(), "spec": {"password": text}}]

    def number(value: Any) -> list[Manifest]:
        return [secret("db", password=str(value)), {**pod(), "spec": {"password": value}}]

    found, random = carried((word("kXw3Qa9Z"), word("mBv7Tr2L")), (number(now[0]), number(now[1])))
    assert found[1] == number(now[0])[1]
    assert [one.anew for one in random if one.kind == "Pod"] == [("spec.password",)]


@pytest.mark.parametrize("text", ["kXw3Qa", "1_000", "007", "1e.05", "", "9" * 5_000])
@pytest.mark.parametrize("made", [int, float])
def test_a_text_that_is_no_number_gives_none(made: type, text: str):
    assert Texts(Pattern(("",), ()), None, made, is_encoded=False).value(text) is None


def test_a_hash_is_made_anew_with_what_it_is_made_of():
    def users(letter: str, *, hashed: bool) -> list[Manifest]:
        row = {"auth": f"admin:$2a$10${letter * 53}"} if hashed else {}
        return [secret("users", password=letter * 8, **row)]

    found, random = carried(
        (users("a", hashed=False), users("b", hashed=False)), (users("c", hashed=True), users("d", hashed=True))
    )
    assert found == users("c", hashed=True)
    assert random[0].anew == ("data.password",)
    found, _ = carried(
        (users("a", hashed=True), users("b", hashed=True)), (users("c", hashed=True), users("d", hashed=True))
    )
    assert found == users("a", hashed=True)


def test_what_was_kept_without_another_rendering_is_taken_over():
    before = Before(parts(secret("db", password="aaaaaaaa")), (Random("Secret", "db", ("data.password",)),))
    now, again = parts(secret("db", password="cccccccc")), parts(secret("db", password="dddddddd"))
    found, _ = kept(Rendering(now, again), before)
    assert load_all_strict(found[0].text) == [secret("db", password="aaaaaaaa")]


def test_an_item_with_many_random_values_takes_time_by_its_length():
    def many(count: int, letter: str) -> list[Manifest]:
        return [{**pod(), "spec": {"rows": [[{f"k{number}": letter * 8 for number in range(count)}]]}}]

    def steps(count: int) -> int:
        first, random = kept(Rendering(parts(*many(count, "a")), parts(*many(count, "b"))))
        rendering = Rendering(parts(*many(count, "c")), parts(*many(count, "d")))
        with counted_steps() as found:
            kept(rendering, Before(tuple(first), tuple(random)))
        return found.count

    assert steps(400) < 3 * steps(200)


def test_taking_over_can_be_stopped():
    class Stopped(Exception):
        pass

    def check() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        kept(Rendering(parts(secret("a", b="c")), parts(secret("a", b="d"))), check=check)


def test_objects_with_random_names_are_taken_over_where_there_is_one():
    def job(name: str) -> Manifest:
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}

    first, random = kept(Rendering(parts(job("load-a")), parts(job("load-b"))))
    found, _ = kept(Rendering(parts(job("load-c")), parts(job("load-d"))), Before(tuple(first), tuple(random)))

    assert load_all_strict(found[0].text) == [job("load-a")]
