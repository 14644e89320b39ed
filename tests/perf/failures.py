"""How soon people learn of trouble: no database, a database that hangs, and rights that were taken away."""

from __future__ import annotations

import asyncio
import signal
import time
import urllib.error
import urllib.request

import websockets

from tests.perf._product import database
from tests.perf._rows import report
from tests.support.wait import PATIENCE_S, until
from tests.support.web_role import Web, ask

REVOCATIONS = 5


def main() -> None:
    with database() as found:
        web = Web()
        try:
            late = [asyncio.run(revoked(web)) for _ in range(REVOCATIONS)]
            report("revoked_socket_is_closed", max(late), unit="s", must=5)
            process = found.mongod.process
            process.send_signal(signal.SIGSTOP)
            report("hanging_database_first_refusal", refusal_s(web), unit="s", must=9, aim=5)
            report("hanging_database_next_refusal", refusal_s(web), unit="s", must=4, aim=2)
            process.send_signal(signal.SIGCONT)
            until(lambda: status_of(web) == 200, what="it is served again")
            process.kill()
            process.wait()
            report("dead_database_refusal", max(refusal_s(web) for _ in range(5)), unit="s", must=4, aim=2)
        finally:
            web.stop()


async def revoked(web: Web) -> float:
    """Seconds from the end of a token to the end of its socket."""
    from tests.support.people import a_user

    person = await asyncio.to_thread(a_user)
    async with web.live(person.token) as live:
        await ask(live, subscribe="clusters")
        await asyncio.to_thread(person.post, "auth/logout")
        began = time.monotonic()
        try:
            while True:
                await live.recv()
        except websockets.exceptions.ConnectionClosed:
            return time.monotonic() - began


def refusal_s(web: Web) -> float:
    began = time.monotonic()
    assert status_of(web) == 503
    return time.monotonic() - began


def status_of(web: Web) -> int:
    try:
        with urllib.request.urlopen(f"{web.http}/api/v1/auth/session", timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


if __name__ == "__main__":
    main()
