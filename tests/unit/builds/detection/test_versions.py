"""Versions as files and ranges name them."""

from __future__ import annotations

import pytest

from builds.domain.detection.versions import GO, JAVA, NODE, PHP, PYTHON, RUBY, Line, allowed_version, written_version


@pytest.mark.parametrize(
    ("line", "text", "version"),
    [
        *(
            (NODE, "v22.3.0", "22"),
            (NODE, "20", "20"),
            (NODE, "lts/*", "24"),
            (NODE, "lts/iron", "20"),
            (NODE, "x", None),
        ),
        *(
            (PYTHON, "3.11.4", "3.11"),
            (PYTHON, "python-3.12.7", "3.12"),
            (PYTHON, "3", "3.14"),
            (PYTHON, "3.13t", None),
        ),
        *(
            (PYTHON, "pypy3.10-7.3", None),
            (PYTHON, "3.14.0rc1", "3.14"),
            (GO, "1.26.3", "1.26"),
            (RUBY, "ruby-3.2.6", "3.2"),
        ),
        *((JAVA, "1.8", "8"), (JAVA, "temurin-21.0.2+13.0.LTS", "21"), (JAVA, "17", "17"), (PHP, "8.3", "8.3")),
        *((NODE, "22\nRUN id", None), (NODE, "", None), (NODE, "99999", None)),
    ],
)
def test_a_version_file_names_a_tag(line: Line, text: str, version: str | None) -> None:
    assert written_version(line, text) == version


@pytest.mark.parametrize(
    ("line", "text", "version"),
    [
        *(
            (NODE, ">=18", "24"),
            (NODE, ">=18 <23", "22"),
            (NODE, "20 || 22", "22"),
            (NODE, "^20.9.0", "20"),
            (NODE, "18.x", "18"),
        ),
        *(
            (NODE, ">=25", "25"),
            (NODE, "18 - 20", "20"),
            (NODE, "*", None),
            (NODE, ">=99", None),
            (NODE, "~22.1", "22"),
        ),
        *(
            (NODE, "^18.18.0 || ^20.9.0 || >=21.1.0", "24"),
            (NODE, "<=20.5", "20"),
            (NODE, ">20", "24"),
            (NODE, "!=24", "25"),
        ),
        *(
            (PYTHON, "^3.11", "3.13"),
            (PYTHON, ">=3.9,<3.13", "3.12"),
            (PYTHON, "~=3.10", "3.13"),
            (PYTHON, "~=3.10.2", "3.10"),
        ),
        *(
            (PYTHON, "==3.11.*", "3.11"),
            (PYTHON, ">=3.14", "3.14"),
            (PYTHON, ">=3.9, !=3.9.7", "3.13"),
            (PYTHON, "<3.12", "3.11"),
        ),
        *(
            (PYTHON, "<3.12.0", "3.11"),
            (PYTHON, "<3.12.5", "3.12"),
            (PYTHON, ">=3.12.5", "3.13"),
            (PYTHON, "nonsense", None),
        ),
        *(
            (RUBY, "~> 3.3.0", "3.3"),
            (RUBY, "~> 3.2", "3.4"),
            (PHP, "^8.2", "8.4"),
            (PHP, "^8.2|^8.3", "8.4"),
            (PHP, ">=8.5", "8.5"),
        ),
        *((GO, ">=1.16", "1.26"),),
    ],
)
def test_a_range_means_ours_or_the_nearest_that_it_allows(line: Line, text: str, version: str | None) -> None:
    assert allowed_version(line, text) == version
