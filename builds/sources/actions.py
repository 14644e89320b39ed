"""Sources: made, changed, removed. Each action is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.connections.actions import chosen
from builds.connections.keys import is_private_key
from builds.connections.store import hold
from builds.domain import sources as rules
from builds.domain.engines import LOCAL
from builds.domain.images import image_of
from builds.domain.repositories import repository_of
from builds.engines.services import store as services
from builds.registries.reach import is_of_another_team
from builds.sources import store
from builds.sources.store import BuilderRow, SourceNameTaken, SourceRow, VariableRow
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction


class SourceChanged(Conflict):
    """Somebody else changed it in between."""

    code = "source.changed"

    def __init__(self) -> None:
        super().__init__("this source was changed in the meantime; look at it again")


class TooManySources(Conflict):
    code = "source.too_many"

    def __init__(self) -> None:
        super().__init__(f"a team has {store.SOURCES_MOST} sources at most; remove one")


def create_source(principal: Principal, given: Mapping[str, Any]) -> SourceRow:
    """Raises Forbidden, NotFound, SourceInvalid, RepositoryInvalid, ConnectionElsewhere, ImageInvalid,
    SourceNameTaken and TooManySources."""
    team_id = choose_team(principal, "source.edit", given.get("team"))
    source_id, at, by = ObjectId(), now(), ObjectId(principal.user_id)
    variables, secrets = _variables([], {}, given.get("variables") or ())
    repository = rules.repository_url(given["repository"])
    row: SourceRow = {
        "_id": source_id,
        "team_id": team_id,
        "name": rules.name_of_source(given["name"]),
        "repository": repository,
        "connection_id": chosen(principal, team_id, given.get("connection"), repository_of(repository)),
        "ref": rules.ref_or_none(given.get("ref") or ""),
        "root": rules.path_below(given.get("root") or "", field="root"),
        "builder": store.builder_row(rules.builder_of(given.get("builder") or {})),
        "image": _image(given.get("image") or "", team_id),
        "engine": given.get("engine") or "",
        "keep_images": _kept(principal, team_id, given, before=0),
        "images_note": None,
        "variables": variables,
        "sealed_values": store.seal_values(source_id, secrets),
        "last_number": 0,
        "rev": 1,
        "created_at": at,
        "created_by": by,
        "updated_at": at,
        "updated_by": by,
    }

    _check_together(row["builder"], variables, secrets, field="variables")
    _check_deploy_key(row["builder"], row["connection_id"], repository)

    def work(session: ClientSession) -> None:
        if store.count(team_id, session) >= store.SOURCES_MOST:
            raise TooManySources
        if row["connection_id"] is not None:
            hold(row["connection_id"], team_id, session)
        _hold_engine(given, team_id, session)
        row["last_number"] = store.last_number_of(team_id, row["name"], session)
        store.insert(row, session)

    try:
        run_in_transaction(work)
    except DuplicateKeyError:
        raise SourceNameTaken(row["name"]) from None
    return row


def change_source(principal: Principal, source_id: ObjectId, given: Mapping[str, Any]) -> SourceRow:
    """Change what is named; builds that run keep what they began with. Raises as `create_source`, and SourceChanged."""
    before = editable(principal, source_id)
    values: dict[str, Any] = {"updated_at": now(), "updated_by": ObjectId(principal.user_id)}
    if "repository" in given:
        values["repository"] = rules.repository_url(given["repository"])
    if {"repository", "connection"} & given.keys():
        repository = repository_of(values.get("repository", before["repository"]))
        values["connection_id"] = chosen(
            principal, before["team_id"], given.get("connection", before["connection_id"]), repository
        )
    if "ref" in given:
        values["ref"] = rules.ref_or_none(given["ref"])
    if "root" in given:
        values["root"] = rules.path_below(given["root"], field="root")
    if "builder" in given:
        values["builder"] = store.builder_row(rules.builder_of(given["builder"]))
    if "image" in given:
        values["image"] = _image(given["image"], before["team_id"])
    if "engine" in given:
        values["engine"] = given["engine"]
    if "keep_images" in given:
        values["keep_images"] = _kept(principal, before["team_id"], given, before=before.get("keep_images", 0))
    secrets = store.open_values(before) if {"builder", "variables"} & given.keys() else {}
    if "variables" in given:
        variables, secrets = _variables(before["variables"], secrets, given["variables"])
        values |= {"variables": variables, "sealed_values": store.seal_values(source_id, secrets)}
    if "builder" in given or "variables" in given:
        builder, variables = values.get("builder", before["builder"]), values.get("variables", before["variables"])
        field = "variables" if "variables" in given else "builder.args"
        _check_together(builder, variables, secrets, field=field)
    if {"builder", "repository", "connection"} & given.keys():
        after = {**before, **values}
        if after["builder"].get("deploy_key"):
            require(principal, "git.use", before["team_id"])
        _check_deploy_key(after["builder"], after["connection_id"], after["repository"])

    def work(session: ClientSession) -> SourceRow:
        if (named := values.get("connection_id")) is not None:
            hold(named, before["team_id"], session)
        _hold_engine(given, before["team_id"], session)
        changed = store.change(source_id, given.get("rev", before["rev"]), values, session=session)
        if changed is None:
            raise SourceChanged
        return changed

    return run_in_transaction(work)


def remove_source(
    principal: Principal, source_id: ObjectId, forget: Callable[[ObjectId, ClientSession], None]
) -> SourceRow:
    """Remove a source; `forget` takes what was built of it along. Raises SourceNotFound or Forbidden."""
    row = editable(principal, source_id)

    def work(session: ClientSession) -> None:
        forget(source_id, session)
        store.remove(row, session)

    run_in_transaction(work)
    return row


def editable(principal: Principal, source_id: ObjectId) -> SourceRow:
    """Raises SourceNotFound or Forbidden."""
    row = store.find(source_id, team_filter(principal))
    require(principal, "source.edit", row["team_id"])
    return row


def _image(text: str, team_id: ObjectId) -> str:
    """host/path in its one form; "" stays. Raises SourceInvalid for one with a tag or digest, or of another team."""
    if not text:
        return ""
    image = image_of(text)
    if image.tag or image.digest:
        raise rules.SourceInvalid("leave tag and digest out: each build has its own", field="image")
    if is_of_another_team(image, team_id):
        raise rules.SourceInvalid(
            "the images of other teams are there; leave the image out, and it goes to your own team's", field="image"
        )
    return image.repository


def _kept(principal: Principal, team_id: ObjectId, given: Mapping[str, Any], *, before: int) -> int:
    """How many images are kept. What is removed cannot be had back, so it is asked of who may remove images. Raises
    Forbidden and SourceInvalid."""
    keep = given.get("keep_images") or 0
    if keep == before:
        return before
    require(principal, "image.remove", team_id)
    if keep > settings.MAX_BUILDS:
        raise rules.SourceInvalid(
            f"{settings.MAX_BUILDS} builds of a source are kept, so that older images are not known to be its own: "
            f"keep {settings.MAX_BUILDS} at most, or all",
            field="keep_images",
        )
    return keep


def _hold_engine(given: Mapping[str, Any], team_id: ObjectId, session: ClientSession) -> None:
    """Raises SourceInvalid for an engine that the team does not have."""
    engine = given.get("engine") or LOCAL
    if engine == LOCAL:
        return
    if engine not in {one.engine for one in services.choices_of(team_id, session)}:
        raise rules.SourceInvalid(
            "your team has no such engine; choose one of its own, or of all teams", field="engine"
        )
    services.hold(engine, session)


def _check_together(
    builder: BuilderRow, variables: Sequence[VariableRow], secrets: Mapping[str, str], *, field: str
) -> None:
    """Raises SourceInvalid."""
    plain = {one["key"]: one["value"] for one in variables if not one["is_secret"]}
    rules.check_together(dict(builder["args"]), plain, secrets, field=field)


def _check_deploy_key(builder: BuilderRow, connection_id: ObjectId | None, repository: str) -> None:
    """Raises SourceInvalid."""
    if builder.get("deploy_key") and (connection_id is None or repository_of(repository).scheme != "ssh"):
        raise rules.SourceInvalid(
            "a deploy key belongs to a connection for SSH: give the repository's SSH address and its connection, or "
            "give the source a key of its own, as a variable for ssh",
            field="builder.deploy_key",
        )


def _check_key(key: str, value: str | None, field: str) -> None:
    """Raises SourceInvalid; `value` is None where it is no secret."""
    if value is None:
        raise rules.SourceInvalid(f"{key} is a private key, so it has to be a secret", field=f"{field}.secret")
    if not is_private_key(value):
        raise rules.SourceInvalid(
            f"{key} is not a private key that ssh can use: Ed25519, ECDSA, or RSA with 2048 to 8192 bits, in PEM or "
            "OpenSSH's format, with its line breaks and without a passphrase",
            field=f"{field}.value",
        )


def _variables(
    before: Sequence[VariableRow], secrets: Mapping[str, str], given: Sequence[Mapping[str, Any]]
) -> tuple[list[VariableRow], dict[str, str]]:
    """All variables as they are now, and the values of the secret ones; one that is named without a value stays.

    Raises SourceInvalid.
    """
    known = {one["key"]: one for one in before}
    made: dict[str, VariableRow] = {}
    hidden: dict[str, str] = {}
    for number, one in enumerate(given):
        key, field = one["key"], f"variables.{number}"
        if key in made:
            raise rules.SourceInvalid(f"{key} is given twice", field=f"{field}.key")
        is_secret, value = one.get("secret", False), one.get("value")
        if value is None:
            if not is_secret or key not in secrets:
                raise rules.SourceInvalid(f"give the value of {key}", field=f"{field}.value")
            made[key] = {**known[key], "usage": one["usage"]}
            hidden[key] = secrets[key]
            if one["usage"] == "ssh":
                _check_key(key, hidden[key], field)
            continue
        rules.check_variable(key, value, field=field)
        if one["usage"] == "ssh":
            _check_key(key, value if is_secret else None, field)
        if is_secret:
            hidden[key] = value
        made[key] = {
            "key": key,
            "usage": one["usage"],
            "is_secret": is_secret,
            "value": "" if is_secret else value,
            "changed_at": now(),
        }
    return list(made.values()), hidden
