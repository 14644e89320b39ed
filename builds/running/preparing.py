"""What stands before an order: the commit as files, what makes it unlike other builds, and where its image goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from builds import store as host_store
from builds.domain.host_keys import fingerprint_of
from builds.domain.identity import identity_of
from builds.domain.images import Image, image_of
from builds.domain.repositories import repository_of
from builds.engines.local.place import Trust, place_in
from builds.engines.protocol import BuildOrder
from builds.git.export import FILE_MOST, export
from builds.git.fetching import Snapshot, fetched
from builds.git.workspace import Access
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


class NoRegistry(InvalidInput):
    """Nobody said where images go."""

    code = "build.no_registry"


@dataclass(frozen=True, slots=True)
class Prepared:
    order: BuildOrder
    image: Image
    same: Build | None
    """A build that has made just this image."""


def prepare(holding: Holding, source: SourceRow, folder: Path, *, engine_version: str) -> Prepared:
    """Raises the errors of git, NoDockerfile, NoRoot, NoRegistry, and those of registries."""
    build = holding.build
    spec = source_store.builder_spec(build["builder"])
    image = image_for(source)
    repository = repository_of(build["repository"], field="repository")
    ref = build["commit"] or build["ref"]
    holding.log.say(f"fetching {ref or 'the default branch'} of {repository.url}")
    known = host_store.known_key(build["team_id"], repository.host, repository.port)
    access = Access(host_key=known if known is not None and repository.scheme == "ssh" else "")
    context = folder / "context"
    context.mkdir()
    with fetched(repository, ref, access, check=holding.check, file_most=FILE_MOST) as snapshot:
        holding.note(commit=snapshot.commit, message=snapshot.subject)
        holding.log.say(f"commit {snapshot.commit} {snapshot.subject}".rstrip())
        if snapshot.host_key and snapshot.host_key != known:
            host_store.keep_key(build["team_id"], repository.host, repository.port, snapshot.host_key)
            holding.log.say(f"the key of {repository.host} is {fingerprint_of(snapshot.host_key)}; it is kept")
        tree = _tree(snapshot, build["root"])
        variables = source_store.open_variables(source, ("build", "both"))
        prints = {one.key: source_store.fingerprint(source["_id"], one.key, one.value) for one in variables}
        identity = identity_of(
            tree,
            spec,
            variables=prints,
            platform=spec.platform,
            engine=engine_version,
            image=image.repository,
        )
        holding.note(identity=identity, image=image.repository, platform=spec.platform)
        same = None if build["no_cache"] else store.same_inputs(build["team_id"], identity)
        if same is None:
            if spec.type == "dockerfile" and _in(build["root"], spec.dockerfile) not in snapshot.listing.files:
                raise NoDockerfile(
                    f"the commit has no file {_in(build['root'], spec.dockerfile)}; give its path below the root, or "
                    "have a Dockerfile written",
                    field="builder.dockerfile",
                )
            exported = export(snapshot, build["root"], context, holding.check)
            holding.log.say(f"{exported.files:,} files, {exported.bytes / 1e6:.1f} MB")
    tagged = Image(image.host, image.path, f"{build['number']}-{(holding.build['commit'] or '')[:SHORT]}")
    entry = entry_of(build["team_id"], tagged)
    order = BuildOrder(
        build_id=str(build["_id"]),
        attempt=holding.build["attempt"],
        context=context,
        dockerfile=spec.dockerfile,
        written=spec.text if spec.type == "written" else None,
        image=str(tagged),
        target=spec.target,
        args={**spec.args, **{one.key: one.value for one in variables if not one.is_secret}},
        labels={
            "org.opencontainers.image.revision": holding.build["commit"] or "",
            "org.opencontainers.image.source": repository.url,
        },
        secrets={one.key: one.value.encode() for one in variables if one.is_secret},
        platform=spec.platform,
        logins=entry.logins,
        no_cache=build["no_cache"],
    )
    return Prepared(order, tagged, same)


def image_for(source: SourceRow) -> Image:
    """Where the images of a source go, without a tag. Raises NoRegistry."""
    if source["image"]:
        return image_of(source["image"])
    prefix = settings.BUILD_IMAGES
    if not prefix:
        raise NoRegistry("nobody has said where images go; give the source an image, as registry.example/team/app")
    return image_of(f"{prefix}/{source['team_id']}/{source['name']}")


def trust_registry(source: SourceRow) -> None:
    """Have the engine know how the registry of a source is spoken to. One that nobody knows is found out later."""
    try:
        image = image_for(source)
    except KubeOrchError:
        return
    entry = entry_of(source["team_id"], image)
    if entry.plain_http or entry.authority:
        place_in(settings.DATA_DIR).tell({image.host: Trust(entry.plain_http, entry.authority)})


def _tree(snapshot: Snapshot, root: str) -> str:
    tree = snapshot.tree_of(root)
    if tree is None:
        raise NoRoot(f"the commit has no folder {root}", field="root")
    return tree


def _in(root: str, path: str) -> str:
    return f"{root}/{path}" if root else path
