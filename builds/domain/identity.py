"""What makes two builds the same: all that their image is made of, as one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from builds.domain.sources import BuilderSpec

VERSION = 1
"""Counts changes of how images are made of the same inputs."""


def identity_of(
    tree: str,
    builder: BuilderSpec,
    *,
    variables: Mapping[str, str],
    platform: str,
    engine: str,
    image: str,
    ssh: Iterable[str] = (),
) -> str:
    """64 hexadecimal digits.

    `tree` is git's id of the folder that is built, `variables` fingerprints by name, `engine` what builds with its
    version, `image` where it goes: a digest of another registry is no answer. `ssh` has the ids of mounts of SSH: the
    keys behind them make no other image.
    """
    attached = {
        "ignore": hashlib.sha256(builder.ignore.encode()).hexdigest() if builder.ignore else "",
        "provenance": builder.provenance,
        "sbom": builder.sbom,
        "submodules": builder.submodules,  # the tree holds their commits
        "lfs": builder.lfs,  # the tree holds what they are
        "ssh": sorted(ssh),
    }
    inputs = {
        **{key: value for key, value in attached.items() if value},  # what nobody chose changes no identity
        "version": VERSION,
        "tree": tree,
        "type": builder.type,
        "dockerfile": builder.dockerfile if builder.type == "dockerfile" else "",
        "text": hashlib.sha256(builder.text.encode()).hexdigest(),
        "target": builder.target,
        "args": sorted(builder.args.items()),
        "variables": sorted(variables.items()),
        "platform": platform,
        "engine": engine,
        "image": image,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
