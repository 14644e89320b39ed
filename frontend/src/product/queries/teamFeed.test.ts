import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { Run, RunState, Workflow } from "@/contract";
import { runListsKey, workflowKey, workflowListsKey } from "./keys";
import { updateHealth, updateRun } from "./teamFeed";

const run = (id: string, state: RunState, rev: number) =>
  ({ id, number: 1, state, rev, finished_at: state === "succeeded" ? "2026-01-01T00:00:00Z" : null }) as Run;

function lists(runs: Run[], workflows: Partial<Workflow>[] = []) {
  const client = new QueryClient();
  client.setQueryData([...runListsKey, {}], { pages: [{ results: runs, next: null }], pageParams: [null] });
  client.setQueryData([...workflowListsKey, {}], { pages: [{ results: workflows, next: null }], pageParams: [null] });
  const rows = (key: readonly unknown[]) =>
    client.getQueryData<{ pages: { results: unknown[] }[] }>([...key, {}])?.pages.flatMap((page) => page.results);
  return { client, runs: () => rows(runListsKey), workflows: () => rows(workflowListsKey) };
}

describe("a run that is heard of", () => {
  it("changes the rows that show it, in runs and in workflows", () => {
    const shown = lists(
      [run("a", "applying", 1), run("b", "failed", 4)],
      [{ id: "w", last_run: { id: "a", number: 1, state: "applying" } } as Workflow],
    );
    expect(updateRun(shown.client, run("a", "verifying", 2))).toBe(true);
    expect(shown.runs()).toMatchObject([
      { id: "a", state: "verifying" },
      { id: "b", state: "failed" },
    ]);
    expect(shown.workflows()).toMatchObject([{ last_run: { id: "a", state: "verifying" } }]);
  });

  it("is not taken back by an older word of it", () => {
    const shown = lists([run("a", "verifying", 5)]);
    updateRun(shown.client, run("a", "applying", 4));
    expect(shown.runs()).toMatchObject([{ state: "verifying" }]);
  });

  it("asks for the lists again when it is new, and when it has ended", () => {
    const shown = lists([run("a", "verifying", 1)]);
    expect(updateRun(shown.client, run("new", "queued", 1))).toBe(false);
    expect(updateRun(shown.client, run("a", "succeeded", 2))).toBe(false);
    expect(shown.runs()).toMatchObject([{ state: "succeeded" }]);
  });
});

describe("the health of an environment that is heard of", () => {
  const health = {
    health: "degraded" as const,
    reason: "web: 1 of 2 ready",
    stale_since: null,
    counts: { degraded: 1 },
  };
  const news = { id: "e", workflow_id: "w", health };
  const listed = {
    id: "w",
    environments: [
      { id: "e", health: null },
      { id: "f", health: null },
    ],
  } as unknown as Workflow;

  it("changes the rows that show it", () => {
    const shown = lists([], [listed]);
    expect(updateHealth(shown.client, news)).toBe(true);
    expect(shown.workflows()).toMatchObject([
      {
        environments: [
          { id: "e", health },
          { id: "f", health: null },
        ],
      },
    ]);
  });

  it("changes the open workflow", () => {
    const shown = lists([], []);
    shown.client.setQueryData(workflowKey("w"), listed);
    updateHealth(shown.client, news);
    expect(shown.client.getQueryData(workflowKey("w"))).toMatchObject({
      environments: [{ id: "e", health }, { id: "f" }],
    });
  });

  it("leaves a list that is to be read again to be read again", async () => {
    const shown = lists([], [listed]);
    const before = shown.client.getQueryState([...workflowListsKey, {}])?.dataUpdatedAt;
    await shown.client.invalidateQueries({ queryKey: workflowListsKey });
    updateHealth(shown.client, news);
    const state = shown.client.getQueryState([...workflowListsKey, {}]);
    expect(state).toMatchObject({ isInvalidated: true, dataUpdatedAt: before });
  });

  it("asks for lists again that are chosen by health", () => {
    const shown = lists([], [listed]);
    shown.client.setQueryData([...workflowListsKey, { health: "degraded" }], { pages: [], pageParams: [] });
    expect(updateHealth(shown.client, news)).toBe(false);
  });
});
