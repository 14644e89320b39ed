import type { Environment, Health } from "@/contract";

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

/** How far an environment is: "never deployed", "deployed v5", "edited since v5". */
export function deploymentWord({ deployed }: Pick<Environment, "deployed">): string {
  if (!deployed) return "never deployed";
  return deployed.edited_since ? `edited since v${deployed.version}` : `deployed v${deployed.version}`;
}
