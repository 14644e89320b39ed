"""What to do about images that cannot be pulled and programs that end, in words."""

from __future__ import annotations

from decimal import Decimal

from clusters.domain.quantity import parse_quantity

IMAGE_CURES = {
    "access denied": (
        "image.denied",
        "Give the pods an image pull Secret for that registry (imagePullSecrets), or correct the image's name: some "
        "registries say the same of images that do not exist.",
    ),
    "not found": ("image.not_found", "Correct the name or the tag of the image, or push it to the registry."),
    "the name is not valid": ("image.name", "Correct the name of the image."),
    "the registry's pull rate limit was reached": (
        "image.rate_limit",
        "Wait until the limit ends, sign in to the registry with an image pull Secret, or use a mirror.",
    ),
    "the registry's certificate is not trusted": (
        "image.certificate",
        "Have the nodes trust the registry's certificate authority, in the configuration of their container runtime. "
        "For images that are built here, the page Registries shows the files.",
    ),
    "the registry cannot be reached": (
        "image.unreachable",
        "Check the registry's address in the image's name, and whether the nodes reach it.",
    ),
    "it is not on the node": (
        "image.never_pulled",
        "Set imagePullPolicy to IfNotPresent, or put the image on the node.",
    ),
}
ARCHITECTURE = ("no match for platform", "no matching manifest")
WRONG_BINARY = "exec format error"
EXIT_WORDS = {
    126: "the command cannot be executed; check that the file may be run",
    127: "the command was not found; check command and args",
    128: "the command could not be started; check command and args",
    137: "it was killed (SIGKILL), by a failed liveness probe, by memory, or after its grace period",
    139: "it crashed with a memory error (SIGSEGV)",
    143: "it was asked to stop (SIGTERM)",
}

DOUBLED_MOST = Decimal(64 * 2**30)
"""Bytes; a higher limit is for people to choose."""


def doubled(limit: str) -> str:
    value = parse_quantity(limit) * 2
    for suffix, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if value % size == 0:
            return f"{int(value / size)}{suffix}"
    return f"{int(value)}"
