"""What a cluster wrote into an object is left out, with nothing left behind."""

from __future__ import annotations

from workflows.domain.kinds.printed import as_wished, printed

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def test_no_empty_annotations_are_left_where_a_tool_wrote_all_of_them():
    role = {"kind": "Role", "metadata": {"name": "web", "uid": "1", "annotations": {APPLIED: "{}"}}}
    assert as_wished(role)["metadata"] == {"name": "web"}
    assert printed(role) == ["metadata.uid", f"metadata.annotations.{APPLIED}"]
    own = {"kind": "Role", "metadata": {"name": "web", "annotations": {APPLIED: "{}", "note": "x"}}}
    assert as_wished(own)["metadata"] == {"name": "web", "annotations": {"note": "x"}}
    assert as_wished({"metadata": {"annotations": {}}}) == {"metadata": {"annotations": {}}}
