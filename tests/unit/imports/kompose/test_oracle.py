"""Our objects beside kompose's for our own projects: each difference has its row in the table, with who is right."""

from __future__ import annotations

import pytest

from tests.oracles.kompose.cases import Case, own
from tests.oracles.kompose.compare import Difference, judge, table
from tests.oracles.kompose.oracle import compared, recorded


@pytest.mark.parametrize("case", own(), ids=lambda case: case.name)
def test_what_differs_from_kompose_is_explained(case: Case):
    assert [str(one) for one in judge(compared(case, recorded()[case.name]), table()).open] == []


def test_a_row_of_the_table_says_that_ours_is_right_or_that_both_are():
    rows = table()
    assert {row.who for row in rows} <= {"ours", "choice"}
    assert all(len(row.why) > 20 for row in rows)
    assert len({row.id for row in rows}) == len(rows)


def test_a_difference_that_no_row_explains_is_open_and_a_row_without_one_is_unused():
    unheard_of = Difference("case", "Workload", "web", "container.unheardOf", "1", "2")
    judged = judge([unheard_of], table())
    assert judged.open == [unheard_of]
    assert len(judged.unused) == len(table())
