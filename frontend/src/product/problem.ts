import { asProblem, type ApiProblem } from "@/api";
import { sentence } from "@/model/words";

/** Problems that say themselves what to do. */
const SAYS_ALL: ReadonlySet<string> = new Set([
  "pod.simulated",
  "git_host.nothing_there",
  "git_connection.signed_out",
  "git_connection.sign_in_not_taken",
]);

/** What the person can do about it, by status. */
export function cureFor(problem: ApiProblem): string {
  if (problem.status === 0)
    return "Check that the KubeOrch server is running and reachable from this browser, then retry.";
  if (problem.status === 401) return "Sign in again.";
  if (problem.code === "forbidden.role") return "Ask a team administrator for the role you need.";
  if (problem.status === 403) return "Ask whoever may do this, or change what the message names.";
  if (SAYS_ALL.has(problem.code)) return "";
  if (problem.code === "cluster.kind_not_served")
    return "Choose a kind from the list of resources, or install what defines it.";
  if (problem.status === 404) return "It may have been deleted, or it belongs to a team you are not in.";
  if (problem.status === 409) return "Reload to see what changed, then try again.";
  if (problem.status === 429) return "Wait a moment, then try again.";
  if (problem.status >= 502 && !problem.requestId) return "The server may be starting or stopped. Retry in a moment.";
  if (problem.status >= 500) return "Retry in a moment. If it keeps failing, look up the request id in the server log.";
  return "Correct the values and try again.";
}

/** An error as the parts an ErrorState shows. */
export function explain(error: unknown): { reason: string; cure: string; details: string } {
  const problem = asProblem(error);
  return { reason: sentence(problem.detail), cure: cureFor(problem), details: problem.describe() };
}
