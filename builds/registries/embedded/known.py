"""The embedded registry as web processes and workers see it: where it is, how it does, and as whom a team enters it."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId
from django.conf import settings

from builds.domain.images import Image, ImageInvalid, host_of
from builds.registries.answers import Login
from builds.registries.distribution import Server
from builds.registries.embedded.accounts import Entry, Right, password_of
from builds.registries.embedded.place import Address, EmbeddedPlace, Status, embedded_in
from kubeorch.programs.progress import Phase

NOT_RUNNING = (
    "the embedded registry does not run beside this worker; `manage.py up` starts it by itself, elsewhere run "
    "`manage.py builder` with KUBEORCH_EMBEDDED_REGISTRY=1"
)

TEAM_FULL = (
    "your team stores the {:.0f} GB that a team may have in the embedded registry: remove images that nothing uses "
    "(Registries, Embedded registry), or have an administrator set KUBEORCH_EMBEDDED_REGISTRY_TEAM_GB higher"
)


def is_on() -> bool:
    return bool(settings.EMBEDDED_REGISTRY)


def place() -> EmbeddedPlace:
    return embedded_in(settings.DATA_DIR)


def address_known() -> Address | None:
    """Where it is; None where it is off, or was never wanted."""
    return place().known_address(settings.EMBEDDED_REGISTRY_ADDRESS) if is_on() else None


def address() -> Address:
    """As `address_known`, chosen where it was not yet. It has to be on."""
    return place().address(settings.EMBEDDED_REGISTRY_ADDRESS)


def status() -> Status | None:
    return place().read_status()


def is_embedded(image: Image) -> bool:
    known = address_known()
    return known is not None and image.host == _host(known)


def host_of_images() -> str:
    """What names of its images begin with, in the form in which hosts are compared. It has to have an address."""
    return _host(address())


def server() -> Server:
    """How it is spoken to."""
    known = address()
    authority = place().authority() if known.has_tls else ""
    return Server(_host(known), not known.has_tls, authority, is_own=True)


def login_of_team(team_id: ObjectId, right: Right) -> Login:
    return _login(Entry(str(team_id), right))


def login_of_person(team_id: ObjectId, user_id: str, until_s: int) -> Login:
    """By which a person pulls the team's images until then, or until `logins.end_logins` finds that they may not."""
    entry = Entry(str(team_id), "pull", user_id, until_s)
    place().note_login(entry.login, until_s)
    return _login(entry)


def _login(entry: Entry) -> Login:
    at = place()
    return Login(entry.username, password_of(at.key(), entry, at.generations().get(entry.team, 0)))


def why_not_ready(team_id: ObjectId) -> tuple[str, bool]:
    """Why a team can push nothing now, "" where it can; and whether that passes by itself. It is wanted from now on."""
    place().want()
    found = status()
    if found is None:
        return NOT_RUNNING, False
    words = f"{found.message}: {found.detail}" if found.detail else found.message
    if found.phase == Phase.READY and not found.detail and found.is_full_for(str(team_id)):
        return TEAM_FULL.format(found.team_most_bytes / 1e9), False
    if found.phase == Phase.READY:
        return (words if found.detail else ""), False
    return words, found.phase != Phase.FAILED


def _host(known: Address) -> str:
    """In the form in which hosts of images are compared."""
    try:
        return host_of(known.name)
    except ImageInvalid:
        return known.name


@dataclass(frozen=True, slots=True)
class Seen:
    """How the embedded registry does, for people."""

    state: str
    """`off`, `idle` before it was first wanted, `stopped`, or a phase."""
    message: str
    detail: str
    address: str
    """`host:port`; "" while none is chosen."""
    is_loopback: bool
    authority: str
    takes_images: bool
    """Whether images go there that nobody named a place for."""
    stored: Status


def seen() -> Seen:
    """Nothing is asked, and nothing begins."""
    known, found = address_known(), status() if is_on() else None
    stored = found or Status("", "")
    if not is_on():
        state, message, detail = "off", "it is switched off", "set KUBEORCH_EMBEDDED_REGISTRY=1 to have one"
    elif found is not None:
        state, message, detail = found.phase, found.message, found.detail
    elif place().wanted.exists():
        state, message, detail = "stopped", NOT_RUNNING, ""
    else:
        state, message, detail = "idle", "it is got and started when an image is first built", ""
    return Seen(
        state,
        message,
        detail,
        known.name if known else "",
        known is None or known.is_loopback,
        place().authority() if known and known.has_tls else "",
        is_on() and not settings.BUILD_IMAGES,
        stored,
    )
