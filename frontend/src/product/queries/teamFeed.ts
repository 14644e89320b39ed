import { useQueryClient, type InfiniteData, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Environment, Page, Run, User, Workflow } from "@/contract";
import { useTopicChanges, type TopicChanges } from "@/realtime";
import {
  approvalsKey,
  buildListsKey,
  isImages,
  runListsKey,
  workflowKey,
  workflowListsKey,
  workflowsKey,
} from "./keys";
import { throttled } from "./throttled";

const READ_AGAIN_MS = 1_000;
/** The server allows 64 topics a connection, and pages follow others too. Lists of further teams update on focus. */
const MOST_TEAMS = 32;

/** The live topics of the person's teams. */
export function useTeamTopics(user: User): readonly string[] {
  const ids = user.teams.map((team) => team.id).join(" ");
  return useMemo(
    () =>
      ids
        .split(" ")
        .filter(Boolean)
        .slice(0, MOST_TEAMS)
        .map((id) => `team:${id}`),
    [ids],
  );
}

/**
 * Keeps the lists of workflows, runs, builds and approvals, and the open workflow, current without polling: follows the topics of the
 * person's teams. A change of an open run updates its rows in place, and so does the health of an environment. The rest
 * is fetched again when a run starts or ends, when a workflow changes, and when the connection was lost for so long that
 * the server no longer knows what was missed.
 */
export function useTeamFeed(user: User): void {
  const client = useQueryClient();
  const topics = useTeamTopics(user);
  const readAgain = useMemo(
    () => ({
      approvals: throttled(() => void client.invalidateQueries({ queryKey: approvalsKey }), READ_AGAIN_MS),
      builds: throttled(() => {
        void client.invalidateQueries({ queryKey: buildListsKey });
        void client.invalidateQueries({ predicate: ({ queryKey }) => isImages(queryKey) });
      }, READ_AGAIN_MS),
      runs: throttled(() => void client.invalidateQueries({ queryKey: runListsKey }), READ_AGAIN_MS),
      workflows: throttled(() => {
        void client.invalidateQueries({ queryKey: workflowListsKey });
        // The open ones, without what belongs to them: the graph is followed by the editor.
        void client.invalidateQueries({ predicate: ({ queryKey }) => isWorkflow(queryKey), type: "active" });
      }, READ_AGAIN_MS),
    }),
    [client],
  );
  useTopicChanges(
    topics,
    useCallback(
      ({ isFresh, values }: TopicChanges) => {
        if (isFresh) {
          readAgain.approvals();
          readAgain.builds();
          readAgain.runs();
          readAgain.workflows();
          return;
        }
        for (const [key, value] of values) {
          if (key.startsWith("workflow:")) readAgain.workflows();
          else if (key.startsWith("approval:")) readAgain.approvals();
          else if (key.startsWith("build:")) readAgain.builds();
          else if (key.startsWith("environment:")) {
            if (value === undefined || !updateHealth(client, value as EnvironmentHealth)) readAgain.workflows();
          } else if (value !== undefined && !updateRun(client, value as Run)) {
            readAgain.runs();
            readAgain.workflows();
            readAgain.approvals(); // a plan that runs is not to be run any more
          }
        }
      },
      [client, readAgain],
    ),
  );
}

/** What the team is told of an environment. */
export type EnvironmentHealth = Pick<Environment, "id" | "workflow_id" | "health">;

/** Updates the health of an environment wherever it is shown; false where lists are chosen by health. */
export function updateHealth(client: QueryClient, { id, workflow_id, health }: EnvironmentHealth): boolean {
  const told = (row: Workflow): Workflow =>
    row.id === workflow_id
      ? { ...row, environments: row.environments.map((one) => (one.id === id ? { ...one, health } : one)) }
      : row;
  changeKnown(client, workflowListsKey, (lists: Lists<Workflow>) => mapRows(lists, told));
  changeKnown(client, workflowKey(workflow_id), (open: Workflow) => told(open), { exact: true });
  const lists = client.getQueryCache().findAll({ queryKey: workflowListsKey });
  return !lists.some(({ queryKey }) => queryKey.some(isChosenByHealth));
}

const isChosenByHealth = (part: unknown): boolean =>
  typeof part === "object" && part !== null && (part as { health?: string }).health !== undefined;

const isWorkflow = ([all, one, , ...rest]: QueryKey): boolean =>
  all === workflowsKey[0] && one === "one" && rest.length === 0;

type Lists<Row> = InfiniteData<Page<Row>, string | null>;

/** Changes what was fetched without making it look fetched anew: what is to be read again is read when it is shown. */
function changeKnown<Data>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (known: Data) => Data,
  { exact = false } = {},
): void {
  for (const query of client.getQueryCache().findAll({ queryKey, exact })) {
    const { isInvalidated, dataUpdatedAt } = query.state;
    client.setQueryData(query.queryKey, (known: Data | undefined) => known && change(known), {
      updatedAt: dataUpdatedAt,
    });
    if (isInvalidated) query.invalidate();
  }
}

/** Updates the run in all lists that show it; false where they must be fetched again. */
export function updateRun(client: QueryClient, run: Run): boolean {
  let known = false;
  changeKnown(client, runListsKey, (lists: Lists<Run>) =>
    mapRows(lists, (row) => {
      if (row.id !== run.id) return row;
      known = true;
      return run.rev > row.rev ? run : row;
    }),
  );
  changeKnown(client, workflowListsKey, (lists: Lists<Workflow>) =>
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
  return { ...lists, pages: lists.pages.map((page) => ({ ...page, results: page.results.map(change) })) };
}
