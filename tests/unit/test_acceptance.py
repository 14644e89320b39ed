"""Which tests hold what was promised of live status, diagnosis, access, logs and keys: a promise without one fails."""

from __future__ import annotations

import ast

import pytest

from tests.rooms import ROOT

HELD: dict[str, tuple[str, ...]] = {
    "A15 an object that becomes ready, crashes, is deleted or edited shows it, with the reason, by itself": (
        "cluster/watching/test_watching.py::test_a_rollout_goes_from_progressing_to_healthy",
        "cluster/watching/test_watching.py::test_crashes_are_shown_with_their_reason",
        "cluster/watching/test_watching.py::test_an_object_deleted_by_others_is_missing_until_it_is_applied_again",
        "cluster/watching/test_watching.py::test_an_edit_by_another_manager_is_shown_as_drift_until_we_apply_again",
        "cluster/watching/test_fault_campaign.py::test_after_every_fault_what_is_shown_is_what_there_is",
        "journeys/test_watching.py::test_edits_and_deletions_by_others_are_shown_by_themselves",
        "node/test_failures.py::test_a_card_says_why_its_containers_do_not_run",
    ),
    "A16 a stream goes on from its last id, and a slow reader loses nothing in silence": (
        "mongo/live/test_event_stream.py::test_the_event_stream_carries_the_same_messages_and_resumes_by_last_event_id",
        "mongo/live/test_socket.py::"
        "test_a_page_gets_a_snapshot_then_changes_and_after_reconnecting_only_what_it_missed",
        "mongo/live/test_stalled_clients.py::"
        "test_a_stalled_page_costs_bounded_memory_and_catches_up_with_the_latest_values",
        "mongo/live/test_stalled_clients.py::test_a_stalled_event_stream_is_closed_and_can_be_resumed_where_it_was",
    ),
    "A17 what fails is diagnosed with its evidence, and a fix shows its change and touches only what it names": (
        "unit/clusters/test_diagnosing.py::test_what_is_wrong_with_pods_is_told_of_their_workload",
        "unit/clusters/test_diagnosing.py::test_unschedulable_is_broken_down_by_reason",
        "unit/clusters/test_diagnosing.py::test_a_service_that_selects_nothing_is_told_whom_it_means",
        "unit/clusters/test_diagnosing.py::test_a_service_with_a_wrong_port_is_told_the_right_one",
        "unit/clusters/test_diagnosing.py::test_a_cause_is_found_with_its_proof_and_its_cure",
        "unit/clusters/test_diagnosing.py::test_a_fix_names_a_field_of_the_workload_and_its_value",
        "unit/clusters/test_diagnosing.py::test_a_policy_that_lets_nobody_in_is_named",
        "unit/clusters/test_not_starting.py::test_a_pod_that_may_not_be_created_says_why",
        "cluster/test_diagnosing.py::test_what_a_cluster_shows_is_led_back_to_its_causes",
        "node/test_diagnosing.py::test_real_failures_are_diagnosed_and_real_use_is_measured",
        "journeys/test_mending.py::"
        "test_a_service_that_selects_nothing_is_mended_from_its_diagnosis_and_a_node_is_drained",
        "node/journeys/test_mending.py::test_broken_services_are_found_mended_with_their_diff_in_a_plan_and_answer",
        "cluster/test_deprecations.py::test_what_anybody_asks_for_and_what_environments_have_are_told_with_who_says_so",
    ),
    "A19 nobody reaches by any route what belongs to others": (
        "mongo/test_access_matrix.py::test_every_route_has_a_row_and_every_row_a_route",
        "mongo/test_access_matrix.py::test_each_role_gets_the_answer_in_the_table",
        "mongo/test_access_matrix.py::test_an_unknown_id_is_not_found_by_an_administrator_either",
        "mongo/live/test_exec_socket.py::test_a_shell_is_for_operators_of_the_team_and_for_tokens_of_full_scope",
        "mongo/live/test_socket.py::test_a_refused_topic_is_answered_with_a_code_and_no_data",
        "cluster/test_diagnosing.py::test_others_are_told_nothing",
        "node/journeys/test_other_clusters.py::"
        "test_a_cluster_shared_with_a_team_is_gone_from_its_open_pages_as_the_share_ends",
        "mongo/test_marks.py::test_who_loses_sight_of_a_namespace_no_longer_sees_what_they_noted_of_it",
    ),
    "A23 logs of containers are told apart, end with `complete`, and have every line once over a cut": (
        "node/test_logs.py::test_a_log_that_is_followed_over_many_cuts_is_what_the_container_wrote",
        "node/test_logs.py::test_the_logs_of_a_workload_are_merged_and_new_pods_join",
        "node/journeys/test_day_two.py::test_the_merged_log_of_a_workload_has_every_line_once_over_a_cut",
        "unit/clusters/test_log_feeds.py::"
        "test_a_followed_log_that_is_cut_off_within_a_line_gives_the_line_once_and_whole",
    ),
    "A24 a row whose key is unknown is marked, and its list is there": (
        "mongo/test_resealing.py::test_what_no_key_opens_is_counted_left_alone_and_shown_in_the_list_of_clusters",
    ),
}
"""By the acceptance check that each holds."""


@pytest.mark.parametrize("promise", HELD)
def test_every_promise_has_tests_that_hold_it(promise: str) -> None:
    assert HELD[promise]
    for place in HELD[promise]:
        path, _, name = place.partition("::")
        tree = ast.parse((ROOT / "tests" / path).read_text())
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in found, place
