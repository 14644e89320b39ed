"""What stands before an order: the commit as files, what makes it unlike other builds, and where its image goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from builds.connections.access import access_for
from builds.domain.detection.dockerfiles import is_floating
from builds.domain.identity import identity_of
from builds.domain.images import Image, image_of
from builds.domain.pulls import Pull, pulls_of
from builds.domain.repositories import Repository, repository_of
from builds.domain.sources import BuilderSpec, Variable
from builds.engines.protocol import BuildOrder, Engine
from builds.git.asking import commit_of
from builds.git.export import FILE_MOST
from builds.git.fetching import Snapshot, fetched
from builds.git.workspace import Access
from builds.registries.access import authorities_for, registry_of
from builds.registries.reach import is_of_another_team, shared_places
from builds.running import entering, exporting, reaching, store
from builds.running.asked import image_for, variables_of
from builds.running.exporting import Fetch
from builds.running.holding import Holding
from builds.running.ssh_keys import ids_of, ssh_keys
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.errors import InvalidInput, KubeOrchError

DOCKERFILE_MOST = 1_000_000
"""Of a Dockerfile, in bytes; what a larger one names is not looked at, and the engine keeps to `shared_places`."""
SHORT = 12
"""Digits of a commit in a tag."""


class NoDockerfile(InvalidInput):
    """There is none where the source says."""

    code = "build.no_dockerfile"


class NoRoot(InvalidInput):
    """The commit has no such folder."""

    code = "build.no_root"


class ImageOfAnotherTeam(InvalidInput):
    """The Dockerfile names an image that the team may not read."""

    code = "build.image_of_another_team"


@dataclass(frozen=True, slots=True)
class Prepared:
    order: BuildOrder
    image: Image


@dataclass(frozen=True, slots=True)
class Same:
    """Nothing has to be built."""

    build: Build
    """The one that has made just this image."""
    inputs: Mapping[str, Any]
    """What its row is to say that this was made of."""


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

    @property
    def args(self) -> dict[str, str]:
        """Of the build, its variables that are no secrets among them."""
        return {**self.spec.args, **{one.key: one.value for one in self.variables if not one.is_secret}}

    def identity(self, tree: str) -> str:
        return identity_of(
            tree,
            self.spec,
            variables=self.prints,
            platform=self.spec.platform,
            engine=self.engine_version,
            image=self.image.repository,
            ssh=ids_of(self.spec, self.variables),
        )


def prepare(holding: Holding, source: SourceRow, folder: Path, engine: Engine) -> Prepared | Same:
    """The order; or the build that has made just this image, where there is one.

    Raises the errors of git, NoDockerfile, NoRoot, NoRegistry, and those of registries.
    """
    wanted = _wanted(holding.build, source, engine.version)
    url, ref = wanted.repository.url, holding.build["commit"] or holding.build["ref"]
    if not wanted.build["no_cache"] and (same := _same_commit(holding, wanted, ref)):
        return same
    holding.log.say(f"fetching {ref or 'the default branch'} of {url}")
    context = folder / "context"
    context.mkdir()
    with fetched(wanted.repository, ref, wanted.access, check=holding.check, file_most=FILE_MOST) as snapshot:
        holding.log.say(f"commit {snapshot.commit} {snapshot.subject}".rstrip())
        exporting.keep_host_key(holding, wanted.repository, wanted.access, snapshot)
        tree = _tree(snapshot, wanted.build["root"])
        inputs = _inputs(wanted, snapshot.commit, snapshot.subject, tree)
        if not wanted.build["no_cache"] and (made := _same(wanted, tree)):
            return Same(made, inputs)
        holding.note(**inputs)
        pulls = _pulls(wanted, snapshot)
        _check_pulls(wanted, pulls)
        _warn_of_floating(holding, pulls)
        fetch = Fetch(wanted.build["team_id"], source["connection_id"], wanted.repository, wanted.spec, wanted.access)
        exporting.export_files(holding, fetch, snapshot, wanted.build["root"], context)
    images = [one.image for one in pulls if one.image is not None]
    if wanted.spec.sbom:
        images.append(image_of(settings.SBOM_SCANNER))
    reaching.tell_of_pulls(wanted.build["team_id"], images, engine.id)
    for host in entering.without_account(wanted.build["team_id"], images, engine.id):
        holding.log.say(
            f"{host} is read without signing in: an engine of a team is not given the account of the whole instance",
            level="warning",
        )
    return _prepared(holding, wanted, context, images, engine.id)


def _wanted(build: Build, source: SourceRow, engine_version: str) -> _Wanted:
    repository = repository_of(build["repository"], field="repository")
    image = image_for(build.get("asked_image", source["image"]), source)
    variables = variables_of(build, source)
    return _Wanted(
        build,
        source_store.builder_spec(build["builder"]),
        image,
        repository,
        access_for(build["team_id"], source["connection_id"], repository),
        variables,
        {
            one.key: source_store.fingerprint(source["_id"], one.key, one.value)
            for one in variables
            if one.usage != "ssh"
        },
        engine_version,
    )


def _same_commit(holding: Holding, wanted: _Wanted, ref: str) -> Same | None:
    """Without a fetch: of a commit that the source was built of before, the tree is known."""
    build, place = wanted.build, (wanted.build["repository"], wanted.build["root"])
    identities = [wanted.identity(tree) for tree in store.trees_of(build["source_id"], *place)]
    if not store.knows_one(build["team_id"], identities):
        return None  # whatever the server answers
    commit = commit_of(wanted.repository, ref, wanted.access, check=holding.check)
    before = store.of_commit(build["source_id"], commit, *place) if commit is not None else None
    if before is None or before["tree"] is None or (same := _same(wanted, before["tree"])) is None:
        return None
    return Same(same, _inputs(wanted, before["commit"] or "", before["message"], before["tree"]))


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


def _inputs(wanted: _Wanted, commit: str, message: str, tree: str) -> dict[str, Any]:
    """Fields of a build."""
    return {
        "commit": commit,
        "message": message,
        "tree": tree,
        "identity": wanted.identity(tree),
        "image": wanted.image.repository,
        "platform": wanted.spec.platform,
    }


def _pulls(wanted: _Wanted, snapshot: Snapshot) -> list[Pull]:
    """What the Dockerfile names. Raises NoDockerfile."""
    spec = wanted.spec
    if spec.type == "written":
        return pulls_of(spec.text, wanted.args, target=spec.target)
    path = _in(wanted.build["root"], spec.dockerfile)
    if path not in snapshot.listing.files:
        raise NoDockerfile(
            f"the commit has no file {path}; give its path below the root, or have a Dockerfile written",
            field="builder.dockerfile",
        )
    content = snapshot.read(path, most=DOCKERFILE_MOST) or b""
    return pulls_of(content.decode(errors="replace"), wanted.args, target=spec.target)


def _warn_of_floating(holding: Holding, pulls: Sequence[Pull]) -> None:
    for one in pulls:
        if one.is_base and is_floating(one.text):
            holding.log.say(
                f"line {one.line} of the Dockerfile: {one.text} may be another image at every build; name a version",
                level="warning",
            )


def _check_pulls(wanted: _Wanted, pulls: Sequence[Pull]) -> None:
    """What the text does not tell is kept from the engine by `shared_places`. Raises ImageOfAnotherTeam."""
    for one in pulls:
        if one.image is not None and is_of_another_team(one.image, wanted.build["team_id"]):
            raise ImageOfAnotherTeam(
                f"line {one.line} of the Dockerfile names {one.text}, where the images of other teams are; build on an "
                "image of your own team, or on one from elsewhere",
                field="builder.dockerfile",
            )


def _prepared(holding: Holding, wanted: _Wanted, context: Path, images: Sequence[Image], engine: str) -> Prepared:
    """`images` are pulled by it."""
    build, spec, commit = holding.build, wanted.spec, holding.build["commit"] or ""
    image = Image(wanted.image.host, wanted.image.path, f"{build['number']}-{commit[:SHORT]}")
    order = BuildOrder(
        build_id=str(build["_id"]),
        attempt=build["attempt"],
        context=context,
        dockerfile=spec.dockerfile,
        written=spec.text if spec.type == "written" else None,
        ignore=spec.ignore,
        image=str(image),
        target=spec.target,
        args=wanted.args,
        labels={
            "org.opencontainers.image.revision": commit,
            "org.opencontainers.image.source": wanted.repository.url,
        },
        secrets={one.key: one.value.encode() for one in wanted.variables if one.is_secret and one.usage != "ssh"},
        ssh=ssh_keys(spec, wanted.variables, wanted.access),
        platform=spec.platform,
        logins=entering.entry_of(build["team_id"], image, engine, images),
        authorities=authorities_for(build["team_id"], [image, *images]),
        attestations=_attestations(spec),
        shared_places=shared_places(build["team_id"]),
        no_cache=build["no_cache"],
        caches_of=str(build["team_id"]),
        trusts=reaching.trusts_of(build["team_id"], [image, *images]),
    )
    return Prepared(order, image)


def _attestations(spec: BuilderSpec) -> dict[str, str]:
    """Source: BuildKit docs, "Attestations": `min` tells no values of arguments."""
    provenance = {"provenance": "mode=min"} if spec.provenance else {}
    return provenance | ({"sbom": f"generator={settings.SBOM_SCANNER}"} if spec.sbom else {})


def _tree(snapshot: Snapshot, root: str) -> str:
    tree = snapshot.tree_of(root)
    if tree is None:
        raise NoRoot(f"the commit has no folder {root}", field="root")
    return tree


def _in(root: str, path: str) -> str:
    return f"{root}/{path}" if root else path
