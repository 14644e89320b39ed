"""What is refused, with which code and where; and traps that are read as Docker Compose reads them."""

from __future__ import annotations

import pytest

from imports.domain.problems import ImportInvalid
from tests.unit.imports.compose.loading import loaded, web

OK = "services: {web: {image: a}}"
REFUSED: list[tuple[str, dict[str, str | bytes], str, str]] = [
    (
        "a key twice",
        {"compose.yaml": "services:\n  web: {image: a}\n  web: {image: b}"},
        "import.yaml",
        "compose.yaml:3:3",
    ),
    ("an unknown key", {"compose.yaml": "services:\n  web:\n    imagee: a"}, "import.unknown_key", "compose.yaml:3:5"),
    ("UTF-16", {"compose.yaml": OK.encode("utf-16")}, "import.yaml", "compose.yaml"),
    ("NUL", {"compose.yaml": "services:\n  web: {image: 'a\0'}"}, "import.yaml", "compose.yaml:2:1"),
    ("binary", {"compose.yaml": b"\x7fELF\x80\x81"}, "import.yaml", "compose.yaml:1:1"),
    ("an alias to itself", {"compose.yaml": "x-a: &a [*a]"}, "import.yaml", "compose.yaml:1:1"),
    (
        "a variable that must be set",
        {"compose.yaml": "services: {web: {image: '${A:?say}'}}"},
        "import.variable_required",
        "compose.yaml:1:25",
    ),
    (
        "a template that is none",
        {"compose.yaml": "services: {web: {image: '${A'}}"},
        "import.interpolation",
        "compose.yaml:1:25",
    ),
    (
        "hosts that are merged and no texts",
        {"compose.yaml": "services:\n  web: {extends: b, extra_hosts: [a=1]}\n  b: {image: a, extra_hosts: [[x]]}"},
        "import.type",
        "compose.yaml:3:31",
    ),
    (
        "services in a circle",
        {"compose.yaml": "services: {web: {extends: b}, b: {extends: web}}"},
        "import.cycle",
        "compose.yaml:1:35",
    ),
    (
        "waiting in a circle",
        {"compose.yaml": "services: {web: {image: a, depends_on: [b]}, b: {image: b, depends_on: [web]}}"},
        "import.cycle",
        "compose.yaml:1:73",
    ),
    (
        "files in a circle",
        {"compose.yaml": "include: [a.yaml]", "a.yaml": "include: [compose.yaml]"},
        "import.cycle",
        "a.yaml:1:11",
    ),
    (
        "a file outside",
        {"compose.yaml": "services: {web: {image: a, env_file: ../x.env}}"},
        "import.file_missing",
        "compose.yaml:1:38",
    ),
    (
        "an absolute file",
        {"compose.yaml": "services: {web: {extends: {file: /etc/passwd, service: a}}}"},
        "import.file_missing",
        "compose.yaml:1:34",
    ),
    ("a file of a home", {"compose.yaml": "include: ['~/x.yaml']"}, "import.file_missing", "compose.yaml:1:11"),
    (
        "a file elsewhere",
        {"compose.yaml": "include: ['https://example.com/x.yaml']"},
        "import.file_missing",
        "compose.yaml:1:11",
    ),
    ("an env file", {"compose.yaml": OK, ".env": "A=1\nB='open"}, "import.env_file", ".env:2:1"),
    (
        "two resources of one name",
        {"compose.yaml": f"include: [a.yaml]\n{OK}", "a.yaml": "services: {web: {image: z}}"},
        "import.conflict",
        "compose.yaml:2:12",
    ),
    ("nothing", {"compose.yaml": ""}, "import.empty", "compose.yaml"),
]


@pytest.mark.parametrize(("files", "code", "place"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_says_where_it_stands(files: dict[str, str | bytes], code: str, place: str):
    with pytest.raises(ImportInvalid) as caught:
        loaded(files)
    assert (caught.value.code, str(caught.value.place)) == (code, place), caught.value.detail
    assert caught.value.detail.startswith(f"{place}: ")


def test_a_byte_order_mark_and_windows_line_ends_change_nothing():
    assert web({"compose.yaml": b"\xef\xbb\xbfservices:\r\n  web:\r\n    image: a\r\n"})["image"] == "a"


def test_words_and_numbers_that_other_yaml_reads_otherwise_are_what_docker_compose_reads():
    environment = web(
        "services: {web: {image: a, environment: {A: no, B: 1:30, C: 0644, D: 0o17, E: 1_000, F: 1.10, G: on}}}"
    )
    assert environment["environment"] == {
        "A": "no",
        "B": "1:30",
        "C": "420",
        "D": "15",
        "E": "1000",
        "F": "1.1",
        "G": "on",
    }


def test_a_subnet_that_is_merged_is_text():
    files = {
        "compose.yaml": OK + "\nnetworks: {a: {ipam: {config: [{subnet: 1.0.0.0/8}]}}}",
        "compose.override.yaml": "networks: {a: {ipam: {config: [{subnet: [1]}]}}}",
    }
    with pytest.raises(ImportInvalid) as caught:
        loaded(files, *files)
    assert (caught.value.code, str(caught.value.place)) == ("import.type", "compose.override.yaml:1:41")
