"""What no pod can hold is refused before it costs anything, and what is not a number is none."""

from __future__ import annotations

import pytest

from imports.domain.problems import ImportInvalid
from tests.unit.imports.convert.apps import graph_of, of_text

NINES = "9" * 5_000
"""More digits than Python converts."""
ODD = [
    "labels: {kompose.hpa.cpu: '²'}",
    f"labels: {{kompose.hpa.cpu: '{NINES}'}}",
    "labels: {kompose.security-context.fsgroup: '²'}",
    "labels: {kompose.cronjob.schedule: '* * * * *', kompose.cronjob.backoff_limit: '²'}",
    "labels: {kompose.service.type: nodeport, kompose.service.nodeport.port: '²'}",
    f"user: '{NINES}'",
    f"environment: {{PORT: '{NINES}', HOST: b}}",
    f"tmpfs: '/x:size={NINES}'",
    "ports: [{target: 80, published: '²'}]",
    "deploy: {resources: {limits: {cpus: '1e400'}}}",
    "expose: ['²']",
    "group_add: ['²']",
]


@pytest.mark.parametrize("line", ODD, ids=range(len(ODD)))
def test_digits_that_are_no_number_are_converted_or_dropped(line: str):
    graph_of(of_text(f"services: {{web: {{image: example/web:1, {line}}}}}"))


def test_more_mounts_than_a_pod_is_given_are_refused_with_their_place():
    mounts = ", ".join(f"/data{number}" for number in range(501))
    with pytest.raises(ImportInvalid, match="more than 500 volumes") as refused:
        of_text(f"services:\n  web:\n    image: example/web:1\n    volumes: [{mounts}]\n")
    assert refused.value.place is not None
    assert refused.value.place.line == 4


def test_more_services_than_a_graph_holds_are_refused():
    with pytest.raises(ImportInvalid, match="5,001 services"):
        of_text("services:\n" + "".join(f"  s{number}: {{image: a}}\n" for number in range(5_001)))


def test_text_that_aliases_repeat_is_counted_each_time():
    lines = "".join(f"  s{number}: {{image: a, command: *long}}\n" for number in range(60))
    with pytest.raises(ImportInvalid, match="10,000,000 characters"):
        of_text(f"x-long: &long '{'b' * 200_000}'\nservices:\n{lines}")


def test_a_long_word_is_searched_for_names_once():
    graph_of(of_text(f"services: {{web: {{image: example/web:1, command: '{'b' * 65_536}'}}}}"))
