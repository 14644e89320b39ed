"""The accounts of the instance, as its administrators look after them: disabled, enabled, given a new administrator.

What runs goes on when its person is disabled: a run belongs to its team, and one that ends halfway would leave the
cluster in a state that nobody drew.
"""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts import letting_in_store, resets, store
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.accounts.signing_in import end_access
from kubeorch.base.errors import Conflict, NotFound
from kubeorch.mongo.client import Document
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction


class LastInstanceAdmin(Conflict):
    code = "account.last_admin"

    def __init__(self) -> None:
        super().__init__(
            "this is the only administrator of the instance whose account is not disabled; make somebody else one first"
        )


class DisabledAccount(Conflict):
    code = "account.disabled"

    def __init__(self) -> None:
        super().__init__("this account is disabled; enable it first")


def person_for(principal: Principal, user_id: object) -> Document:
    """The account, for an administrator of the instance.

    Raises NotFound for what there is not, and to people who share no team with the account; Forbidden to the others.
    """
    found = store.find_person(as_object_id(user_id, what="account"))
    if not principal.is_admin and not store.is_in_any(found["_id"], principal.team_ids):
        raise NotFound("there is no such account")
    require_instance_admin(principal)
    return found


def disable(person: Document) -> None:
    """End all access of the account until it is enabled: sessions, tokens, and within seconds its sockets.

    The invites and reset codes that it made end, too.

    Raises LastInstanceAdmin.
    """
    user_id = person["_id"]

    def work(session: ClientSession) -> None:
        store.lock_people(session)
        _check_an_admin_stays(user_id, session)
        store.change_person(user_id, {"is_active": False}, session)

    run_in_transaction(work)
    _end_all(user_id)


def enable(person: Document) -> None:
    """Let the person sign in again; what was ended stays so."""
    _end_all(person["_id"])  # also what a sign-in made that was on its way when the account was disabled
    run_in_transaction(lambda session: store.change_person(person["_id"], {"is_active": True}, session))


def set_admin(person: Document, is_admin: bool) -> None:
    """Make the person an administrator of the instance, or no longer one, whose invites and reset codes then end.

    Raises LastInstanceAdmin.
    """

    def work(session: ClientSession) -> None:
        store.lock_people(session)
        if not is_admin:
            _check_an_admin_stays(person["_id"], session)
            letting_in_store.delete_open_invites_elsewhere(person["_id"], session)
            letting_in_store.delete_reset_codes_by(person["_id"], session)
        store.change_person(person["_id"], {"is_admin": is_admin}, session)

    run_in_transaction(work)


def new_reset_code(person: Document, by: Principal | None) -> Document:
    """A code that sets a new password once: `{code, expires_at}`; an earlier one no longer works.

    Raises DisabledAccount.
    """
    if not person["is_active"]:
        raise DisabledAccount
    return resets.new_code(person["_id"], by)


def _end_all(user_id: ObjectId) -> None:
    end_access(user_id)
    letting_in_store.delete_open_invites_by(user_id)
    letting_in_store.delete_reset_codes_by(user_id)


def _check_an_admin_stays(user_id: ObjectId, session: ClientSession) -> None:
    """Raise LastInstanceAdmin if nobody else could administer the instance; `lock_people` has been called."""
    if store.is_active_admin(user_id, session) and not store.has_other_instance_admin(user_id, session):
        raise LastInstanceAdmin
