"""Who may do what in the embedded registry: a team below its own id, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from builds.registries.embedded.accounts import Entry, Given, Right, password_of
from builds.registries.embedded.accounts import entry_of as entry_at
from builds.registries.embedded.images import forget_links, images_of
from builds.registries.embedded.measuring import Stored, stored_in
from builds.registries.embedded.place import Address, EmbeddedPlace
from builds.registries.embedded.tokens import Granted, granted, life_of

KEY, TEAM, OTHER = "1" * 64, "a" * 24, "b" * 24
NOW = 1_790_000_000
PERSON = Entry(TEAM, "pull", "c" * 24, NOW + 60)
PUSH, PULL, DELETE = Entry(TEAM, "push"), Entry(TEAM, "pull"), Entry(TEAM, "delete")


def entry_of(key: str, name: str, password: str, generation: int = 0, at_s: float = NOW, **logins: int) -> Entry | None:
    given = Given({TEAM: generation} if generation else {}, {PERSON.login: NOW + 100, **logins})
    return entry_at(key, name, password, given, at_s=at_s)


def test_a_password_opens_one_team_with_one_right() -> None:
    rights: tuple[Right, ...] = ("push", "pull", "delete")
    for right in rights:
        entry = Entry(TEAM, right)
        assert entry_of(KEY, entry.username, password_of(KEY, entry)) == entry
    assert entry_of(KEY, PUSH.username, password_of(KEY, PULL)) is None
    assert entry_of(KEY, Entry(OTHER, "push").username, password_of(KEY, PUSH)) is None
    assert entry_of("2" * 64, PUSH.username, password_of(KEY, PUSH)) is None


def test_new_passwords_of_a_team_end_the_old_ones_and_those_of_no_other() -> None:
    assert entry_of(KEY, PUSH.username, password_of(KEY, PUSH), 1) is None
    assert entry_of(KEY, PUSH.username, password_of(KEY, PUSH, 1), 1) == PUSH
    assert entry_of(KEY, PUSH.username, password_of(KEY, PUSH, 1), 2) is None
    assert entry_of(KEY, PUSH.username, password_of(KEY, PUSH, 1)) is None
    other = Entry(OTHER, "push")
    assert entry_of(KEY, other.username, password_of(KEY, other), 1) == other


def test_a_person_pulls_until_a_moment_and_cannot_move_it() -> None:
    person = PERSON
    password = password_of(KEY, person)
    assert entry_of(KEY, person.username, password) == person
    assert person.actions == PULL.actions
    assert entry_of(KEY, person.username, password, at_s=NOW + 60) is None
    assert entry_of(KEY, person.username, password, **{person.login: 0}) is None, "it was ended"
    assert entry_of(KEY, person.username, password, 1) is None, "new passwords of the team end it"
    for changed in (Entry(TEAM, "pull", "c" * 24, NOW + 61), Entry(TEAM, "pull", "d" * 24, NOW + 60), PULL):
        assert entry_of(KEY, changed.username, password) is None
    assert entry_of(KEY, person.username.replace("pull", "push"), password) is None


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


def test_a_token_that_only_reads_ends_sooner() -> None:
    assert life_of(granted(PULL, [f"repository:{TEAM}/web:pull"], is_full=False)) == 300
    assert life_of(granted(PUSH, [f"repository:{TEAM}/web:pull,push"], is_full=False)) == 900


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


def test_what_is_stored_is_counted_by_files_and_by_team(tmp_path: Path) -> None:
    assert stored_in(tmp_path / "nothing") == Stored()
    top = tmp_path / "docker/registry/v2"
    digests = {name: name * 64 for name in "123d"}
    for team, where, names in (
        (TEAM, "web/_manifests/revisions", "12d"),
        (TEAM, "web/_layers", "3"),
        (OTHER, "a/b/_layers", "3"),
    ):
        for name in names:
            folder = top / "repositories" / team / where / "sha256" / digests[name]
            folder.mkdir(parents=True)
            if name != "d":  # of what was deleted a folder stays
                (folder / "link").write_text(f"sha256:{digests[name]}")
    for name, size in (("1", 10), ("2", 20), ("3", 300)):
        blob = top / "blobs/sha256" / digests[name][:2] / digests[name]
        blob.mkdir(parents=True)
        (blob / "data").write_bytes(b"x" * size)
    pushed = top / "repositories" / OTHER / "c/_uploads/one"
    pushed.mkdir(parents=True)
    (pushed / "data").write_bytes(b"x" * 4000)
    assert stored_in(tmp_path) == Stored(4330, 1, 2, {TEAM: 330, OTHER: 4300})


def test_a_generation_is_counted_by_team_and_kept(tmp_path: Path) -> None:
    place = EmbeddedPlace(tmp_path / "registry")
    assert place.generations() == {}
    assert [place.begin_generation(TEAM), place.begin_generation(OTHER), place.begin_generation(TEAM)] == [1, 1, 2]
    assert EmbeddedPlace(place.root).generations() == {TEAM: 2, OTHER: 1}
    assert (place.root / "generations.json").stat().st_mode & 0o077 == 0


def test_a_repository_with_an_image_that_cannot_be_read_keeps_its_links(tmp_path: Path) -> None:
    top = tmp_path / "docker/registry/v2"

    def store(content: bytes) -> str:
        number = hashlib.sha256(content).hexdigest()
        path = top / "blobs/sha256" / number[:2] / number / "data"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return number

    def link(repository: str, where: str, number: str) -> Path:
        path = top / "repositories" / TEAM / repository / where / "sha256" / number / "link"
        path.parent.mkdir(parents=True)
        path.write_text(f"sha256:{number}")
        return path

    layer, loose = store(b"layer"), store(b"loose")
    config = store(b"not a configuration")
    document = {
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": f"sha256:{config}", "size": 1},
        "layers": [{"digest": f"sha256:{layer}", "size": 5}],
    }
    good, broken = store(json.dumps(document).encode()), store(b"{}")
    kept, gone = [link("web", "_layers", layer), link("web", "_layers", config)], link("web", "_layers", loose)
    link("web", "_manifests/revisions", good)
    odd = [link("odd", "_layers", layer), link("odd", "_layers", loose), link("odd", "_manifests/revisions", broken)]
    link("odd", "_manifests/revisions", good)
    forget_links(tmp_path)
    assert all(path.exists() for path in (*kept, *odd)), "what cannot be read may need them"
    assert not gone.exists()
    found = {(one.repository, one.digest): one for one in images_of(tmp_path, TEAM).found}
    assert {key[0]: one.is_certain for key, one in found.items()} == {"web": True, "odd": False}

    lost = top / "blobs/sha256" / broken[:2] / broken / "data"
    content = lost.read_bytes()
    lost.unlink()
    assert not next(one for one in images_of(tmp_path, TEAM).found if one.repository == "odd").is_certain
    lost.write_bytes(content)
    (top / "repositories" / TEAM / "odd/_manifests/revisions/sha256" / broken / "link").unlink()
    assert next(one for one in images_of(tmp_path, TEAM).found if one.repository == "odd").is_certain
