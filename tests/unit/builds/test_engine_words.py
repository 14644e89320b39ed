"""What is said of the name of a BuildKit service that is not found: it may be the machine that does not find it."""

from __future__ import annotations

import pytest

from builds.domain.engines import address_of_engine
from builds.engines.services.client import EngineUnreachable, judged


def test_a_name_that_is_not_found_may_be_the_machines_fault() -> None:
    with pytest.raises(EngineUnreachable, match=r"the name nowhere\.invalid was not found; .* DNS or proxy"):
        judged(address_of_engine("nowhere.invalid:1234"))
