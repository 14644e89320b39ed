"""One transaction for ORM rows and raw documents alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connections
from django_mongodb_backend.transaction import atomic
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from kubeorch.base.backoff import Backoff

T = TypeVar("T")

RETRY_FOR_S = 10.0
BACKOFF = Backoff(first_s=0.002, most_s=0.1)


@contextmanager
def transaction() -> Iterator[ClientSession]:
    """Yield the session of a transaction that ORM calls inside the block share.

    Hand the session to every raw call (`session=…`). A conflicting writer raises an error labelled
    `TransientTransactionError`; use `run_in_transaction` where that should be tried again.
    """
    connection: Any = connections["default"]
    try:
        with atomic():
            session: ClientSession = connection.session
            yield session
    finally:
        # The backend keeps the session of a commit that failed, and this thread could begin no other transaction.
        if connection.session is not None and not connection.in_atomic_block_mongo:
            connection.session.end_session()
            connection.session = None


def run_in_transaction(work: Callable[[ClientSession], T]) -> T:
    """Run `work(session)` in a transaction, again from the start while the server says it may be retried.

    `work` may run several times, so it must have no effect outside the transaction. Inside another one it is a part of
    that, which is tried again as a whole.
    Source: MongoDB docs, "Transactions in Applications", TransientTransactionError.
    """
    outer: Any = connections["default"]
    if outer.in_atomic_block_mongo:
        return work(outer.session)
    give_up_at = time.monotonic() + RETRY_FOR_S
    attempt = 0
    while True:
        attempt += 1
        try:
            with transaction() as session:
                return work(session)
        except Exception as error:
            cause = _mongo_cause(error)
            if cause is None or not cause.has_error_label("TransientTransactionError") or time.monotonic() > give_up_at:
                raise
            time.sleep(BACKOFF.delay_s(attempt))


def _mongo_cause(error: BaseException | None) -> PyMongoError | None:
    while error is not None:
        if isinstance(error, PyMongoError):
            return error
        error = error.__cause__
    return None
