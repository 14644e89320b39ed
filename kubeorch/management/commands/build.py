"""`manage.py build PATH|URL`: the image of a folder or of a repository, made here and now, without a database."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from builds.domain.detection.detect import detect
from builds.domain.detection.written import written
from builds.domain.images import image_of
from builds.domain.log_lines import Progress
from builds.domain.masking import Masks
from builds.domain.repositories import ref_of, repository_of
from builds.domain.sources import PLATFORMS, args_of, path_below
from builds.engines.local.engine import LocalEngine
from builds.engines.local.place import Place, place_in
from builds.engines.local.role import running
from builds.engines.protocol import BuildOrder, Login, Outcome
from builds.git.export import FILE_MOST, export
from builds.git.fetching import fetched
from builds.git.workspace import Access
from kubeorch.base.errors import KubeOrchError
from kubeorch.management.commands.detect import listing_of, text_of
from kubeorch.processes import lock
from kubeorch.processes.scratch import scratch_folder
from kubeorch.programs.progress import Phase

LOOK_EVERY_S = 0.2
HUB = "https://index.docker.io/v1/"


class Command(BaseCommand):
    help = "Build an image of a folder or a repository, and push it if --image says where to."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", metavar="PATH|URL", help="a folder, or https://host/path of a repository")
        parser.add_argument("--ref", default="", help="of a repository: a branch, a tag or a commit")
        parser.add_argument("--root", default="", help="the part that is built")
        parser.add_argument("--dockerfile", default="", help="path below the root; without one, one is written")
        parser.add_argument("--target", default="", help="a stage of it")
        parser.add_argument("--arg", action="append", default=[], metavar="KEY=VALUE", help="a build argument")
        parser.add_argument("--platform", default="", choices=("", *PLATFORMS))
        parser.add_argument(
            "--image", default="", help="host/path:tag to push to, as whom `docker login` has signed in"
        )
        parser.add_argument("--no-cache", action="store_true", help="build every step anew")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with scratch_folder("build") as folder, _context(options, folder) as context:
                outcome = self._build(context, options)
        except KubeOrchError as error:
            raise CommandError(error.detail) from error
        if outcome.result != "succeeded":
            raise CommandError(f"the build has {outcome.result}")
        self.stdout.write(outcome.digest or "built, and pushed nowhere")

    def _build(self, context: Path, options: dict[str, Any]) -> Outcome:
        place = place_in(settings.DATA_DIR)
        engine = LocalEngine(place)
        order = _order(context, options)
        progress, told = Progress(Masks([])), 0
        with _engine(place, engine):
            engine.start(order)
            try:
                for said in engine.follow(order.name, 0, lambda: None):
                    if isinstance(said, Outcome):
                        return said
                    lines = progress.read(said.line)
                    for step in list(progress.steps.values())[told:]:
                        self.stderr.write(f"#{step.number} {step.name}")
                    told = len(progress.steps)
                    for line in lines:
                        self.stderr.write(f"#{line.step} {line.text}" if line.step else line.text)
            finally:
                engine.cancel(order.name)
                engine.clean(order.name)
        return Outcome("lost")


@contextlib.contextmanager
def _context(options: dict[str, Any], folder: Path) -> Iterator[Path]:
    """The folder that is built. Raises the errors of git, and CommandError."""
    place, root = options["place"], path_below(options["root"], field="root")
    if "://" not in place and not place.startswith("git@"):
        found = Path(place) / root
        if not found.is_dir():
            raise CommandError(f"{found} is not a folder")
        yield found.resolve()
        return
    ref = ref_of(options["ref"]) if options["ref"] else ""
    context = folder / "context"
    context.mkdir()
    with fetched(repository_of(place), ref, Access(), check=lambda: None, file_most=FILE_MOST) as snapshot:
        export(snapshot, root, context, lambda: None)
    yield context


def _order(context: Path, options: dict[str, Any]) -> BuildOrder:
    given = dict(one.partition("=")[::2] for one in options["arg"])
    dockerfile = path_below(options["dockerfile"], field="dockerfile") or "Dockerfile"
    text = None
    if not (context / dockerfile).is_file():
        if options["dockerfile"]:
            raise CommandError(f"{context / dockerfile} is not there")
        text = _written(context)
    image = str(image_of(options["image"])) if options["image"] else ""
    return BuildOrder(
        build_id=f"{os.getpid()}",
        attempt=1,
        context=context,
        dockerfile=dockerfile,
        written=text,
        image=image,
        target=options["target"],
        args=args_of(given, field="arg"),
        platform=options["platform"],
        logins=_logins(image_of(image).host) if image else {},
        no_cache=options["no_cache"],
    )


def _written(context: Path) -> str:
    """The Dockerfile that is written for the first proposal that has one."""
    findings = detect(listing_of(context), lambda path: text_of(context / path))
    plans = [one.plan for one in findings.proposals if one.plan is not None]
    if not plans:
        raise CommandError(f"{context} has no Dockerfile, and nothing that one could be written for")
    return written(plans[0]).dockerfile


def _logins(host: str) -> dict[str, Login]:
    """As `docker login` has kept it in a file. Source: Docker docs, "docker login", "Credential stores"."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    key = HUB if host == "docker.io" else host
    try:
        auth = json.loads((folder / "config.json").read_bytes())["auths"][key]["auth"]
        name, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        return {}
    return {key: Login(name, password)}


@contextlib.contextmanager
def _engine(place: Place, engine: LocalEngine) -> Iterator[None]:
    """The engine that runs, or one for as long as the block lasts. Raises CommandError where none can be had."""
    place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.want()
    with contextlib.ExitStack() as stack:
        try:
            with lock.hold(place.lock):
                place.status.unlink(missing_ok=True)  # of an engine that was killed
            stack.enter_context(running(place))
        except lock.AlreadyHeld:
            pass  # `manage.py up` runs it
        while not (readiness := engine.look()).ok:
            status = place.read_status()
            if status is not None and status.phase == Phase.FAILED:
                raise CommandError("; ".join(readiness.facts))
            time.sleep(LOOK_EVERY_S)
        yield
