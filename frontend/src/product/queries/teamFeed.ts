import { useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Page, Run, User, Workflow } from "@/contract";
import { useTopicChanges, type TopicChanges } from "@/realtime";
import { runListsKey, workflowListsKey } from "./keys";
import { throttled } from "./throttled";

const READ_AGAIN_MS = 1_000;
/** The server takes 64 topics a connection, and a page follows others too. Who is in more teams sees the rest on focus. */
const MOST_TEAMS = 32;

/**
 * Keeps the lists of workflows and runs current, without asking: follows the topics of the person's teams. A run that
 * goes on changes its rows in place; lists are read again when a run begins or ends, a workflow changes, or the page
 * was cut off for so long that the server cannot say what it missed.
 */
export function useTeamFeed(user: User): void {
  const client = useQueryClient();
  const ids = user.teams.map((team) => team.id).join(" ");
  const topics = useMemo(
    () =>
      ids
        .split(" ")
        .filter(Boolean)
        .slice(0, MOST_TEAMS)
        .map((id) => `team:${id}`),
    [ids],
  );
  const readAgain = useMemo(
    () => ({
      runs: throttled(() => void client.invalidateQueries({ queryKey: runListsKey }), READ_AGAIN_MS),
      workflows: throttled(() => void client.invalidateQueries({ queryKey: workflowListsKey }), READ_AGAIN_MS),
    }),
    [client],
  );
  useTopicChanges(
    topics,
    useCallback(
      ({ isFresh, values }: TopicChanges) => {
        if (isFresh) {
          readAgain.runs();
          readAgain.workflows();
          return;
        }
        for (const [key, value] of values) {
          if (key.startsWith("workflow:")) readAgain.workflows();
          else if (value !== undefined && !updateRun(client, value as Run)) {
            readAgain.runs();
            readAgain.workflows();
          }
        }
      },
      [client, readAgain],
    ),
  );
}

type Lists<Row> = InfiniteData<Page<Row>, string | null> | undefined;

/** Puts a run that goes on into all lists that show it; false where they must be read again. */
export function updateRun(client: QueryClient, run: Run): boolean {
  let known = false;
  client.setQueriesData({ queryKey: runListsKey }, (lists: Lists<Run>) =>
    mapRows(lists, (row) => {
      if (row.id !== run.id) return row;
      known = true;
      return run.rev > row.rev ? run : row;
    }),
  );
  client.setQueriesData({ queryKey: workflowListsKey }, (lists: Lists<Workflow>) =>
    mapRows(lists, (row) => {
      if (row.last_run?.id !== run.id) return row;
      known = true;
      const { id, number, state, finished_at } = run;
      return { ...row, last_run: { ...row.last_run, id, number, state, finished_at } };
    }),
  );
  return known && run.finished_at === null;
}

function mapRows<Row>(lists: Lists<Row>, change: (row: Row) => Row): Lists<Row> {
  return lists && { ...lists, pages: lists.pages.map((page) => ({ ...page, results: page.results.map(change) })) };
}
