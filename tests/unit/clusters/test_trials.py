"""An answer about one object serves another that is alike, with its names wherever they stand."""

from __future__ import annotations

from typing import Any

from clusters.kube.trials import with_texts


def an_answer(name: str) -> dict[str, Any]:
    ports: dict[str, Any] = {"f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}}}
    return {
        "metadata": {
            "name": name,
            "labels": {"job-name": name, "k:odd": "kept"},
            "finalizers": [name],
            "managedFields": [
                {
                    "manager": "kubeorch",
                    "fieldsV1": {
                        "f:metadata": {"f:finalizers": {f'v:"{name}"': {}}},
                        "f:spec": {"f:containers": {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, **ports}}},
                    },
                }
            ],
        },
        "spec": {"containers": [{"name": name, "image": f"registry.example/{name}:1"}]},
    }


def test_names_are_replaced_in_values_and_in_the_keys_of_managed_fields_and_nowhere_else() -> None:
    first, other = an_answer("first"), an_answer("other")
    other["spec"]["containers"][0]["image"] = "registry.example/first:1"
    assert with_texts(first, {"first": "other"}) == other
    assert with_texts(with_texts(first, {"first": "\x00name"}), {"\x00name": "first"}) == first
