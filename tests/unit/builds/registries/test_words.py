"""What is said of a name that nobody may have typed: it may be the machine that does not find it."""

from __future__ import annotations

from builds.registries.errors import RegistryUnresolved


def test_a_name_that_is_not_found_may_be_the_machines_fault() -> None:
    said = RegistryUnresolved("registry-1.docker.io").detail
    assert "registry-1.docker.io was not found" in said
    assert "DNS or proxy" in said
