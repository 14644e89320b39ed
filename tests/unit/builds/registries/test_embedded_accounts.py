"""Who may do what in the embedded registry: a team below its own id, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from builds.registries.embedded.accounts import Entry, Right, entry_of, password_of
from builds.registries.embedded.measuring import Stored, stored_in
from builds.registries.embedded.place import Address, EmbeddedPlace
from builds.registries.embedded.tokens import Granted, granted

KEY, TEAM, OTHER = "1" * 64, "a" * 24, "b" * 24
PUSH, PULL, DELETE = Entry(TEAM, "push"), Entry(TEAM, "pull"), Entry(TEAM, "delete")


def test_a_password_opens_one_team_with_one_right() -> None:
    rights: tuple[Right, ...] = ("push", "pull", "delete")
    for right in rights:
        entry = Entry(TEAM, right)
        assert entry_of(KEY, entry.username, password_of(KEY, entry)) == entry
    assert entry_of(KEY, PUSH.username, password_of(KEY, PULL)) is None
    assert entry_of(KEY, Entry(OTHER, "push").username, password_of(KEY, PUSH)) is None
    assert entry_of("2" * 64, PUSH.username, password_of(KEY, PUSH)) is None


@pytest.mark.parametrize(
    "name", ["", TEAM, f"{TEAM}-admin", f"{TEAM}-push ", f"{TEAM}-push\n", "é" * 24, f"x{TEAM}-push"]
)
def test_other_names_open_nothing(name: str) -> None:
    assert entry_of(KEY, name, password_of(KEY, PUSH)) is None
    assert entry_of(KEY, PUSH.username, name) is None


@pytest.mark.parametrize(
    ("entry", "scope", "actions"),
    [
        (PUSH, f"repository:{TEAM}/web:pull,push", ("pull", "push")),
        (PUSH, f"repository:{TEAM}/a/b:*", ("pull", "push")),
        (PUSH, f"repository:{TEAM}/web:delete", ()),
        (DELETE, f"repository:{TEAM}/web:pull,push,delete", ("delete", "pull")),
        (PUSH, f"repository:{TEAM}/../{OTHER}/web:pull", ()),
        (PUSH, f"repository:{TEAM}//web:pull", ()),
        (PULL, f"repository:{TEAM}/web:pull,push,delete", ("pull",)),
        (PULL, f"repository:{TEAM}/web:push", ()),
        (PUSH, f"repository:{OTHER}/web:pull", ()),
        (PUSH, f"repository:{TEAM}:pull", ()),
        (PUSH, f"repository:{TEAM}b/web:pull", ()),
        (PUSH, f"repository:{OTHER}/{TEAM}/web:pull", ()),
        (PUSH, "registry:catalog:*", ()),
        (PUSH, f"repository(plugin):{TEAM}/web:pull", ()),
        (PUSH, f"repository:{TEAM}/web:pull repository:{OTHER}/web:pull", ()),
        (PUSH, "", ()),
    ],
)
def test_what_is_asked_for_is_given_below_the_teams_id_alone(
    entry: Entry, scope: str, actions: tuple[str, ...]
) -> None:
    found = granted(entry, [scope], is_full=False)
    assert [one.actions for one in found] == ([actions] if actions else [])


def test_a_full_registry_gives_and_removes_and_takes_nothing() -> None:
    wanted = [f"repository:{TEAM}/web:pull,push,delete"]
    assert granted(PUSH, wanted, is_full=True) == [Granted(f"{TEAM}/web", ("pull",))]
    assert granted(DELETE, wanted, is_full=True) == [Granted(f"{TEAM}/web", ("delete", "pull"))]


def test_not_more_scopes_are_looked_at_than_one_push_needs() -> None:
    assert len(granted(PULL, [f"repository:{TEAM}/a{n}:pull" for n in range(1000)], is_full=False)) == 20


def test_an_address_is_chosen_once_and_kept(tmp_path: Path) -> None:
    place = EmbeddedPlace(tmp_path / "registry")
    assert place.known_address() is None
    chosen = place.address()
    assert chosen.is_loopback
    assert not chosen.has_tls
    assert chosen.port != chosen.token_port
    assert EmbeddedPlace(place.root).address() == chosen == place.known_address()
    assert place.key() == EmbeddedPlace(place.root).key()
    assert (place.root / "access.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "listens_on", "has_tls"),
    [
        ("registry.example.com:5000", "0.0.0.0", True),
        ("192.0.2.7:5000", "192.0.2.7", True),
        ("[2001:db8::1]:5000", "2001:db8::1", True),
        ("127.0.0.1:5000", "127.0.0.1", False),
        ("localhost:5000", "127.0.0.1", False),
    ],
)
def test_a_given_address_is_with_tls_where_others_reach_it(given: str, listens_on: str, has_tls: bool) -> None:
    address = EmbeddedPlace(Path("/nowhere")).address(given)
    assert address == Address(given.rpartition(":")[0], 5000, 5001)
    assert (address.name, address.listens_on, address.has_tls) == (given, listens_on, has_tls)
    assert address.realm.startswith("https://" if has_tls else "http://")


def test_what_is_stored_is_counted_by_files(tmp_path: Path) -> None:
    assert stored_in(tmp_path / "nothing") == Stored()
    web = tmp_path / "docker/registry/v2/repositories" / TEAM / "web" / "_manifests/revisions/sha256"
    for name in ("one", "two", "deleted"):
        (web / name).mkdir(parents=True)
    for name in ("one", "two"):
        (web / name / "link").write_text("x" * 71)
    blob = tmp_path / "docker/registry/v2/blobs/sha256/aa/aaaa"
    blob.mkdir(parents=True)
    (blob / "data").write_bytes(b"x" * 1000)
    assert stored_in(tmp_path) == Stored(1142, 1, 2)
