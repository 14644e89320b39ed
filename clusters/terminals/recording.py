"""What the audit says of shells: who opened which, what was added to a pod for it, and how it ended.

A shell is written down while it is open. Of one whose server ended without a word, or could not reach the database,
another process says so.
"""

from __future__ import annotations

from pymongo.client_session import ClientSession

from clusters.terminals import shells_store
from clusters.terminals.session import Place, Session
from clusters.terminals.shells_store import Shell
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.web import auditing

LOST = "lost"
AT_ONCE = 100
"""Ends that one call records."""


def note_opened(session: Session, image: str) -> None:
    principal, place, moment = session.principal, session.place, now()
    target = {**place.as_target(), **({"image": image} if image else {})}
    shell = Shell(
        _id=session.id,
        user_id=principal.user_id,
        user=principal.email,
        team_id=place.access.team_id,
        target=target,
        opened_at=moment,
        seen_at=moment,
    )

    def work(transaction: ClientSession) -> None:
        shells_store.add(shell, transaction)
        _record("terminal.open", shell, target, transaction)

    run_in_transaction(work)


def note_ended(session: Session) -> None:
    def work(transaction: ClientSession) -> None:
        shell = shells_store.remove(session.id, transaction)
        if shell is not None:
            _record_end(shell, session.reason, transaction)

    run_in_transaction(work)


def note_debugger(principal: Principal, place: Place, image: str) -> None:
    """A container was added to a pod, whether it starts or not."""
    auditing.record(
        "terminal.debug",
        actor_id=principal.user_id,
        actor=principal.email,
        team_id=place.access.team_id,
        target={**place.as_target(), "image": image},
    )


def record_lost_shells() -> None:
    """Record the end of shells whose server has ended. Any process may call it, often: each is taken once."""
    for _ in range(AT_ONCE):
        if not run_in_transaction(_record_lost):
            return


def _record_lost(transaction: ClientSession) -> bool:
    shell = shells_store.remove_silent(transaction)
    if shell is not None:
        _record_end(shell, LOST, transaction)
    return shell is not None


def _record_end(shell: Shell, reason: str, transaction: ClientSession) -> None:
    until = shell["seen_at"] if reason == LOST else now()
    seconds = f"{(until - shell['opened_at']).total_seconds():.0f}"
    target = {key: value for key, value in shell["target"].items() if key != "image"}
    _record("terminal.close", shell, {**target, "reason": reason, "seconds": seconds}, transaction)


def _record(action: str, shell: Shell, target: dict[str, str], transaction: ClientSession) -> None:
    auditing.record(
        action,
        actor_id=shell["user_id"],
        actor=shell["user"],
        team_id=shell["team_id"],
        target=target,
        session=transaction,
    )
