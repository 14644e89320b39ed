"""Sources whose builds have images in a real registry."""

from __future__ import annotations

from typing import Any

from tests.support.built import a_build, a_source
from tests.support.people import Person, a_user
from tests.support.registry import INDEX, MANIFEST, Registry

COMMIT = "0123456789ab"


def add(person: Person, registry: Registry, name: str = "own") -> None:
    made = a_user("admin", person.team_id).post("registries", {"name": name, **registry.given()})
    assert made.status == 201, made.body


class Built:
    """A source with builds whose images are in the registry."""

    def __init__(self, person: Person, registry: Registry, path: str, count: int, name: str = "web") -> None:
        self.person, self.registry, self.path = person, registry, path
        self.row = a_source(person.team_id, name)
        self.image = f"{registry.host}/{path}"
        self.builds = [self.build() for _ in range(count)]

    def build(self, content: bytes = b"", **more: Any) -> Any:
        number = len(self.registry.images(self.path)) + 1
        tag = f"{number}-{COMMIT}"
        digest = self.registry.push(self.path, tag, content=content or f"layer {number}".encode())
        return a_build(self.row, image=self.image, digest=digest, tags=[tag], **more)

    def ask(self, keep: int, *, preview: bool = False, person: Person | None = None) -> Any:
        path = f"sources/{self.row['_id']}/image-removals"
        return (person or self.person).post(path, {"keep": keep, "preview": preview})

    def remove(self, keep: int) -> dict[str, Any]:
        answer = self.ask(keep)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def numbers(self) -> list[int]:
        """Of the builds whose images the registry has."""
        there = self.registry.images(self.path)
        return [one["number"] for one in self.builds if self.registry.digest_of(self.path, one["digest"]) in there]


def builds(rows: list[dict[str, Any]]) -> list[int]:
    return [number for row in rows for number in row["builds"]]


def index_of(registry: Registry, path: str, tag: str, digest: str, *, kind: str = MANIFEST) -> str:
    """An index under that tag which lists what is there; its digest."""
    size = len(registry.call("GET", f"/v2/{path}/manifests/{digest}", None, {"Accept": kind})[2])
    listed = {"mediaType": kind, "digest": digest, "size": size, "platform": {"os": "linux", "architecture": "amd64"}}
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]}
    return registry.push_manifest(path, tag, document, INDEX)
