import { useMemo } from "react";
import { useRun, type LogLine, type Run, type RunWithSteps, type Step } from "@/api";
import { useLiveTopic, useTopic } from "./live";

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
