"""A step that prints far more than is kept: its beginning and its end are there, and a word where the rest was."""

from __future__ import annotations

from typing import Any

import bson
import pytest

from tests.support.image_builds import Shop, an_app
from tests.support.workers import working

pytestmark = pytest.mark.slow

LINES, LENGTH = 300_000, 100
PRINTS = f'yes "$(printf %0{LENGTH - 8}d 0)" | head -n {LINES} | cat -n; echo the end; exit 3'
KEPT_MOST = 12_000_000


def test_of_30_megabytes_the_beginning_and_the_end_with_its_error_are_kept(shop: Shop, mongo: Any) -> None:
    shop.repository("loud", an_app(f"RUN {PRINTS}\n"))
    with working():
        build = shop.build(shop.source("loud"))
    assert (build["state"], build["reason"]["code"]) == ("failed", "build.step_failed")
    assert sum(one["bytes"] for one in mongo.build_logs.find()) < KEPT_MOST
    assert len(bson.encode(mongo.builds.find_one({}))) < 1_000_000
    printed = [line["text"] for line in shop.log(build) if line["stream"]]
    numbers = [int(head) for head, tab, _ in (text.partition("\t") for text in printed) if tab]
    assert numbers[:1000] == list(range(1, 1001))
    assert numbers[-1000:] == list(range(LINES - 999, LINES + 1))
    assert "the end" in printed[-3:]
    assert any("output clipped" in text for text in printed)
    error = shop.person.get(f"builds/{build['id']}/logs?after={build['error_seq'] - 1}").body["lines"]
    assert "exit code: 3" in error[0]["text"] or "exit code 3" in error[0]["text"]
