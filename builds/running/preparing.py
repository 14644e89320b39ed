"""What stands before an order: the commit as files, what makes it unlike other builds, and where its image goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bson import ObjectId
from django.conf import settings

from builds import store as host_store
from builds.connections.access import access_for
from builds.domain.host_keys import fingerprint_of
from builds.domain.identity import identity_of
from builds.domain.images import Image, image_of
from builds.domain.repositories import Repository, repository_of
from builds.domain.sources import BuilderSpec, Variable
from builds.engines.local.place import Trust, place_in
from builds.engines.protocol import BuildOrder, Readiness
from builds.git.asking import commit_of
from builds.git.export import FILE_MOST, export
from builds.git.fetching import Snapshot, fetched
from builds.git.workspace import Access
from builds.registries import store as registry_store
from builds.registries.access import is_loopback, registry_of, server_of
from builds.registries.embedded import known
from builds.registries.reach import is_of_another_team, place_of_images
from builds.running import store
from builds.running.entering import entry_of
from builds.running.holding import Holding
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.errors import InvalidInput, KubeOrchError

SHORT = 12
"""Digits of a commit in a tag."""


class NoDockerfile(InvalidInput):
    """There is none where the source says."""

    code = "build.no_dockerfile"


class NoRoot(InvalidInput):
    """The commit has no such folder."""

    code = "build.no_root"


class TrustDiffers(InvalidInput):
    """The engine is one for all teams, and speaks to a host in one way."""

    code = "build.registry_trust"


class NoRegistry(InvalidInput):
    """Nobody said where images go."""

    code = "build.no_registry"


@dataclass(frozen=True, slots=True)
class Prepared:
    order: BuildOrder
    image: Image


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is built, read once from the rows."""

    build: Build
    spec: BuilderSpec
    image: Image
    repository: Repository
    access: Access
    variables: list[Variable]
    prints: Mapping[str, str]
    """Fingerprints of the variables."""
    engine_version: str

    def identity(self, tree: str) -> str:
        return identity_of(
            tree,
            self.spec,
            variables=self.prints,
            platform=self.spec.platform,
            engine=self.engine_version,
            image=self.image.repository,
        )


def prepare(holding: Holding, source: SourceRow, folder: Path, *, engine_version: str) -> Prepared | Build:
    """The order; or the build that has made just this image, where there is one.

    Raises the errors of git, NoDockerfile, NoRoot, NoRegistry, and those of registries.
    """
    wanted = _wanted(holding.build, source, engine_version)
    url, ref = wanted.repository.url, holding.build["commit"] or holding.build["ref"]
    if not wanted.build["no_cache"] and (same := _same_commit(holding, wanted, ref)):
        return same
    holding.log.say(f"fetching {ref or 'the default branch'} of {url}")
    context = folder / "context"
    context.mkdir()
    with fetched(wanted.repository, ref, wanted.access, check=holding.check, file_most=FILE_MOST) as snapshot:
        holding.log.say(f"commit {snapshot.commit} {snapshot.subject}".rstrip())
        _keep_host_key(holding, wanted, snapshot)
        tree = _tree(snapshot, wanted.build["root"])
        _note_inputs(holding, wanted, snapshot.commit, snapshot.subject, tree)
        if not wanted.build["no_cache"] and (same := _same(wanted, tree)):
            return same
        _check_dockerfile(wanted, snapshot)
        exported = export(snapshot, wanted.build["root"], context, holding.check)
        holding.log.say(f"{exported.files:,} files, {exported.bytes / 1e6:.1f} MB")
    return _prepared(holding, wanted, context)


def _wanted(build: Build, source: SourceRow, engine_version: str) -> _Wanted:
    repository = repository_of(build["repository"], field="repository")
    variables = source_store.open_variables(source, ("build", "both"))
    return _Wanted(
        build,
        source_store.builder_spec(build["builder"]),
        image_for(source),
        repository,
        access_for(build["team_id"], source["connection_id"], repository),
        variables,
        {one.key: source_store.fingerprint(source["_id"], one.key, one.value) for one in variables},
        engine_version,
    )


def _same_commit(holding: Holding, wanted: _Wanted, ref: str) -> Build | None:
    """Without a fetch: of a commit that the source was built of before, the tree is known."""
    build, place = wanted.build, (wanted.build["repository"], wanted.build["root"])
    commit = commit_of(wanted.repository, ref, wanted.access, check=holding.check)
    before = store.of_commit(build["source_id"], commit, *place) if commit is not None else None
    if before is None or before["tree"] is None or (same := _same(wanted, before["tree"])) is None:
        return None
    _note_inputs(holding, wanted, before["commit"] or "", before["message"], before["tree"])
    return same


def _same(wanted: _Wanted, tree: str) -> Build | None:
    """The build that made an image of just that, while its registry has it."""
    found = store.same_inputs(wanted.build["team_id"], wanted.identity(tree))
    if found is None or found["digest"] is None:
        return None
    image = Image(wanted.image.host, wanted.image.path, digest=found["digest"])
    try:
        with registry_of(wanted.build["team_id"], image) as registry:
            registry.digest_of(image.path, found["digest"])
    except KubeOrchError:
        return None  # it is gone, or cannot be asked: the push tells more
    return found


def _note_inputs(holding: Holding, wanted: _Wanted, commit: str, message: str, tree: str) -> None:
    holding.note(
        commit=commit,
        message=message,
        tree=tree,
        identity=wanted.identity(tree),
        image=wanted.image.repository,
        platform=wanted.spec.platform,
    )


def _keep_host_key(holding: Holding, wanted: _Wanted, snapshot: Snapshot) -> None:
    repository = wanted.repository
    if snapshot.host_key and snapshot.host_key != wanted.access.host_key:
        host_store.keep_key(wanted.build["team_id"], repository.host, repository.port, snapshot.host_key)
        holding.log.say(f"the key of {repository.host} is {fingerprint_of(snapshot.host_key)}; it is kept")


def _check_dockerfile(wanted: _Wanted, snapshot: Snapshot) -> None:
    path = _in(wanted.build["root"], wanted.spec.dockerfile)
    if wanted.spec.type == "dockerfile" and path not in snapshot.listing.files:
        raise NoDockerfile(
            f"the commit has no file {path}; give its path below the root, or have a Dockerfile written",
            field="builder.dockerfile",
        )


def _prepared(holding: Holding, wanted: _Wanted, context: Path) -> Prepared:
    build, spec, commit = holding.build, wanted.spec, holding.build["commit"] or ""
    image = Image(wanted.image.host, wanted.image.path, f"{build['number']}-{commit[:SHORT]}")
    order = BuildOrder(
        build_id=str(build["_id"]),
        attempt=build["attempt"],
        context=context,
        dockerfile=spec.dockerfile,
        written=spec.text if spec.type == "written" else None,
        image=str(image),
        target=spec.target,
        args={**spec.args, **{one.key: one.value for one in wanted.variables if not one.is_secret}},
        labels={
            "org.opencontainers.image.revision": commit,
            "org.opencontainers.image.source": wanted.repository.url,
        },
        secrets={one.key: one.value.encode() for one in wanted.variables if one.is_secret},
        platform=spec.platform,
        logins=entry_of(build["team_id"], image),
        no_cache=build["no_cache"],
    )
    return Prepared(order, image)


def image_for(source: SourceRow) -> Image:
    """Where the images of a source go, without a tag. Raises NoRegistry."""
    if source["image"]:
        image = image_of(source["image"])
        if is_of_another_team(image, source["team_id"]):
            raise NoRegistry("the images of other teams are there; leave the image of the source out")
        return image
    prefix = place_of_images()
    if not prefix:
        raise NoRegistry("nobody has said where images go; give the source an image, as registry.example/team/app")
    return image_of(f"{prefix}/{source['team_id']}/{source['name']}")


def check_place(source: SourceRow) -> Readiness:
    """Whether the image of a source can be pushed now, as far as that is up to us: the embedded registry is got and
    started when it is first wanted. Where the source names nothing that can be, it is found out later."""
    try:
        is_ours = known.is_embedded(image_for(source))
    except KubeOrchError:
        return Readiness(True)
    why, is_coming = known.why_not_ready() if is_ours else ("", False)
    return Readiness(not why, (why,), is_coming=is_coming)


def trust_registry(source: SourceRow) -> None:
    """Have the engine know how the registry of a source is spoken to. One that nobody knows is found out later.

    Raises TrustDiffers.
    """
    try:
        image = image_for(source)
    except KubeOrchError:
        return
    server = server_of(source["team_id"], image)
    trust = Trust(server.plain_http, server.authority)
    if not is_loopback(image.host):
        _check_trust(source["team_id"], image.host, trust)
    place_in(settings.DATA_DIR).tell({image.host: trust})


def _check_trust(team_id: ObjectId, host: str, trust: Trust) -> None:
    """What the instance says of a host holds; else no team has others' images go another way than they said."""
    said = [(row["team_id"], Trust(row["plain_http"], row["ca"])) for row in registry_store.of_host(host)]
    of_instance = [one for team, one in said if team is None]
    if of_instance:
        differs = any(one != trust for one in of_instance)
    elif trust == Trust() and (team_id, trust) in said:
        differs = False  # the others are refused
    else:
        differs = any(one != trust for _, one in said)
    if differs:
        raise TrustDiffers(
            f"plain HTTP or the authority of {host} is not the same in every registry that is kept here of this host, "
            "and the engine has one for all; give yours as the others are, or have an administrator add the host for "
            "the whole instance",
            field="image",
        )


def _tree(snapshot: Snapshot, root: str) -> str:
    tree = snapshot.tree_of(root)
    if tree is None:
        raise NoRoot(f"the commit has no folder {root}", field="root")
    return tree


def _in(root: str, path: str) -> str:
    return f"{root}/{path}" if root else path
