"""Grammars of values: names, images, schedules, ranges, quantities."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clusters.domain.objects import Ref, is_cluster_scoped, ref_from_json
from clusters.domain.quantity import QuantityInvalid, is_quantity, parse_quantity
from workflows.domain.kinds.formats import FORMATS


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("image", ["nginx", "nginx:1.27", "a.io:5000/b/c_d:T-1", "a@sha256:" + "0" * 64, "localhost/x"],
         ["", "Nginx", "a b", "a:", "a:b:c", "-a", "a//b", "a\n", "http://a", "a@sha256:1"]),
        ("cron", ["* * * * *", "*/5 0-6,22 * jan-mar mon-fri", "0 0 1 1 0", "@daily", "@every 1h30m"],
         ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
          "5-1 * * * *", "@never", "* * * * * *"]),
        ("cidr", ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0"],
         ["", "10.0.0.0", "10.0.0.0/33", "256.0.0.0/8", "10.0.0.0/255.0.0.0", "::/129", "fe80::%eth0/64"]),
        ("host", ["a", "a.example.com", "*.example.com"], ["", "A.com", "*.", "a_b", "10.0.0.1", "http://a", "a..b"]),
        ("port_name", ["http", "a-1", "1a"], ["", "8080", "a--b", "-a", "HTTP", "a" * 16]),
        ("env_name", ["A", "_a", "a.b-c"], ["", "1A", "A B", "A=B"]),
        ("label_key", ["a", "a.b/c", "A_b-C.d"], ["", "/a", "a/", "A.b/c", "a/b/c", "-a", "a" * 64]),
        ("label_value", ["", "a", "A_b-c.d"], ["-a", "a-", "a b", "a" * 64]),
        ("config_key", ["a", ".dockerconfigjson", "A_b-c.d"], ["", ".", "..", "..a", "a/b", "a b"]),
        ("inner_path", ["a", "a/b"], ["", "/a", "../a", "a/../b"]),
        ("path", ["/", "/a"], ["", "a", "/a\nb"]),
        ("time_zone", ["Europe/Berlin", "Etc/UTC", "UTC"], ["", "Local", "a b", "../x"]),
        ("dns_1035_label", ["a", "a-1"], ["", "1a", "a-", "A", "a.b", "a" * 64]),
        ("capability", ["ALL", "NET_ADMIN"], ["", "net_admin", "A B"]),
    ],
)  # fmt: skip
def test_a_format_accepts_what_the_api_server_does(name: str, good: list[str], bad: list[str]):
    rule = FORMATS[name]
    assert [text for text in good if not rule.accepts(text)] == []
    assert [text for text in bad if rule.accepts(text)] == []
    assert not rule.accepts("a\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("100m", "0.1"),
        ("1.5", "1.5"),
        (".5Gi", "536870912"),
        ("1Ki", "1024"),
        ("1Ei", str(2**60)),
        ("1n", "1e-9"),
        ("2u", "2e-6"),
        ("12k", "12000"),
        ("3M", "3e6"),
        ("1E", "1e18"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("5e-1", "0.5"),
        ("+1", "1"),
        ("-1", "-1"),
        ("1.", "1"),
        ("9999Ei", str(2**63 - 1)),
        (3, "3"),
    ],
)
def test_a_quantity_has_an_exact_value(text: str | int, value: str):
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "1 Gi", "1gi", "1KI", "Gi", "1mm", "1e", "0x1", "1,5", "١", "nan", "inf", True, "1" * 80]
)
def test_text_that_is_not_a_quantity_is_refused(text: str):
    assert not is_quantity(str(text)) or text is True
    with pytest.raises(QuantityInvalid):
        parse_quantity(text)


def test_a_ref_names_an_object_and_survives_its_json_form():
    ref = Ref("apps/v1", "Deployment", "shop", "web")
    assert ref_from_json(ref.as_json()) == ref
    assert (ref.key, ref.group, Ref("v1", "Pod", "", "a").group) == ("apps/v1/Deployment/shop/web", "apps", "")
    assert is_cluster_scoped("rbac.authorization.k8s.io/v1", "ClusterRole")
    assert not is_cluster_scoped("example.com/v1", "ClusterRole")
