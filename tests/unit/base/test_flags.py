"""On and off in the environment, one reading for all."""

from __future__ import annotations

import pytest

from kubeorch.base.flags import BadFlag, flag


@pytest.mark.parametrize("text", ["1", "true", "YES", " on "])
def test_words_for_on(text: str) -> None:
    assert flag({"X": text}, "X", False)


@pytest.mark.parametrize("text", ["0", "False", "no", "OFF"])
def test_words_for_off(text: str) -> None:
    assert not flag({"X": text}, "X", True)


@pytest.mark.parametrize("default", [True, False])
def test_missing_and_empty_mean_the_default(default: bool) -> None:
    assert flag({}, "X", default) is flag({"X": " "}, "X", default) is default


@pytest.mark.parametrize("text", ["flase", "2", "-", "x" * 1000])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadFlag, match=r"^X is .*; it takes 1 or 0$"):
        flag({"X": text}, "X", True)
