"""Why a step was not taken from the cache."""

from __future__ import annotations

import pytest

from builds.domain.cache_misses import StepFacts, before_of, instruction_of, misses

STEPS = (
    StepFacts(1, "[internal] load build definition from Dockerfile", False, ()),
    StepFacts(2, "[build 1/4] FROM docker.io/library/node:22@sha256:0", False, ()),
    StepFacts(3, "[build 2/4] COPY package.json .", True, (2,)),
    StepFacts(4, "[build 3/4] COPY . .", False, (3,)),
    StepFacts(5, "[build 4/4] RUN npm run build", False, (4,)),
    StepFacts(6, "[stage-1 1/1] COPY --from=build /dist /", False, (5,)),
    StepFacts(7, "exporting to image", False, (6,)),
)
NAMES = [one.name for one in STEPS]


def test_the_first_step_has_a_reason_and_the_others_stand_on_it() -> None:
    found = misses(STEPS, before_of(4, NAMES, has_same_files=False), no_cache=False)
    assert found.keys() == {4, 5, 6}
    assert found[4].startswith("files that it copies have changed since build #4")
    assert found[5] == "step #4, which it stands on, was built anew"
    assert found[6] == "step #5, which it stands on, was built anew"


@pytest.mark.parametrize("same", [True, False])
def test_an_instruction_that_was_not_there_is_told_of_as_such(same: bool) -> None:
    names = [name for name in NAMES if "npm run" not in name]
    found = misses(STEPS, before_of(4, names, has_same_files=same), no_cache=False)
    assert found[5] == "its instruction is new or was changed since build #4"


def test_of_the_same_files_it_is_the_cache_that_is_gone() -> None:
    found = misses(STEPS, before_of(4, NAMES, has_same_files=True), no_cache=False)
    assert found[4] == "its layer is not kept any more, or its base image or an argument has changed"


def test_a_first_build_and_one_without_cache_say_so() -> None:
    assert set(misses(STEPS, None, no_cache=False).values()) == {"no build of this source has succeeded before"}
    assert set(misses(STEPS, None, no_cache=True).values()) == {"it was asked for without cache"}


def test_an_instruction_is_the_same_wherever_it_stands_in_its_stage() -> None:
    assert instruction_of("[build 2/4] RUN a") == instruction_of("[build 3/5] RUN a")
    assert instruction_of("[2/3] RUN a") == instruction_of("[3/3] RUN a") != instruction_of("[x 3/3] RUN a")
    assert instruction_of("[internal] load .dockerignore") == instruction_of("exporting to image") == ""
