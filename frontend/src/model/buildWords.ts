/** Builds and their images in few characters. */
import type { Build, BuildLine, BuildStep } from "@/contract";

/** "3f9ac21", as git shortens it; "" while it is not known. */
export const shortCommit = ({ commit }: Pick<Build, "commit">): string => commit?.slice(0, 7) ?? "";

/** "sha256:3f9ac21b04de". */
export const shortDigest = (digest: string): string => {
  const [algorithm = "", value = ""] = digest.split(":");
  return `${algorithm}:${value.slice(0, 12)}`;
};

/** Whether a name of an image, written out, means whatever is the newest. */
export const isMoving = (image: string): boolean => image.endsWith(":latest");

const HOSTS = { github: "GitHub", gitea: "Gitea", gitlab: "GitLab", bitbucket: "Bitbucket" } as const;

/** Who told of a push; any program may, and may say anything. */
export const pushHost = ({ host }: { host: string }): string =>
  Object.hasOwn(HOSTS, host) ? HOSTS[host as keyof typeof HOSTS] : "The caller";

/** "main" of refs/heads/main. */
export const shortRef = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, "");

export const isBuilding = ({ ended_at }: Pick<Build, "ended_at">): boolean => ended_at === null;

export type StepState = "pending" | "running" | "cached" | "failed" | "done" | "stopped";

/** Nothing runs any more once the build has ended. */
export function stateOfStep(step: BuildStep, isOver = false): StepState {
  if (step.error) return "failed";
  if (step.cached) return "cached";
  if (step.ended_at) return "done";
  if (isOver) return "stopped";
  return step.started_at ? "running" : "pending";
}

/** The steps that were read, with what was told since (`step:<number>`), in the order in which they began. */
export function stepsOf(read: readonly BuildStep[], told: ReadonlyMap<string, unknown>): readonly BuildStep[] {
  const found = new Map(read.map((step) => [step.number, step]));
  for (const [key, value] of told)
    if (key.startsWith("step:")) found.set((value as BuildStep).number, value as BuildStep);
  const began = ({ started_at }: BuildStep) => (started_at === null ? Infinity : Date.parse(started_at));
  return asWritten(
    [...found.values()].sort((a, b) => (began(a) === began(b) ? a.number - b.number : began(a) - began(b))),
  );
}

/** `[build 2/5] COPY . /app`: a step of the Dockerfile, with its stage and its place in it. */
const PLACE = /^\[(?:(.*?) )?(\d+)\/\d+\] /;

/** Within each stage as the Dockerfile has them: of steps that are cached, BuildKit looks at the last one first. */
function asWritten(steps: readonly BuildStep[]): readonly BuildStep[] {
  const placed = steps.map((step) => {
    const found = PLACE.exec(step.name);
    return { step, stage: found ? (found[1] ?? "") : null, place: Number(found?.[2] ?? 0) };
  });
  const stages = new Map<string | null, BuildStep[]>();
  for (const { stage, step } of [...placed].sort((a, b) => a.place - b.place)) {
    const known = stages.get(stage);
    if (known) known.push(step);
    else stages.set(stage, [step]);
  }
  const next = new Map([...stages].map(([stage, of]) => [stage, of.values()]));
  return placed.map(({ stage, step }) => next.get(stage)?.next().value ?? step);
}

/** Why nothing was cached, where all steps that were made have the same reason; else "". */
export function reasonOfAll(steps: readonly BuildStep[]): string {
  const reasons = steps.filter((step) => stateOfStep(step) === "done" && step.why).map(({ why }) => why);
  return reasons.length > 1 && new Set(reasons).size === 1 ? (reasons[0] ?? "") : "";
}

/** What a step ended with: BuildKit repeats the whole command before it, which is the step's name already. */
export const shortError = (error: string): string =>
  /^process "[^]*" did not complete successfully: (exit code: \d+)$/.exec(error)?.[1] ?? error;

const WORDS_MOST = 4;

/** What the step that failed has printed last, before the line that says that it failed. */
export function wordsBefore(lines: readonly BuildLine[], errorSeq: number | null): readonly BuildLine[] {
  const failed = errorSeq === null ? undefined : lines.find(({ seq }) => seq === errorSeq);
  if (!failed || failed.step === null) return [];
  return lines
    .filter(({ seq, step, stream, text }) => seq < failed.seq && step === failed.step && stream && text.trim())
    .slice(-WORDS_MOST);
}
