"""What a login tells by its time: an unknown address beside a known one, each with a wrong password."""

from __future__ import annotations

import time

from tests.perf._product import database
from tests.perf._rows import percentile, report

ROUNDS = 30


def main() -> None:
    with database():
        from tests.support.people import a_user

        took: dict[str, list[float]] = {a_user().email: [], "nobody@example.test": []}
        for number in range(ROUNDS):
            for email, found in took.items():
                found.append(login_ms(email, number))
        fast, slow = sorted(percentile(found, 0.5) for found in took.values())
        report("login_time_difference", slow, fast, unit="ms", must=3, aim=1.2)


def login_ms(email: str, number: int) -> float:
    """From an address of its own each time, so that nothing is locked."""
    from tests.support.people import call

    began = time.perf_counter()
    answer = call("POST", "auth/login", {"email": email, "password": "not it at all"}, source=f"198.51.100.{number}")
    assert answer.status == 401, answer.body
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
