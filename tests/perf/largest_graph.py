"""Reading and checking the largest graph that may be saved: 5,000 nodes and 20,000 edges."""

from __future__ import annotations

import statistics
import time

from tests.perf._rows import report
from tests.unit.kinds.samples import the_catalog
from tests.unit.workflows.test_graph import a_large_graph

ROUNDS = 5


def main() -> None:
    from workflows.domain.graphs.check import check
    from workflows.domain.graphs.read_graph import parse_graph

    raw = a_large_graph(1000)
    the_catalog()
    read_s, checked_s = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        graph = parse_graph(raw, the_catalog())
        read_s.append(time.perf_counter() - began)
        check(graph, the_catalog())
        checked_s.append(time.perf_counter() - began - read_s[-1])
    report("largest_graph_read", statistics.median(read_s), unit="s", must=5, aim=0.5)
    report("largest_graph_check", statistics.median(checked_s), unit="s", must=10, aim=0.5)


if __name__ == "__main__":
    main()
