"""What is found in each sample repository stands in `tests/golden/detection`, with the Dockerfiles that are written.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/unit/builds/detection/test_samples.py`, then read the diff.
"""

from __future__ import annotations

import os

import pytest

from builds.domain.detection.dockerfile import parse
from builds.domain.detection.printed import printed
from builds.domain.detection.written import written
from tests.unit.builds.detection.samples import GOLDEN, SAMPLES, found_in


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_found_stands_in_the_golden_file(name: str) -> None:
    found = found_in(SAMPLES[name])
    text = printed(found)
    for proposal in found.proposals:
        if proposal.plan is not None:
            text += f"\n--- {proposal.name}\n{written(proposal.plan).dockerfile}"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SAMPLES)
    assert len(SAMPLES) >= 25


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_written_is_a_dockerfile_that_ends_without_root_on_one_port(name: str) -> None:
    for proposal in found_in(SAMPLES[name]).proposals:
        if proposal.plan is None:
            continue
        read = parse(written(proposal.plan).dockerfile)
        assert read.problems == ()
        last = [one for one in read.stages[-1].instructions if one.word in ("USER", "EXPOSE", "CMD")]
        assert [one.word for one in last] == ["USER", "EXPOSE", "CMD"]
        assert int(last[0].text.partition(":")[0]) > 0
        assert last[1].text == str(proposal.port)
        for stage in read.stages:
            tag = stage.image.rpartition(":")[2]
            assert tag[0].isdigit() or tag.startswith("bookworm"), stage.image
