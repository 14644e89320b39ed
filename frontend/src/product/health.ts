import type { Environment, Health } from "@/contract";
import { plural } from "@/model/words";

/** Worst first; what nobody knows is worse than what goes on, and nothing is green beside it. */
const WORST: readonly Health[] = [
  "failed",
  "degraded",
  "missing",
  "unknown",
  "progressing",
  "suspended",
  "present",
  "healthy",
];

type Deployable = Pick<Environment, "name" | "deployed" | "health">;

/** The worst of several; undefined of none. */
export function worstOf<H extends Health>(found: readonly H[]): H | undefined {
  return found.toSorted((a, b) => WORST.indexOf(a) - WORST.indexOf(b))[0];
}

/** The environment that is worst off; undefined when nothing is deployed anywhere. */
export function worstOff<E extends Deployable>(environments: readonly E[]): E | undefined {
  const rank = ({ health }: E) => (health ? WORST.indexOf(health.health) : WORST.length);
  return environments.filter((each) => each.health).sort((a, b) => rank(a) - rank(b))[0];
}

/** What stands before the title of the browser tab; nothing while all is well. */
export function markOf(health: Health | undefined): string {
  switch (health) {
    case "failed":
    case "missing":
      return "✕";
    case "degraded":
      return "▲";
    case "unknown":
      return "?";
    case "progressing":
      return "◐";
    default:
      return "";
  }
}

type Standing = Pick<Environment, "deployed" | "partly" | "undeployed_at"> & Partial<Pick<Environment, "active_run">>;

/** Everything is applied, and the run has yet to be judged by health. */
export const isDeploying = ({ deployed, active_run }: Standing): boolean =>
  Boolean(deployed && active_run && deployed.run_id === active_run.id);

/**
 * How far an environment is: "never deployed", "deploying v5", "deployed v5", "edited since v5", "v4, partly v2 (run #8 failed)"; `short` leaves the
 * run out.
 */
export function deploymentWord(environment: Standing, { short = false } = {}): string {
  const { deployed, partly, undeployed_at } = environment;
  const mixed = partly && partlyWord(partly, short);
  if (!deployed) return mixed ?? (undeployed_at ? "undeployed" : "never deployed");
  if (mixed) return `v${deployed.version}, ${mixed}`;
  if (isDeploying(environment)) return `deploying v${deployed.version}`;
  return deployed.edited_since ? `edited since v${deployed.version}` : `deployed v${deployed.version}`;
}

/** What runs that did not succeed have made of an environment: "partly v2 (run #8 failed)". */
function partlyWord({ run }: NonNullable<Environment["partly"]>, short: boolean): string {
  const what = run.kind === "destroy" ? "partly undeployed" : `partly v${run.version}`;
  if (short) return what;
  return `${what} (run #${run.number} ${run.state === "failed" ? "failed" : `was ${run.state}`})`;
}

/** Since when it is so: when the whole version was deployed, or all was undeployed; null where neither tells. */
export function deploymentTime(environment: Standing): string | null {
  const { deployed, partly, undeployed_at } = environment;
  if (partly || isDeploying(environment)) return null;
  return deployed?.at ?? undeployed_at;
}

/** Why an environment is not as one version says, and what makes it whole; null where it is. */
export function partlyReason({ deployed, partly }: Standing): string | null {
  if (!partly) return null;
  const { run, objects } = partly;
  const end = run.state === "failed" ? "failed" : `was ${run.state}`;
  const done = run.kind === "destroy" ? "deleted" : run.kind === "rollback" ? "put back" : "changed";
  const rest = deployed ? ` The others are as v${deployed.version} left them.` : "";
  return `Run #${run.number} ${end} after ${plural(objects, "object")} had been ${done}.${rest} A run that succeeds makes it whole again.`;
}
