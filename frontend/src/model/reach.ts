/** Who reads a key of a ConfigMap or Secret, and when a change arrives there. */
import type { KeyReader } from "@/contract";

/** When a running container has a new value. */
export const ARRIVALS: Readonly<
  Record<KeyReader["arrives"], { readonly word: string; readonly tone: "ok" | "busy" | "warn" }>
> = {
  minute: { word: "in about a minute", tone: "ok" },
  replaced: { word: "with the run", tone: "ok" },
  restart: { word: "at restart", tone: "busy" },
  never: { word: "never", tone: "warn" },
};

const HOW: Readonly<Record<KeyReader["how"], string>> = {
  env: "variable",
  env_from: "variables",
  file: "file",
  sub_path: "file (sub-path)",
  image_pull: "image pull",
};

/** "variable DB_PASS", "file /etc/app/banner". */
export function sayHow({ how, where }: Pick<KeyReader, "how" | "where">): string {
  return where ? `${HOW[how]} ${where}` : HOW[how];
}

/** What `kubectl rollout restart` knows. */
const RESTARTABLE: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** The workloads that have a change only once they are restarted, each once, by their environment. */
export function toRestart(readers: readonly KeyReader[]): ReadonlyMap<string, KeyReader["ref"][]> {
  const found = new Map<string, Map<string, KeyReader["ref"]>>();
  for (const { arrives, environment, ref } of readers) {
    if (arrives !== "restart" || !RESTARTABLE.has(ref.kind)) continue;
    const refs = found.get(environment) ?? new Map<string, KeyReader["ref"]>();
    found.set(environment, refs.set(`${ref.kind}/${ref.namespace}/${ref.name}`, ref));
  }
  return new Map([...found].map(([environment, refs]) => [environment, [...refs.values()]]));
}
