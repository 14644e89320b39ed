import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asProblem, giveOwnRoles, removeOwnRoles } from "@/api";
import type { Preflight } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { useSession, useWorkflow } from "@/product";
import { Button, ErrorState } from "@/ui";
import { useEditor } from "../state/session";

/** One press by which an environment is planned and run by the smallest roles alone, and the way back. */
export function OwnRoles({ environmentId, preflight }: { environmentId: string; preflight: Preflight }) {
  const { workflowId } = useEditor();
  const team = useWorkflow(workflowId).data?.team.id;
  const client = useQueryClient();
  const me = useSession().data?.user;
  const change = useMutation<unknown, Error, "give" | "remove">({
    mutationFn: (what) => (what === "give" ? giveOwnRoles(environmentId) : removeOwnRoles(environmentId)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["preflight", workflowId, environmentId] }),
  });
  const mayChange = covers(roleIn(me, team), "operator");
  const { narrowed, allowed } = preflight;
  const problem = change.error ? asProblem(change.error) : null;
  if (!narrowed && !mayChange) return null;
  return (
    <section aria-label="Roles of its own" className="flex flex-col gap-2 border-t border-line p-4">
      <h3 className="text-12 font-medium">Roles of its own</h3>
      <p className="text-12 text-muted">
        {narrowed
          ? "This environment is planned and run in a name of its own, and the cluster refuses it everything else. What others change is still seen by the cluster’s credentials."
          : "Plans and runs can use a name of their own, which may do just what this workflow needs, instead of all that the cluster’s credentials may do."}
      </p>
      {problem && <ErrorState inline title="Not changed" reason={problem.besides([])} details={problem.describe()} />}
      {mayChange && (
        <div className="flex flex-wrap gap-2">
          {(!narrowed || !allowed) && (
            <Button
              size="sm"
              busy={change.isPending && change.variables === "give"}
              onClick={() => change.mutate("give")}
            >
              {narrowed ? "Give it what is missing" : "Run under the smallest roles"}
            </Button>
          )}
          {narrowed && (
            <Button
              size="sm"
              busy={change.isPending && change.variables === "remove"}
              onClick={() => change.mutate("remove")}
            >
              Use the cluster’s credentials again
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
