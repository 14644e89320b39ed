import { useEffect, useMemo } from "react";
import { asProblem } from "@/api";
import type { LogLine, NodeStatus, Run, RunWithSteps, Step } from "@/contract";
import { speakerOf } from "@/model/runs";
import { sentence } from "@/model/words";
import { useLiveTopic, useLiveValues, useTopic } from "@/realtime";
import { worstOf } from "./health";
import { useRun, useRunLogs } from "./queries/runs";

/** A run with its steps: the newest of what was fetched and what came over the live topic. None for "". */
export function useLiveRun(runId: string) {
  const topic = runId ? `run:${runId}` : null;
  useTopic(topic);
  const query = useRun(runId);
  const live = useLiveTopic(topic, (state) => state.values);
  const run = useMemo((): RunWithSteps | undefined => {
    const asked = query.data;
    const told = live.get("run") as Run | undefined;
    const base = asked && told ? (told.rev >= asked.rev ? { ...asked, ...told } : asked) : (asked ?? told);
    if (!base) return undefined;
    const steps = new Map<number, Step>((asked?.steps ?? []).map((step) => [step.index, step]));
    for (const [key, value] of live) {
      if (!key.startsWith("step:")) continue;
      const step = value as Step;
      steps.set(step.index, step);
    }
    return { ...base, steps: [...steps.values()].sort((a, b) => a.index - b.index) };
  }, [query.data, live]);
  const logs = useMemo(() => {
    const lines: { key: number; line: LogLine }[] = [];
    for (const [key, value] of live)
      if (key.startsWith("log:")) lines.push({ key: Number(key.slice(4)), line: value as LogLine });
    return lines.sort((a, b) => a.key - b.key).map(({ line }) => line);
  }, [live]);
  return { run, logs, isPending: !run && query.isPending, error: run ? null : query.error, refetch: query.refetch };
}

const lineKey = (line: LogLine) => `${line.at}|${line.node_id ?? ""}|${line.message}`;

/** The whole log: the stored lines and those that came live since. `empty` explains why there are none. */
export function useRunLog(run: RunWithSteps, live: readonly LogLine[]) {
  const stored = useRunLogs(run.id);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = stored;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const { steps } = run;
  const ended = run.finished_at !== null;
  useEffect(() => {
    // The live topic keeps the last lines only; the full record is read once more at the end.
    if (ended) void refetch();
  }, [ended, refetch]);
  const entries = useMemo(() => {
    const lines = new Map<string, LogLine>();
    for (const page of stored.data?.pages ?? []) for (const line of page.results) lines.set(lineKey(line), line);
    for (const line of live) lines.set(lineKey(line), line);
    return [...lines]
      .sort(([, a], [, b]) => a.at.localeCompare(b.at))
      .map(([key, line]) => ({
        key,
        at: line.at,
        level: line.level,
        from: speakerOf(line, steps),
        message: line.message,
      }));
  }, [stored.data, live, steps]);
  return {
    entries,
    empty: stored.error ? sentence(asProblem(stored.error).detail) : stored.isPending ? "Loading" : undefined,
  };
}

const WELL = new Set<NodeStatus["health"]>(["healthy", "suspended", "present"]);

/** What in an environment is not well, worst first. Follows nothing for null. */
export function useUnwell(environmentId: string | null): readonly NodeStatus[] {
  const topic = environmentId === null ? null : `environment:${environmentId}`;
  useTopic(topic);
  const values = useLiveValues(topic);
  return useMemo(() => {
    const unwell: NodeStatus[] = [];
    for (const [key, value] of values)
      if (key.startsWith("node:") && !WELL.has((value as NodeStatus).health)) unwell.push(value as NodeStatus);
    return unwell.sort((a, b) => Number(a.health === "progressing") - Number(b.health === "progressing"));
  }, [values]);
}

/** The health of what is worst off in an environment, live; null while nothing is known. Follows nothing for null. */
export function useEnvironmentHealth(environmentId: string | null): NodeStatus["health"] | null {
  const topic = environmentId === null ? null : `environment:${environmentId}`;
  useTopic(topic);
  return useLiveTopic(topic, ({ values }) => {
    const found: NodeStatus["health"][] = [];
    for (const [key, value] of values)
      if (key.startsWith("node:")) {
        const { health, stale_since } = value as NodeStatus;
        found.push(stale_since === null ? health : "unknown");
      }
    return worstOf(found) ?? null;
  });
}
