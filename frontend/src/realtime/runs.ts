import { useMemo } from "react";
import { useRun, type LogLine, type NodeStatus, type Run, type RunWithSteps, type Step } from "@/api";
import { useLiveTopic, useLiveValues, useTopic } from "./live";

/** A run with its steps, newest of what was asked and what was told. */
export function useLiveRun(runId: string) {
  const topic = `run:${runId}`;
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
    for (const [key, value] of live) if (key.startsWith("log:")) lines.push({ key: Number(key.slice(4)), line: value as LogLine });
    return lines.sort((a, b) => a.key - b.key).map(({ line }) => line);
  }, [live]);
  return { run, logs, isPending: !run && query.isPending, error: run ? null : query.error, refetch: query.refetch };
}

const WELL = new Set<NodeStatus["health"]>(["healthy", "suspended"]);

/** What in an environment is not well, worst first. Follows nothing for null. */
export function useUnwell(environmentId: string | null): readonly NodeStatus[] {
  const topic = environmentId === null ? null : `environment:${environmentId}`;
  useTopic(topic);
  const values = useLiveValues(topic);
  return useMemo(() => {
    const unwell: NodeStatus[] = [];
    for (const [key, value] of values) if (key.startsWith("node:") && !WELL.has((value as NodeStatus).health)) unwell.push(value as NodeStatus);
    return unwell.sort((a, b) => Number(a.health === "progressing") - Number(b.health === "progressing"));
  }, [values]);
}
