"""Versions and ranges of charts, as Helm reads them."""

from __future__ import annotations

import pytest

from builds.domain.semver import allows, newest


@pytest.mark.parametrize(
    ("wanted", "has", "lacks"),
    [
        ("1.2.3", ["1.2.3", "v1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        ("^0.2.3", ["0.2.9"], ["0.3.0", "1.0.0"]),
        ("^0", ["0.9.1"], ["1.0.0"]),
        ("~1.2.3", ["1.2.9"], ["1.3.0"]),
        ("~1", ["1.9.9"], ["2.0.0"]),
        ("~1.2", ["1.2.0"], ["1.3.0"]),
        ("1.x", ["1.0.0", "1.99.0"], ["2.0.0", "0.9.0"]),
        ("12.x.x", ["12.1.9"], ["13.0.0"]),
        ("*", ["0.0.1", "9.9.9"], ["1.0.0-rc1"]),
        (">=1.2, <2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.9"]),
        (">= 1.2 < 2.0.0", ["1.2.0"], ["2.0.0"]),
        ("1.2 - 1.4", ["1.2.0", "1.4.9"], ["1.5.0"]),
        ("<1 || >2", ["0.9.0", "3.0.0"], ["1.5.0", "2.5.0"]),
        ("!=1.2.x", ["1.3.0"], ["1.2.5"]),
        (">=1.0.0-0", ["1.0.0-rc1", "1.0.0"], ["0.9.0"]),
        ("<=1.2", ["1.2.9"], ["1.3.0"]),
        ("nonsense", [], ["1.0.0"]),
        (">=1; rm", [], ["1.0.0"]),
    ],
)
def test_a_range_has_versions(wanted: str, has: list[str], lacks: list[str]):
    assert [version for version in [*has, *lacks] if allows(wanted, version)] == has


def test_the_newest_that_fits_is_taken_and_a_whole_version_as_it_is_written():
    known = ["1.9.0", "1.10.0", "2.0.0-rc.1", "v1.2.0", "latest", "1.10.0-rc.2"]

    assert newest(known) == "1.10.0"
    assert newest(known, "2.0.0-rc.1") == "2.0.0-rc.1"
    assert newest(known, "~1.2") == "v1.2.0"
    assert newest(known, "^3") is None
