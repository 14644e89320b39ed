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
  return [...found.values()].sort((a, b) => (began(a) === began(b) ? a.number - b.number : began(a) - began(b)));
}

const WORDS_MOST = 4;

/** What the step that failed has printed last, before the line that says that it failed. */
export function wordsBefore(lines: readonly BuildLine[], errorSeq: number | null): readonly BuildLine[] {
  const failed = errorSeq === null ? undefined : lines.find(({ seq }) => seq === errorSeq);
  if (!failed || failed.step === null) return [];
  return lines
    .filter(({ seq, step, stream, text }) => seq < failed.seq && step === failed.step && stream && text.trim())
    .slice(-WORDS_MOST);
}
